package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// Figma is sign-in with Figma.
type Figma struct{ Options }

func (o *Figma) build() (*oauth.Provider, error) {
	if err := o.needsSecret("figma"); err != nil {
		return nil, err
	}
	return o.provider(oauth.Provider{
		ID: "figma", Name: "Figma",
		ClientAuth: oauth.BasicAuth,
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://www.figma.com/oauth",
			TokenURL:     "https://api.figma.com/v1/oauth/token",
			UserInfoURL:  "https://api.figma.com/v1/me",
		},
		Authorization: oauth.Authorization{NoLoginHint: true},
		Identify:      figmaIdentity,
	}, "current_user:read")
}

func figmaIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("id"), Email: p.Text("email"),
		Name: p.Text("handle"), Image: p.Text("img_url"),
	}, nil
}
