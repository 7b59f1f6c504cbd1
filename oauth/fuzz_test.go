package oauth_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

// FuzzIDToken: a text that the provider did not sign proves nothing, and
// breaks nothing.
func FuzzIDToken(f *testing.F) {
	keys := []*oauthtest.Key{oauthtest.NewKey("RS256", "rsa"), oauthtest.NewKey("ES256", "ec"), oauthtest.NewKey("EdDSA", "ed")}
	set := map[string]any{"keys": []any{keys[0].JWK(), keys[1].JWK(), keys[2].JWK()}}
	client := oauth.NewClient(oauth.Options{Transport: answers(set)})
	p := &oauth.Provider{
		ID: "acme", ClientIDs: []string{"id"}, FetchProfile: oauth.IDTokenClaims,
		IDToken: &oauth.IDTokenRules{JWKSURL: "https://idp.example/jwks", Issuers: []string{"https://idp.example"}, Algorithms: asymmetric},
	}
	now := time.Now().Unix()
	claims := map[string]any{"iss": "https://idp.example", "aud": "id", "sub": "ada", "iat": now, "exp": now + 3600}
	eve := oauthtest.NewKey("ES256", "ec")
	f.Add(eve.Sign(nil, claims))
	f.Add(eve.Sign(map[string]any{"jwk": eve.JWK()}, claims))
	f.Add(eve.SignText(`{"alg":"none"}`, `{}`))
	f.Add(oauthtest.SecretKey([]byte("x"), "rsa").Sign(nil, claims))
	f.Add("..")
	f.Add(`{"payload":"","signature":"","protected":"..e30"}`)
	f.Fuzz(func(t *testing.T, token string) {
		if who, err := bring(t, client, p, token, ""); !errors.Is(err, oauth.ErrIDToken) {
			t.Errorf("%q: %+v, %v", token, who, err)
		}
	})
}

// FuzzAnswer: whatever a token endpoint answers, there are tokens or an error.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"access_token":"a","token_type":"Bearer","expires_in":3600,"refresh_token":"r","scope":"a b","id_token":"x.y.z"}`,
		`{"access_token":1,"expires_in":-1e99,"scope":["a",1,null]}`, `{"error":"invalid_grant"}`, `{"error":{}}`, `[]`, `{}{}`, ``, `{"access_token":"\ud800"}`,
	} {
		f.Add(200, body)
		f.Add(400, body)
	}
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	f.Fuzz(func(t *testing.T, status int, body string) {
		client, p := answering(status, body, now)
		tokens, err := client.Exchange(t.Context(), p, oauth.Exchange{Code: "c"})
		if (tokens == nil) != (err != nil) {
			t.Fatalf("%+v, %v", tokens, err)
		}
		if err != nil {
			return
		}
		if status < 200 || status > 299 || !json.Valid([]byte(body)) {
			t.Errorf("%d %q is an answer", status, body)
		}
		if tokens.AccessToken == "" && tokens.IDToken == "" {
			t.Errorf("%q has no token", body)
		}
		if at := tokens.AccessTokenExpiresAt; !at.IsZero() && (at.Before(now) || at.Year() > 2126) {
			t.Errorf("%q expires %v", body, at)
		}
	})
}

// FuzzDiscovery: whatever a description says, people are sent to web addresses
// only, and tokens judged by keys and an issuer.
func FuzzDiscovery(f *testing.F) {
	f.Add(`{"issuer":"https://idp.example","authorization_endpoint":"https://idp.example/a","token_endpoint":"https://idp.example/t","jwks_uri":"/k"}`)
	f.Add(`{"authorization_endpoint":"javascript:alert(1)//","token_endpoint":"//evil/"}`)
	f.Add(`{"authorization_endpoint":"HTTPS:\\\\evil","token_endpoint":"https://[::1]:99999/?#","id_token_signing_alg_values_supported":["none",1]}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, body string) {
		client := oauth.NewClient(oauth.Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return respond(r, http.StatusOK, body), nil
		})})
		p := &oauth.Provider{
			ID: "acme", ClientIDs: []string{"id"},
			Discovery: &oauth.Discovery{URL: "https://idp.example/.well-known/openid-configuration", RequireIDToken: true},
		}
		found, err := client.Discover(t.Context(), p)
		if err != nil {
			if !errors.Is(err, oauth.ErrDiscovery) {
				t.Errorf("%v", err)
			}
			return
		}
		if found.IDToken.JWKSURL == "" || len(found.IDToken.Issuers) != 1 || found.IDToken.Issuers[0] == "" {
			t.Errorf("judges by %+v", found.IDToken)
		}
		target, err := client.AuthorizeURL(t.Context(), p, oauth.Request{State: "the-state", Nonce: "n", RedirectURI: callback})
		if err != nil {
			return
		}
		if u, err := url.Parse(target); err != nil || u.Scheme != "https" || u.Host == "" || !strings.Contains(target, "state=the-state") {
			t.Errorf("%q leads to %q, %v", body, target, err)
		}
	})
}
