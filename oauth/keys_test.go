package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

// TestUnknownKeysAskOnce is row 83: tokens with unknown key ids cost the
// provider one question in a while.
func TestUnknownKeysAskOnce(t *testing.T) {
	s, client, now := start(t)
	p := byToken(s)
	if _, err := bring(t, client, p, s.Sign(s.Claims()), ""); err != nil {
		t.Fatal(err)
	}
	eve := oauthtest.NewKey("ES256", "eve")
	flood := func() int {
		before := len(s.Requests(oauthtest.JWKS))
		for i := range 1000 {
			eve.ID = fmt.Sprintf("unknown-%d", i)
			if _, err := bring(t, client, p, eve.Sign(nil, s.Claims()), ""); !errors.Is(err, oauth.ErrIDToken) {
				t.Fatal(err)
			}
		}
		return len(s.Requests(oauthtest.JWKS)) - before
	}
	if asked := flood(); asked != 0 {
		t.Errorf("just after the first question it asked %d times", asked)
	}
	now.advance(30 * time.Second)
	if asked := flood(); asked != 1 {
		t.Errorf("after a pause it asked %d times", asked)
	}
}

// TestRotation: a new key is found at the first token, with a new id or with
// none, and a withdrawn one is forgotten.
func TestRotation(t *testing.T) {
	s, client, now := start(t)
	p := byToken(s)
	old := s.Key("RS256")
	if _, err := bring(t, client, p, old.Sign(nil, s.Claims()), ""); err != nil {
		t.Fatal(err)
	}
	for _, header := range []map[string]any{nil, {"kid": nil}} {
		now.advance(30 * time.Second)
		if _, err := bring(t, client, p, s.Rotate("RS256").Sign(header, s.Claims()), ""); err != nil {
			t.Errorf("%v: %v", header, err)
		}
	}
	if _, err := bring(t, client, p, old.Sign(nil, s.Claims()), ""); !errors.Is(err, oauth.ErrIDToken) {
		t.Errorf("the old key: %v", err)
	}
}

// TestWithdrawnKey: a key is believed for ten minutes after it was seen.
func TestWithdrawnKey(t *testing.T) {
	s, client, now := start(t)
	p := byToken(s)
	old := s.Key("RS256")
	use := func() error { _, err := bring(t, client, p, old.Sign(nil, s.Claims()), ""); return err }
	if err := use(); err != nil {
		t.Fatal(err)
	}
	s.Rotate("RS256")
	now.advance(10*time.Minute - time.Second)
	if err := use(); err != nil {
		t.Errorf("before: %v", err)
	}
	now.advance(time.Second)
	if err := use(); !errors.Is(err, oauth.ErrIDToken) {
		t.Errorf("after: %v", err)
	}
}

// TestKeysWhileTheProviderIsAway: what it said last holds, whatever is wrong
// with what it says now.
func TestKeysWhileTheProviderIsAway(t *testing.T) {
	many := `{"keys":[` + `{"kty":"oct","k":"AAAA"}`
	for range 10_000 {
		many += `,{"kty":"oct","k":"AAAA"}`
	}
	for name, fault := range map[string]http.Handler{
		"500":            oauthtest.Answer(http.StatusInternalServerError, "oops"),
		"404":            oauthtest.Answer(http.StatusNotFound, "{}"),
		"429":            oauthtest.Answer(http.StatusTooManyRequests, "{}"),
		"no JSON":        oauthtest.Answer(http.StatusOK, "<html>"),
		"no keys":        oauthtest.Answer(http.StatusOK, "{}"),
		"keys a text":    oauthtest.Answer(http.StatusOK, `{"keys":"x"}`),
		"10,000 keys":    oauthtest.Answer(http.StatusOK, many+`]}`),
		"endless":        oauthtest.Endless(),
		"a bomb":         oauthtest.Bomb(),
		"redirect":       oauthtest.Redirect("/elsewhere"),
		"a header flood": oauthtest.HeaderFlood(),
	} {
		s, client, now := start(t)
		p := byToken(s)
		first := func() error { _, err := bring(t, client, p, s.Sign(s.Claims()), ""); return err }
		s.Misbehave(func(b *oauthtest.Behaviour) { b.Replace = map[string]http.Handler{oauthtest.JWKS: fault} })
		if err := first(); err == nil || errors.Is(err, oauth.ErrIDToken) {
			t.Errorf("%s, nothing known: %v", name, err)
		}
		s.Behave()
		now.advance(30 * time.Second)
		if err := first(); err != nil {
			t.Errorf("%s, better: %v", name, err)
		}
		s.Misbehave(func(b *oauthtest.Behaviour) { b.Replace = map[string]http.Handler{oauthtest.JWKS: fault} })
		now.advance(24 * time.Hour)
		if err := first(); err != nil {
			t.Errorf("%s, a day later: %v", name, err)
		}
		if len(s.Requests("/elsewhere")) != 0 {
			t.Errorf("%s: a redirect was followed", name)
		}
	}
}

func TestDuplicateKeyIDs(t *testing.T) {
	s, client, _ := start(t)
	eve, ada, es := oauthtest.NewKey("RS256", "same"), oauthtest.NewKey("RS256", "same"), oauthtest.NewKey("ES256", "same")
	s.Misbehave(func(b *oauthtest.Behaviour) {
		b.Keys = func(set map[string]any) { set["keys"] = []any{eve.JWK(), es.JWK(), ada.JWK()} }
	})
	for _, key := range []*oauthtest.Key{eve, ada, es} {
		if _, err := bring(t, client, byToken(s), key.Sign(nil, s.Claims()), ""); err != nil {
			t.Errorf("%s: %v", key.Algorithm, err)
		}
	}
	if _, err := bring(t, client, byToken(s), oauthtest.NewKey("RS256", "same").Sign(nil, s.Claims()), ""); !errors.Is(err, oauth.ErrIDToken) {
		t.Errorf("a fourth key: %v", err)
	}
}

// gate holds requests back until it is opened.
type gate struct {
	arrived, open chan struct{}
	then          http.Handler
}

func newGate(then http.Handler) *gate {
	return &gate{make(chan struct{}, 1000), make(chan struct{}), then}
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.arrived <- struct{}{}
	select {
	case <-g.open:
		g.then.ServeHTTP(w, r)
	case <-r.Context().Done():
	}
}

// TestOneAsksForMany: of many who need the keys at once one asks; who leaves
// leaves alone, whether they asked first or not.
func TestOneAsksForMany(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) (*gate, func(context.Context) error){
		"keys":      slowKeys,
		"discovery": slowDiscovery,
	} {
		t.Run(name, func(t *testing.T) {
			slow, use := start(t)
			leaving, leave := context.WithCancel(t.Context())
			left := make(chan error, 2)
			go func() { left <- use(leaving) }() // asks first
			<-slow.arrived
			go func() { left <- use(leaving) }() // waits for another's question
			leave()
			for range 2 {
				if err := <-left; !errors.Is(err, context.Canceled) {
					t.Errorf("who left: %v", err)
				}
			}
			var all sync.WaitGroup
			for range 100 {
				all.Go(func() {
					if err := use(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			close(slow.open)
			all.Wait()
			if asked := len(slow.arrived) + 1; asked != 1 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

func slowKeys(t *testing.T) (*gate, func(context.Context) error) {
	s, client, _ := start(t)
	slow := newGate(keysOf(s.Key("RS256")))
	s.Misbehave(func(b *oauthtest.Behaviour) { b.Replace = map[string]http.Handler{oauthtest.JWKS: slow} })
	p, token := byToken(s), s.Sign(s.Claims())
	return slow, func(ctx context.Context) error {
		_, err := client.SignedIdentity(ctx, p, &oauth.Tokens{IDToken: token}, "")
		return err
	}
}

func slowDiscovery(t *testing.T) (*gate, func(context.Context) error) {
	s, client, _ := start(t)
	slow := newGate(oauthtest.Answer(http.StatusOK, fmt.Sprintf(`{"issuer":%q,"authorization_endpoint":%q,"token_endpoint":%q}`, s.URL, s.URL+"/a", s.URL+"/t")))
	s.Misbehave(func(b *oauthtest.Behaviour) { b.Replace = map[string]http.Handler{oauthtest.Configuration: slow} })
	p := s.Discovered("acme")
	return slow, func(ctx context.Context) error {
		_, err := client.Discover(ctx, p)
		return err
	}
}

// keysOf answers with a set of keys.
func keysOf(keys ...*oauthtest.Key) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var set struct {
			Keys []any `json:"keys"`
		}
		for _, key := range keys {
			set.Keys = append(set.Keys, key.JWK())
		}
		writeJSON(w, set)
	})
}
