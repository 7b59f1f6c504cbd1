package gatehouse

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/cookie"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Call is one request on its way through an operation. It is a
// context.Context, so it goes wherever one is asked for; inside Tx it carries
// the transaction.
type Call struct {
	context.Context
	Request *http.Request

	app         *App
	answer      http.ResponseWriter
	op          *Op
	path        string
	params      map[string]string
	body        any
	parsedQuery url.Values
	hasBody     bool

	jar      cookie.Jar
	queued   []cookie.Cookie
	header   http.Header
	address  string
	resolved bool // address was resolved

	session  *Session
	user     *User
	lookedUp lookup

	actor    string // whose doing this is where no session says so
	refusals []Event
}

// Deadline is, as Done and Err are, the request's, whatever transaction c carries:
// database/sql asks for them from goroutines of its own, beside Tx.
func (c *Call) Deadline() (time.Time, bool) { return c.Request.Context().Deadline() }

// Done is closed when the client is gone or the server stops.
func (c *Call) Done() <-chan struct{} { return c.Request.Context().Done() }

// Err says why Done is closed.
func (c *Call) Err() error { return c.Request.Context().Err() }

type callKey struct{}

// CallFrom is the request that ctx belongs to, or nil outside of one. Record
// hooks use it to see how a record came to be.
func CallFrom(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}

// App is the App that serves the request.
func (c *Call) App() *App { return c.app }

// Op is the operation being called.
func (c *Call) Op() *Op { return c.op }

// Param is a path parameter, unescaped.
func (c *Call) Param(name string) string { return c.params[name] }

// BodyText is a text member of the body, for hooks and gates that look at
// what an operation was asked; handlers have their input.
func (c *Call) BodyText(name string) (string, bool) {
	body, _ := c.body.(map[string]any)
	text, ok := body[name].(string)
	return text, ok
}

// Header is the answer's header.
func (c *Call) Header() http.Header { return c.header }

// Log is the App's logger with the operation's name.
func (c *Call) Log() *slog.Logger { return c.app.config.Log.With("op", c.op.ID) }

// ClientIP is the client's address in the protocol's form, "" when it is not
// known or not to be kept. Headers count only from trusted proxies.
func (c *Call) ClientIP() string {
	if !c.resolved {
		c.address, c.resolved = c.app.addresses.Of(c.Request.Header, c.Request.RemoteAddr), true
	}
	return c.address
}

// Tx runs fn in a transaction that c, as a context, then carries. An error
// rolls back the rows and the cookies queued in fn; a *Detour keeps both.
func (c *Call) Tx(fn func() error) error {
	outer, queued := c.Context, append([]cookie.Cookie(nil), c.queued...)
	session, user, lookedUp := c.session, c.user, c.lookedUp
	var detour *Detour
	err := c.app.Tx(outer, func(ctx context.Context) error {
		c.Context = ctx
		err := fn()
		if errors.As(err, &detour) {
			return nil
		}
		return err
	})
	c.Context = outer
	if err != nil {
		c.queued, c.session, c.user, c.lookedUp = queued, session, user, lookedUp
		return err
	}
	if detour != nil {
		return detour
	}
	return nil
}

// Expose lets scripts of other origins read an answer header.
func (c *Call) Expose(name string) {
	const key = "Access-Control-Expose-Headers"
	listed := c.header.Get(key)
	switch {
	case listed == "":
		c.header.Set(key, name)
	case !strings.Contains(strings.ToLower(listed), strings.ToLower(name)):
		c.header.Set(key, listed+", "+name)
	}
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

// unavailable turns "the database is away" into the answer that says so.
func unavailable(err error) error {
	if errors.Is(err, store.ErrUnavailable) {
		return ErrUnavailable.Because(err)
	}
	return err
}
