package jwe_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/jwe"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/internal/vectors"
)

func TestKeyVectors(t *testing.T) {
	for _, v := range vectors.All(t, "jwe-key-") {
		var in struct{ Secret, Salt string }
		var want struct{ Kid string }
		v.Decode(t, &in, &want)
		token, err := jwe.Encrypt(seal.Keys{Legacy: in.Secret}, in.Salt, []byte("{}"), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(token, ".")
		header, _ := base64.RawURLEncoding.DecodeString(head)
		if got := string(header); got != `{"alg":"dir","enc":"A256CBC-HS512","kid":"`+want.Kid+`"}` {
			t.Errorf("%s: header %s", v.ID, got)
		}
	}
}

func TestAccountVector(t *testing.T) {
	v := vectors.One(t, "account-data-jwe")
	var in struct{ Secret string }
	var want struct {
		Token   string
		Decoded map[string]any
	}
	v.Decode(t, &in, &want)
	text, err := jwe.Decrypt(seal.Keys{Legacy: in.Secret}, "better-auth-account", want.Token)
	var got map[string]any
	if err != nil || json.Unmarshal(text, &got) != nil || len(got) != len(want.Decoded) || got["jti"] != want.Decoded["jti"] {
		t.Errorf("opens as %s, %v", text, err)
	}
}

// withoutKid was made by jose 6 with the key of the secret "legacy" and the
// salt "salt".
const withoutKid = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIn0..wc3uA6SBCqHrHCZXajt1Dw.A4ridgVL-DhQ3fo9hOj14w.6Bt3_Ed96ZGMdpDzQ_8l-UmIzLst1LAPBw19jdJhsFs"

// TestRotation is row 119 of the attack list for encrypted cookies.
func TestRotation(t *testing.T) {
	one, two := seal.Key{Version: 1, Value: "first"}, seal.Key{Version: 2, Value: "second"}
	sealed := func(k seal.Keys) string {
		token, err := jwe.Encrypt(k, "salt", []byte(`{"a":1}`), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	rotated := seal.Keys{Current: two, Old: []seal.Key{one}, Legacy: "legacy"}
	for name, token := range map[string]string{
		"current": sealed(rotated), "old": sealed(seal.Keys{Current: one}), "legacy": sealed(seal.Keys{Legacy: "legacy"}),
		"no kid": withoutKid,
	} {
		if got, err := jwe.Decrypt(rotated, "salt", token); err != nil || string(got) != `{"a":1}` {
			t.Errorf("%s: opens as %q, %v", name, got, err)
		}
	}
	old := sealed(seal.Keys{Current: one})
	for name, keys := range map[string]seal.Keys{"dropped": {Current: two, Legacy: "legacy"}, "none": {}} {
		if got, err := jwe.Decrypt(keys, "salt", old); !errors.Is(err, jwe.ErrInvalid) {
			t.Errorf("%s: opens as %q, %v", name, got, err)
		}
	}
	if got, err := jwe.Decrypt(rotated, "pepper", old); !errors.Is(err, jwe.ErrInvalid) {
		t.Errorf("another use: opens as %q, %v", got, err)
	}
}

func TestForgedTokens(t *testing.T) {
	keys := seal.Keys{Legacy: "secret"}
	good, err := jwe.Encrypt(keys, "salt", []byte("0123456789abcdef"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	part := strings.Split(good, ".")
	with := func(i int, s string) string {
		changed := append([]string(nil), part...)
		changed[i] = s
		return strings.Join(changed, ".")
	}
	header := func(s string) string { return with(0, base64.RawURLEncoding.EncodeToString([]byte(s))) }
	for name, token := range map[string]string{
		"empty": "", "dots": "....", "four parts": strings.Join(part[:4], "."), "six parts": good + ".x",
		"a key":        with(1, "AAAA"),
		"another iv":   with(2, "AAAAAAAAAAAAAAAAAAAAAA"),
		"short iv":     with(2, "AAAA"),
		"no text":      with(3, ""),
		"changed text": with(3, strings.Repeat("A", 43)),
		"half a block": with(3, "AAAA"),
		"no tag":       with(4, ""),
		"cut tag":      with(4, part[4][:20]),
		"padding":      good + "=",
		"GCM":          header(`{"alg":"dir","enc":"A256GCM"}`),
		"zip":          header(`{"alg":"dir","enc":"A256CBC-HS512","zip":"DEF"}`),
		"crit":         header(`{"alg":"dir","enc":"A256CBC-HS512","crit":["x"]}`),
		"key wrap":     header(`{"alg":"A256KW","enc":"A256CBC-HS512"}`),
		"kid a number": header(`{"alg":"dir","enc":"A256CBC-HS512","kid":1}`),
		"header only":  header(`{"alg":"dir","enc":"A256CBC-HS512"}`), // the tag covers the header
	} {
		if got, err := jwe.Decrypt(keys, "salt", token); !errors.Is(err, jwe.ErrInvalid) {
			t.Errorf("%s: opens as %q, %v", name, got, err)
		}
	}
}

func TestEveryLengthComesBack(t *testing.T) {
	keys := seal.Keys{Legacy: "secret"}
	for n := range 50 {
		text := strings.Repeat("x", n)
		token, err := jwe.Encrypt(keys, "salt", []byte(text), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := jwe.Decrypt(keys, "salt", token); err != nil || string(got) != text {
			t.Errorf("%d bytes come back as %q, %v", n, got, err)
		}
	}
}

func FuzzDecrypt(f *testing.F) {
	f.Add("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIn0..AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA.AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		if got, err := jwe.Decrypt(seal.Keys{Legacy: "secret"}, "salt", token); err == nil {
			t.Errorf("%q opens as %q", token, got)
		}
	})
}
