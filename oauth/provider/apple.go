package provider

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Apple is sign-in with Apple (OpenID Connect). The client secret is a JWT
// that the operator signs with a key from Apple; it lives six months at most.
type Apple struct {
	Options
	// AppBundleIdentifier is the native app that ID tokens are made out to.
	AppBundleIdentifier string
	// Audience has whom else they may be made out to, in place of
	// AppBundleIdentifier.
	Audience ClientIDs
}

func (o *Apple) build() (*oauth.Provider, error) {
	if err := o.needsSecret("apple"); err != nil {
		return nil, err
	}
	return o.provider(oauth.Provider{
		ID: "apple", Name: "Apple",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://appleid.apple.com/auth/authorize",
			TokenURL:     "https://appleid.apple.com/auth/token",
		},
		Authorization: oauth.Authorization{
			ResponseType: "code id_token", ResponseMode: "form_post", NoLoginHint: true,
		},
		IDToken: &oauth.IDTokenRules{
			JWKSURL:     "https://appleid.apple.com/auth/keys",
			Issuers:     []string{"https://appleid.apple.com"},
			Audiences:   o.audiences(),
			MaxAge:      time.Hour,
			HashedNonce: true,
		},
		FetchProfile: appleProfile,
	}, "email", "name")
}

// audiences adds the native app to the client ids, which the tokens of the
// browser's way are made out to.
func (o *Apple) audiences() []string {
	switch {
	case len(o.Audience) > 0:
		return slices.Concat(o.Audience, o.ClientID)
	case o.AppBundleIdentifier != "":
		return append([]string{o.AppBundleIdentifier}, o.ClientID...)
	default:
		return nil
	}
}

// appleProfile adds the name, which Apple tells once only, beside the code.
func appleProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	profile, err := oauth.IDTokenClaims(ctx, c, p, t)
	if err != nil {
		return nil, err
	}
	if name := t.PostedUser.In("name"); name != nil {
		profile["name"] = strings.TrimSpace(name.Text("firstName") + " " + name.Text("lastName"))
	}
	return profile, nil
}
