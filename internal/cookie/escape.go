package cookie

import (
	"strings"
	"unicode/utf8"
)

const upperHex = "0123456789ABCDEF"

// unreserved is what encodeURIComponent leaves as it is (ECMA-262 §19.2.6.4).
func unreserved(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	return strings.IndexByte("-_.!~*'()", c) >= 0
}

// Escape is encodeURIComponent. Bytes that are not UTF-8 become U+FFFD.
func Escape(s string) string {
	plain := 0
	for plain < len(s) && unreserved(s[plain]) {
		plain++
	}
	if plain == len(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	out := make([]byte, plain, len(s)+16)
	copy(out, s)
	for i := plain; i < len(s); i++ {
		if c := s[i]; unreserved(c) {
			out = append(out, c)
		} else {
			out = append(out, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return string(out)
}

// Unescape is decodeURIComponent, except that a text with a broken escape, or
// one whose escapes are not UTF-8, comes back as it was.
func Unescape(s string) string {
	first := strings.IndexByte(s, '%')
	if first < 0 {
		return s
	}
	out := make([]byte, first, len(s))
	copy(out, s)
	for i := first; i < len(s); {
		if s[i] != '%' {
			out = append(out, s[i])
			i++
			continue
		}
		start := len(out)
		for i < len(s) && s[i] == '%' {
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return s
			}
			out = append(out, fromHex(s[i+1])<<4|fromHex(s[i+2]))
			i += 3
		}
		if !utf8.Valid(out[start:]) {
			return s
		}
	}
	return string(out)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func fromHex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}
