package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Access says who may call an operation. The zero value is nobody: an
// operation without an Access stops New, so that none is forgotten.
type Access struct {
	kind             accessKind
	resource, action string
}

type accessKind int

const (
	accessUnset accessKind = iota
	accessPublic
	accessSignedIn
	accessSignedInCached
	accessFreshCached
	accessCan
)

var (
	// Public needs no session. The handler may still ask for one.
	Public = Access{kind: accessPublic}
	// SignedIn needs a session that the database confirms now.
	SignedIn = Access{kind: accessSignedIn}
	// SignedInCached also takes the session cookie cache's word where that
	// option is on, as the protocol does for a few harmless operations: a
	// revoked session may pass until the cache cookie expires.
	SignedInCached = Access{kind: accessSignedInCached}
	// Fresh is SignedInCached with a session younger than Session.FreshAge.
	Fresh = Access{kind: accessFreshCached}
)

// Can needs a session, confirmed by the database, whose user the Authority
// allows action on resource ("user", "ban").
func Can(resource, action string) Access {
	return Access{kind: accessCan, resource: resource, action: action}
}

// String names the access level for documents and the access matrix.
func (a Access) String() string {
	switch a.kind {
	case accessPublic:
		return "public"
	case accessSignedIn:
		return "signed in"
	case accessSignedInCached:
		return "signed in (cookie cache accepted)"
	case accessFreshCached:
		return "fresh session"
	case accessCan:
		return fmt.Sprintf("permission %s:%s", a.resource, a.action)
	default:
		return "unset"
	}
}

// Authority answers role and permission questions; at most one plugin is it.
type Authority interface {
	// HasRole reports whether user holds one of roles.
	HasRole(ctx context.Context, user *User, roles ...string) (bool, error)
	// Can reports whether user may do action on resource.
	Can(ctx context.Context, user *User, resource, action string) (bool, error)
}

// Roster is what an Authority may offer besides: who its administrators are.
type Roster interface {
	// Administrators lists users who hold an administrator's role and can sign
	// in, at most limit of them.
	Administrators(ctx context.Context, limit int) ([]*User, error)
	// Appoint gives a user that is about to be created an administrator's role.
	Appoint(user *User)
}

// Authority is who answers role and permission questions: nil until the plugin
// that does is plugged, and without one.
func (a *App) Authority() Authority { return a.authority }

// authorize enforces the operation's Access. It runs after the request's
// shape was checked, as on the wire (PROTOCOL 1.4).
func (c *Call) authorize() error {
	access := c.op.Access
	if access.kind == accessPublic {
		return nil
	}
	cached := access.kind == accessSignedInCached || access.kind == accessFreshCached
	session, user, err := c.lookUp(cached)
	if errors.Is(err, ErrSessionUnreadable) || errors.Is(err, ErrNoSession) || (err == nil && session == nil) {
		return ErrUnauthorized
	}
	if err != nil {
		return err
	}
	switch access.kind {
	case accessFreshCached:
		if !c.IsFresh(session) {
			return ErrSessionNotFresh
		}
	case accessCan:
		allowed, err := c.app.authority.Can(c, user, access.resource, access.action)
		if err != nil {
			return fmt.Errorf("ask authority: %w", err)
		}
		if !allowed {
			return ErrForbidden
		}
	}
	return nil
}

// IsFresh reports whether session is younger than Session.FreshAge; with a
// negative FreshAge every session is.
func (c *Call) IsFresh(session *Session) bool {
	fresh := c.app.config.Session.FreshAge
	return fresh < 0 || c.app.Now().Sub(session.CreatedAt) < fresh.Truncate(time.Millisecond)
}
