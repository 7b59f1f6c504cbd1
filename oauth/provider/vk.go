package provider

import (
	"context"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// VK is sign-in with VK ID. Its callback brings a device_id, which goes along
// to the token endpoint.
type VK struct{ Options }

func (o *VK) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "vk", Name: "VK",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://id.vk.com/authorize",
			TokenURL:     "https://id.vk.com/oauth2/auth",
			UserInfoURL:  "https://id.vk.com/oauth2/user_info",
		},
		Authorization: oauth.Authorization{NoLoginHint: true},
		FetchProfile:  vkProfile,
		Identify:      vkIdentity,
	}, "email", "phone")
}

// vkProfile sends the access token in a form.
func vkProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	if t.AccessToken == "" {
		return nil, oauth.ErrNoProfile
	}
	form := url.Values{"access_token": {t.AccessToken}, "client_id": {p.ClientIDs[0]}}
	return c.PostForm(ctx, p.UserInfoURL, nil, form)
}

// vkIdentity: VK does not say whether an address is verified.
func vkIdentity(p oauth.Profile) (oauth.Identity, error) {
	person := p.In("user")
	return oauth.Identity{
		Subject: person.Text("user_id"), Email: person.Text("email"),
		Name:  strings.TrimSpace(person.Text("first_name") + " " + person.Text("last_name")),
		Image: person.Text("avatar"),
	}, nil
}
