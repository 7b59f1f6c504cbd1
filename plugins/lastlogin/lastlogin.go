// Package lastlogin remembers by which method a person signed in last, so that
// a sign-in page can point to it: in a cookie that scripts may read, and on
// wish in the user. It knows the methods by their operations alone and imports
// none of the plugins that have them.
package lastlogin

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/cookie"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Options configure what is remembered and where.
type Options struct {
	// CookieName is the whole name: it takes no prefix, so that the page's
	// client finds it. Default "better-auth.last_used_login_method".
	CookieName string
	// MaxAge is how long the browser remembers. Default 30 days.
	MaxAge time.Duration
	// StoreInDatabase keeps the method in user.lastLoginMethod, too.
	StoreInDatabase bool
	// CustomResolveMethod names the method of a sign-in; "" leaves it to the
	// plugin.
	CustomResolveMethod func(*gatehouse.Call) string `option:"-"`
	// BeforeStoreCookie false sets no cookie: where people have to agree first.
	BeforeStoreCookie func(c *gatehouse.Call, method string) bool `option:"-"`
}

// LastLogin is the feature; New makes one.
type LastLogin struct {
	options Options
	app     *gatehouse.App
	cookie  gatehouse.CookieSpec
	method  *store.Column[*string] // nil unless it is stored
}

var _ gatehouse.Plugin = (*LastLogin)(nil)

// New returns the plugin. It stands before a plugin that asks for a second
// factor: a first one that was right counts.
func New(o Options) *LastLogin {
	if o.CookieName == "" {
		o.CookieName = "better-auth.last_used_login_method"
	}
	if o.MaxAge == 0 {
		o.MaxAge = 30 * 24 * time.Hour
	}
	return &LastLogin{options: o}
}

// Plug declares the feature.
func (l *LastLogin) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	l.app = app
	if l.options.MaxAge < time.Second {
		return gatehouse.Parts{}, fmt.Errorf("last-login-method: maxAge is %v, want a second or more", l.options.MaxAge)
	}
	l.cookie = app.Cookie("session_token", nil)
	seconds := int(l.options.MaxAge / time.Second)
	l.cookie.Name = l.options.CookieName
	l.cookie.Attributes.MaxAge, l.cookie.Attributes.HTTPOnly = &seconds, false
	sample := cookie.Cookie{Name: l.cookie.Name, Value: "email", Attributes: l.cookie.Attributes}
	if err := sample.Check(); err != nil {
		return gatehouse.Parts{}, fmt.Errorf("last-login-method: cookieName: %w", err)
	}
	var hooks gatehouse.Hooks
	if l.options.StoreInDatabase {
		l.method = store.Extend[*string](app.DB, "user", store.Field{Name: "lastLoginMethod"})
		hooks.Before = []gatehouse.OpHook{{Ops: []string{"signUpEmail", "updateUser"}, Do: l.refuseField}}
	}
	return gatehouse.Parts{
		ID: "last-login-method", Hooks: hooks,
		// The gates that defer are asked last: who gets here is not refused.
		Gates: []gatehouse.Gate{{Kind: gatehouse.Defer, Ask: l.remember}},
	}, nil
}

// refuseField: the person does not say how they signed in.
func (l *LastLogin) refuseField(c *gatehouse.Call) error {
	if sent, _ := c.BodyText(l.method.Name()); sent != "" {
		return gatehouse.ErrFieldNotAllowed.Saying("%s is not allowed to be set", l.method.Name())
	}
	return nil
}

// remember keeps the method of a sign-in. It admits everybody.
func (l *LastLogin) remember(c *gatehouse.Call, p gatehouse.Proof) error {
	method := l.resolve(c)
	if method == "" {
		return nil
	}
	if err := l.store(c, p.User, method); err != nil {
		return err
	}
	if permitted := l.options.BeforeStoreCookie; permitted == nil || permitted(c, method) {
		c.SetCookie(l.cookie, method)
	}
	return nil
}

func (l *LastLogin) store(c *gatehouse.Call, user *gatehouse.User, method string) error {
	if l.method == nil {
		return nil
	}
	known, err := l.method.Of(user)
	if err != nil || known != nil && *known == method {
		return err
	}
	c.Acts(user.ID)
	_, err = l.app.Users.Update(c, user.ID, store.Change{Field: l.method.Name(), Value: method})
	if errors.Is(err, store.ErrNotFound) {
		return nil // gone meanwhile; the session says so
	}
	if err == nil && known == nil {
		// A new user's answer tells it already, as the protocol's does; others
		// show it from the next look-up on.
		l.method.Set(user, &method)
	}
	return err
}

func (l *LastLogin) resolve(c *gatehouse.Call) string {
	if l.options.CustomResolveMethod != nil {
		if method := l.options.CustomResolveMethod(c); method != "" {
			return method
		}
	}
	return methodOf(c.Op().Path, c.Param("id"))
}

// methodOf is the method of an operation (PROTOCOL 18, last-login-method), ""
// for one that has no name here. id is the provider of a callback.
func methodOf(path, id string) string {
	switch {
	case strings.HasPrefix(path, "/callback/"):
		return id
	case path == "/one-tap/callback":
		return "google"
	case path == "/sign-in/email", path == "/sign-up/email":
		return "email"
	case strings.Contains(path, "siwe"):
		return "siwe"
	case strings.Contains(path, "/passkey/verify-authentication"):
		return "passkey"
	case strings.HasPrefix(path, "/magic-link/verify"):
		return "magic-link"
	case path == "/sign-in/email-otp":
		return "email-otp"
	default:
		return ""
	}
}
