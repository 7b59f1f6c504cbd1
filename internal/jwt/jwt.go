// Package jwt signs and verifies the HS256 tokens of the protocol: e-mail
// links and the jwt form of the session cookie (PROTOCOL §6.3, §11.3;
// RFC 7515, RFC 7519). It knows no other algorithm and no key but a shared
// secret.
package jwt

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/wire"
)

// ErrInvalid is returned for anything that is not a token signed with HS256
// under the secret, or whose time claims are not numbers.
var ErrInvalid = errors.New("jwt: invalid token")

// ErrExpired is returned for a token that is genuine but past its exp.
var ErrExpired = errors.New("jwt: token has expired")

var encoding = base64.RawURLEncoding.Strict()

const header = "eyJhbGciOiJIUzI1NiJ9" // {"alg":"HS256"}

// Sign returns the compact token of claims under the raw bytes of secret. The
// claims are an ordered struct or a json.RawMessage; members keep their order.
func Sign(secret string, claims any) (string, error) {
	payload, err := wire.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed := header + "." + encoding.EncodeToString(payload)
	return signed + "." + encoding.EncodeToString(mac(secret, signed)), nil
}

// Verify returns the payload, a JSON object, of a token made by Sign. The
// signature is compared in constant time and before anything in the token is
// believed; then exp and nbf are held against now, without tolerance.
func Verify(secret, token string, now time.Time) (payload []byte, err error) {
	signed, signature, ok := cutLast(token)
	head, body, ok2 := strings.Cut(signed, ".")
	if !ok || !ok2 || strings.Contains(body, ".") || !headerOK(head) {
		return nil, ErrInvalid
	}
	got, err := encoding.DecodeString(signature)
	if err != nil || !hmac.Equal(got, mac(secret, signed)) {
		return nil, ErrInvalid
	}
	if payload, err = encoding.DecodeString(body); err != nil {
		return nil, ErrInvalid
	}
	if err := CheckTimes(payload, now, 0); err != nil {
		return nil, err
	}
	return payload, nil
}

// CheckTimes holds the claims exp and nbf of a JSON object against now, in
// whole seconds and with the given tolerance. It returns ErrExpired for a
// past exp and ErrInvalid for a future nbf, a time that is not a number, or a
// payload that is not an object. Absent claims set no limit.
func CheckTimes(payload []byte, now time.Time, tolerance time.Duration) error {
	parsed, err := wire.Parse(payload)
	claims, ok := parsed.(map[string]any)
	if err != nil || !ok {
		return ErrInvalid
	}
	for _, name := range []string{"iat", "nbf", "exp"} {
		if v, present := claims[name]; present {
			if _, isNumber := v.(float64); !isNumber {
				return ErrInvalid
			}
		}
	}
	seconds, slack := float64(now.Unix()), tolerance.Seconds()
	if nbf, ok := claims["nbf"].(float64); ok && nbf > seconds+slack {
		return ErrInvalid
	}
	if exp, ok := claims["exp"].(float64); ok && exp <= seconds-slack {
		return ErrExpired
	}
	return nil
}

// headerOK accepts any header that says HS256 and asks for no extension. A
// "crit" would name one that we do not have (RFC 7515 §4.1.11).
func headerOK(encoded string) bool {
	if encoded == header {
		return true
	}
	text, err := encoding.DecodeString(encoded)
	if err != nil {
		return false
	}
	parsed, err := wire.Parse(text)
	fields, ok := parsed.(map[string]any)
	_, critical := fields["crit"]
	return err == nil && ok && !critical && fields["alg"] == "HS256"
}

func mac(secret, text string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return h.Sum(nil)
}

func cutLast(s string) (before, after string, ok bool) {
	dot := strings.LastIndexByte(s, '.')
	if dot < 0 {
		return "", "", false
	}
	return s[:dot], s[dot+1:], true
}
