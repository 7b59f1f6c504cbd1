package gatehouse

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/check"
)

// Op declares one operation. With the handler's types it is the single source
// of the route, the decoding, the validation and the documents.
type Op struct {
	// ID is the operation's name in hooks, logs and OpenAPI: "signInEmail".
	ID string
	// Method is GET or POST.
	Method string
	// Path is below BasePath, with ":name" parameters: "/reset-password/:token".
	Path string
	// Doc is one sentence for the API reference.
	Doc string
	// Access is required: an Op without one does not start.
	Access Access
	Body   Body
	// OwnerOnly refuses sessions in which an admin acts as the person: for what
	// concerns the ways to sign in, the account's life, and administration.
	OwnerOnly bool
	// JudgesURLs: the handler of a GET checks callbackURL and its like itself,
	// with Call.Trusts, because it answers a bad one with a page.
	JudgesURLs bool
	// GuardLogin adds the login CSRF check (PROTOCOL 9.4).
	GuardLogin bool
	// Errors are all errors that the handler may return, besides those that
	// any operation may (validation, access, origin, rate limit, unavailable).
	Errors []*Error
}

// Body says how an operation reads its body.
type Body struct {
	// Form also accepts application/x-www-form-urlencoded.
	Form bool
	// Optional: no body at all is fine.
	Optional bool
	// Ignored: whatever is sent is not read.
	Ignored bool
	// Upload: the handler reads the body itself, whatever its type, by
	// Call.Upload.
	Upload bool
	// MaxBytes bounds the body. Default 1 MiB.
	MaxBytes int64
}

// defaultMaxBodyBytes is far above any body of the protocol.
const defaultMaxBodyBytes = 1 << 20

// Route is an operation with its handler, made by Endpoint.
type Route struct {
	Op Op
	// In and Out are the handler's types, for documents.
	In, Out reflect.Type

	prepare func() error
	serve   func(*Call) (any, error)
}

// Endpoint ties an operation to its handler. In's fields say where they come
// from: `json:"email"` the body, `query:"token"` the query, `path:"token"` the
// path; `check` tags bound them. A non-pointer field is required.
func Endpoint[In, Out any](op Op, handle func(*Call, In) (Out, error)) Route {
	in := reflect.TypeFor[In]()
	decoder := &inputDecoder{in: in, op: op}
	return Route{
		Op: op, In: in, Out: reflect.TypeFor[Out](),
		prepare: decoder.prepare,
		serve: func(c *Call) (any, error) {
			var input In
			if err := decoder.decode(c, reflect.ValueOf(&input).Elem()); err != nil {
				return nil, err
			}
			if err := c.guard(); err != nil {
				return nil, err
			}
			return handle(c, input)
		},
	}
}

// inputDecoder validates and fills an operation's input.
type inputDecoder struct {
	in    reflect.Type
	op    Op
	body  *check.Shape
	query *check.Shape
	paths []pathField
}

type pathField struct {
	name  string
	index int
}

func (d *inputDecoder) prepare() (err error) {
	if d.in.Kind() != reflect.Struct {
		return fmt.Errorf("operation %s: input is %s, want a struct", d.op.ID, d.in)
	}
	var inBody, inQuery bool
	for i := range d.in.NumField() {
		tag := d.in.Field(i).Tag
		if name, ok := tag.Lookup("path"); ok {
			if !strings.Contains(d.op.Path+"/", "/:"+name+"/") {
				return fmt.Errorf("operation %s: path %s has no parameter :%s", d.op.ID, d.op.Path, name)
			}
			d.paths = append(d.paths, pathField{name, i})
		}
		_, isBody := tag.Lookup("json")
		_, isQuery := tag.Lookup("query")
		inBody, inQuery = inBody || isBody, inQuery || isQuery
	}
	if inBody {
		if d.body, err = check.Compile(d.in, "json"); err != nil {
			return fmt.Errorf("operation %s: %w", d.op.ID, err)
		}
	}
	if inQuery {
		if d.query, err = check.Compile(d.in, "query"); err != nil {
			return fmt.Errorf("operation %s: %w", d.op.ID, err)
		}
	}
	return nil
}

func (d *inputDecoder) decode(c *Call, into reflect.Value) error {
	var issues []string
	if d.body != nil && (c.hasBody || !d.op.Body.Optional) {
		issues = d.body.Decode("body", c.body, c.hasBody, into)
	}
	if d.query != nil && len(issues) == 0 {
		issues = d.query.DecodeQuery("query", c.query(), into)
	}
	if len(issues) > 0 {
		return ErrValidation.Saying("%s", strings.Join(issues, "; "))
	}
	for _, p := range d.paths {
		into.Field(p.index).SetString(c.params[p.name])
	}
	return nil
}

// guard runs what stands between a well-formed request and its handler.
func (c *Call) guard() error {
	for i := range c.app.hooks {
		for _, hook := range c.app.hooks[i].Before {
			if hook.wants(c.op.ID) {
				if err := hook.Do(c); err != nil {
					return err
				}
			}
		}
	}
	if c.op.GuardLogin {
		if err := c.checkFormOrigin(); err != nil {
			return err
		}
	}
	if err := c.authorize(); err != nil {
		return err
	}
	if c.Request.Method == http.MethodGet && !c.op.JudgesURLs {
		return c.checkQueryURLs()
	}
	return nil
}
