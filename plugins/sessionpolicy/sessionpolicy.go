// Package sessionpolicy ends sessions earlier than Session.ExpiresIn does and
// says who may have one: idle and absolute lifetime, sessions per person, all of
// it per role if you like, and a proved address on every way in. It refuses to
// know how people sign in. Read Options, then check.go.
package sessionpolicy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Options configures the policy. The zero value asks for nothing.
type Options struct {
	Limits
	// Roles have limits of their own: the first in the list that the person has
	// counts, in place of all limits above. Needs a plugin that knows roles.
	Roles []RoleLimits
	// RequireVerifiedEmail refuses every way to sign in until the address is
	// proved (403 EMAIL_NOT_VERIFIED). Embedders who do not use package standard
	// set RequireEmailVerification of the password feature as well.
	RequireVerifiedEmail bool

	// For gives the limits of a person, in place of Limits and Roles. It is
	// called on every request, so it decides by what the user carries.
	For func(context.Context, *gatehouse.User) (Limits, error) `option:"-"`
}

// Limits bound sessions. 0 is no limit.
type Limits struct {
	// IdleLifetime ends a session that was not used for so long, at most a
	// minute or a tenth of it early. At least 1 minute.
	IdleLifetime time.Duration
	// AbsoluteLifetime ends a session so long after it began, however much it is
	// used. At least 1 minute.
	AbsoluteLifetime time.Duration
	// MaxSessions is how many live sessions a person may have; at most 99.
	MaxSessions int
	// WhenFull says what another sign-in does: "revokeOldest" ends the session
	// that began first, "refuse" answers 403 SESSION_LIMIT_REACHED. Who signs in
	// again in the same browser replaces that browser's session. Default
	// "revokeOldest".
	WhenFull string
}

// RoleLimits are the limits of people with a role.
type RoleLimits struct {
	Role string
	Limits
}

const (
	revokeOldest = "revokeOldest"
	refuse       = "refuse"
)

// Policy is the feature; New makes one.
type Policy struct {
	options Options
	app     *gatehouse.App
	// lastUsed is when a request with the session was seen last; NULL where the
	// session is older than this plugin.
	lastUsed *store.Column[*time.Time]
}

var _ gatehouse.Plugin = (*Policy)(nil)

// New returns the plugin.
func New(o Options) *Policy { return &Policy{options: o} }

// The errors of this package.
var (
	// ErrLimitReached answers who has as many sessions as allowed.
	ErrLimitReached = gatehouse.NewError(http.StatusForbidden, "SESSION_LIMIT_REACHED",
		"You are signed in on as many devices as allowed. Sign out on one of them, then try again.")
	// errOver ends a session; nobody is answered with it.
	errOver = gatehouse.NewError(http.StatusUnauthorized, "SESSION_OVER", "Session is over")
)

// Plug declares the feature.
func (p *Policy) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	if err := p.options.check(); err != nil {
		return gatehouse.Parts{}, err
	}
	if err := p.options.checkCache(app.Config().Session.CookieCache); err != nil {
		return gatehouse.Parts{}, err
	}
	p.app = app
	p.lastUsed = store.Extend[*time.Time](app.DB, "session", store.Field{Name: "lastUsedAt", Type: store.Date, Hidden: true})
	parts := gatehouse.Parts{
		ID:        "session-policy",
		Checks:    []gatehouse.SessionCheck{p.checkSession},
		AsksRoles: len(p.options.Roles) > 0,
		Hooks:     gatehouse.Hooks{Session: gatehouse.RecordHooks[gatehouse.Session]{BeforeCreate: p.makeRoom}},
		Errors:    []*gatehouse.Error{ErrLimitReached},
	}
	if p.options.RequireVerifiedEmail {
		parts.Gates = []gatehouse.Gate{{Kind: gatehouse.Refuse, Ask: p.refuseUnverified}}
		parts.Errors = append(parts.Errors, gatehouse.ErrEmailNotVerified)
	}
	return parts, nil
}

func (o *Options) check() error {
	if o.For != nil && (o.Limits != Limits{} || len(o.Roles) > 0) {
		return errors.New("set For, or limits and roles, not both")
	}
	if err := o.Limits.check(); err != nil {
		return err
	}
	for _, role := range o.Roles {
		if role.Role == "" {
			return errors.New("roles: a role has no name")
		}
		if err := role.check(); err != nil {
			return fmt.Errorf("roles: %s: %w", role.Role, err)
		}
	}
	return nil
}

// checkCache: what the cookie cache answers is not seen as use, so people who
// are busy would be thrown out.
func (o *Options) checkCache(cache gatehouse.CookieCacheOptions) error {
	if !cache.Enabled {
		return nil
	}
	for _, limits := range append([]RoleLimits{{Limits: o.Limits}}, o.Roles...) {
		if limits.IdleLifetime > 0 && limits.IdleLifetime < 2*cache.MaxAge {
			return fmt.Errorf("idleLifetime: want at least twice session.cookieCache.maxAge, which is %s", cache.MaxAge)
		}
	}
	return nil
}

func (l *Limits) check() error {
	for _, life := range []struct {
		name string
		d    time.Duration
	}{{"idleLifetime", l.IdleLifetime}, {"absoluteLifetime", l.AbsoluteLifetime}} {
		if life.d != 0 && life.d < time.Minute {
			return fmt.Errorf("%s: want at least 1 minute, or 0 for no limit", life.name)
		}
	}
	if l.MaxSessions < 0 || l.MaxSessions > 99 {
		return errors.New("maxSessions: want 1 to 99, or 0 for no limit")
	}
	if l.WhenFull != "" && l.WhenFull != revokeOldest && l.WhenFull != refuse {
		return fmt.Errorf("whenFull is %q: use %s or %s", l.WhenFull, revokeOldest, refuse)
	}
	return nil
}

// limits are those of a person now: a role that was taken counts no more on
// the next request.
func (p *Policy) limits(ctx context.Context, user *gatehouse.User) (Limits, error) {
	if p.options.For != nil {
		return p.options.For(ctx, user)
	}
	for _, role := range p.options.Roles {
		has, err := p.app.HasRole(ctx, user, role.Role)
		if err != nil {
			return Limits{}, fmt.Errorf("ask for role: %w", err)
		}
		if has {
			return role.Limits, nil
		}
	}
	return p.options.Limits, nil
}
