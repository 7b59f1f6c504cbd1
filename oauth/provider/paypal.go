package provider

import (
	"context"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// PayPal is sign-in with PayPal. The app's console says what it may learn.
type PayPal struct {
	Options
	// Environment is "sandbox" (the default) or "live".
	Environment string
}

func (o *PayPal) build() (*oauth.Provider, error) {
	if err := o.needsSecret("paypal"); err != nil {
		return nil, err
	}
	web, api := "https://www.sandbox.paypal.com", "https://api-m.sandbox.paypal.com"
	switch o.Environment {
	case "", "sandbox":
	case "live":
		web, api = "https://www.paypal.com", "https://api-m.paypal.com"
	default:
		return nil, fmt.Errorf("paypal: environment is %q; use sandbox or live", o.Environment)
	}
	return o.provider(oauth.Provider{
		ID: "paypal", Name: "PayPal",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: web + "/signin/authorize",
			TokenURL:     api + "/v1/oauth2/token",
			UserInfoURL:  api + "/v1/identity/oauth2/userinfo?schema=paypalv1.1",
		},
		ClientAuth:      oauth.BasicAuth,
		Authorization:   oauth.Authorization{NoLoginHint: true, Customize: withoutScope},
		IDToken:         &oauth.IDTokenRules{},
		NoIDTokenSignIn: true,
		FetchProfile:    paypalProfile,
		Identify:        paypalIdentity,
	})
}

// paypalProfile refuses a profile that is not the ID token's: PayPal may write
// the subject as user_id.
func paypalProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	profile, err := oauth.UserInfo(ctx, c, p, t)
	if err != nil {
		return nil, err
	}
	if t.Claims != nil && profile.First("sub", "user_id") != t.Claims.Text("sub") {
		return nil, fmt.Errorf("%w: the profile is not the ID token's", oauth.ErrNoProfile)
	}
	return profile, nil
}

func paypalIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("user_id"),
		Email:   p.Text("email"), EmailVerified: p.Bool("email_verified"),
		Name: p.Text("name"), Image: p.Text("picture"),
	}, nil
}
