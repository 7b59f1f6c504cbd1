package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Cloudflare is sign-in with Cloudflare. Without a client secret it is a
// public client.
type Cloudflare struct {
	Options
	// TokenEndpointAuth has the method client_secret_basic, the default with a
	// secret, client_secret_post, or none, the default without.
	TokenEndpointAuth TokenEndpointAuth
}

func (o *Cloudflare) build() (*oauth.Provider, error) {
	p, err := o.provider(oauth.Provider{
		ID: "cloudflare", Name: "Cloudflare",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://dash.cloudflare.com/oauth2/auth",
			TokenURL:     "https://dash.cloudflare.com/oauth2/token",
			UserInfoURL:  "https://api.cloudflare.com/client/v4/user",
		},
		Authorization: oauth.Authorization{NoLoginHint: true, Customize: scopesOnce},
		FetchProfile:  cloudflareProfile,
		Identify:      cloudflareIdentity,
	}, "user-details.read")
	if err != nil {
		return nil, err
	}
	if p.ClientSecret != "" {
		p.ClientAuth = oauth.BasicAuth
	}
	if err := o.TokenEndpointAuth.apply(p); err != nil {
		return nil, fmt.Errorf("cloudflare: %w", err)
	}
	return p, nil
}

// scopesOnce asks for no scope twice.
func scopesOnce(target string, params oauth.Params) (string, oauth.Params) {
	var once []string
	for scope := range strings.FieldsSeq(params.Get("scope")) {
		if !slices.Contains(once, scope) {
			once = append(once, scope)
		}
	}
	if len(once) > 0 {
		params.Set("scope", strings.Join(once, " "))
	}
	return target, params
}

// cloudflareProfile takes the person out of the envelope of Cloudflare's API.
func cloudflareProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	envelope, err := oauth.UserInfo(ctx, c, p, t)
	if err != nil {
		return nil, err
	}
	result := envelope.In("result")
	if !envelope.Bool("success") || result == nil {
		return nil, oauth.ErrNoProfile
	}
	return result, nil
}

func cloudflareIdentity(p oauth.Profile) (oauth.Identity, error) {
	name := strings.TrimSpace(p.Text("first_name") + " " + p.Text("last_name"))
	return oauth.Identity{
		Subject: p.Text("id"), Email: p.Text("email"),
		Name: first(name, p.Text("email")),
	}, nil
}
