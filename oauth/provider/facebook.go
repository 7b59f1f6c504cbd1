package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Facebook is sign-in with Facebook. A native client may bring the ID token of
// Limited Login or an access token.
type Facebook struct {
	Options
	// Fields of the profile to ask for, besides id, name, email and picture.
	Fields []string
	// ConfigID is of Facebook Login for Business.
	ConfigID string `option:"configId"`
}

const facebookGraph = "https://graph.facebook.com/"

func (o *Facebook) build() (*oauth.Provider, error) {
	if err := o.needsSecret("facebook"); err != nil {
		return nil, err
	}
	fields := append([]string{"id", "name", "email", "picture"}, o.Fields...)
	p := oauth.Provider{
		ID: "facebook", Name: "Facebook",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://www.facebook.com/v24.0/dialog/oauth",
			TokenURL:     facebookGraph + "v24.0/oauth/access_token",
			UserInfoURL:  facebookGraph + "me?fields=" + strings.Join(fields, ","),
		},
		Authorization: oauth.Authorization{NoPKCE: true},
		IDToken: &oauth.IDTokenRules{
			JWKSURL: "https://limited.facebook.com/.well-known/oauth/openid/jwks/",
			Issuers: []string{"https://www.facebook.com"},
			Opaque:  true,
		},
		FetchProfile: facebookProfile,
		Identify:     facebookIdentity,
	}
	if o.ConfigID != "" {
		p.Authorization.Params = oauth.Params{{Name: "config_id", Value: o.ConfigID}}
	}
	return o.provider(p, "email", "public_profile")
}

// facebookProfile asks about the access token before it asks with it: the
// graph answers the tokens of every app, so a stranger's app could collect
// ours.
func facebookProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	if t.Claims != nil {
		return t.Claims, nil
	}
	token := *t
	token.AccessToken = first(t.AccessToken, t.IDToken)
	holder, err := facebookHolder(ctx, c, p, token.AccessToken)
	if err != nil {
		return nil, err
	}
	profile, err := oauth.UserInfo(ctx, c, p, &token)
	if err != nil {
		return nil, err
	}
	if profile.Text("id") != holder {
		return nil, oauth.ErrNoProfile
	}
	return profile, nil
}

// facebookHolder is the person that a token of our app is about.
func facebookHolder(ctx context.Context, c *oauth.Client, p *oauth.Provider, token string) (string, error) {
	if token == "" {
		return "", oauth.ErrNoProfile
	}
	query := oauth.Params{
		{Name: "input_token", Value: token},
		{Name: "access_token", Value: p.ClientIDs[0] + "|" + p.ClientSecret},
	}
	answer, err := c.Get(ctx, facebookGraph+"debug_token?"+query.Encode(), nil)
	if err != nil {
		return "", err
	}
	data := answer.In("data")
	if !data.Bool("is_valid") || !slices.Contains(p.ClientIDs, data.Text("app_id")) || data.Text("user_id") == "" {
		return "", oauth.ErrNoProfile
	}
	return data.Text("user_id"), nil
}

// facebookIdentity reads the claims of Limited Login or a profile of the graph.
func facebookIdentity(p oauth.Profile) (oauth.Identity, error) {
	identity := oauth.Identity{Subject: p.Text("sub"), Email: p.Text("email"), Name: p.Text("name"), Image: p.Text("picture")}
	if identity.Subject == "" {
		identity.Subject = p.Text("id")
		identity.EmailVerified = p.Bool("email_verified")
		identity.Image = p.In("picture", "data").Text("url")
	}
	return identity, nil
}
