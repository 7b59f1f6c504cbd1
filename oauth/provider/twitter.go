package provider

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Twitter is sign-in with X.
type Twitter struct{ Options }

const twitterMe = "https://api.x.com/2/users/me"

func (o *Twitter) build() (*oauth.Provider, error) {
	if err := o.needsSecret("twitter"); err != nil {
		return nil, err
	}
	return o.provider(oauth.Provider{
		ID: "twitter", Name: "Twitter",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://x.com/i/oauth2/authorize",
			TokenURL:     "https://api.x.com/2/oauth2/token",
			UserInfoURL:  twitterMe + "?user.fields=profile_image_url",
		},
		ClientAuth:    oauth.BasicAuth,
		Authorization: oauth.Authorization{NoLoginHint: true},
		FetchProfile:  twitterProfile,
		Identify:      twitterIdentity,
	}, "users.read", "tweet.read", "offline.access", "users.email")
}

// twitterProfile asks for the confirmed address on its own: an app without the
// permission for it is refused the whole request.
func twitterProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	profile, err := oauth.UserInfo(ctx, c, p, t)
	if err != nil {
		return nil, err
	}
	person := profile.In("data")
	if person == nil {
		return nil, oauth.ErrNoProfile
	}
	delete(person, "email") // only a confirmed one counts
	confirmed, err := c.Get(ctx, twitterMe+"?user.fields=confirmed_email", oauth.Bearer(t.AccessToken))
	if err != nil {
		return profile, nil // few apps may ask, and those not often
	}
	if email := confirmed.In("data").Text("confirmed_email"); email != "" {
		person["email"] = email
	}
	return profile, nil
}

func twitterIdentity(p oauth.Profile) (oauth.Identity, error) {
	person := p.In("data")
	email := person.Text("email")
	return placeholder(oauth.Identity{
		Subject: person.Text("id"),
		Email:   email, EmailVerified: email != "",
		Name: person.Text("name"), Image: person.Text("profile_image_url"),
	}, "twitter"), nil
}
