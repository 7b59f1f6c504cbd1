package provider

import (
	"fmt"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Vercel is sign-in with Vercel.
type Vercel struct {
	Options
	TokenEndpointAuth TokenEndpointAuth
}

func (o *Vercel) build() (*oauth.Provider, error) {
	p, err := o.provider(oauth.Provider{
		ID: "vercel", Name: "Vercel",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://vercel.com/oauth/authorize",
			TokenURL:     "https://api.vercel.com/login/oauth/token",
			UserInfoURL:  "https://api.vercel.com/login/oauth/userinfo",
		},
		Authorization: oauth.Authorization{NoLoginHint: true},
		Token:         oauth.TokenRequest{NoRefresh: true},
		Identify:      vercelIdentity,
	})
	if err != nil {
		return nil, err
	}
	if err := o.TokenEndpointAuth.apply(p); err != nil {
		return nil, fmt.Errorf("vercel: %w", err)
	}
	return p, nil
}

func vercelIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("sub"),
		Email:   p.Text("email"), EmailVerified: p.Bool("email_verified"),
		Name: p.First("name", "preferred_username"), Image: p.Text("picture"),
	}, nil
}
