package provider_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/config"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/provider"
)

// inCode are options that are functions, which no document can hold.
var inCode = []string{"getUserInfo", "mapProfileToUser", "refreshAccessToken", "verifyIdToken", "clientAssertion"}

func (s *subject) testOptions(t *testing.T) {
	if p := s.build(t, nil); p.Name != s.facts.Name {
		t.Errorf("name = %q, want %q", p.Name, s.facts.Name)
	}
	var known []string
	for _, entry := range config.Reference(&provider.Set{}, nil) {
		known = append(known, entry.Path)
	}
	for _, option := range s.facts.OptionsRead {
		if option == "tokenEndpointAuthMethod" {
			continue // Cloudflare's older name of tokenEndpointAuth.method
		}
		if !slices.Contains(inCode, option) && !slices.Contains(known, s.id+"."+option) {
			t.Errorf("there is no option %s.%s", s.id, option)
		}
	}
}

// testCommonOptions: what every provider takes, every provider obeys.
func (s *subject) testCommonOptions(t *testing.T) {
	const elsewhere = "https://other.example.com/back"
	changed := s.patched(t, map[string]any{
		"options": map[string]any{
			"disableDefaultScope": true, "redirectURI": elsewhere, "prompt": "consent",
			"authorizationEndpoint": "https://sandbox.example.com/authorize?keep=1",
			"disableSignUp":         true, "disableImplicitSignUp": true,
			"requireEmailVerification": true, "overrideUserInfoOnSignIn": true,
		},
		"authorize": map[string]any{
			"$endpoint": "https://sandbox.example.com/authorize", "keep": "1",
			"scope": "", "redirect_uri": elsewhere, "prompt": "consent",
		},
	})
	changed.checkAddress(t)
	all := oauth.SignUp{Disabled: true, Explicit: true, OverrideUserInfo: true, RequireVerifiedEmail: true}
	if got := changed.build(t, nil).SignUp; got != all {
		t.Errorf("sign-up = %+v, want %+v", got, all)
	}
	if got := s.build(t, nil).SignUp; got != (oauth.SignUp{}) {
		t.Errorf("sign-up = %+v without options", got)
	}
}

// checkAddress compares some parameters of the address.
func (s *subject) checkAddress(t *testing.T) {
	t.Helper()
	client := oauth.NewClient(oauth.Options{Transport: s.network(t), Now: clock})
	address, err := client.AuthorizeURL(t.Context(), s.build(t, nil),
		oauth.Request{State: state, Verifier: verifier, RedirectURI: callback + s.id})
	if err != nil {
		t.Fatal(err)
	}
	bare, _, _ := strings.Cut(address, "#")
	endpoint, raw, _ := strings.Cut(bare, "?")
	query, err := url.ParseQuery(raw)
	if err != nil {
		t.Fatal(err)
	}
	query.Set("$endpoint", endpoint)
	for name, want := range s.Authorize {
		if got := strings.Join(query[name], " and "); got != want {
			t.Errorf("%s = %q in %s, want %q", name, got, address, want)
		}
	}
}

// testCase runs one of the cases.
func (s *subject) testCase(t *testing.T) {
	s.checkAddress(t)
	s.testIdentity(t)
}

func (s *subject) testAuthorize(t *testing.T) {
	client := oauth.NewClient(oauth.Options{Transport: s.network(t), Now: clock})
	check := func(name string, p *oauth.Provider, r oauth.Request, want string) {
		t.Helper()
		r.State, r.Verifier, r.RedirectURI = state, verifier, callback+s.id
		got, err := client.AuthorizeURL(t.Context(), p, r)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
	check("plain", s.build(t, nil), oauth.Request{},
		first(s.AuthorizeURL, s.authorizeURL(s.facts.DefaultScopes, "", nil)))
	wide := append(slices.Clone(s.facts.DefaultScopes), "configured", "requested")
	if s.WideScope != "" {
		wide = strings.Fields(s.WideScope)
	}
	check("with a request's own wishes",
		s.build(t, map[string]any{"scope": []string{"configured"}}),
		oauth.Request{
			Scopes: []string{"requested"}, LoginHint: "ada@example.com",
			Params: oauth.Params{{Name: "extra", Value: "1"}, {Name: "state", Value: "evil"}},
		},
		first(s.WideAuthorizeURL, s.authorizeURL(wide, "ada@example.com", oauth.Params{{Name: "extra", Value: "1"}})))
}

// authorizeURL is the address by the rules of the facts.
func (s *subject) authorizeURL(scopes []string, loginHint string, additional oauth.Params) string {
	values := map[string]string{
		"response_type": first(s.facts.ResponseType, "code"), "client_id": "CID", "state": state,
		"scope": strings.Join(scopes, s.facts.ScopeSeparator), "redirect_uri": callback + s.id,
	}
	if !s.NoLoginHint {
		values["login_hint"] = loginHint
	}
	if s.facts.PKCE {
		values["code_challenge_method"], values["code_challenge"] = "S256", challenge
	}
	order := []string{
		"response_type", "client_id", "state", "scope", "redirect_uri", "duration", "display", "login_hint", "nonce",
		"prompt", "hd", "access_type", "response_mode", "code_challenge_method", "code_challenge", "claims",
	}
	for name, value := range s.facts.Extra {
		values[name] = value
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	var params oauth.Params
	for _, name := range order {
		if values[name] != "" {
			params.Set(name, values[name])
		}
	}
	params = append(params, additional...)
	return s.facts.AuthorizationEndpoint + "?" + params.Encode()
}
