package oauth

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
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

// Discover returns p with everything that discovery adds; p itself without.
func (c *Client) Discover(ctx context.Context, p *Provider) (*Provider, error) {
	return c.resolve(ctx, p)
}

func (c *Client) resolve(ctx context.Context, p *Provider) (*Provider, error) {
	d := p.Discovery
	if d == nil {
		return p, nil
	}
	source := sourceOf(c, c.descriptions, p.ID+"\n"+sourceKey(d.URL, d.Headers), func() *learned[Profile] {
		return &learned[Profile]{life: discoveryLife, pause: discoveryPause, ask: func(ctx context.Context) (*Profile, error) {
			document, err := c.Get(ctx, d.URL, d.Headers)
			if err == nil {
				_, err = p.described(document) // a useless one replaces no good one
			}
			return &document, err
		}}
	})
	document, err := source.get(ctx, nil)
	if err == nil {
		var found *Provider
		if found, err = p.described(*document); err == nil {
			return found, nil
		}
	}
	return nil, fmt.Errorf("%w for %s: %w", ErrDiscovery, p.ID, err)
}

// sourceKey tells sources apart; what headers are sent may change the answer.
func sourceKey(target string, headers http.Header) string { return target + "\n" + fmt.Sprint(headers) }

// described is a copy of p, completed by the description.
func (p *Provider) described(document Profile) (*Provider, error) {
	found := *p
	found.Discovery = nil
	if p.IDToken != nil {
		rules := *p.IDToken // Complete may change them
		found.IDToken = &rules
	}
	for _, endpoint := range []struct {
		name string
		to   *string
	}{
		{"authorization_endpoint", &found.AuthorizeURL},
		{"token_endpoint", &found.TokenURL},
		{"userinfo_endpoint", &found.UserInfoURL},
	} {
		if *endpoint.to != "" || document.Text(endpoint.name) == "" {
			continue
		}
		target, err := p.Discovery.endpoint(document.Text(endpoint.name))
		if err != nil {
			return nil, fmt.Errorf("its %s: %w", endpoint.name, err)
		}
		*endpoint.to = target.String()
	}
	found.Issuer = first(p.Issuer, document.Text("issuer"))
	found.IssuerRequired = document.Bool("authorization_response_iss_parameter_supported")
	if found.AuthorizeURL == "" || found.TokenURL == "" {
		return nil, errors.New("the description lacks an endpoint")
	}
	if err := found.addIDTokenRules(p.Discovery, document); err != nil {
		return nil, err
	}
	if p.Discovery.Complete != nil {
		p.Discovery.Complete(&found, maps.Clone(document))
	}
	return &found, nil
}

var errEndpoint = errors.New("it is not an https address")

// endpoint reads an address of the description, which may not lead from https
// to http, and never to a script.
func (d *Discovery) endpoint(address string) (*url.URL, error) {
	at, err := url.Parse(d.URL)
	if err != nil {
		return nil, errEndpoint
	}
	target, err := at.Parse(address)
	if err != nil || target.Host == "" || (target.Scheme != "https" && (target.Scheme != "http" || at.Scheme != "http")) {
		return nil, errEndpoint
	}
	return target, nil
}

func (p *Provider) addIDTokenRules(d *Discovery, document Profile) error {
	issuer, keys := document.Text("issuer"), document.Text("jwks_uri")
	if p.IDToken == nil && issuer != "" && keys != "" {
		target, err := d.endpoint(keys)
		if err != nil {
			return fmt.Errorf("its jwks_uri: %w", err)
		}
		rules := &IDTokenRules{
			JWKSURL: target.String(), Issuers: []string{issuer},
			Algorithms: document.Words("id_token_signing_alg_values_supported"),
		}
		if at, err := url.Parse(d.URL); err == nil && target.Scheme == at.Scheme && target.Host == at.Host {
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
