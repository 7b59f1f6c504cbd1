package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/cookie"
	"github.com/gatehouse-auth/gatehouse/internal/wire"
	"github.com/gatehouse-auth/gatehouse/store"
)

// ServeHTTP answers the protocol's routes below BasePath and 404 for all else.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &Call{Request: r, app: a, answer: w, op: &noOp, header: w.Header()}
	c.Context = context.WithValue(r.Context(), callKey{}, c)
	defer func() {
		if fault := recover(); fault != nil {
			if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(fault)
			}
			a.config.Log.ErrorContext(r.Context(), "request panicked", "op", c.op.ID, "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
			c.queued = nil
			w.WriteHeader(http.StatusInternalServerError)
		}
	}()
	out, err := c.run()
	if fault := c.recordRefusals(); fault != nil {
		out, err = nil, fmt.Errorf("record refusal: %w", fault)
	}
	c.respond(w, out, err)
}

// noOp stands for requests that have not found their operation.
var noOp = Op{ID: "none"}

// run takes a request through the protocol's order of checks (PROTOCOL 1.4).
func (c *Call) run() (any, error) {
	path, ok := c.app.pathBelowBase(c.Request)
	if !ok {
		return nil, errNoRoute
	}
	c.path = path
	for _, disabled := range c.app.config.DisabledPaths {
		if path == disabled {
			return nil, errDisabledPath
		}
	}
	if err := c.limit(); err != nil {
		return nil, err
	}
	route, params := c.app.routes.find(c.Request.Method, path)
	if route == nil {
		return nil, errNoRoute
	}
	c.op, c.params = &route.Op, params
	if err := c.readBody(); err != nil {
		return nil, err
	}
	c.jar = cookie.Parse(strings.Join(c.Request.Header["Cookie"], "; "))
	if c.Request.Method != http.MethodGet {
		if err := c.checkOrigin(false); err != nil {
			return nil, err
		}
		if err := c.checkBodyURLs(); err != nil {
			return nil, err
		}
	}
	out, err := route.serve(c)
	if err != nil {
		return nil, err
	}
	return out, c.after()
}

func (c *Call) after() error {
	for i := range c.app.hooks {
		for _, hook := range c.app.hooks[i].After {
			if hook.wants(c.op.ID) {
				if err := hook.Do(c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// pathBelowBase cuts BasePath off the escaped path: %-escapes are never
// resolved for routing, so a path has one spelling (PROTOCOL 1.1, 1.2).
func (a *App) pathBelowBase(r *http.Request) (string, bool) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), a.config.BasePath)
	if !ok || len(path) < 2 || path[0] != '/' || strings.Contains(path, "//") {
		return "", false
	}
	if a.config.Advanced.SkipTrailingSlashes {
		path = strings.TrimRight(path, "/")
	}
	return path, path != ""
}

func (c *Call) query() url.Values {
	if c.parsedQuery == nil {
		c.parsedQuery = c.Request.URL.Query()
	}
	return c.parsedQuery
}

// readBody parses the body into plain values; the shape is checked later.
func (c *Call) readBody() error {
	rule := c.op.Body
	if rule.Ignored || rule.Upload || c.Request.Method == http.MethodGet || c.Request.Body == nil || c.Request.Body == http.NoBody {
		return nil
	}
	kind, err := c.mediaType()
	if kind == "" {
		return err
	}
	raw, err := io.ReadAll(http.MaxBytesReader(nil, c.Request.Body, rule.limit()))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return ErrBodyTooLarge
	}
	if err != nil {
		return ErrBadJSON.Because(err)
	}
	if kind == formType {
		return c.parseForm(raw)
	}
	if len(raw) == 0 {
		return nil
	}
	if c.body, err = wire.Parse(raw); err != nil {
		return ErrBadJSON.Because(err)
	}
	c.hasBody = true
	return nil
}

const formType = "application/x-www-form-urlencoded"

// mediaType is the body's type if the operation takes it. A body without a
// type is left unread, as the protocol has it: then there is none.
func (c *Call) mediaType() (string, error) {
	sent := c.Request.Header.Get("Content-Type")
	if sent == "" {
		return "", nil
	}
	allowed := []string{jsonType}
	if c.op.Body.Form {
		allowed = []string{formType, jsonType}
	}
	kind, _, _ := strings.Cut(sent, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if slices.Contains(allowed, kind) {
		return kind, nil
	}
	return "", ErrMediaType.Saying("Content-Type %q is not allowed. Allowed types: %s", kind, strings.Join(allowed, ", "))
}

// parseForm reads a form; its values stay texts (PROTOCOL 1.5).
func (c *Call) parseForm(raw []byte) error {
	values, err := url.ParseQuery(string(raw))
	if err != nil {
		return ErrBadJSON.Because(err)
	}
	body := map[string]any{}
	for name, all := range values {
		body[name] = all[len(all)-1]
	}
	c.body, c.hasBody = body, true
	return nil
}

// Answers that are not JSON errors (PROTOCOL 1.3).
var (
	errNoRoute      = errors.New("no such route")
	errDisabledPath = errors.New("path is disabled")
)

// Page is a handler's output that is HTML, or nothing, instead of JSON.
type Page struct {
	Status int
	HTML   []byte
}

func (c *Call) respond(w http.ResponseWriter, out any, err error) {
	if s, ok := out.(Stream); ok && err == nil {
		c.stream(w, s)
		return
	}
	status, body, kind := c.encode(out, err)
	c.sendHead(w, status, kind)
	_, _ = w.Write(body) // the client is gone: nobody to tell
}

func (c *Call) sendHead(w http.ResponseWriter, status int, contentType string) {
	for i := range c.queued {
		w.Header().Add("Set-Cookie", c.queued[i].String())
	}
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	w.WriteHeader(status)
}

const jsonType = "application/json"

func (c *Call) encode(out any, err error) (status int, body []byte, contentType string) {
	var answer *Error
	var detour *Detour
	var tooLong *store.TooLongError
	var text *store.InvalidTextError
	switch {
	case err == nil:
	case errors.Is(err, errNoRoute):
		return http.StatusNotFound, nil, ""
	case errors.Is(err, errDisabledPath):
		return http.StatusNotFound, []byte("Not Found"), "text/plain;charset=UTF-8"
	case errors.As(err, &detour):
		return c.encodeDetour(detour)
	case errors.As(err, &answer):
		return c.encodeError(answer)
	case errors.As(err, &tooLong):
		return c.encodeError(ErrFieldTooLong.Saying("%s is too long: at most %d characters", tooLong.Field, tooLong.Max))
	case errors.As(err, &text):
		return c.encodeError(ErrInvalidText.Saying("%s has characters that cannot be stored", text.Field))
	default:
		return c.encodeFault(err)
	}
	if page, ok := out.(Page); ok {
		if page.HTML == nil {
			return page.Status, nil, ""
		}
		return page.Status, page.HTML, "text/html"
	}
	if quick, ok := out.(interface {
		AppendJSON([]byte) ([]byte, error)
	}); ok {
		body, err = quick.AppendJSON(make([]byte, 0, 1024))
	} else {
		body, err = wire.Marshal(out)
	}
	if err != nil {
		return c.encodeFault(fmt.Errorf("encode answer: %w", err))
	}
	return http.StatusOK, body, jsonType
}

func (c *Call) encodeDetour(d *Detour) (int, []byte, string) {
	if d.Location != "" {
		c.header.Set("Location", d.Location)
	}
	if d.HTML != nil {
		return d.Status, d.HTML, "text/html"
	}
	if d.Body == nil {
		return d.Status, nil, jsonType
	}
	body, err := wire.Marshal(d.Body)
	if err != nil {
		return c.encodeFault(fmt.Errorf("encode answer: %w", err))
	}
	return d.Status, body, jsonType
}

func (c *Call) encodeError(e *Error) (int, []byte, string) {
	switch {
	case e.cause == nil || e.Status < http.StatusInternalServerError:
	case e.Status == http.StatusServiceUnavailable:
		// Under overload there are thousands of these: the log must not add to it.
		if missed, ok := c.app.overload.allow(c.app.Now()); ok {
			c.Log().WarnContext(c, "request turned away", "code", e.Code, "err", e.cause, "since", missed)
		}
	default:
		c.Log().ErrorContext(c, "request failed", "code", e.Code, "err", e.cause)
	}
	for name, values := range e.header {
		c.header[name] = values
	}
	if e.Message == "" {
		return e.Status, nil, jsonType
	}
	if e.members != nil {
		members := maps.Clone(e.members)
		members["message"], members["code"] = e.Message, e.Code
		body, _ := wire.Marshal(members)
		return e.Status, body, jsonType
	}
	body, _ := wire.Marshal(struct {
		Message string `json:"message"`
		Code    string `json:"code,omitempty"`
	}{e.Message, e.Code})
	return e.Status, body, jsonType
}

// encodeFault answers an unexpected error: logged here, once, and nothing of
// it sent. A cancelled request is nobody's fault.
func (c *Call) encodeFault(err error) (int, []byte, string) {
	if errors.Is(err, store.ErrUnavailable) {
		return c.encodeError(ErrUnavailable.Because(err))
	}
	if !errors.Is(err, context.Canceled) {
		c.Log().ErrorContext(c, "request failed", "err", err)
	}
	c.queued = nil
	return http.StatusInternalServerError, nil, ""
}
