// Package oauthtest is an identity provider on loopback: a small real one, with
// keys, codes, PKCE, refresh tokens and discovery, that misbehaves on demand.
//
//	s := oauthtest.New(t)
//	client, provider := s.Client(), s.Provider("acme")
//
//	target, _ := client.AuthorizeURL(ctx, provider, oauth.Request{State: "s", …})
//	back := s.Approve(target) // what the person's browser brings to the callback
//	tokens, _ := client.Exchange(ctx, provider, oauth.Exchange{Code: back.Get("code"), …})
//
// Who signs in is s.Person(Person{…}), Ada unless told otherwise. A token of
// one's own is s.Sign(s.Claims()): Claims are good ones, to be spoiled. What
// goes wrong is a field of Behaviour:
//
//	s.Misbehave(func(b *oauthtest.Behaviour) {
//		b.Claims = func(claims map[string]any) { claims["aud"] = "another" }
//		b.Replace = map[string]http.Handler{oauthtest.JWKS: oauthtest.Hang()}
//	})
//
// and what was asked stands in s.Requests(oauthtest.Token). Read this file
// first; endpoint.go answers, key.go signs, fault.go has what can be put in
// an endpoint's place.
package oauthtest

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// The paths of the endpoints below Server.URL, which is the issuer.
const (
	Configuration = "/.well-known/openid-configuration"
	Authorize     = "/authorize"
	Token         = "/token"
	UserInfo      = "/userinfo"
	JWKS          = "/jwks"
)

// Server is an identity provider. Its methods may be called at any time and
// from any goroutine; Now is set before the first request.
type Server struct {
	// URL is the issuer, "http://127.0.0.1:<port>".
	URL string
	// ClientID and ClientSecret are the one client it knows.
	ClientID, ClientSecret string
	// Now is its clock. Default time.Now.
	Now func() time.Time

	t         testing.TB
	mu        sync.Mutex
	behaviour Behaviour
	person    Person
	keys      []*Key
	made      int // keys so far, which numbers the next
	grants    map[string]grant
	access    map[string]Person
	refresh   map[string]grant
	requests  []Request
}

// Person is who signs in at the provider.
type Person struct {
	Subject, Email string
	EmailVerified  bool
	Name, Picture  string
}

// Ada signs in unless another Person is set.
var Ada = Person{
	Subject: "ada-1815", Email: "ada@example.com", EmailVerified: true,
	Name: "Ada Lovelace", Picture: "https://example.com/ada.png",
}

// Behaviour is how the server strays from what it should do. The zero value
// is good behaviour.
type Behaviour struct {
	// Algorithm signs ID tokens. Default RS256.
	Algorithm string
	// Deny is the error that /authorize sends people back with.
	Deny string
	// NoIDToken and NoRefreshToken leave it out of the answers.
	NoIDToken, NoRefreshToken bool
	// Claims, Profile, Answer, Document and Keys have the last word on ID
	// tokens, on /userinfo, on /token's success, on discovery and on /jwks.
	Claims, Profile, Answer, Document, Keys func(map[string]any)
	// Replace answers in place of the endpoints at these paths.
	Replace map[string]http.Handler
}

// Request is one that was received.
type Request struct {
	Method, Path string
	Header       http.Header
	Query, Form  url.Values
}

// New starts a provider that is closed when the test ends. It has a key of
// each kind: RS256, ES256, ES384, ES512 and EdDSA.
func New(t testing.TB) *Server {
	s := &Server{
		ClientID: "client-1", ClientSecret: "client secret/1", Now: time.Now,
		t: t, person: Ada,
		grants: map[string]grant{}, access: map[string]Person{}, refresh: map[string]grant{},
	}
	for _, algorithm := range []string{"RS256", "ES256", "ES384", "ES512", "EdDSA"} {
		s.addKey(algorithm)
	}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		server.CloseClientConnections() // one may hang on purpose
		server.Close()
	})
	s.URL = server.URL
	return s
}

// Client is a client that may reach loopback and goes by the server's clock.
func (s *Server) Client() *oauth.Client {
	return oauth.NewClient(oauth.Options{AllowPrivate: true, Now: s.Now})
}

// Provider is the server with its endpoints and keys spelled out, and a bound
// nonce.
func (s *Server) Provider(id string) *oauth.Provider {
	return &oauth.Provider{
		ID: id, Name: id,
		ClientIDs: []string{s.ClientID}, ClientSecret: s.ClientSecret,
		Endpoints: oauth.Endpoints{
			AuthorizeURL: s.URL + Authorize, TokenURL: s.URL + Token, UserInfoURL: s.URL + UserInfo,
			Issuer: s.URL,
		},
		Authorization: oauth.Authorization{Scopes: []string{"openid", "email"}},
		IDToken:       &oauth.IDTokenRules{JWKSURL: s.URL + JWKS, Issuers: []string{s.URL}},
		BindNonce:     true,
	}
}

// Discovered is the server by its discovery document alone.
func (s *Server) Discovered(id string) *oauth.Provider {
	return &oauth.Provider{
		ID: id, Name: id,
		ClientIDs: []string{s.ClientID}, ClientSecret: s.ClientSecret,
		Authorization: oauth.Authorization{Scopes: []string{"openid", "email"}},
		Discovery:     &oauth.Discovery{URL: s.URL + Configuration},
	}
}

// Misbehave changes the behaviour; what one call sets, the next finds.
func (s *Server) Misbehave(change func(*Behaviour)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behaviour.Replace = maps.Clone(s.behaviour.Replace) // a request may be reading it
	change(&s.behaviour)
}

// Behave is good behaviour again.
func (s *Server) Behave() { s.Misbehave(func(b *Behaviour) { *b = Behaviour{} }) }

// Person makes p the one who signs in from now on.
func (s *Server) Person(p Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.person = p
}

// Approve is the browser of a person who agrees: it opens the address of
// AuthorizeURL and returns what the provider sends to the callback. The test
// ends if the provider does not redirect.
func (s *Server) Approve(target string) url.Values {
	s.t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := browser.Get(target) //nolint:noctx // a test's own server
	if err != nil {
		s.t.Fatalf("authorize: %v", err)
	}
	defer answer.Body.Close()
	to, err := answer.Location()
	if err != nil {
		s.t.Fatalf("authorize: %s, %v", answer.Status, err)
	}
	return to.Query()
}

// Requests are those received for a path, the oldest first; all with "".
func (s *Server) Requests(path string) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.requests), func(r Request) bool { return path != "" && r.Path != path })
}

// now is the behaviour and the person of this moment.
func (s *Server) now() (Behaviour, Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.behaviour, s.person
}
