package oauth_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

// TestClaims is row 81 of the attack list: every token has a good signature.
func TestClaims(t *testing.T) {
	s, client, now := start(t)
	at := func(d time.Duration) int64 { return now.Now().Add(d).Unix() }
	set := func(pairs ...any) func(map[string]any) {
		return func(claims map[string]any) {
			for i := 0; i < len(pairs); i += 2 {
				if claims[pairs[i].(string)] = pairs[i+1]; pairs[i+1] == nil {
					delete(claims, pairs[i].(string))
				}
			}
		}
	}
	us := s.ClientID
	for _, tt := range []struct {
		name  string
		spoil func(map[string]any)
		good  bool
	}{
		{"nothing", set(), true},

		{"no iss", set("iss", nil), false},
		{"iss of a look-alike", set("iss", s.URL+".evil.example"), false},
		{"iss with a slash", set("iss", s.URL+"/"), false},
		{"iss of another tenant", set("iss", s.URL+"/other-tenant"), false},
		{"iss in capitals", set("iss", strings.ToUpper(s.URL)), false},
		{"iss a list", set("iss", []any{s.URL}), false},

		{"no sub", set("sub", nil), false},
		{"sub empty", set("sub", ""), false},
		{"sub a list", set("sub", []any{"ada"}), false},

		{"no aud", set("aud", nil), false},
		{"aud empty", set("aud", ""), false},
		{"aud of another client", set("aud", "another"), false},
		{"aud of another, azp ours", set("aud", "another", "azp", us), false},
		{"aud a prefix", set("aud", us[:len(us)-1]), false},
		{"aud us alone in a list", set("aud", []any{us}), true},
		{"aud of several, no azp", set("aud", []any{us, "another"}), false},
		{"aud of several, azp ours", set("aud", []any{us, "another"}, "azp", us), true},
		{"aud of several, azp another", set("aud", []any{us, "another"}, "azp", "another"), false},
		{"aud of several, azp a list", set("aud", []any{us, "another"}, "azp", []any{us}), false},
		{"aud of others", set("aud", []any{"another", "third"}, "azp", us), false},
		{"aud an empty list", set("aud", []any{}), false},
		{"aud a list of nothing", set("aud", []any{nil}), false},
		{"aud an object", set("aud", map[string]any{us: us}), false},
		{"azp of our app on a phone", set("azp", "phone-app"), true},

		{"no exp", set("exp", nil), false},
		{"exp long ago", set("exp", at(-time.Hour)), false},
		{"exp 30 s ago", set("exp", at(-30*time.Second)), false},
		{"exp 29 s ago", set("exp", at(-29*time.Second)), true},
		{"exp in milliseconds", set("exp", now.Now().Add(time.Hour).UnixMilli()), false},
		{"exp text", set("exp", "9999999999"), false},
		{"exp with a fraction", set("exp", float64(at(time.Hour))+0.5), true},
		{"exp negative", set("exp", -1), false},
		{"exp infinite", set("exp", 1e300), false},
		{"exp null", func(claims map[string]any) { claims["exp"] = nil }, false},

		{"no iat", set("iat", nil), false},
		{"iat tomorrow", set("iat", at(24*time.Hour)), false},
		{"iat in 31 s", set("iat", at(31*time.Second)), false},
		{"iat in 30 s", set("iat", at(30*time.Second)), true},
		{"iat in milliseconds", set("iat", now.Now().UnixMilli()), false},
		{"iat 10 minutes ago", set("iat", at(-10*time.Minute)), true},
		{"iat past the age", set("iat", at(-11*time.Minute)), false},

		{"nbf now", set("nbf", at(0)), true},
		{"nbf tomorrow", set("nbf", at(24*time.Hour)), false},
		{"nbf text", set("nbf", "now"), false},

		{"no nonce", set("nonce", nil), false},
		{"nonce empty", set("nonce", ""), false},
		{"nonce of another request", set("nonce", "another"), false},
		{"nonce longer", set("nonce", nonce+"x"), false},
		{"nonce a list", set("nonce", []any{nonce}), false},
		{"nonce hashed", set("nonce", hashed(nonce)), false},
	} {
		claims := s.Claims()
		claims["nonce"] = nonce
		tt.spoil(claims)
		p := byToken(s)
		p.IDToken.MaxAge = 10 * time.Minute
		who, err := bring(t, client, p, s.Sign(claims), nonce)
		if tt.good != (err == nil) || !tt.good && !errors.Is(err, oauth.ErrIDToken) {
			t.Errorf("%s: %+v, %v", tt.name, who, err)
		}
		tokens := &oauth.Tokens{IDToken: s.Sign(claims)}
		if _, err := client.Identity(t.Context(), p, tokens, nonce); tt.good != (err == nil) || tt.good != (tokens.Claims != nil) {
			t.Errorf("%s, exchanged: %v, claims %v", tt.name, err, tokens.Claims)
		}
	}
}

func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// TestHashedNonce: Apple's native sign-in has the nonce's SHA-256 in the token.
func TestHashedNonce(t *testing.T) {
	s, client, _ := start(t)
	p := byToken(s)
	p.IDToken.HashedNonce = true
	for claimed, good := range map[string]bool{
		nonce: true, hashed(nonce): true, hashed("another"): false, strings.ToUpper(hashed(nonce)): false, hashed(hashed(nonce)): false, "": false,
	} {
		claims := s.Claims()
		claims["nonce"] = claimed
		if who, err := bring(t, client, p, s.Sign(claims), nonce); good != (err == nil) {
			t.Errorf("%q: %+v, %v", claimed, who, err)
		}
	}
}

// TestIssuersOfManyTenants: with no list of issuers, Check must judge, and no
// rule at all accepts nobody.
func TestIssuersOfManyTenants(t *testing.T) {
	s, client, _ := start(t)
	p := byToken(s)
	p.IDToken.Issuers = nil
	if who, err := bring(t, client, p, s.Sign(s.Claims()), ""); !errors.Is(err, oauth.ErrIDToken) {
		t.Errorf("nobody judges: %+v, %v", who, err)
	}
	wrong := errors.New("another tenant")
	p.IDToken.Check = func(claims oauth.Profile) error {
		if claims.Text("iss") != s.URL+"/"+claims.Text("tid")+"/v2.0" {
			return wrong
		}
		return nil
	}
	for tenant, want := range map[string]error{"a-tenant": nil, "b-tenant": wrong, "": wrong} {
		claims := s.Claims()
		claims["iss"], claims["tid"] = s.URL+"/a-tenant/v2.0", tenant
		if who, err := bring(t, client, p, s.Sign(claims), ""); !errors.Is(err, want) {
			t.Errorf("tenant %q: %+v, %v", tenant, who, err)
		}
	}
}

// TestSeveralClients: an app on several platforms has several client ids, or
// audiences that are none.
func TestSeveralClients(t *testing.T) {
	s, client, _ := start(t)
	p := byToken(s)
	p.ClientIDs = []string{s.ClientID, "ios", ""}
	of := func(aud any) string {
		claims := s.Claims()
		claims["aud"] = aud
		return s.Sign(claims)
	}
	for aud, good := range map[string]bool{s.ClientID: true, "ios": true, "android": false, "": false} {
		if _, err := bring(t, client, p, of(aud), ""); good != (err == nil) {
			t.Errorf("%q: %v", aud, err)
		}
	}
	p.IDToken.Audiences = []string{"bundle"}
	for aud, good := range map[string]bool{"bundle": true, s.ClientID: false} {
		if _, err := bring(t, client, p, of(aud), ""); good != (err == nil) {
			t.Errorf("%q among audiences: %v", aud, err)
		}
	}
}

// TestUnsignedFromTheTokenEndpoint: without keys, a token that came straight
// from the provider is judged by its claims (§3.1.3.7, step 6).
func TestUnsignedFromTheTokenEndpoint(t *testing.T) {
	s, client, _ := start(t)
	p := byToken(s)
	p.IDToken.JWKSURL = ""
	if _, who, err := signIn(t, s, client, p); err != nil || who.Subject != oauthtest.Ada.Subject {
		t.Errorf("it is %+v, %v", who, err)
	}
	s.Misbehave(func(b *oauthtest.Behaviour) { b.Claims = func(claims map[string]any) { claims["aud"] = "another" } })
	if _, who, err := signIn(t, s, client, p); !errors.Is(err, oauth.ErrIDToken) {
		t.Errorf("another's: %+v, %v", who, err)
	}
}
