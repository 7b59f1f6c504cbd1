package provider

import (
	"fmt"
	"strings"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Reddit is sign-in with Reddit, which tells no address.
type Reddit struct {
	Options
	// Duration is "temporary" (Reddit's default) or "permanent", which asks for
	// a refresh token.
	Duration string
}

func (o *Reddit) build() (*oauth.Provider, error) {
	if err := o.needsSecret("reddit"); err != nil {
		return nil, err
	}
	if o.Duration != "" && o.Duration != "temporary" && o.Duration != "permanent" {
		return nil, fmt.Errorf("reddit: duration is %q; use temporary or permanent", o.Duration)
	}
	return o.provider(oauth.Provider{
		ID: "reddit", Name: "Reddit",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://www.reddit.com/api/v1/authorize",
			TokenURL:     "https://www.reddit.com/api/v1/access_token",
			UserInfoURL:  "https://oauth.reddit.com/api/v1/me",
		},
		ClientAuth:    oauth.BasicAuth,
		Authorization: oauth.Authorization{NoPKCE: true, NoLoginHint: true, Duration: o.Duration},
		Identify:      redditIdentity,
	}, "identity")
}

func redditIdentity(p oauth.Profile) (oauth.Identity, error) {
	picture, _, _ := strings.Cut(p.Text("icon_img"), "?") // its query is escaped for HTML
	return placeholder(oauth.Identity{Subject: p.Text("id"), Name: p.Text("name"), Image: picture}, "reddit"), nil
}
