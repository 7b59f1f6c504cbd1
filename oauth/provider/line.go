package provider

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// LINE is sign-in with LINE (LINE Login v2.1).
type LINE struct{ Options }

const (
	lineAPI    = "https://api.line.me/oauth2/v2.1/"
	lineIssuer = "https://access.line.me"
)

func (o *LINE) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "line", Name: "LINE",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: lineIssuer + "/oauth2/v2.1/authorize",
			TokenURL:     lineAPI + "token",
			UserInfoURL:  lineAPI + "userinfo",
		},
		IDToken:      &oauth.IDTokenRules{Verify: verifyLINE},
		FetchProfile: claimsOrUserInfo,
		Identify:     lineIdentity,
	}, "openid", "profile", "email")
}

// verifyLINE asks LINE about an ID token: those of a browser's sign-in are
// signed with the channel's secret, those of an app with a key of LINE's. Each
// of our client ids may be the one it is made out to.
func verifyLINE(ctx context.Context, c *oauth.Client, p *oauth.Provider, token, nonce string) (oauth.Profile, error) {
	var refused error
	for _, id := range p.ClientIDs {
		form := url.Values{"id_token": {token}, "client_id": {id}}
		if nonce != "" {
			form.Set("nonce", nonce)
		}
		claims, err := c.PostForm(ctx, lineAPI+"verify", nil, form)
		if errors.Is(err, oauth.ErrRefused) {
			refused = err
			continue
		}
		if err != nil {
			return nil, err
		}
		if claims.Text("iss") != lineIssuer || claims.Text("aud") != id || claims.Text("sub") == "" || claims.Text("nonce") != nonce {
			return nil, fmt.Errorf("%w: LINE verified another", oauth.ErrIDToken)
		}
		return claims, nil
	}
	return nil, fmt.Errorf("%w: %w", oauth.ErrIDToken, refused)
}

// lineIdentity: LINE does not say whether an address is verified.
func lineIdentity(p oauth.Profile) (oauth.Identity, error) {
	identity, err := oauth.StandardClaims(p)
	identity.EmailVerified = false
	return identity, err
}
