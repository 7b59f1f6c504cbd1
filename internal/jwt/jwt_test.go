package jwt_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/jwt"
	"github.com/gatehouse-auth/gatehouse/internal/vectors"
)

const secret = "gatehouse-spec-secret-0123456789abcdefghijklmnop"

func TestEmailVectors(t *testing.T) {
	type claims struct {
		Email       string `json:"email"`
		UpdateTo    string `json:"updateTo,omitempty"`
		RequestType string `json:"requestType,omitempty"`
		UserID      string `json:"userId"`
		IssuedAt    int64  `json:"iat"`
		Expires     int64  `json:"exp"`
	}
	for _, v := range append(vectors.All(t, "email-verification-jwt"), vectors.All(t, "change-email-jwt")...) {
		var in struct {
			Secret, Email, UpdateTo, RequestType, UserID string
			Now                                          int64
		}
		var want struct{ Token string }
		v.Decode(t, &in, &want)
		now := time.UnixMilli(in.Now)
		c := claims{strings.ToLower(in.Email), strings.ToLower(in.UpdateTo), in.RequestType, in.UserID, now.Unix(), now.Unix() + 3600}
		got, err := jwt.Sign(in.Secret, c)
		if err != nil || got != want.Token {
			t.Errorf("%s: got %s, %v", v.ID, got, err)
		}
		payload, err := jwt.Verify(in.Secret, got, now)
		var read claims
		if err != nil || json.Unmarshal(payload, &read) != nil || read != c {
			t.Errorf("%s: reads %s, %v", v.ID, payload, err)
		}
	}
}

func TestSignVector(t *testing.T) {
	for _, v := range vectors.All(t, "sign-jwt") {
		var in struct{ Secret string }
		var want struct{ Token string }
		v.Decode(t, &in, &want)
		got, err := jwt.Sign(in.Secret, json.RawMessage(`{"a":1,"b":"é","iat":1767323045,"exp":1767323105}`))
		if err != nil || got != want.Token {
			t.Errorf("got %s, %v, want %s", got, err, want.Token)
		}
	}
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// signed makes a genuine HS256 signature for any header.
func signed(t *testing.T, header, payload string) string {
	t.Helper()
	plain, err := jwt.Sign(secret, json.RawMessage(payload))
	if err != nil {
		t.Fatal(err)
	}
	if header == `{"alg":"HS256"}` {
		return plain
	}
	return sign(b64(header) + "." + b64(payload))
}

func TestVerify(t *testing.T) {
	now := time.Unix(1000, 999_000_000)
	for _, tt := range []struct {
		name, header, payload string
		want                  error
	}{
		{"no times", `{"alg":"HS256"}`, `{"a":1}`, nil},
		{"typ", `{"alg":"HS256","typ":"JWT"}`, `{"a":1}`, nil},
		{"a second left", `{"alg":"HS256"}`, `{"exp":1001}`, nil},
		{"just over", `{"alg":"HS256"}`, `{"exp":1000}`, jwt.ErrExpired},
		{"long over", `{"alg":"HS256"}`, `{"exp":-1e99}`, jwt.ErrExpired},
		{"begins now", `{"alg":"HS256"}`, `{"nbf":1000}`, nil},
		{"not yet", `{"alg":"HS256"}`, `{"nbf":1001,"exp":1}`, jwt.ErrInvalid},
		{"exp is text", `{"alg":"HS256"}`, `{"exp":"2000"}`, jwt.ErrInvalid},
		{"exp is null", `{"alg":"HS256"}`, `{"exp":null}`, jwt.ErrInvalid},
		{"the last exp counts", `{"alg":"HS256"}`, `{"exp":2000,"exp":1}`, jwt.ErrExpired},
		{"payload is an array", `{"alg":"HS256"}`, `[1]`, jwt.ErrInvalid},
		{"none", `{"alg":"none"}`, `{"a":1}`, jwt.ErrInvalid},
		{"HS512", `{"alg":"HS512"}`, `{"a":1}`, jwt.ErrInvalid},
		{"hs256", `{"alg":"hs256"}`, `{"a":1}`, jwt.ErrInvalid},
		{"RS256", `{"alg":"RS256"}`, `{"a":1}`, jwt.ErrInvalid},
		{"no alg", `{"typ":"JWT"}`, `{"a":1}`, jwt.ErrInvalid},
		{"alg is a list", `{"alg":["HS256"]}`, `{"a":1}`, jwt.ErrInvalid},
		{"critical extension", `{"alg":"HS256","crit":["b64"],"b64":false}`, `{"a":1}`, jwt.ErrInvalid},
		{"the last alg counts", `{"alg":"HS256","alg":"none"}`, `{"a":1}`, jwt.ErrInvalid},
		{"header is no object", `"HS256"`, `{"a":1}`, jwt.ErrInvalid},
	} {
		payload, err := jwt.Verify(secret, signed(t, tt.header, tt.payload), now)
		if !errors.Is(err, tt.want) || err == nil && string(payload) != tt.payload {
			t.Errorf("%s: %s, %v, want %v", tt.name, payload, err, tt.want)
		}
	}
}

func TestForgedTokens(t *testing.T) {
	good := signed(t, `{"alg":"HS256"}`, `{"a":1}`)
	parts := strings.Split(good, ".")
	for name, token := range map[string]string{
		"empty": "", "dots": "..", "two parts": parts[0] + "." + parts[1], "no signature": parts[0] + "." + parts[1] + ".",
		"other payload":   parts[0] + "." + b64(`{"a":2}`) + "." + parts[2],
		"four parts":      good + "." + parts[2],
		"a part in front": "x." + good,
		"padded":          good + "=",
		"cut":             good[:len(good)-1],
		"line break":      good[:20] + "\n" + good[20:],
		"unsigned":        b64(`{"alg":"none"}`) + "." + parts[1] + ".",
		"standard base64": parts[0] + "." + parts[1] + "." + strings.NewReplacer("-", "+", "_", "/").Replace(parts[2]) + "/",
	} {
		if payload, err := jwt.Verify(secret, token, time.Unix(0, 0)); !errors.Is(err, jwt.ErrInvalid) {
			t.Errorf("%s: %s, %v", name, payload, err)
		}
	}
	if _, err := jwt.Verify(secret+"x", good, time.Unix(0, 0)); !errors.Is(err, jwt.ErrInvalid) {
		t.Error("another secret verifies")
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		if payload, err := jwt.Verify(secret, token, time.Unix(0, 0)); err == nil {
			t.Errorf("%q verifies as %q", token, payload)
		}
		// The same text with a genuine signature must not crash either.
		payload, err := jwt.Verify(secret, sign(token), time.Unix(0, 0))
		if err == nil && !json.Valid(payload) {
			t.Errorf("%q verifies as %q", token, payload)
		}
	})
}
