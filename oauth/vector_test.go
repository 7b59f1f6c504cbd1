package oauth_test

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/vectors"
	"github.com/gatehouse-auth/gatehouse/oauth"
)

func TestAuthorizeURLVectors(t *testing.T) {
	for _, v := range vectors.All(t, "authorization-url") {
		var in struct {
			Options                                                 struct{ ClientID string }
			AuthorizationEndpoint, State, CodeVerifier, RedirectURI string
			Scopes                                                  []string
			AdditionalParams                                        map[string]string
		}
		var want struct{ URL string }
		v.Decode(t, &in, &want)
		var params oauth.Params
		for _, name := range slices.Sorted(maps.Keys(in.AdditionalParams)) {
			params.Set(name, in.AdditionalParams[name])
		}
		provider := &oauth.Provider{
			ID: "x", ClientIDs: []string{in.Options.ClientID}, Endpoints: oauth.Endpoints{AuthorizeURL: in.AuthorizationEndpoint},
		}
		got, err := oauth.NewClient(oauth.Options{}).AuthorizeURL(t.Context(), provider, oauth.Request{
			State: in.State, Verifier: in.CodeVerifier, RedirectURI: in.RedirectURI, Scopes: in.Scopes, Params: params,
		})
		if err != nil || got != want.URL {
			t.Errorf("%s\n got %s, %v\nwant %s", v.ID, got, err, want.URL)
		}
	}
}

// TestChallengeVectors: the code challenge of a verifier (RFC 7636 §4.2).
func TestChallengeVectors(t *testing.T) {
	provider := &oauth.Provider{ID: "x", ClientIDs: []string{"cid"}, Endpoints: oauth.Endpoints{AuthorizeURL: "https://idp.test/auth"}}
	for _, v := range vectors.All(t, "pkce-") {
		var in struct{ Verifier string }
		var want struct{ Challenge string }
		v.Decode(t, &in, &want)
		target, err := oauth.NewClient(oauth.Options{}).AuthorizeURL(t.Context(), provider, oauth.Request{State: "st", Verifier: in.Verifier})
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(target)
		if err != nil || u.Query().Get("code_challenge") != want.Challenge || u.Query().Get("code_challenge_method") != "S256" {
			t.Errorf("%s: %s, %v, want the challenge %s", v.ID, target, err, want.Challenge)
		}
	}
}

// network answers without one.
type network func(*http.Request) (*http.Response, error)

func (n network) RoundTrip(r *http.Request) (*http.Response, error) { return n(r) }

// TestBasicCredentialVectors: id and secret are form-encoded first (RFC 6749 §2.3.1).
func TestBasicCredentialVectors(t *testing.T) {
	for _, v := range vectors.All(t, "basic-credentials") {
		var in struct{ ClientID, ClientSecret string }
		var want struct{ Header string }
		v.Decode(t, &in, &want)
		sent := ""
		client := oauth.NewClient(oauth.Options{Transport: network(func(r *http.Request) (*http.Response, error) {
			sent = r.Header.Get("Authorization")
			return &http.Response{
				StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
				Body: io.NopCloser(strings.NewReader(`{"access_token":"at","token_type":"Bearer"}`)),
			}, nil
		})})
		provider := &oauth.Provider{
			ID: "x", ClientIDs: []string{in.ClientID}, ClientSecret: in.ClientSecret, ClientAuth: oauth.BasicAuth,
			Endpoints: oauth.Endpoints{TokenURL: "https://idp.test/token"},
		}
		if _, err := client.Exchange(t.Context(), provider, oauth.Exchange{Code: "code"}); err != nil {
			t.Fatal(err)
		}
		if sent != want.Header {
			t.Errorf("%s: sent %q, want %q", v.ID, sent, want.Header)
		}
	}
}
