package provider

import (
	"context"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Naver is sign-in with Naver.
type Naver struct{ Options }

func (o *Naver) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "naver", Name: "Naver",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://nid.naver.com/oauth2.0/authorize",
			TokenURL:     "https://nid.naver.com/oauth2.0/token",
			UserInfoURL:  "https://openapi.naver.com/v1/nid/me",
		},
		Authorization: oauth.Authorization{NoPKCE: true, NoLoginHint: true},
		FetchProfile:  naverProfile,
		Identify:      naverIdentity,
	}, "profile", "email")
}

// naverProfile refuses an answer that says in its body that it is none.
func naverProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	profile, err := oauth.UserInfo(ctx, c, p, t)
	if err != nil {
		return nil, err
	}
	if code := profile.Text("resultcode"); code != "00" {
		return nil, fmt.Errorf("%w: resultcode %q", oauth.ErrRefused, code)
	}
	return profile, nil
}

func naverIdentity(p oauth.Profile) (oauth.Identity, error) {
	person := p.In("response")
	return oauth.Identity{
		Subject: person.Text("id"), Email: person.Text("email"),
		Name: person.First("name", "nickname"), Image: person.Text("profile_image"),
	}, nil
}
