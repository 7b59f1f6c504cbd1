// Package token draws random identifiers and secrets from the alphabets of
// the protocol (PROTOCOL §3). It knows lengths and letters, not what a token
// is for; the source of randomness comes from the caller.
package token

import (
	"fmt"
	"io"
)

const (
	digits  = "0123456789"
	lower   = "abcdefghijklmnopqrstuvwxyz"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	urlSafe = lower + upper + digits + "-_"
)

// Alphanumeric returns n characters of a-zA-Z0-9, 5.95 bits each. It panics
// when r fails, because an identifier made without randomness is a breach.
func Alphanumeric(r io.Reader, n int) string { return From(r, lower+upper+digits, n) }

// LowerDigits returns n characters of 0-9a-z, 5.17 bits each; see Alphanumeric.
func LowerDigits(r io.Reader, n int) string { return From(r, digits+lower, n) }

// Letters returns n characters of a-zA-Z, 5.7 bits each; see Alphanumeric.
func Letters(r io.Reader, n int) string { return From(r, lower+upper, n) }

// URLSafe returns n characters of a-zA-Z0-9-_, 6 bits each; see Alphanumeric.
func URLSafe(r io.Reader, n int) string { return From(r, urlSafe, n) }

// Digits returns n decimal digits, 3.32 bits each; see Alphanumeric.
func Digits(r io.Reader, n int) string { return From(r, digits, n) }

// From returns n characters of alphabet, each equally likely. The alphabet
// has 2 to 256 single-byte characters; anything else panics, as does an r
// that fails.
func From(r io.Reader, alphabet string, n int) string {
	size := len(alphabet)
	if size < 2 || size > 256 {
		panic(fmt.Sprintf("token: alphabet of %d characters", size))
	}
	// Bytes at or above the largest multiple of size are thrown away: taking
	// them modulo size would favour the first letters.
	limit := 256 - 256%size
	out := make([]byte, 0, n)
	buf := make([]byte, n+n*(256-limit)/limit+n/16+4)
	for {
		want := min(len(buf), 2*(n-len(out))+4)
		if _, err := io.ReadFull(r, buf[:want]); err != nil {
			panic(fmt.Sprintf("token: reading randomness: %v", err))
		}
		for _, b := range buf[:want] {
			if len(out) == n {
				return string(out)
			}
			if int(b) < limit {
				out = append(out, alphabet[int(b)%size])
			}
		}
		if len(out) == n {
			return string(out)
		}
	}
}
