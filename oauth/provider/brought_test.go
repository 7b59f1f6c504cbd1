package provider_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// testBrought: an ID token that a client brings proves everything itself.
func (s *subject) testBrought(t *testing.T) {
	p := s.build(t, nil)
	client := oauth.NewClient(oauth.Options{Transport: s.network(t), Now: clock})
	takes, err := client.TakesIDTokens(t.Context(), p)
	if err != nil || takes != (string(s.facts.IDTokenSignIn) != "false") {
		t.Fatalf("takes ID tokens of clients = %v, %v; the facts say %s", takes, err, s.facts.IDTokenSignIn)
	}
	off := s.build(t, map[string]any{"disableIdTokenSignIn": true})
	if takes, err := client.TakesIDTokens(t.Context(), off); takes || err != nil {
		t.Errorf("takes ID tokens of clients though disableIdTokenSignIn: %v, %v", takes, err)
	}
	claims := s.Brought
	if claims == nil {
		claims = s.IDToken
	}
	if claims == nil {
		claims = map[string]any{"sub": "eve"}
	}
	judge := func(changes map[string]any, key any, nonce string) error {
		all := maps.Clone(claims)
		maps.Copy(all, changes)
		_, err := client.SignedIdentity(t.Context(), p, &oauth.Tokens{IDToken: s.sign(t, all, key), AccessToken: "AT"}, nonce)
		return err
	}
	if !takes {
		if err := judge(nil, signingKey(), ""); !errors.Is(err, oauth.ErrIDToken) {
			t.Errorf("error = %v, want ErrIDToken", err)
		}
		return
	}
	if p.IDToken.JWKSURL == "" {
		return // it asks the provider; its own test proves that
	}
	if s.facts.JWKS != nil && !slices.Contains(s.keyAddresses(), p.IDToken.JWKSURL) {
		t.Errorf("keys at %s, want %s", p.IDToken.JWKSURL, s.keyAddresses())
	}
	var rules struct{ MaxTokenAge, NonceComparison string }
	if err := json.Unmarshal(s.facts.IDTokenSignIn, &rules); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("N"))
	for _, tt := range []struct {
		name    string
		changes map[string]any
		key     any
		nonce   string
		holds   bool
	}{
		{"good", nil, signingKey(), "", true},
		{"with the nonce", map[string]any{"nonce": "N"}, signingKey(), "N", true},
		{"with another nonce", map[string]any{"nonce": "M"}, signingKey(), "N", false},
		{"with a hashed nonce", map[string]any{"nonce": hex.EncodeToString(sum[:])}, signingKey(), "N", rules.NonceComparison == "exact-or-sha256"},
		{"for others", map[string]any{"aud": "EVE"}, signingKey(), "", false},
		{"of others", map[string]any{"iss": "https://eve.example.com"}, signingKey(), "", false},
		{"signed by others", nil, otherKey(), "", false},
		{"signed with our secret", nil, []byte("SEC-of-32-bytes-and-then-some-more"), "", false},
		{"expired", map[string]any{"exp": now.Unix() - 60}, signingKey(), "", false},
		{"old", map[string]any{"iat": now.Unix() - 3700, "exp": now.Unix() + 60}, signingKey(), "", rules.MaxTokenAge == ""},
	} {
		err := judge(tt.changes, tt.key, tt.nonce)
		if tt.holds && err != nil || !tt.holds && !errors.Is(err, oauth.ErrIDToken) {
			t.Errorf("%s: error = %v, want it to hold: %v", tt.name, err, tt.holds)
		}
	}
}
