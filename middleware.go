package gatehouse

import (
	"context"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/cookie"
	"github.com/gatehouse-auth/gatehouse/internal/wire"
)

type signedIn struct {
	session *Session
	user    *User
}

type signedInKey struct{}

// UserFrom is the user that RequireSession or RequireRole found, or nil.
func UserFrom(ctx context.Context) *User {
	found, _ := ctx.Value(signedInKey{}).(signedIn)
	return found.user
}

// SessionFrom is the session that RequireSession or RequireRole found, or nil.
func SessionFrom(ctx context.Context) *Session {
	found, _ := ctx.Value(signedInKey{}).(signedIn)
	return found.session
}

// FindSession returns the session and user of any request, or nils when there
// is none. The database confirms it; cookies stay as they are and no session
// is extended. An error means that we could not tell: never take it for
// "nobody".
func (a *App) FindSession(r *http.Request) (*Session, *User, error) {
	c := &Call{
		Context: r.Context(), Request: r, app: a, op: &noOp, header: http.Header{},
		jar: cookie.Parse(strings.Join(r.Header["Cookie"], "; ")),
	}
	return c.lookUpWith(lookUpOptions{})
}

// RequireSession lets signed-in people through, and answers 401 to others.
func (a *App) RequireSession(next http.Handler) http.Handler {
	return a.require(next, func(context.Context, *User) (bool, error) { return true, nil })
}

// RequireRole lets people with one of roles through; others get 401 or 403.
// It panics when no plugin knows about roles.
func (a *App) RequireRole(roles ...string) func(http.Handler) http.Handler {
	if a.authority == nil {
		panic("gatehouse: RequireRole needs a plugin that knows roles, such as plugins/admin")
	}
	return func(next http.Handler) http.Handler {
		return a.require(next, func(ctx context.Context, user *User) (bool, error) {
			return a.authority.HasRole(ctx, user, roles...)
		})
	}
}

// RequirePermission lets people through whose roles allow action on resource.
func (a *App) RequirePermission(resource, action string) func(http.Handler) http.Handler {
	if a.authority == nil {
		panic("gatehouse: RequirePermission needs a plugin that knows permissions, such as plugins/admin")
	}
	return func(next http.Handler) http.Handler {
		return a.require(next, func(ctx context.Context, user *User) (bool, error) {
			return a.authority.Can(ctx, user, resource, action)
		})
	}
}

func (a *App) require(next http.Handler, allowed func(context.Context, *User) (bool, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session, user, err := a.FindSession(r)
		if err == nil && session == nil {
			a.refuse(w, ErrUnauthorized)
			return
		}
		ok := false
		if err == nil {
			ok, err = allowed(r.Context(), user)
		}
		switch {
		case err != nil:
			a.config.Log.ErrorContext(r.Context(), "session not checked", "err", err)
			a.refuse(w, ErrUnavailable)
		case !ok:
			a.refuse(w, ErrForbidden)
		default:
			ctx := context.WithValue(r.Context(), signedInKey{}, signedIn{session, user})
			next.ServeHTTP(w, r.WithContext(ctx))
		}
	})
}

func (a *App) refuse(w http.ResponseWriter, e *Error) {
	body, _ := wire.Marshal(map[string]string{"message": e.Message, "code": e.Code})
	for name, values := range e.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(e.Status)
	_, _ = w.Write(body)
}
