package provider_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/config"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/provider"
)

const (
	acmeURL       = "https://id.acme.example"
	acmeDiscovery = "GET " + acmeURL + "/.well-known/openid-configuration"
	acmeToken     = "POST " + acmeURL + "/token"
	acmeUserInfo  = "GET " + acmeURL + "/userinfo"
)

// acmeServer is a provider that no file here knows. answers are by
// "METHOD URL"; a fault among them goes wrong.
type acmeServer struct {
	mu      sync.Mutex
	answers map[string]any
	sent    []sent
}

func newAcme() *acmeServer {
	return &acmeServer{answers: map[string]any{
		acmeDiscovery: acmeDocument(nil), acmeToken: map[string]any{"access_token": "AT", "token_type": "Bearer"},
		acmeUserInfo:               map[string]any{"sub": "ada", "email": "ada@example.com", "email_verified": "true", "name": "Ada", "picture": "https://acme.example/ada.png"},
		"GET " + acmeURL + "/keys": keySet(),
	}}
}

// acmeDocument is how acme describes itself, with changes (RFC 7396).
func acmeDocument(changes map[string]any) map[string]any {
	document, _ := merge(map[string]any{
		"issuer": acmeURL, "authorization_endpoint": acmeURL + "/authorize", "token_endpoint": acmeURL + "/token",
		"userinfo_endpoint": acmeURL + "/userinfo", "jwks_uri": "/keys", "end_session_endpoint": acmeURL + "/logout?from=us",
		"id_token_signing_alg_values_supported": []any{"RS256"},
	}, changes).(map[string]any)
	return document
}

// RoundTrip implements http.RoundTripper.
func (a *acmeServer) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	key := r.Method + " " + r.URL.String()
	a.sent = append(a.sent, sent{Key: key, Header: r.Header.Clone(), Body: string(body)})
	value, known := a.answers[key]
	if fail, ok := value.(fault); ok {
		return fail(r)
	}
	if !known {
		return answer(r, http.StatusNotFound, nil), nil
	}
	return answer(r, http.StatusOK, value), nil
}

func (a *acmeServer) asked(key string) []sent {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(a.sent), func(s sent) bool { return s.Key != key })
}

func (a *acmeServer) client() *oauth.Client {
	return oauth.NewClient(oauth.Options{Transport: a, Now: clock})
}

// generic configures a provider as an operator does.
func generic(t *testing.T, options map[string]any) (*oauth.Provider, error) {
	t.Helper()
	document, err := json.Marshal(map[string]any{"config": []any{options}})
	if err != nil {
		t.Fatal(err)
	}
	var plugin struct{ Config []provider.Generic }
	if err := config.Decode(document, "generic-oauth.json", &plugin); err != nil {
		t.Fatal(err)
	}
	return plugin.Config[0].Build()
}

func mustGeneric(t *testing.T, options map[string]any) *oauth.Provider {
	t.Helper()
	p, err := generic(t, options)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// discovered and byHand are acme's options, with more of them.
func discovered(more map[string]any) map[string]any {
	return with(map[string]any{
		"providerId": "acme", "clientId": "CID", "clientSecret": "SEC",
		"discoveryUrl": acmeURL + "/.well-known/openid-configuration",
	}, more)
}

func byHand(more map[string]any) map[string]any {
	return with(map[string]any{
		"providerId": "acme", "clientId": "CID", "clientSecret": "SEC", "authorizationUrl": acmeURL + "/authorize",
		"tokenUrl": acmeURL + "/token", "userInfoUrl": acmeURL + "/userinfo",
	}, more)
}

func with(options, more map[string]any) map[string]any {
	maps.Copy(options, more)
	return options
}

func TestGenericRefusesOptionsThatCannotWork(t *testing.T) {
	const prefix = `generic-oauth provider "acme": `
	for _, tt := range []struct {
		name    string
		options map[string]any
		want    string
	}{
		{"no name", byHand(map[string]any{"providerId": ""}), `generic-oauth provider "": providerId is missing; name the provider, such as acme`},
		{"name with a slash", byHand(map[string]any{"providerId": "a/b"}), `generic-oauth provider "a/b": providerId stands in addresses; use letters, digits, -, _, . and ~ only, at most 64`},
		{"name of dots", byHand(map[string]any{"providerId": ".."}), `generic-oauth provider "..": providerId stands in addresses; use letters, digits, -, _, . and ~ only, at most 64`},
		{"name of passwords", byHand(map[string]any{"providerId": "credential"}), `generic-oauth provider "credential": providerId credential is that of passwords; use another`},
		{"no client", byHand(map[string]any{"clientId": ""}), prefix + "clientId is missing; the provider's console has it"},
		{"no endpoints", map[string]any{"providerId": "acme", "clientId": "CID", "userInfoUrl": acmeURL}, prefix + "set discoveryUrl, or authorizationUrl and tokenUrl"},
		{"half an address", byHand(map[string]any{"tokenUrl": "id.acme.example/token"}), prefix + `tokenUrl is "id.acme.example/token"; write a whole address, https://…`},
		{"no way to a profile", byHand(map[string]any{"userInfoUrl": ""}), prefix + "set userInfoUrl, or ask for an ID token with the scope openid"},
		{"unproved ID tokens", byHand(map[string]any{"requireIdTokenVerification": true}), prefix + "requireIdTokenVerification needs discoveryUrl, which names the provider's keys"},
		{"basic without a secret", byHand(map[string]any{"clientSecret": "", "authentication": "basic"}), prefix + "authentication basic needs clientSecret"},
		{"unknown authentication", byHand(map[string]any{"authentication": "digest"}), prefix + `authentication is "digest"; use basic or post`},
		{"method without a secret", byHand(map[string]any{"clientSecret": "", "tokenEndpointAuth": map[string]any{"method": "client_secret_post"}}), prefix + `tokenEndpointAuth.method "client_secret_post" needs clientSecret`},
		{"no method with a secret", byHand(map[string]any{"tokenEndpointAuth": map[string]any{"method": "none"}}), prefix + `tokenEndpointAuth.method "none" does not go with clientSecret; remove one of them`},
		{"assertion without a key", byHand(map[string]any{"clientSecret": "", "tokenEndpointAuth": map[string]any{"method": "private_key_jwt"}}), prefix + `tokenEndpointAuth.method "private_key_jwt" needs ClientAssertion, which a Go program sets`},
		{"unknown method", byHand(map[string]any{"tokenEndpointAuth": map[string]any{"method": "tls"}}), prefix + `tokenEndpointAuth.method is "tls"; use client_secret_post, client_secret_basic, private_key_jwt or none`},
		{"no code", byHand(map[string]any{"responseType": "token"}), prefix + `responseType is "token"; it must have code in it`},
		{"unknown mode", byHand(map[string]any{"responseMode": "fragment"}), prefix + `responseMode is "fragment"; use query or form_post`},
		{"a parameter of ours", byHand(map[string]any{"authorizationUrlParams": map[string]string{"state": "x"}}), prefix + "authorizationUrlParams cannot set state; it has a value of its own"},
		{"another preset's input", byHand(map[string]any{"domain": "x"}), prefix + "domain goes with preset auth0 only; remove it, or set preset"},
		{"unknown preset", byHand(map[string]any{"preset": "nope"}), prefix + `preset is "nope"; use one of auth0, gumroad, hubspot, keycloak, line, microsoft-entra-id, okta, patreon, slack, yandex`},
		{"auth0 without a domain", map[string]any{"preset": "auth0", "clientId": "CID"}, `generic-oauth provider "auth0": preset auth0 needs domain, the tenant's host, such as acme.eu.auth0.com`},
		{"okta without an issuer", map[string]any{"preset": "okta", "clientId": "CID"}, `generic-oauth provider "okta": preset okta needs issuer, a whole address, https://…`},
		{"all tenants", map[string]any{"preset": "microsoft-entra-id", "tenantId": "common", "clientId": "CID"}, `generic-oauth provider "microsoft-entra-id": preset microsoft-entra-id needs tenantId, the id of one tenant; for all of them set socialProviders.microsoft`},
		{"several at once", byHand(map[string]any{"clientId": "", "responseMode": "x"}), prefix + "clientId is missing; the provider's console has it\nresponseMode is \"x\"; use query or form_post"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := generic(t, tt.options); err == nil || err.Error() != tt.want {
				t.Errorf("error:\n got %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestGenericSendsPeopleToTheProvider(t *testing.T) {
	const back = "&redirect_uri=https%3A%2F%2Fapp.example.com%2Fapi%2Fauth%2Fcallback%2Facme"
	const start = acmeURL + "/authorize?response_type=code&client_id=CID&state=" + state
	const proof = "&code_challenge_method=S256&code_challenge=" + challenge
	for _, tt := range []struct {
		name    string
		options map[string]any
		request oauth.Request
		want    string
	}{
		{"discovered", discovered(nil), oauth.Request{Nonce: "N"}, start + "&scope=openid" + back + "&nonce=N" + proof},
		{"without a nonce", discovered(map[string]any{"disableIdTokenNonceBinding": true}), oauth.Request{Nonce: "N"},
			start + "&scope=openid" + back + proof},
		{"the request's scopes first", discovered(map[string]any{"scopes": []string{"email", "profile"}}),
			oauth.Request{Scopes: []string{"calendar"}}, start + "&scope=openid+calendar+email+profile" + back + proof},
		{"openid is asked for", discovered(map[string]any{"scopes": []string{"email", "openid"}}),
			oauth.Request{}, start + "&scope=email+openid" + back + proof},
		{"openid is requested", discovered(map[string]any{"scopes": []string{"email"}}),
			oauth.Request{Scopes: []string{"openid"}}, start + "&scope=openid+email" + back + proof},
		{"by hand", byHand(nil), oauth.Request{Nonce: "N", LoginHint: "ada"}, start + back + "&login_hint=ada" + proof},
		{"without PKCE", byHand(map[string]any{"pkce": false}), oauth.Request{}, start + back},
		{"an endpoint of one's own", discovered(map[string]any{"authorizationUrl": "https://eu.acme.example/go?x=%20"}), oauth.Request{},
			"https://eu.acme.example/go?x=%20&" + strings.TrimPrefix(start, acmeURL+"/authorize?") + "&scope=openid" + back + proof},
		{"everything", byHand(map[string]any{
			"scopes": []string{"a"}, "redirectURI": "https://other.example.com/cb", "responseType": "code id_token",
			"responseMode": "form_post", "prompt": "select_account consent", "accessType": "offline",
			"authorizationUrlParams": map[string]string{"b": "2", "a": "1", "c": "3"},
		}), oauth.Request{Params: oauth.Params{{Name: "b", Value: "mine"}, {Name: "state", Value: "evil"}}},
			acmeURL + "/authorize?response_type=code+id_token&client_id=CID&state=" + state +
				"&scope=a&redirect_uri=https%3A%2F%2Fother.example.com%2Fcb&prompt=select_account+consent" +
				"&access_type=offline&response_mode=form_post" + proof + "&a=1&b=mine&c=3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.request.State, tt.request.Verifier, tt.request.RedirectURI = state, verifier, callback+"acme"
			got, err := newAcme().client().AuthorizeURL(t.Context(), mustGeneric(t, tt.options), tt.request)
			if err != nil || got != tt.want {
				t.Errorf("error %v\n got %s\nwant %s", err, got, tt.want)
			}
		})
	}
}

func TestGenericTokenRequests(t *testing.T) {
	const basic = "Basic Q0lEOlNFQw=="
	for _, tt := range []struct {
		name                string
		options             map[string]any
		authorization       string
		exchange, refreshed string
	}{
		{"by default", nil, "", "client_id=CID&client_secret=SEC", "client_id=CID&client_secret=SEC"},
		{"basic", map[string]any{"authentication": "basic"}, basic, "", ""},
		{"basic by its long name", map[string]any{"tokenEndpointAuth": map[string]any{"method": "client_secret_basic"}}, basic, "", ""},
		{"the long name comes first", map[string]any{"authentication": "basic", "tokenEndpointAuth": map[string]any{"method": "client_secret_post"}},
			"", "client_id=CID&client_secret=SEC", "client_id=CID&client_secret=SEC"},
		{"public", map[string]any{"clientSecret": ""}, "", "client_id=CID", "client_id=CID"},
		{"public by its long name", map[string]any{"clientSecret": "", "tokenEndpointAuth": map[string]any{"method": "none"}},
			"", "client_id=CID", "client_id=CID"},
		{"with parameters", map[string]any{
			"authentication": "basic", "tokenUrlParams": map[string]string{"audience": "api", "code": "evil"},
			"refreshTokenParams": map[string]string{"resource": "r", "grant_type": "evil"},
		}, basic, "audience=api", "resource=r"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			acme := newAcme()
			client, p := acme.client(), mustGeneric(t, byHand(with(map[string]any{
				"authorizationHeaders": map[string]string{"x-tenant": "7"}, "accessTokenExpiresIn": 3600,
			}, tt.options)))
			tokens, err := client.Exchange(t.Context(), p, oauth.Exchange{Code: "CODE", Verifier: verifier, RedirectURI: callback + "acme"})
			if err != nil {
				t.Fatal(err)
			}
			if want := now.Add(time.Hour); !tokens.AccessTokenExpiresAt.Equal(want) {
				t.Errorf("expires at %v, want %v", tokens.AccessTokenExpiresAt, want)
			}
			if _, err := client.Refresh(t.Context(), p, "RT"); err != nil {
				t.Fatal(err)
			}
			requests := acme.asked(acmeToken)
			if len(requests) != 2 {
				t.Fatalf("%d requests", len(requests))
			}
			for i, want := range []string{
				"grant_type=authorization_code&code=CODE&code_verifier=" + verifier + "&redirect_uri=" + url.QueryEscape(callback+"acme") + "&" + tt.exchange,
				"grant_type=refresh_token&refresh_token=RT&" + tt.refreshed,
			} {
				form, _ := url.ParseQuery(want)
				if got := requests[i]; got.Body != form.Encode() || got.Header.Get("Authorization") != tt.authorization || got.Header.Get("X-Tenant") != "7" {
					t.Errorf("request %d:\n got %s %v\nwant %s", i, got.Body, got.Header, form.Encode())
				}
			}
		})
	}
}

// TestGenericProviderComesBack: a provider that is away when the first person
// comes is asked again, but not for every person.
func TestGenericProviderComesBack(t *testing.T) {
	acme, at := newAcme(), now
	client := oauth.NewClient(oauth.Options{Transport: acme, Now: func() time.Time { return at }})
	p := mustGeneric(t, discovered(map[string]any{"discoveryHeaders": map[string]string{"X-Key": "K"}}))
	try := func() error {
		_, err := client.AuthorizeURL(t.Context(), p, oauth.Request{State: state})
		return err
	}
	set := func(value any) {
		acme.mu.Lock()
		defer acme.mu.Unlock()
		acme.answers[acmeDiscovery] = value
	}
	set(fault(reply(http.StatusBadGateway, nil)))
	for range 3 {
		if err := try(); !errors.Is(err, oauth.ErrDiscovery) {
			t.Fatalf("away: %v, want ErrDiscovery", err)
		}
	}
	set(acmeDocument(nil))
	if at = at.Add(10 * time.Second); try() != nil {
		t.Fatal("back: it is not asked again")
	}
	set(fault(reply(http.StatusBadGateway, nil)))
	if at = at.Add(2 * time.Hour); try() != nil {
		t.Fatal("away again: what was known is forgotten")
	}
	requests := acme.asked(acmeDiscovery)
	if len(requests) != 3 {
		t.Errorf("%d questions, want 3", len(requests))
	}
	if key := requests[0].Header.Get("X-Key"); key != "K" {
		t.Errorf("X-Key = %q", key)
	}
}

func TestGenericDescriptionThatIsNoUse(t *testing.T) {
	for _, tt := range []struct {
		name     string
		options  map[string]any
		document any
		works    bool
	}{
		{"no authorization endpoint", nil, acmeDocument(map[string]any{"authorization_endpoint": nil}), false},
		{"no token endpoint", nil, acmeDocument(map[string]any{"token_endpoint": nil}), false},
		{"endpoints by hand", map[string]any{"authorizationUrl": acmeURL + "/a", "tokenUrl": acmeURL + "/t"},
			acmeDocument(map[string]any{"authorization_endpoint": nil, "token_endpoint": nil}), true},
		{"no keys", nil, acmeDocument(map[string]any{"jwks_uri": nil}), true},
		{"no keys where they must be", map[string]any{"requireIdTokenVerification": true}, acmeDocument(map[string]any{"jwks_uri": nil}), false},
		{"no issuer where it must be", map[string]any{"requireIdTokenVerification": true}, acmeDocument(map[string]any{"issuer": nil}), false},
		{"keys at no address", nil, acmeDocument(map[string]any{"jwks_uri": "http://[::1"}), false},
		{"a list", nil, []any{}, false},
		{"a page", nil, text("<html>"), false},
		// By hand or not: while the keys are unknown nobody comes in unproved.
		{"away, with endpoints by hand", map[string]any{"authorizationUrl": acmeURL + "/a", "tokenUrl": acmeURL + "/t"},
			fault(reply(http.StatusServiceUnavailable, nil)), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			acme := newAcme()
			acme.answers[acmeDiscovery] = tt.document
			_, err := acme.client().AuthorizeURL(t.Context(), mustGeneric(t, discovered(tt.options)), oauth.Request{State: state})
			if tt.works && err != nil || !tt.works && !errors.Is(err, oauth.ErrDiscovery) {
				t.Errorf("error = %v, want it to work: %v", err, tt.works)
			}
		})
	}
}
