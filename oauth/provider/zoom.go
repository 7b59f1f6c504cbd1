package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// Zoom is sign-in with Zoom. The app's console says what it may learn.
type Zoom struct {
	Options
	// PKCE false leaves the code challenge out. Default true.
	PKCE *bool
}

func (o *Zoom) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "zoom", Name: "Zoom",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://zoom.us/oauth/authorize",
			TokenURL:     "https://zoom.us/oauth/token",
			UserInfoURL:  "https://api.zoom.us/v2/users/me",
		},
		Authorization: oauth.Authorization{
			NoPKCE: o.PKCE != nil && !*o.PKCE, NoLoginHint: true, Customize: withoutScope,
		},
		Identify: zoomIdentity,
	})
}

func zoomIdentity(p oauth.Profile) (oauth.Identity, error) {
	verified, _ := p.Number("verified")
	return oauth.Identity{
		Subject: p.Text("id"),
		Email:   p.Text("email"), EmailVerified: verified == 1 || p.Bool("verified"),
		Name: p.Text("display_name"), Image: p.Text("pic_url"),
	}, nil
}
