package oauthtest_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

const callback = "https://app.example/cb"

// TestWalk is the walk of the package's introduction.
func TestWalk(t *testing.T) {
	s := oauthtest.New(t)
	client, p := s.Client(), s.Provider("acme")
	grace := oauthtest.Person{Subject: "grace-1906", Email: "grace@example.com", Name: "Grace Hopper"}
	s.Person(grace)
	target, err := client.AuthorizeURL(t.Context(), p, oauth.Request{State: "s", Verifier: "v", Nonce: "n", RedirectURI: callback})
	if err != nil {
		t.Fatal(err)
	}
	back := s.Approve(target)
	s.Person(oauthtest.Ada) // who comes later changes nothing
	tokens, err := client.Exchange(t.Context(), p, oauth.Exchange{Code: back.Get("code"), Verifier: "v", RedirectURI: callback})
	if err != nil {
		t.Fatal(err)
	}
	who, err := client.Identity(t.Context(), p, tokens, "n")
	if err != nil || who.Subject != grace.Subject || who.EmailVerified {
		t.Errorf("it is %+v, %v", who, err)
	}
	if got := len(s.Requests("")); got != 4 {
		t.Errorf("%d requests", got)
	}
}

// TestTokenEndpointRefuses: the server is a good one, or tests prove nothing.
func TestTokenEndpointRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*oauth.Provider, *oauth.Exchange){
		"another secret":   func(p *oauth.Provider, _ *oauth.Exchange) { p.ClientSecret = "x" },
		"another client":   func(p *oauth.Provider, _ *oauth.Exchange) { p.ClientIDs = []string{"x"} },
		"another code":     func(_ *oauth.Provider, e *oauth.Exchange) { e.Code += "x" },
		"another verifier": func(_ *oauth.Provider, e *oauth.Exchange) { e.Verifier = "x" },
		"another callback": func(_ *oauth.Provider, e *oauth.Exchange) { e.RedirectURI += "x" },
		"another grant": func(p *oauth.Provider, _ *oauth.Exchange) {
			p.Token.Customize = func(c *oauth.TokenCall) { c.Form.Set("grant_type", "password") }
		},
	} {
		s := oauthtest.New(t)
		p := s.Provider("acme")
		target, err := s.Client().AuthorizeURL(t.Context(), p, oauth.Request{State: "s", Verifier: "v", Nonce: "n", RedirectURI: callback})
		if err != nil {
			t.Fatal(err)
		}
		e := oauth.Exchange{Code: s.Approve(target).Get("code"), Verifier: "v", RedirectURI: callback}
		spoil(p, &e)
		if _, err := s.Client().Exchange(t.Context(), p, e); !errors.Is(err, oauth.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMisbehave(t *testing.T) {
	s := oauthtest.New(t)
	if _, err := s.Client().Get(t.Context(), s.URL+oauthtest.UserInfo, oauth.Bearer("x")); !errors.Is(err, oauth.ErrRefused) {
		t.Errorf("an unknown access token: %v", err)
	}
	s.Misbehave(func(b *oauthtest.Behaviour) {
		b.Replace = map[string]http.Handler{oauthtest.UserInfo: oauthtest.Answer(http.StatusOK, `{"sub":"x"}`)}
	})
	s.Misbehave(func(b *oauthtest.Behaviour) { b.Replace["/more"] = oauthtest.Answer(http.StatusOK, `{"more":"y"}`) })
	for path, member := range map[string]string{oauthtest.UserInfo: "sub", "/more": "more"} {
		if answer, err := s.Client().Get(t.Context(), s.URL+path, nil); err != nil || answer.Text(member) == "" {
			t.Errorf("%s: %v, %v", path, answer, err)
		}
	}
	s.Behave()
	if _, err := s.Client().Get(t.Context(), s.URL+"/more", nil); !errors.Is(err, oauth.ErrRefused) {
		t.Errorf("good again: %v", err)
	}
}

func TestKeys(t *testing.T) {
	old := oauthtest.New(t)
	first := old.Key("ES256")
	if second := old.Rotate("ES256"); second.ID == first.ID || old.Key("ES256").ID != second.ID || old.Key("RS256").ID != old.Key("PS512").ID {
		t.Errorf("rotated from %s to %s", first.ID, second.ID)
	}
	for _, algorithm := range []string{"RS256", "ES256", "ES384", "ES512", "EdDSA"} {
		jwk, err := json.Marshal(old.Key(algorithm).JWK())
		if err != nil || len(jwk) < 50 {
			t.Errorf("%s: %s, %v", algorithm, jwk, err)
		}
	}
}
