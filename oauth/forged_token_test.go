package oauth_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

// TestEveryAlgorithm: what the tests below refuse is not refused for
// everybody.
func TestEveryAlgorithm(t *testing.T) {
	s, client, _ := start(t)
	for _, algorithm := range []string{"RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"} {
		token := s.Key(algorithm).Sign(nil, s.Claims())
		if who, err := bring(t, client, byToken(s), token, ""); err != nil || who.Subject != oauthtest.Ada.Subject {
			t.Errorf("%s: %+v, %v", algorithm, who, err)
		}
		only := byToken(s)
		only.IDToken.Algorithms = nil // RS256
		if _, err := bring(t, client, only, token, ""); (err == nil) != (algorithm == "RS256") {
			t.Errorf("%s where RS256 alone is accepted: %v", algorithm, err)
		}
	}
}

// TestForgedTokens is row 80 of the attack list: each token has good claims,
// and a signature that proves nothing.
func TestForgedTokens(t *testing.T) {
	s, client, _ := start(t)
	good, eve := s.Key("RS256"), oauthtest.NewKey("RS256", "eve")
	es256, es384 := s.Key("ES256"), s.Key("ES384")
	claims := s.Claims()
	token := good.Sign(nil, claims)
	part := strings.Split(token, ".")
	public := good.Public().(*rsa.PublicKey)
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	asPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	unsigned := func(header string) string {
		return oauthtest.Encode([]byte(header)) + "." + part[1] + "."
	}
	as := func(k *oauthtest.Key, header map[string]any) string {
		full := map[string]any{"kid": good.ID}
		maps.Copy(full, header)
		return k.Sign(full, claims)
	}
	elsewhere := s.URL + "/eve"
	forged := map[string]string{
		"empty": "", "dots": "..", "one part": part[0], "two parts": part[0] + "." + part[1],
		"four parts": token + ".", "five parts, a JWE": token + "..",
		"no signature": part[0] + "." + part[1] + ".", "padding": token + "=", "space": token + " ", "newline": part[0] + ".\n" + part[1] + "." + part[2],
		"standard base64": part[0] + "." + part[1] + ".+/+/", "cut": token[:len(token)-2], "longer": token + "AA",
		"another payload": part[0] + "." + oauthtest.Encode([]byte(`{"sub":"eve"}`)) + "." + part[2],
		"none":            unsigned(`{"alg":"none"}`), "None": unsigned(`{"alg":"NoNe","kid":"` + good.ID + `"}`),
		"no alg": unsigned(`{}`), "alg a list": unsigned(`{"alg":["RS256"]}`), "alg null": unsigned(`{"alg":null}`),
		"two algs":           good.SignText(`{"alg":"none","alg":"RS256","kid":"`+good.ID+`"}`, `{}`),
		"none, signed":       as(good, map[string]any{"alg": "none"}),
		"HS256 by DER":       oauthtest.SecretKey(der, good.ID).Sign(nil, claims),
		"HS256 by PKCS #1":   oauthtest.SecretKey(x509.MarshalPKCS1PublicKey(public), good.ID).Sign(nil, claims),
		"HS256 by PEM":       oauthtest.SecretKey(asPEM, good.ID).Sign(nil, claims),
		"HS256 by modulus":   oauthtest.SecretKey(public.N.Bytes(), good.ID).Sign(nil, claims),
		"HS256 by nothing":   oauthtest.SecretKey(nil, good.ID).Sign(nil, claims),
		"HS256 by client":    oauthtest.SecretKey([]byte(s.ClientSecret), good.ID).Sign(nil, claims),
		"ES256 by RSA":       as(good, map[string]any{"alg": "ES256"}),
		"RS256 by EC":        as(es256, map[string]any{"alg": "RS256"}),
		"swapped curve":      es384.Sign(map[string]any{"alg": "ES256"}, claims),
		"swapped curve, kid": es256.Sign(map[string]any{"kid": es384.ID}, claims),
		"ES384 by P-256":     es256.Sign(map[string]any{"alg": "ES384"}, claims),
		"PS256 as RS256":     as(s.Key("PS256"), map[string]any{"alg": "RS256"}),
		"another's key":      as(eve, nil),
		"its jwk":            as(eve, map[string]any{"jwk": eve.JWK()}),
		"its jwk, no kid":    as(eve, map[string]any{"jwk": eve.JWK(), "kid": nil}),
		"its jku":            as(eve, map[string]any{"jku": elsewhere}),
		"its x5u":            as(eve, map[string]any{"x5u": elsewhere}),
		"its x5c":            as(eve, map[string]any{"x5c": []string{oauthtest.Encode(der)}}),
		"its x5t":            as(eve, map[string]any{"x5t": "AAAA", "x5t#S256": "AAAA"}),
		"kid a path":         as(eve, map[string]any{"kid": "../../../../dev/null"}),
		"kid SQL":            as(eve, map[string]any{"kid": "x' UNION SELECT 'key'--"}),
		"kid a URL":          as(eve, map[string]any{"kid": elsewhere}),
		"kid a template":     as(eve, map[string]any{"kid": "${jndi:ldap://eve}"}),
		"kid a number":       as(good, map[string]any{"kid": 1}),
		"kid an object":      as(good, map[string]any{"kid": map[string]any{"$ne": ""}}),
		"no kid":             as(eve, map[string]any{"kid": nil}),
		"kid empty":          as(eve, map[string]any{"kid": ""}),
		"crit":               as(good, map[string]any{"crit": []string{"exp"}, "exp": 1}),
		"crit b64":           as(good, map[string]any{"crit": []string{"b64"}, "b64": true}),
		"crit empty":         as(good, map[string]any{"crit": []string{}}),
		"crit null":          good.SignText(`{"alg":"RS256","crit":null,"kid":"`+good.ID+`"}`, "{}"),
		"b64 false":          as(good, map[string]any{"b64": false}),
		"b64 false and crit": as(good, map[string]any{"b64": false, "crit": []string{"b64"}}),
		"an access token":    as(good, map[string]any{"typ": "at+jwt"}),
		"a logout token":     as(good, map[string]any{"typ": "Logout+JWT"}),
		"a JWE":              oauthtest.Encode([]byte(`{"alg":"dir","enc":"A256GCM","zip":"DEF"}`)) + "..AAAA.AAAA.AAAA",
		"JSON":               `{"protected":"` + part[0] + `","payload":"` + part[1] + `","signature":"` + part[2] + `"}`,
		"JSON with two dots": `{"header":{"x":".."},"protected":"` + part[0] + `","payload":"` + part[1] + `","signature":"` + part[2] + `"}`,
		"64 kB":              good.Sign(map[string]any{"x": strings.Repeat("x", 64<<10)}, claims),
		"payload a list":     good.SignText(`{"alg":"RS256","kid":"`+good.ID+`"}`, `[]`),
		"payload two":        good.SignText(`{"alg":"RS256","kid":"`+good.ID+`"}`, `{"sub":"a"}{"sub":"b"}`),
	}
	for name, token := range forged {
		if who, err := bring(t, client, byToken(s), token, ""); !errors.Is(err, oauth.ErrIDToken) {
			t.Errorf("%s: %+v, %v", name, who, err)
		} else if len(token) > 8 && strings.Contains(err.Error(), strings.TrimRight(token, ".")) {
			t.Errorf("%s: the error has the token: %v", name, err)
		}
		// The same from the token endpoint.
		if name == "empty" {
			continue
		}
		p := byToken(s)
		p.BindNonce = false
		if who, err := client.Identity(t.Context(), p, &oauth.Tokens{AccessToken: "a", IDToken: token}, ""); !errors.Is(err, oauth.ErrIDToken) {
			t.Errorf("%s, exchanged: %+v, %v", name, who, err)
		}
	}
	if asked := s.Requests("/eve"); len(asked) != 0 {
		t.Errorf("a header's address was asked %d times", len(asked))
	}
	if asked := len(s.Requests(oauthtest.JWKS)); asked != 1 {
		t.Errorf("the keys were asked for %d times", asked)
	}
	if _, err := bring(t, client, byToken(s), token, ""); err != nil {
		t.Errorf("the good token: %v", err)
	}
}

// TestKeysThatProveNothing: what stands in the provider's set and yet may not
// verify an ID token.
func TestKeysThatProveNothing(t *testing.T) {
	eve := oauthtest.NewKey("RS256", "eve")
	es := oauthtest.NewKey("ES256", "eve")
	weak := oauthtest.RSAKey("eve", 1024)
	with := func(k *oauthtest.Key, name string, value any) map[string]any {
		jwk := k.JWK()
		if jwk[name] = value; value == nil {
			delete(jwk, name)
		}
		return jwk
	}
	secret := []byte("a shared secret of thirty-two by")
	for _, tt := range []struct {
		name  string
		jwk   map[string]any
		key   *oauthtest.Key
		works bool
	}{
		{"good", eve.JWK(), eve, true},
		{"no alg, no use", map[string]any{"kty": "RSA", "kid": "eve", "n": eve.JWK()["n"], "e": "AQAB"}, eve, true},
		{"may verify", with(eve, "key_ops", []string{"verify"}), eve, true},
		{"for encryption", with(eve, "use", "enc"), eve, false},
		{"for something", with(eve, "use", "frob"), eve, false},
		{"may encrypt", with(eve, "key_ops", []string{"encrypt"}), eve, false},
		{"may nothing", with(eve, "key_ops", []string{}), eve, false},
		{"for RS512", with(eve, "alg", "RS512"), eve, false},
		{"for none", with(eve, "alg", "none"), eve, false},
		{"of 1024 bits", weak.JWK(), weak, false},
		{"exponent 1", with(eve, "e", "AQ"), eve, false},
		{"exponent 0", with(eve, "e", "AA"), eve, false},
		{"exponent even", with(eve, "e", "AQAA"), eve, false},
		{"no modulus", with(eve, "n", nil), eve, false},
		{"a private half", with(eve, "d", "AQAB"), eve, false},
		{"kty wrong", with(eve, "kty", "EC"), eve, false},
		{"kty none", with(eve, "kty", nil), eve, false},
		{"another kid", with(eve, "kid", "adam"), eve, false},
		{"no kid", with(eve, "kid", nil), eve, false},
		{"EC good", es.JWK(), es, true},
		{"EC off the curve", with(es, "x", es.JWK()["y"]), es, false},
		{"EC of another curve", with(es, "crv", "P-384"), es, false},
		{"EC for ES384", with(es, "alg", "ES384"), es, false},
		{"a shared secret", map[string]any{"kty": "oct", "kid": "eve", "k": oauthtest.Encode(secret)}, oauthtest.SecretKey(secret, "eve"), false},
	} {
		s, client, _ := start(t)
		s.Misbehave(func(b *oauthtest.Behaviour) {
			b.Keys = func(set map[string]any) { set["keys"] = []any{"not a key", map[string]any{"kty": "XX"}, tt.jwk} }
		})
		who, err := bring(t, client, byToken(s), tt.key.Sign(nil, s.Claims()), "")
		if tt.works != (err == nil) || !tt.works && !errors.Is(err, oauth.ErrIDToken) {
			t.Errorf("%s: %+v, %v", tt.name, who, err)
		}
	}
}

// TestVerifyIsTheProvidersOwn: a provider that judges by itself is asked, with
// the nonce, and its no is a no.
func TestVerifyIsTheProvidersOwn(t *testing.T) {
	s, client, _ := start(t)
	s.Misbehave(func(b *oauthtest.Behaviour) {
		b.Replace = map[string]http.Handler{"/verify": oauthtest.Answer(http.StatusBadRequest, `{"error":"invalid_request"}`)}
	})
	p := byToken(s)
	p.IDToken.Verify = oauthVerify(s.URL + "/verify")
	if who, err := bring(t, client, p, "opaque", nonce); !errors.Is(err, oauth.ErrRefused) {
		t.Errorf("it is %+v, %v", who, err)
	}
	if form := s.Requests("/verify")[0].Form; form.Get("id_token") != "opaque" || form.Get("nonce") != nonce {
		t.Errorf("it was asked %v", form)
	}
}
