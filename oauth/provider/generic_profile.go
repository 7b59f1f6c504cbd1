package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// fetcher asks a provider who the holder of tokens is.
type fetcher = func(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error)

func (g *Generic) fetch(kind *preset) fetcher {
	fetch := genericProfile
	switch {
	case g.FetchProfile != nil:
		fetch = g.FetchProfile
	case kind.fetch != nil:
		fetch = kind.fetch
	}
	if !g.RequireIDTokenVerification {
		return fetch
	}
	return func(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
		if t.Claims == nil {
			return nil, fmt.Errorf("%w: no ID token came", oauth.ErrNoProfile)
		}
		return fetch(ctx, c, p, t)
	}
}

func (g *Generic) identify(kind *preset) func(oauth.Profile) (oauth.Identity, error) {
	switch {
	case g.Identify != nil:
		return g.Identify
	case kind.subject != "":
		return identifyBy(kind.subject)
	default:
		return identifyBy("id", "sub")
	}
}

// identifyBy reads a profile of the members that genericProfile makes. The
// person is named by the first subject member that there is.
func identifyBy(subjects ...string) func(oauth.Profile) (oauth.Identity, error) {
	return func(p oauth.Profile) (oauth.Identity, error) {
		return oauth.Identity{
			Subject: p.First(subjects...),
			Email:   p.Text("email"), EmailVerified: p.Bool("emailVerified"),
			Name: p.Text("name"), Image: p.Text("image"),
		}, nil
	}
}

// complete adds what only the provider's own description tells: a provider of
// OpenID Connect lists how it signs ID tokens, and names people by sub.
func (g *Generic) complete(kind *preset, found *oauth.Provider, document oauth.Profile) {
	if len(document.Words("id_token_signing_alg_values_supported")) > 0 {
		found.Authorization.OpenID = true
		if g.Identify == nil && kind.subject == "" {
			found.Identify = identifyBy("sub")
		}
	}
	switch {
	case found.IDToken == nil:
		believeTokenEndpoint(found)
	case g.Issuer != "":
		found.IDToken.Issuers = []string{g.Issuer}
	}
	if end := document.Text("end_session_endpoint"); found.EndSession.URL == "" && !g.DisableProviderLogout && isWebAddress(end) {
		found.EndSession.URL = end
	}
}

// believeTokenEndpoint is for a provider whose keys are not known: an ID token
// counts because the token endpoint gave it (OpenID Connect Core §3.1.3.7), and
// a client may not bring one.
func believeTokenEndpoint(p *oauth.Provider) {
	p.IDToken = &oauth.IDTokenRules{}
	if p.Issuer != "" {
		p.IDToken.Issuers = []string{p.Issuer}
	}
	p.NoIDTokenSignIn = true
}

// genericProfile is the ID token's claims if they tell an address, and else
// what the user-info endpoint answers, about the same person.
func genericProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	sub := t.Claims.Text("sub")
	if sub != "" && t.Claims.Text("email") != "" {
		profile := withStandardMembers(t.Claims)
		if profile.Text("id") == "" {
			profile["id"] = sub
		}
		return profile, nil
	}
	answer, err := oauth.UserInfo(ctx, c, p, t)
	if err != nil {
		return nil, err
	}
	// An ID token of a known key says who this is; an answer that does not say
	// so as well may be anybody's (OpenID Connect Core §5.3.2).
	if proved := p.IDToken != nil && p.IDToken.JWKSURL != ""; proved && sub != "" && answer.Text("sub") != sub {
		return nil, fmt.Errorf("%w: the profile is not the ID token's", oauth.ErrNoProfile)
	}
	return withStandardMembers(answer), nil
}

// withStandardMembers adds the protocol's names of two claims.
func withStandardMembers(claims oauth.Profile) oauth.Profile {
	profile := maps.Clone(claims)
	profile["emailVerified"] = claims.Bool("email_verified")
	if picture := claims.Text("picture"); picture != "" {
		profile["image"] = picture
	}
	return profile
}
