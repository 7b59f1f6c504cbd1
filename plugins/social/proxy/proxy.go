// Package proxy lets servers whose address is not registered with a provider
// (previews, developers' machines) sign people in through one whose address is:
// the protocol's oauth-proxy. A sign-in begins at the preview, depart.go, comes
// back from the provider to production, receive.go, and ends at the preview,
// complete.go. What they hand over is sealed with a secret that both have;
// production keeps no user and no session of it.
package proxy

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
)

// Options configure a server on either side. Production and preview have the
// same, but for CurrentURL.
type Options struct {
	// CurrentURL is where this server is reached. Default: the BaseURL. What a
	// request says of it does not count.
	CurrentURL string
	// ProductionURL is the server whose callback the providers know. Default:
	// the BaseURL, which makes this server that one.
	ProductionURL string
	// MaxAge is how long a profile is good on its way from production. Default
	// 1 minute, at most 10 minutes.
	MaxAge time.Duration
	// Secret seals what is handed over: at least 32 characters, the same on
	// both sides. Default: the server's own secret, which previews then share.
	Secret string `secret:"true"`
}

// Proxy is the feature; New makes one.
type Proxy struct {
	options Options
	app     *gatehouse.App
	social  *social.Social
	// current and production are origins.
	current, production string
}

var _ gatehouse.Plugin = (*Proxy)(nil)

// New returns the plugin.
func New(o Options, s *social.Social) *Proxy {
	if o.MaxAge == 0 {
		o.MaxAge = time.Minute
	}
	return &Proxy{options: o, social: s}
}

// The purposes of the keys (PROTOCOL 8.4).
const (
	profilePurpose = "oauth-proxy-profile"
	packagePurpose = "oauth-proxy-package"
	statePurpose   = "oauth-proxy-state"
)

const (
	// maxMaxAge is how long a state lives, after which a profile is worth nothing.
	maxMaxAge = 10 * time.Minute
	minSecret = 32
)

// Plug declares the feature.
func (p *Proxy) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	p.app = app
	var problems [4]error
	p.current, problems[0] = originOf("currentURL", p.options.CurrentURL, app)
	p.production, problems[1] = originOf("productionURL", p.options.ProductionURL, app)
	if p.options.MaxAge < time.Second || p.options.MaxAge > maxMaxAge {
		problems[2] = fmt.Errorf("oauth-proxy: maxAge is %v, want 1 second to %v", p.options.MaxAge, maxMaxAge)
	}
	if p.options.Secret != "" && len(p.options.Secret) < minSecret {
		problems[3] = fmt.Errorf("oauth-proxy: the secret has %d characters, want %d or more", len(p.options.Secret), minSecret)
	}
	if err := errors.Join(problems[:]...); err != nil {
		return gatehouse.Parts{}, err
	}
	p.social.OnDepart(p.depart)
	return gatehouse.Parts{
		ID: "oauth-proxy",
		Routes: []gatehouse.Route{
			gatehouse.Endpoint(completeOp, p.complete),
			gatehouse.Endpoint(oldCompleteOp, p.completeOld),
		},
		Hooks: gatehouse.Hooks{Before: []gatehouse.OpHook{{Ops: []string{"handleOAuthCallback"}, Do: p.receive}}},
	}, nil
}

func originOf(option, at string, app *gatehouse.App) (string, error) {
	if at == "" {
		return app.Origin(), nil
	}
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return "", fmt.Errorf("oauth-proxy: %s: %q is not an http or https address", option, at)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

func (p *Proxy) seal(purpose string, plain []byte) (string, error) {
	if p.options.Secret == "" {
		return p.app.SealFor(purpose, plain)
	}
	return seal.Encrypt(seal.Keys{Legacy: p.options.Secret}.Purpose(purpose), plain, p.app.Rand)
}

func (p *Proxy) open(purpose, sealed string) ([]byte, error) {
	if p.options.Secret == "" {
		return p.app.OpenFor(purpose, sealed)
	}
	return seal.Decrypt(seal.Keys{Legacy: p.options.Secret}.Purpose(purpose), sealed)
}
