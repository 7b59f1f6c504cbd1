package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// Roblox is sign-in with Roblox, which tells no address.
type Roblox struct{ Options }

func (o *Roblox) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "roblox", Name: "Roblox",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://apis.roblox.com/oauth/v1/authorize",
			TokenURL:     "https://apis.roblox.com/oauth/v1/token",
			UserInfoURL:  "https://apis.roblox.com/oauth/v1/userinfo",
		},
		Authorization: oauth.Authorization{NoPKCE: true, NoLoginHint: true, Prompt: "select_account consent"},
		Identify:      robloxIdentity,
	}, "openid", "profile")
}

func robloxIdentity(p oauth.Profile) (oauth.Identity, error) {
	return placeholder(oauth.Identity{
		Subject: p.Text("sub"),
		Name:    p.First("nickname", "preferred_username"), Image: p.Text("picture"),
	}, "roblox"), nil
}
