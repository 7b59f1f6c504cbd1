package provider

import (
	"fmt"
	"strings"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Salesforce is sign-in with Salesforce.
type Salesforce struct {
	Options
	// Environment is "production" (the default) or "sandbox".
	Environment string
	// LoginURL is the host of one's own domain, such as acme.my.salesforce.com;
	// it takes the place of Environment.
	LoginURL string `option:"loginUrl"`
}

func (o *Salesforce) build() (*oauth.Provider, error) {
	if err := o.needsSecret("salesforce"); err != nil {
		return nil, err
	}
	host, err := o.host()
	if err != nil {
		return nil, err
	}
	base := "https://" + host + "/services/oauth2"
	return o.provider(oauth.Provider{
		ID: "salesforce", Name: "Salesforce",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: base + "/authorize", TokenURL: base + "/token", UserInfoURL: base + "/userinfo",
		},
		Authorization: oauth.Authorization{NoLoginHint: true},
		Identify:      salesforceIdentity,
	}, "openid", "email", "profile")
}

func (o *Salesforce) host() (string, error) {
	if strings.ContainsAny(o.LoginURL, "/?#@ ") {
		return "", fmt.Errorf("salesforce: loginUrl is %q; write the host alone, such as acme.my.salesforce.com", o.LoginURL)
	}
	switch o.Environment {
	case "", "production":
		return first(o.LoginURL, "login.salesforce.com"), nil
	case "sandbox":
		return first(o.LoginURL, "test.salesforce.com"), nil
	default:
		return "", fmt.Errorf("salesforce: environment is %q; use production or sandbox", o.Environment)
	}
}

func salesforceIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("user_id"),
		Email:   p.Text("email"), EmailVerified: p.Bool("email_verified"),
		Name: p.Text("name"), Image: p.In("photos").First("picture", "thumbnail"),
	}, nil
}
