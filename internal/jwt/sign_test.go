package jwt_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// sign appends the HS256 signature of any text, right header or not.
func sign(text string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
