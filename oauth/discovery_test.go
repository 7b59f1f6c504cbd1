package oauth_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

func TestDiscovery(t *testing.T) {
	s, client, now := start(t)
	p := s.Discovered("acme")
	found, err := client.Discover(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if found.AuthorizeURL != s.URL+oauthtest.Authorize || found.TokenURL != s.URL+oauthtest.Token || found.UserInfoURL != s.URL+oauthtest.UserInfo ||
		found.Issuer != s.URL || !found.IssuerRequired || !found.BindNonce || found.IDToken.JWKSURL != s.URL+oauthtest.JWKS || found.IDToken.Issuers[0] != s.URL {
		t.Errorf("found %+v, %+v", found, found.IDToken)
	}
	if p.AuthorizeURL != "" || p.IDToken != nil {
		t.Error("the provider itself was changed")
	}
	own := s.Discovered("acme")
	own.TokenURL, own.Issuer, own.Discovery.NoNonce = s.URL+"/own", "https://own.example", true
	own.IDToken = &oauth.IDTokenRules{JWKSURL: s.URL + "/own-keys"}
	own.Discovery.Complete = func(p *oauth.Provider, document oauth.Profile) {
		p.IDToken.Issuers = []string{document.Text("issuer")}
		document["issuer"] = "changed"
	}
	for range 2 {
		found, err = client.Discover(t.Context(), own)
		if err != nil || found.TokenURL != s.URL+"/own" || found.Issuer != "https://own.example" || found.BindNonce ||
			found.IDToken.JWKSURL != s.URL+"/own-keys" || found.IDToken.Issuers[0] != s.URL || own.IDToken.Issuers != nil {
			t.Errorf("found %+v, %+v, %v", found, found.IDToken, err)
		}
	}
	if asked := len(s.Requests(oauthtest.Configuration)); asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	now.advance(time.Hour)
	if _, err := client.Discover(t.Context(), p); err != nil || len(s.Requests(oauthtest.Configuration)) != 2 {
		t.Errorf("an hour later: %v", err)
	}
}

// TestDiscoveryOfNonsense: a description that cannot be used is an error that
// names the provider, for everything that needs it.
func TestDiscoveryOfNonsense(t *testing.T) {
	set := func(name string, value any) func(map[string]any) {
		return func(document map[string]any) {
			if document[name] = value; value == nil {
				delete(document, name)
			}
		}
	}
	for _, tt := range []struct {
		name     string
		document func(map[string]any)
		good     bool
	}{
		{"good", set("x", "y"), true},
		{"relative keys", set("jwks_uri", "/jwks"), true},
		{"no user info", set("userinfo_endpoint", nil), true},
		{"no authorization endpoint", set("authorization_endpoint", nil), false},
		{"no token endpoint", set("token_endpoint", nil), false},
		{"no issuer", set("issuer", nil), false},
		{"no keys", set("jwks_uri", nil), false},
		{"a script", set("authorization_endpoint", "javascript:alert(1)"), false},
		{"data", set("authorization_endpoint", "data:text/html,x"), false},
		{"a file", set("token_endpoint", "file:///etc/passwd"), false},
		{"keys in a file", set("jwks_uri", "file:///etc/passwd"), false},
		{"keys unreadable", set("jwks_uri", "http://[::1"), false},
		{"gopher", set("userinfo_endpoint", "gopher://127.0.0.1:25/x"), false},
		{"no host", set("token_endpoint", "https:token"), false},
		{"endpoints that are lists", set("token_endpoint", []string{"https://x"}), false},
	} {
		s, client, _ := start(t)
		s.Misbehave(func(b *oauthtest.Behaviour) { b.Document = tt.document })
		p := s.Discovered("acme")
		p.Discovery.RequireIDToken = true
		if _, err := client.Discover(t.Context(), p); tt.good != (err == nil) || !tt.good && !errors.Is(err, oauth.ErrDiscovery) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if tt.good {
			continue
		}
		_, err1 := client.AuthorizeURL(t.Context(), p, oauth.Request{State: "s", Nonce: nonce})
		_, err2 := client.Exchange(t.Context(), p, exchange("code"))
		_, err3 := client.Refresh(t.Context(), p, "refresh")
		_, err4 := client.Identity(t.Context(), p, &oauth.Tokens{AccessToken: "a"}, nonce)
		_, err5 := bring(t, client, p, "a.b.c", "")
		for i, err := range []error{err1, err2, err3, err4, err5} {
			if !errors.Is(err, oauth.ErrDiscovery) {
				t.Errorf("%s, call %d: %v", tt.name, i+1, err)
			}
		}
	}
}

// TestDowngrade: a description that came by https may not name plain http.
func TestDowngrade(t *testing.T) {
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"} {
		document := map[string]string{
			"issuer": "https://idp.example", "authorization_endpoint": "https://idp.example/a",
			"token_endpoint": "https://idp.example/t", "jwks_uri": "https://idp.example/k",
		}
		document[name] = "http://idp.example/x"
		client := oauth.NewClient(oauth.Options{Transport: answers(document)})
		p := &oauth.Provider{ID: "acme", ClientIDs: []string{"id"}, Discovery: &oauth.Discovery{URL: "https://idp.example/.well-known/openid-configuration"}}
		if _, err := client.Discover(t.Context(), p); !errors.Is(err, oauth.ErrDiscovery) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDiscoveryWhileAway: the last description holds; without one the
// provider is asked again, but not at once.
func TestDiscoveryWhileAway(t *testing.T) {
	s, client, now := start(t)
	p := s.Discovered("acme")
	s.Misbehave(func(b *oauthtest.Behaviour) {
		b.Replace = map[string]http.Handler{oauthtest.Configuration: oauthtest.Answer(http.StatusInternalServerError, "")}
	})
	for range 100 {
		if _, err := client.Discover(t.Context(), p); !errors.Is(err, oauth.ErrDiscovery) {
			t.Fatal(err)
		}
	}
	if asked := len(s.Requests(oauthtest.Configuration)); asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	s.Behave()
	now.advance(5 * time.Second)
	if _, err := client.Discover(t.Context(), p); err != nil {
		t.Errorf("back again: %v", err)
	}
	for _, nonsense := range []string{"<html>", `{"error":"maintenance"}`, `{"authorization_endpoint":"javascript:x","token_endpoint":"x"}`} {
		s.Misbehave(func(b *oauthtest.Behaviour) {
			b.Replace = map[string]http.Handler{oauthtest.Configuration: oauthtest.Answer(http.StatusOK, nonsense)}
		})
		now.advance(24 * time.Hour)
		if found, err := client.Discover(t.Context(), p); err != nil || found.TokenURL != s.URL+oauthtest.Token {
			t.Errorf("away again with %s: %+v, %v", nonsense, found, err)
		}
	}
}

// TestDiscoveryHeaders go to the provider's own address and no further.
func TestDiscoveryHeaders(t *testing.T) {
	s, _, _ := start(t)
	elsewhere := oauthtest.New(t)
	p := byToken(s)
	p.IDToken, p.Endpoints = nil, oauth.Endpoints{}
	p.Discovery = &oauth.Discovery{URL: s.URL + oauthtest.Configuration, Headers: http.Header{"X-Key": {"secret"}}}
	for own, keys := range map[bool]string{true: s.URL + oauthtest.JWKS, false: elsewhere.URL + oauthtest.JWKS} {
		s.Misbehave(func(b *oauthtest.Behaviour) { b.Document = func(d map[string]any) { d["jwks_uri"] = keys } })
		client := s.Client()
		if _, err := bring(t, client, p, s.Sign(s.Claims()), ""); own != (err == nil) {
			t.Errorf("own %v: %v", own, err)
		}
	}
	for _, path := range []string{oauthtest.Configuration, oauthtest.JWKS} {
		for _, r := range s.Requests(path) {
			if r.Header.Get("X-Key") != "secret" {
				t.Errorf("%s lacks the header", path)
			}
		}
	}
	for _, r := range elsewhere.Requests("") {
		if r.Header.Get("X-Key") != "" {
			t.Errorf("another host got the header: %+v", r)
		}
	}
}

// TestPanicInTheTransport ends no process: the question has a goroutine of its
// own.
func TestPanicInTheTransport(t *testing.T) {
	client := oauth.NewClient(oauth.Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) { panic("oh") })})
	p := &oauth.Provider{ID: "acme", Discovery: &oauth.Discovery{URL: "https://idp.example/"}}
	if _, err := client.Discover(t.Context(), p); !errors.Is(err, oauth.ErrDiscovery) {
		t.Error(err)
	}
}

// roundTrip is a network in a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answers is a network where every address answers value in JSON.
func answers(value any) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		return respond(r, http.StatusOK, marshal(value)), nil
	}
}

func ExampleClient_Discover() {
	client := oauth.NewClient(oauth.Options{Transport: answers(map[string]string{
		"issuer":                 "https://idp.example",
		"authorization_endpoint": "https://idp.example/authorize",
		"token_endpoint":         "https://idp.example/token",
	})})
	p := &oauth.Provider{
		ID: "acme", ClientIDs: []string{"our-id"},
		Discovery: &oauth.Discovery{URL: "https://idp.example/.well-known/openid-configuration"},
	}
	found, err := client.Discover(exampleContext, p)
	fmt.Println(found.TokenURL, err)
	// Output: https://idp.example/token <nil>
}
