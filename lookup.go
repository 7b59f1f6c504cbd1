package gatehouse

import (
	"errors"
	"net/http"
)

// lookup says how far the request's session is known.
type lookup int

const (
	// The zero value: nobody has looked yet.
	_ lookup = iota
	// lookedUpCached: the cookie cache said so.
	lookedUpCached
	// lookedUpLive: the database said so, or this answer made the session.
	lookedUpLive
)

// Session returns the request's session and user, or nils when there is none.
// The database confirms it. An error means that we could not tell.
func (c *Call) Session() (*Session, *User, error) { return c.lookUp(false) }

// SessionCached is Session, but accepts the cookie cache where that is on.
func (c *Call) SessionCached() (*Session, *User, error) { return c.lookUp(true) }

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
	alive := err == nil && session.ExpiresAt.After(c.app.Now())
	if alive {
		if alive, err = c.mayGoOn(session, user); err != nil {
			return nil, nil, unavailable(err)
		}
	}
	c.lookedUp = lookedUpLive
	if !alive {
		if session != nil {
			if err := c.app.Sessions.expire(c, session.Token); err != nil {
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

// mayGoOn asks every plugin whether a living session is one still.
func (c *Call) mayGoOn(session *Session, user *User) (bool, error) {
	for _, check := range c.app.checks {
		var end *Error
		err := check(c, session, user)
		if errors.As(err, &end) && end.Status < http.StatusInternalServerError {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
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
// last extended. One in which an admin acts as somebody else keeps its end.
func (c *Call) RefreshDue(session *Session) bool {
	o := &c.app.config.Session
	if o.DisableSessionRefresh || session.ImpersonatedBy() != "" {
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
		c.expireChunked(c.app.cookies.sessionData)
	}
}
