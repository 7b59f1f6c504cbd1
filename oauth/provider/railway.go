package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// Railway is sign-in with Railway.
type Railway struct{ Options }

func (o *Railway) build() (*oauth.Provider, error) {
	if err := o.needsSecret("railway"); err != nil {
		return nil, err
	}
	return o.provider(oauth.Provider{
		ID: "railway", Name: "Railway",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://backboard.railway.com/oauth/auth",
			TokenURL:     "https://backboard.railway.com/oauth/token",
			UserInfoURL:  "https://backboard.railway.com/oauth/me",
		},
		ClientAuth:    oauth.BasicAuth,
		Authorization: oauth.Authorization{NoLoginHint: true},
		Identify:      railwayIdentity,
	}, "openid", "email", "profile")
}

// railwayIdentity: Railway does not say whether an address is verified.
func railwayIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("sub"), Email: p.Text("email"),
		Name: p.Text("name"), Image: p.Text("picture"),
	}, nil
}
