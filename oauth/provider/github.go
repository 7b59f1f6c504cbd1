package provider

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// GitHub is sign-in with GitHub.
type GitHub struct{ Options }

func (o *GitHub) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "github", Name: "GitHub",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://github.com/login/oauth/authorize",
			TokenURL:     "https://github.com/login/oauth/access_token",
			UserInfoURL:  "https://api.github.com/user",
		},
		FetchProfile: githubProfile,
		Identify:     githubIdentity,
	}, "read:user", "user:email")
}

// githubProfile adds the address, which the profile lacks for most people, and
// whether it is verified, from the list of addresses.
func githubProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	profile, err := oauth.UserInfo(ctx, c, p, t)
	if err != nil {
		return nil, err
	}
	addresses, err := c.GetList(ctx, p.UserInfoURL+"/emails", oauth.Bearer(t.AccessToken))
	if err != nil {
		return profile, nil // without the scope there is no list, and the address is unverified
	}
	if profile.Text("email") == "" {
		profile["email"] = primaryAddress(addresses)
	}
	for _, address := range addresses {
		if address.Text("email") == profile.Text("email") {
			profile["email_verified"] = address.Bool("verified")
			break
		}
	}
	return profile, nil
}

func primaryAddress(addresses []oauth.Profile) string {
	for _, address := range addresses {
		if address.Bool("primary") {
			return address.Text("email")
		}
	}
	if len(addresses) > 0 {
		return addresses[0].Text("email")
	}
	return ""
}

func githubIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("id"),
		Email:   p.Text("email"), EmailVerified: p.Bool("email_verified"),
		Name: p.First("name", "login"), Image: p.Text("avatar_url"),
	}, nil
}
