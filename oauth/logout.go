package oauth

import (
	"context"
	"fmt"
	"net/url"
)

// EndSession is where a person leaves a provider, too (OpenID Connect
// RP-Initiated Logout 1.0).
type EndSession struct {
	// URL is "" where there is no such thing.
	URL string
	// RedirectURI is where the provider sends the person afterwards, if the
	// sign-out does not say. It may be relative to our own address.
	RedirectURI string
}

// Logout is one person's leave.
type Logout struct {
	// IDToken tells the provider who leaves.
	IDToken string
	// RedirectURI replaces the provider's. BaseURL is what a relative one is
	// relative to.
	RedirectURI, BaseURL string
	// State comes back with the person.
	State string
}

// EndSessionURL is the address that ends the person's session at p, "" where p
// has none.
func (c *Client) EndSessionURL(ctx context.Context, p *Provider, l Logout) (string, error) {
	p, err := c.resolve(ctx, p)
	if err != nil {
		return "", err
	}
	if p.EndSession.URL == "" {
		return "", nil
	}
	if err := checkAddress(p.EndSession.URL); err != nil {
		return "", err
	}
	params := Params{}
	if l.IDToken != "" {
		params.Set("id_token_hint", l.IDToken)
	}
	back := first(l.RedirectURI, p.EndSession.RedirectURI)
	if back != "" {
		if back, err = absolute(l.BaseURL, back); err != nil {
			return "", fmt.Errorf("oauth: address after the sign-out at %s: %w", p.ID, err)
		}
		params.Set("post_logout_redirect_uri", back)
	}
	if back != "" || l.IDToken == "" {
		params.Set("client_id", p.clientID())
	}
	if back != "" && l.State != "" {
		params.Set("state", l.State)
	}
	return params.appendTo(p.EndSession.URL), nil
}

func absolute(base, reference string) (string, error) {
	at, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	target, err := at.Parse(reference)
	if err != nil {
		return "", err
	}
	return target.String(), nil
}
