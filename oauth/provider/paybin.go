package provider

import (
	"strings"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Paybin is sign-in with Paybin (OpenID Connect).
type Paybin struct {
	Options
	// Issuer is the server. Default https://idp.paybin.io.
	Issuer string
}

func (o *Paybin) build() (*oauth.Provider, error) {
	if err := o.needsSecret("paybin"); err != nil {
		return nil, err
	}
	issuer := first(o.Issuer, "https://idp.paybin.io")
	base := strings.TrimRight(issuer, "/")
	return o.provider(oauth.Provider{
		ID: "paybin", Name: "Paybin",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: base + "/oauth2/authorize",
			TokenURL:     base + "/oauth2/token",
		},
		IDToken:         &oauth.IDTokenRules{Issuers: []string{issuer}},
		NoIDTokenSignIn: true,
		FetchProfile:    oauth.IDTokenClaims,
		Identify:        paybinIdentity,
	}, "openid", "email", "profile")
}

func paybinIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("sub"),
		Email:   p.Text("email"), EmailVerified: p.Bool("email_verified"),
		Name: p.First("name", "preferred_username"), Image: p.Text("picture"),
	}, nil
}
