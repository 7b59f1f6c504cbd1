package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// Polar is sign-in with Polar.
type Polar struct{ Options }

func (o *Polar) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "polar", Name: "Polar",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://polar.sh/oauth2/authorize",
			TokenURL:     "https://api.polar.sh/v1/oauth2/token",
			UserInfoURL:  "https://api.polar.sh/v1/oauth2/userinfo",
		},
		Authorization: oauth.Authorization{NoLoginHint: true},
		Identify:      polarIdentity,
	}, "openid", "profile", "email")
}

func polarIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("id"),
		Email:   p.Text("email"), EmailVerified: p.Bool("email_verified"),
		Name: p.First("public_name", "username"), Image: p.Text("avatar_url"),
	}, nil
}
