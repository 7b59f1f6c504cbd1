package provider

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Cognito is sign-in with an Amazon Cognito user pool (OpenID Connect).
type Cognito struct {
	Options
	// Domain is the pool's, such as app.auth.us-east-1.amazoncognito.com.
	Domain string
	// Region is the pool's, such as us-east-1.
	Region string
	// UserPoolID is the pool's, such as us-east-1_abc123.
	UserPoolID string `option:"userPoolId"`
	// RequireClientSecret refuses to start without a client secret.
	RequireClientSecret bool
	// IdentityProvider skips the choice on Cognito's page: "Google", "SAML1".
	IdentityProvider string
}

func (o *Cognito) build() (*oauth.Provider, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	domain := "https://" + strings.TrimPrefix(strings.TrimPrefix(o.Domain, "https://"), "http://")
	issuer := "https://cognito-idp." + o.Region + ".amazonaws.com/" + o.UserPoolID
	p := oauth.Provider{
		ID: "cognito", Name: "Cognito",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: domain + "/oauth2/authorize",
			TokenURL:     domain + "/oauth2/token",
			UserInfoURL:  domain + "/oauth2/userinfo",
		},
		Authorization: oauth.Authorization{NoLoginHint: true, Customize: scopeWithoutPlus},
		IDToken: &oauth.IDTokenRules{
			JWKSURL: issuer + "/.well-known/jwks.json",
			Issuers: []string{issuer},
			MaxAge:  time.Hour,
		},
		FetchProfile: claimsOrUserInfo,
		Identify:     cognitoIdentity,
	}
	if o.IdentityProvider != "" {
		p.Authorization.Params = oauth.Params{{Name: "identity_provider", Value: o.IdentityProvider}}
	}
	return o.provider(p, "openid", "profile", "email")
}

func (o *Cognito) check() error {
	if o.Domain == "" || o.Region == "" || o.UserPoolID == "" {
		return errors.New("cognito: domain, region and userPoolId are all needed")
	}
	if o.RequireClientSecret {
		return o.needsSecret("cognito")
	}
	return nil
}

// scopeWithoutPlus writes the scope last and its spaces as %20: Cognito does
// not read "+" as one.
func scopeWithoutPlus(target string, params oauth.Params) (string, oauth.Params) {
	scope := params.Get("scope")
	if scope == "" {
		return target, params
	}
	params.Remove("scope")
	separator := "?"
	if strings.Contains(target, "?") {
		separator = "&"
	}
	scope = strings.ReplaceAll(url.QueryEscape(scope), "+", "%20")
	return target + separator + params.Encode() + "&scope=" + scope, nil
}

// claimsOrUserInfo takes the claims of the ID token, and asks where there is
// none.
func claimsOrUserInfo(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	if t.Claims != nil {
		return t.Claims, nil
	}
	return oauth.UserInfo(ctx, c, p, t)
}

func cognitoIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("sub"),
		Email:   p.Text("email"), EmailVerified: p.Bool("email_verified"),
		Name: p.First("name", "given_name", "username"), Image: p.Text("picture"),
	}, nil
}
