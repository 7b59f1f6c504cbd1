package provider

import (
	"errors"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Google is sign-in with Google (OpenID Connect).
type Google struct {
	Options
	// AccessType "offline" asks for a refresh token.
	AccessType string
	// Display is "page", "popup", "touch" or "wap".
	Display string
	// HD admits accounts of one Google Workspace domain only; "*" of any.
	HD string `option:"hd"`
	// IncludeGrantedScopes false does not ask for the scopes of earlier grants.
	IncludeGrantedScopes *bool
}

func (o *Google) build() (*oauth.Provider, error) {
	if err := o.needsSecret("google"); err != nil {
		return nil, err
	}
	p := oauth.Provider{
		ID: "google", Name: "Google",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://accounts.google.com/o/oauth2/v2/auth",
			TokenURL:     "https://oauth2.googleapis.com/token",
		},
		Authorization: oauth.Authorization{AccessType: o.AccessType, Display: o.Display, HostedDomain: o.HD},
		IDToken: &oauth.IDTokenRules{
			JWKSURL: "https://www.googleapis.com/oauth2/v3/certs",
			Issuers: []string{"https://accounts.google.com", "accounts.google.com"},
			MaxAge:  time.Hour,
			Check:   o.checkDomain,
		},
		FetchProfile: oauth.IDTokenClaims,
	}
	if o.IncludeGrantedScopes == nil || *o.IncludeGrantedScopes {
		p.Authorization.Params = oauth.Params{{Name: "include_granted_scopes", Value: "true"}}
	}
	return o.provider(p, "email", "profile", "openid")
}

var errDomain = errors.New("the account is not of the configured domain")

func (o *Google) checkDomain(claims oauth.Profile) error {
	domain := claims.Text("hd")
	if o.HD == "" || (o.HD == "*" && domain != "") || domain == o.HD {
		return nil
	}
	return errDomain
}
