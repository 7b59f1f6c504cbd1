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
	proofWithin      time.Duration // 0: no fresh proof; see StepUp
	nobody, refused  *Error        // nil: ErrUnauthorized, ErrForbidden
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

// Answering gives the refusals the protocol's own words for an operation:
// nobody is answered to who has no session, refused to who may not.
func (a Access) Answering(nobody, refused *Error) Access {
	a.nobody, a.refused = nobody, refused
	return a
}

// String names the access level for documents and the access matrix.
func (a Access) String() string {
	if a.proofWithin > 0 {
		return a.level() + ", proved within " + a.proofWithin.String()
	}
	return a.level()
}

// ProofWithin is how old a proof of who one is may be; 0 where none is asked for.
func (a Access) ProofWithin() time.Duration { return a.proofWithin }

func (a Access) level() string {
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
	if access.kind == accessPublic && !c.op.OwnerOnly {
		return nil
	}
	cached := access.proofWithin == 0 && (access.kind == accessSignedInCached || access.kind == accessFreshCached)
	session, user, err := c.lookUp(cached)
	nobody := errors.Is(err, ErrSessionUnreadable) || errors.Is(err, ErrNoSession) || (err == nil && session == nil)
	switch {
	case nobody && access.kind == accessPublic:
		return nil
	case nobody:
		return or(access.nobody, ErrUnauthorized)
	case err != nil:
		return err
	case c.op.OwnerOnly && session.ImpersonatedBy() != "":
		return or(access.refused, ErrImpersonated)
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
			return c.Refused(Event{Action: "access.deny", TargetType: "permission", Target: access.resource + ":" + access.action}, or(access.refused, ErrForbidden))
		}
	}
	if access.proofWithin > 0 {
		return c.RequireProof(access.proofWithin)
	}
	return nil
}

func or(own, usual *Error) error {
	if own != nil {
		return own
	}
	return usual
}

// IsFresh reports whether session is younger than Session.FreshAge; with a
// negative FreshAge every session is.
func (c *Call) IsFresh(session *Session) bool {
	fresh := c.app.config.Session.FreshAge
	return fresh < 0 || c.app.Now().Sub(session.CreatedAt) < fresh.Truncate(time.Millisecond)
}
