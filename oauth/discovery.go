package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Discovery is where a provider describes itself (OpenID Connect Discovery
// 1.0 §4).
type Discovery struct {
	URL     string
	Headers http.Header
	// RequireIDToken refuses a provider whose ID tokens cannot be judged.
	RequireIDToken bool
	// NoNonce does not bind ID tokens to requests.
	NoNonce bool
	// Complete has the last word on the provider, which it may change.
	Complete func(p *Provider, document Profile)
}

// ErrDiscovery is returned while a provider does not describe itself usefully.
var ErrDiscovery = errors.New("oauth: discovery failed")

const (
	// discoveryLife is how long a description is used without asking again.
	discoveryLife = time.Hour
	// discoveryPause is the least time between two questions.
	discoveryPause = 5 * time.Second
)

// resolution is a provider as discovered. The last good one stays in use while
// the provider is away.
type resolution struct {
	mu      sync.Mutex
	p       *Provider
	fetched time.Time
	asked   time.Time
	err     error
}

// Discover returns p with everything that discovery adds; p itself without.
func (c *Client) Discover(ctx context.Context, p *Provider) (*Provider, error) {
	return c.resolve(ctx, p)
}

func (c *Client) resolve(ctx context.Context, p *Provider) (*Provider, error) {
	if p.Discovery == nil {
		return p, nil
	}
	r := c.resolution(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	now := c.now()
	if r.p != nil && now.Sub(r.fetched) < discoveryLife {
		return r.p, nil
	}
	if !r.asked.IsZero() && now.Sub(r.asked) < discoveryPause {
		return r.last()
	}
	r.asked = now
	found, err := c.discover(ctx, p)
	switch {
	case err == nil:
		r.p, r.fetched, r.err = found, now, nil
	case ctx.Err() != nil:
		r.asked = time.Time{}
		return nil, err
	default:
		r.err = fmt.Errorf("%w for %s: %w", ErrDiscovery, p.ID, err)
	}
	return r.last()
}

func (r *resolution) last() (*Provider, error) {
	if r.p != nil {
		return r.p, nil
	}
	return nil, r.err
}

func (c *Client) resolution(p *Provider) *resolution {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.resolved[p]
	if r == nil {
		r = &resolution{}
		c.resolved[p] = r
	}
	return r
}

func (c *Client) discover(ctx context.Context, p *Provider) (*Provider, error) {
	document, err := c.Get(ctx, p.Discovery.URL, p.Discovery.Headers)
	if err != nil {
		return nil, err
	}
	found := *p
	found.Discovery = nil
	found.AuthorizeURL = first(p.AuthorizeURL, document.Text("authorization_endpoint"))
	found.TokenURL = first(p.TokenURL, document.Text("token_endpoint"))
	found.UserInfoURL = first(p.UserInfoURL, document.Text("userinfo_endpoint"))
	found.Issuer = first(p.Issuer, document.Text("issuer"))
	found.IssuerRequired = document.Bool("authorization_response_iss_parameter_supported")
	if found.AuthorizeURL == "" || found.TokenURL == "" {
		return nil, errors.New("the description lacks an endpoint")
	}
	if err := found.addIDTokenRules(p.Discovery, document); err != nil {
		return nil, err
	}
	if p.Discovery.Complete != nil {
		p.Discovery.Complete(&found, document)
	}
	return &found, nil
}

func (p *Provider) addIDTokenRules(d *Discovery, document Profile) error {
	issuer, keys := document.Text("issuer"), document.Text("jwks_uri")
	if p.IDToken == nil && issuer != "" && keys != "" {
		at, err := url.Parse(d.URL)
		if err != nil {
			return err
		}
		target, err := at.Parse(keys)
		if err != nil {
			return fmt.Errorf("its jwks_uri: %w", err)
		}
		rules := &IDTokenRules{
			JWKSURL: target.String(), Issuers: []string{issuer},
			Algorithms: document.Words("id_token_signing_alg_values_supported"),
		}
		if target.Scheme == at.Scheme && target.Host == at.Host {
			rules.JWKSHeaders = d.Headers
		}
		p.IDToken = rules
		p.BindNonce = !d.NoNonce
	}
	if d.RequireIDToken && p.IDToken == nil {
		return errors.New("the description lacks an issuer or keys, so no ID token can be judged")
	}
	return nil
}
