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
	op          *Op
	path        string
	params      map[string]string
	body        any
	parsedQuery url.Values
	hasBody,
	formBody bool

	jar      cookie.Jar
	queued   []cookie.Cookie
	header   http.Header
	address  string
	resolved bool // address was resolved

	session  *Session
	user     *User
	lookedUp lookup
}

// lookup says how far the request's session is known.
type lookup int

const (
	lookedUpNot lookup = iota
	// lookedUpCached: the cookie cache said so.
	lookedUpCached
	// lookedUpLive: the database said so, or this answer made the session.
	lookedUpLive
)

// Deadline, Done and Err are the request's, whatever transaction c carries:
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

// Session returns the request's session and user, or nils when there is none.
// The database confirms it. An error means that we could not tell.
func (c *Call) Session() (*Session, *User, error) { return c.lookUp(false) }

// SessionCached is Session, but accepts the cookie cache where that is on.
func (c *Call) SessionCached() (*Session, *User, error) { return c.lookUp(true) }

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

// User is the signed-in user of an operation whose Access needs one.
func (c *Call) User() *User { return c.user }

// CurrentSession is the session of an operation whose Access needs one.
func (c *Call) CurrentSession() *Session { return c.session }

// lookUp finds the request's session (PROTOCOL 6.5, 7.2, 7.3), extends it
// when that is due, and clears the cookies of a dead one.
func (c *Call) lookUp(cached bool) (*Session, *User, error) {
	query := c.query()
	return c.lookUpWith(lookUpOptions{
		cached:  cached && query.Get("disableCookieCache") == "",
		refresh: query.Get("disableRefresh") == "",
	})
}

type lookUpOptions struct {
	cached  bool // the cookie cache may answer
	refresh bool // a due session may be extended
}

func (c *Call) lookUpWith(o lookUpOptions) (*Session, *User, error) {
	if c.lookedUp == lookedUpLive || (c.lookedUp == lookedUpCached && o.cached) {
		return c.session, c.user, nil
	}
	session, user, err := c.find(o)
	if err != nil {
		return nil, nil, err
	}
	c.session, c.user = session, user
	return session, user, nil
}

func (c *Call) find(o lookUpOptions) (*Session, *User, error) {
	caching := c.app.config.Session.CookieCache.Enabled
	token, carried := c.sessionToken()
	if !caching {
		c.dropForeignCache()
	}
	if token == "" {
		c.lookedUp = lookedUpLive
		return nil, nil, nil
	}
	if caching && o.cached {
		session, user, err := c.cachedSession(token)
		if err != nil {
			return nil, nil, err
		}
		if session != nil {
			c.lookedUp = lookedUpCached
			return session, user, nil
		}
	}
	session, user, err := c.app.Sessions.ByToken(c, token)
	if err != nil && !isNotFound(err) {
		return nil, nil, unavailable(err)
	}
	c.lookedUp = lookedUpLive
	if err != nil || !session.ExpiresAt.After(c.app.Now()) {
		if session != nil {
			if err := c.app.Sessions.Revoke(c, session.Token); err != nil {
				return nil, nil, err
			}
		}
		// A dead bearer token must not destroy the good cookie beside it.
		if !carried || c.SignedCookie(c.app.cookies.sessionToken) == "" {
			c.ClearSession()
		}
		return nil, nil, nil
	}
	return c.maintain(session, user, o)
}

// maintain extends a live session that is due and renews its cookie cache.
func (c *Call) maintain(session *Session, user *User, o lookUpOptions) (*Session, *User, error) {
	if c.SignedCookie(c.app.cookies.dontRemember) != "" || !o.refresh {
		return session, user, nil
	}
	if !c.RefreshDue(session) || c.app.config.Session.DeferSessionRefresh {
		return session, user, c.writeSessionCache(session, user, false)
	}
	return c.extend(session, user)
}

// extend moves a live session's expiry and re-sends its cookie.
func (c *Call) extend(session *Session, user *User) (*Session, *User, error) {
	extended, err := c.app.Sessions.refresh(c, session.Token)
	if isNotFound(err) {
		// Signed out between the read and the write: it stays dead.
		c.ClearSession()
		return nil, nil, ErrNoSession
	}
	if err != nil {
		return nil, nil, unavailable(err)
	}
	remember := true
	return extended, user, c.setSessionCookies(extended, user, &remember)
}

// RefreshDue reports whether a session has grown UpdateAge old since it was
// last extended.
func (c *Call) RefreshDue(session *Session) bool {
	o := &c.app.config.Session
	if o.DisableSessionRefresh {
		return false
	}
	due := session.ExpiresAt.Add(-o.ExpiresIn).Add(max(o.UpdateAge, 0))
	return !due.After(c.app.Now())
}

// RefreshSession returns the request's session, confirmed by the database and
// extended if that is due, where GET requests leave that to POST.
func (c *Call) RefreshSession() (*Session, *User, error) {
	session, user, err := c.lookUp(false)
	if err != nil || session == nil || !c.RefreshDue(session) || c.SignedCookie(c.app.cookies.dontRemember) != "" {
		return session, user, err
	}
	return c.extend(session, user)
}

// SessionToken is the token that the request carries, genuine but not looked
// up; "" when there is none.
func (c *Call) SessionToken() string {
	token, _ := c.sessionToken()
	return token
}

// sessionToken is the token of the request's session, and whether a Carrier
// brought it rather than the cookie.
func (c *Call) sessionToken() (token string, carried bool) {
	for _, carrier := range c.app.carriers {
		if token, ok := carrier(c); ok {
			return token, true
		}
	}
	return c.SignedCookie(c.app.cookies.sessionToken), false
}

// dropForeignCache expires a cookie cache left by an earlier configuration.
func (c *Call) dropForeignCache() {
	if value, _ := c.jar.Join(c.app.cookies.sessionData.Name); value != "" {
		c.ExpireCookie(c.app.cookies.sessionData)
		c.expireCacheChunks()
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
