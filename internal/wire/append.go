// Package wire reads and writes JSON the way the protocol's clients and its
// signed cookies expect: as ECMAScript's JSON.parse and JSON.stringify do.
// It knows no schema; package check gives values a meaning. Start with
// parse.go.
package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string literal, byte for byte what
// JSON.stringify writes (ECMA-262 §25.5.2.3): only the quote, the backslash
// and U+0000 to U+001F are escaped. Bytes that are not UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = appendEscape(append(dst, s[start:i]...), c)
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\t':
		return append(dst, '\\', 't')
	case '\n':
		return append(dst, '\\', 'n')
	case '\f':
		return append(dst, '\\', 'f')
	case '\r':
		return append(dst, '\\', 'r')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// AppendTime appends t as a quoted ISO 8601 text in UTC with milliseconds,
// such as "2026-01-02T03:04:05.678Z" (ECMA-262 §21.4.1.32). What is below a
// millisecond is cut off. Years outside 0 to 9999 have a sign and six digits.
func AppendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	dst = append(dst, '"')
	if y := t.Year(); y < 0 || y > 9999 {
		dst = fmt.Appendf(dst, "%+07d", y)
		dst = t.AppendFormat(dst, "-01-02T15:04:05.000Z")
	} else {
		dst = t.AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	}
	return append(dst, '"')
}

// Marshal encodes v with encoding/json and removes what that does beyond
// JSON.stringify: no HTML escapes, no escaped U+2028 and U+2029, no newline
// at the end. Map keys come out sorted; use a struct or json.RawMessage where
// the order matters.
func Marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return unescape(bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), nil
}

// unescape replaces \u2028, \u2029 and \ufffd, the three escapes that
// encoding/json writes and JSON.stringify does not. It works in place: the
// replacement is never longer.
func unescape(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\u2`)) && !bytes.Contains(text, []byte(`\uf`)) {
		return text
	}
	out := text[:0]
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out = append(out, text[i])
			continue
		}
		rest := text[i:]
		switch {
		case bytes.HasPrefix(rest, []byte(`\u2028`)):
			out, i = append(out, "\u2028"...), i+5
		case bytes.HasPrefix(rest, []byte(`\u2029`)):
			out, i = append(out, "\u2029"...), i+5
		case bytes.HasPrefix(rest, []byte(`\ufffd`)):
			out, i = append(out, "\ufffd"...), i+5
		default:
			out, i = append(out, rest[0], rest[1]), i+1
		}
	}
	return out
}
