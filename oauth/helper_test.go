package oauth_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// start is a provider, a client of it, and the clock of both.
func start(t testing.TB) (*oauthtest.Server, *oauth.Client, *clock) {
	t.Helper()
	c := &clock{now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	s := oauthtest.New(t)
	s.Now = c.Now
	return s, s.Client(), c
}

// byToken is a provider whose people are known by their ID tokens alone.
func byToken(s *oauthtest.Server) *oauth.Provider {
	p := s.Provider("acme")
	p.FetchProfile = oauth.IDTokenClaims
	p.IDToken.Algorithms = []string{"RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"}
	return p
}

// bring signs in with an ID token that a client brought.
func bring(t testing.TB, c *oauth.Client, p *oauth.Provider, token, nonce string) (*oauth.Identity, error) {
	t.Helper()
	return c.SignedIdentity(context.Background(), p, &oauth.Tokens{IDToken: token}, nonce)
}

const (
	callback = "https://app.example.com/callback/acme"
	verifier = "a-verifier-of-43-characters-or-more-0123456789"
	nonce    = "nonce-of-this-request"
)

// signIn goes the whole way: authorize, approve, exchange, identity.
func signIn(t testing.TB, s *oauthtest.Server, c *oauth.Client, p *oauth.Provider) (*oauth.Tokens, *oauth.Identity, error) {
	t.Helper()
	tokens, err := c.Exchange(t.Context(), p, exchange(departure(t, s, c, p)))
	if err != nil {
		return nil, nil, err
	}
	who, err := c.Identity(t.Context(), p, tokens, nonce)
	return tokens, who, err
}

// departure sends Ada to the provider and returns the code she brings back.
func departure(t testing.TB, s *oauthtest.Server, c *oauth.Client, p *oauth.Provider) string {
	t.Helper()
	target, err := c.AuthorizeURL(t.Context(), p, oauth.Request{
		State: "the-state", Verifier: verifier, Nonce: nonce, RedirectURI: callback,
	})
	if err != nil {
		t.Fatal(err)
	}
	back := s.Approve(target)
	if back.Get("state") != "the-state" || back.Get("iss") != s.URL {
		t.Fatalf("came back with %v", back)
	}
	return back.Get("code")
}

func exchange(code string) oauth.Exchange {
	return oauth.Exchange{Code: code, Verifier: verifier, RedirectURI: callback}
}

// oauthVerify asks the provider itself about a token, as LINE wants it.
func oauthVerify(target string) func(context.Context, *oauth.Client, *oauth.Provider, string, string) (oauth.Profile, error) {
	return func(ctx context.Context, c *oauth.Client, _ *oauth.Provider, token, nonce string) (oauth.Profile, error) {
		return c.PostForm(ctx, target, nil, url.Values{"id_token": {token}, "nonce": {nonce}})
	}
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		panic(err)
	}
}

var exampleContext = context.Background()

func marshal(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// respond is an answer to a request of a roundTrip.
func respond(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}
}
