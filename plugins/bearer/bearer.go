// Package bearer lets clients without cookies (native apps, other services)
// carry the session token in the Authorization header (RFC 6750 §2.1) and
// hands them the token in set-auth-token. Off by default: the header shows a
// script what HttpOnly hides.
package bearer

import (
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/cookie"
)

// Options configures bearer tokens.
type Options struct {
	// RequireSignature refuses bare session tokens: only the signed form of
	// set-auth-token is taken.
	RequireSignature bool
}

// Bearer is the feature; New makes one.
type Bearer struct {
	options Options
	app     *gatehouse.App
}

var _ gatehouse.Plugin = (*Bearer)(nil)

// New returns the plugin.
func New(o Options) *Bearer { return &Bearer{options: o} }

// Plug declares the feature.
func (b *Bearer) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	b.app = app
	return gatehouse.Parts{
		ID:       "bearer",
		Carriers: []gatehouse.Carrier{b.token},
		Hooks:    gatehouse.Hooks{SessionSet: b.handOut},
	}, nil
}

// token reads the header. A header that carries nothing genuine is as none,
// so that a dead bearer token does not destroy a good cookie.
func (b *Bearer) token(c *gatehouse.Call) (string, bool) {
	scheme, value, ok := strings.Cut(c.Request.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	value = strings.TrimSpace(value)
	if value == "" {
		return "", false
	}
	if strings.Contains(value, ".") {
		if strings.Contains(value, "%") {
			value = cookie.Unescape(value)
		}
		return cookie.Verify(b.app.Secret(), value)
	}
	return value, !b.options.RequireSignature
}

func (b *Bearer) handOut(c *gatehouse.Call, s *gatehouse.Session, _ *gatehouse.User) {
	c.Header().Set("set-auth-token", cookie.Sign(b.app.Secret(), s.Token))
	c.Expose("set-auth-token")
}
