package provider

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Linear is sign-in with Linear.
type Linear struct{ Options }

func (o *Linear) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "linear", Name: "Linear",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://linear.app/oauth/authorize",
			TokenURL:     "https://api.linear.app/oauth/token",
			UserInfoURL:  "https://api.linear.app/graphql",
		},
		Authorization: oauth.Authorization{NoPKCE: true},
		FetchProfile:  linearProfile,
		Identify:      linearIdentity,
	}, "read")
}

const linearQuery = "query { viewer { id name email avatarUrl active createdAt updatedAt } }"

// linearProfile asks by GraphQL, which says no with a null and status 200.
func linearProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	if t.AccessToken == "" {
		return nil, oauth.ErrNoProfile
	}
	answer, err := c.PostJSON(ctx, p.UserInfoURL, oauth.Bearer(t.AccessToken), map[string]string{"query": linearQuery})
	if err != nil {
		return nil, err
	}
	return answer.In("data", "viewer"), nil
}

func linearIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("id"), Email: p.Text("email"),
		Name: p.Text("name"), Image: p.Text("avatarUrl"),
	}, nil
}
