package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// ErrNoProfile is returned when a provider's answer does not tell who the
// person is.
var ErrNoProfile = errors.New("oauth: the provider does not say who this is")

// Identity says who the holder of tokens is. nonce is what the request sent,
// "" when it sent none. The ID token among the tokens is judged first, and the
// profile must not be somebody else's than the token's.
func (c *Client) Identity(ctx context.Context, p *Provider, t *Tokens, nonce string) (*Identity, error) {
	p, err := c.resolve(ctx, p)
	if err != nil {
		return nil, err
	}
	if p.IDToken != nil && p.BindNonce && !p.bound(t, nonce) {
		return nil, fmt.Errorf("%w: there is no nonce, or no token to hold it", ErrIDToken)
	}
	t.Claims = nil
	if t.IDToken != "" && p.IDToken != nil {
		if t.Claims, err = c.verify(ctx, p, t.IDToken, nonce); err != nil {
			return nil, err
		}
	}
	return c.identify(ctx, p, t)
}

// SignedIdentity judges an ID token that a client brought itself, and says who
// it is about. t may hold an access token beside it.
func (c *Client) SignedIdentity(ctx context.Context, p *Provider, t *Tokens, nonce string) (*Identity, error) {
	p, err := c.resolve(ctx, p)
	if err != nil {
		return nil, err
	}
	if t.Claims, err = c.verifyBrought(ctx, p, t.IDToken, nonce); err != nil {
		return nil, err
	}
	if p.IDTokenAlone {
		alone := *t
		alone.AccessToken, t = "", &alone
	}
	if p.FetchProfile == nil {
		// The token says it all; an access token beside it proves nothing.
		signed := *p
		signed.FetchProfile = IDTokenClaims
		p = &signed
	}
	return c.identify(ctx, p, t)
}

// StoredIdentity says who the holder of stored tokens is. The ID token among
// them was judged when it came, and may have expired since.
func (c *Client) StoredIdentity(ctx context.Context, p *Provider, t *Tokens) (*Identity, error) {
	p, err := c.resolve(ctx, p)
	if err != nil {
		return nil, err
	}
	t.Claims = nil
	if payload, err := unverified(t.IDToken); t.IDToken != "" && err == nil {
		if t.Claims, err = decodeObject(payload); err != nil {
			return nil, err
		}
	}
	return c.identify(ctx, p, t)
}

// TakesIDTokens reports whether a client may bring an ID token of p itself.
func (c *Client) TakesIDTokens(ctx context.Context, p *Provider) (bool, error) {
	p, err := c.resolve(ctx, p)
	if err != nil {
		return false, err
	}
	return p.IDToken != nil && !p.NoIDTokenSignIn && (p.IDToken.provable() || p.IDToken.Opaque), nil
}

// bound: the answer belongs to our request. A code that somebody else asked
// for comes without an ID token if they did not ask for one; then PKCE must
// stand in for the nonce (RFC 9700 §4.5.3).
func (p *Provider) bound(t *Tokens, nonce string) bool {
	asked := slices.Contains(p.Authorization.scopes(nil), "openid")
	return nonce != "" && (t.IDToken != "" || !asked || !p.Authorization.NoPKCE)
}

// maxSubject bounds a subject in bytes; OpenID Connect has 255.
const maxSubject = 1024

func (c *Client) identify(ctx context.Context, p *Provider, t *Tokens) (*Identity, error) {
	fetch := p.FetchProfile
	if fetch == nil {
		fetch = UserInfo
	}
	profile, err := fetch(ctx, c, p, t)
	if err != nil {
		return nil, fmt.Errorf("profile at %s: %w", p.ID, err)
	}
	if profile == nil {
		return nil, ErrNoProfile
	}
	// OpenID Connect Core §5.3.2: a profile of another subject is not used.
	if sub := profile.Text("sub"); sub != "" && t.Claims.Text("sub") != "" && sub != t.Claims.Text("sub") {
		return nil, fmt.Errorf("%w: the profile of %s is not the ID token's", ErrNoProfile, p.ID)
	}
	identify := p.Identify
	if identify == nil {
		identify = StandardClaims
	}
	identity, err := identify(profile)
	if err != nil {
		return nil, fmt.Errorf("profile at %s: %w", p.ID, err)
	}
	subject := identity.Subject
	if strings.TrimSpace(subject) == "" || len(subject) > maxSubject || strings.ContainsFunc(subject, unicode.IsControl) {
		return nil, fmt.Errorf("%w: the profile of %s has no usable subject", ErrNoProfile, p.ID)
	}
	identity.Profile = profile
	if p.MapProfile != nil {
		p.MapProfile(profile, &identity)
		identity.Subject = subject
	}
	return &identity, nil
}

// UserInfo asks the user-info endpoint with the access token.
func UserInfo(ctx context.Context, c *Client, p *Provider, t *Tokens) (Profile, error) {
	if p.UserInfoURL == "" || t.AccessToken == "" {
		return nil, ErrNoProfile
	}
	return c.Get(ctx, p.UserInfoURL, Bearer(t.AccessToken))
}

// PostedUserInfo asks the user-info endpoint as UserInfo does, but with an empty
// POST.
func PostedUserInfo(ctx context.Context, c *Client, p *Provider, t *Tokens) (Profile, error) {
	if p.UserInfoURL == "" || t.AccessToken == "" {
		return nil, ErrNoProfile
	}
	return c.do(ctx, http.MethodPost, p.UserInfoURL, Bearer(t.AccessToken), nil)
}

// IDTokenClaims takes the claims of the judged ID token for the profile.
func IDTokenClaims(_ context.Context, _ *Client, _ *Provider, t *Tokens) (Profile, error) {
	if t.Claims == nil {
		return nil, ErrNoProfile
	}
	return t.Claims, nil
}
