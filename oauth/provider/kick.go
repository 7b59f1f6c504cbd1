package provider

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Kick is sign-in with Kick.
type Kick struct{ Options }

func (o *Kick) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "kick", Name: "Kick",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://id.kick.com/oauth/authorize",
			TokenURL:     "https://id.kick.com/oauth/token",
			UserInfoURL:  "https://api.kick.com/public/v1/users",
		},
		Authorization: oauth.Authorization{NoLoginHint: true},
		FetchProfile:  kickProfile,
		Identify:      kickIdentity,
	}, "user:read")
}

// kickProfile is the first of a list: asked about nobody in particular, Kick
// answers with the token's holder.
func kickProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	answer, err := oauth.UserInfo(ctx, c, p, t)
	if err != nil {
		return nil, err
	}
	people := answer.List("data")
	if len(people) == 0 {
		return nil, oauth.ErrNoProfile
	}
	return people[0], nil
}

func kickIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("user_id"), Email: p.Text("email"),
		Name: p.Text("name"), Image: p.Text("profile_picture"),
	}, nil
}
