package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// LinkedIn is sign-in with LinkedIn.
type LinkedIn struct{ Options }

func (o *LinkedIn) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "linkedin", Name: "Linkedin",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://www.linkedin.com/oauth/v2/authorization",
			TokenURL:     "https://www.linkedin.com/oauth/v2/accessToken",
			UserInfoURL:  "https://api.linkedin.com/v2/userinfo",
		},
		Authorization: oauth.Authorization{NoPKCE: true},
	}, "profile", "email", "openid")
}
