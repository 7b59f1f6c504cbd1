package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// Slack is sign-in with Slack.
type Slack struct{ Options }

func (o *Slack) build() (*oauth.Provider, error) {
	p, err := o.provider(oauth.Provider{
		ID: "slack", Name: "Slack",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://slack.com/openid/connect/authorize",
			TokenURL:     "https://slack.com/api/openid.connect.token",
			UserInfoURL:  "https://slack.com/api/openid.connect.userInfo",
		},
		Authorization: oauth.Authorization{NoPKCE: true, NoLoginHint: true},
		Identify:      slackIdentity,
	}, "openid", "profile", "email")
	if err != nil {
		return nil, err
	}
	o.ownScopeLast(p)
	return p, nil
}

func slackIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("https://slack.com/user_id"),
		Email:   p.Text("email"), EmailVerified: p.Bool("email_verified"),
		Name: p.Text("name"), Image: p.First("picture", "https://slack.com/user_image_512"),
	}, nil
}
