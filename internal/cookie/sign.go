// Package cookie reads and writes cookies exactly as the protocol does
// (PROTOCOL §4.3, §5): signed values, attribute order, chunks. It does not
// know which cookies exist or what they mean. Start with cookie.go.
package cookie

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

const signatureLen = 44 // standard base64 of 32 bytes, with its padding

// Sign returns value, a dot and the base64 HMAC-SHA256 of value under secret.
// The result is not escaped; Cookie.String does that.
func Sign(secret, value string) string {
	var sig [signatureLen]byte
	signature(&sig, secret, value)
	return value + "." + string(sig[:])
}

// Verify splits what Sign returned at its last dot and reports whether the
// signature belongs to the value. It takes the same time for every wrong
// signature. A signature has exactly one accepted spelling.
func Verify(secret, signed string) (value string, ok bool) {
	dot := strings.LastIndexByte(signed, '.')
	if dot < 1 || len(signed)-dot-1 != signatureLen {
		return "", false
	}
	var want [signatureLen]byte
	signature(&want, secret, signed[:dot])
	if subtle.ConstantTimeCompare(want[:], []byte(signed[dot+1:])) != 1 {
		return "", false
	}
	return signed[:dot], true
}

func signature(dst *[signatureLen]byte, secret, value string) {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(value))
	var sum [sha256.Size]byte
	base64.StdEncoding.Encode(dst[:], mac.Sum(sum[:0]))
}
