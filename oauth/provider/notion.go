package provider

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Notion is sign-in with Notion.
type Notion struct{ Options }

func (o *Notion) build() (*oauth.Provider, error) {
	if err := o.needsSecret("notion"); err != nil {
		return nil, err
	}
	return o.provider(oauth.Provider{
		ID: "notion", Name: "Notion",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://api.notion.com/v1/oauth/authorize",
			TokenURL:     "https://api.notion.com/v1/oauth/token",
			UserInfoURL:  "https://api.notion.com/v1/users/me",
		},
		ClientAuth:    oauth.BasicAuth,
		Authorization: oauth.Authorization{NoPKCE: true, Customize: notionOwner},
		FetchProfile:  notionProfile,
		Identify:      notionIdentity,
	})
}

// notionOwner asks for a person's token; no caller may ask for a workspace's.
func notionOwner(target string, params oauth.Params) (string, oauth.Params) {
	params.Set("owner", "user")
	return target, params
}

// notionProfile asks who the token's bot belongs to.
func notionProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	if t.AccessToken == "" {
		return nil, oauth.ErrNoProfile
	}
	header := oauth.Bearer(t.AccessToken)
	header.Set("Notion-Version", "2022-06-28")
	bot, err := c.Get(ctx, p.UserInfoURL, header)
	if err != nil {
		return nil, err
	}
	return bot.In("bot", "owner", "user"), nil
}

func notionIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("id"), Email: p.In("person").Text("email"),
		Name: p.Text("name"), Image: p.Text("avatar_url"),
	}, nil
}
