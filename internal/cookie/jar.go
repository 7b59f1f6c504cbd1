package cookie

import (
	"net/http"
	"strings"
)

// Jar is the Cookie header of one request, read on demand: a look-up scans
// the text and allocates only for a value with percent escapes.
type Jar struct{ header string }

// Parse wraps the value of a Cookie header. It never fails: what is not a
// cookie is not found.
func Parse(header string) Jar { return Jar{header} }

// From wraps the Cookie headers of a request. HTTP/2 may split one header
// into several; they are joined as RFC 9113 §8.2.3 says.
func From(h http.Header) Jar {
	switch lines := h["Cookie"]; len(lines) {
	case 0:
		return Jar{}
	case 1:
		return Jar{lines[0]}
	default:
		return Jar{strings.Join(lines, "; ")}
	}
}

// Empty reports whether the request carried no Cookie header at all.
func (j Jar) Empty() bool { return j.header == "" }

// First returns the unescaped value of the first cookie called name. Signed
// cookies are read this way (PROTOCOL §5.4).
func (j Jar) First(name string) (value string, ok bool) {
	for rest := j.header; rest != ""; {
		var key, raw string
		if key, raw, rest, ok = next(rest); ok && key == name {
			if raw != "" && raw[0] == '"' {
				raw = raw[1:max(1, len(raw)-1)]
			}
			return Unescape(raw), true
		}
	}
	return "", false
}

// Last returns the unescaped value of the last well-formed cookie called
// name. Chunks and multi-session cookies are read this way; a value with
// characters that RFC 6265 §4.1.1 forbids, other than space and comma, does
// not count.
func (j Jar) Last(name string) (value string, ok bool) {
	found := ""
	for rest := j.header; rest != ""; {
		var key, raw string
		var pair bool
		if key, raw, rest, pair = next(rest); pair && key == name && isToken(key) {
			if raw = unquote(raw); isValue(raw) {
				found, ok = raw, true
			}
		}
	}
	return Unescape(found), ok
}

// Names lists the names of the well-formed cookies, each once, in the order
// in which they first appear.
func (j Jar) Names() []string {
	var names []string
	for rest := j.header; rest != ""; {
		var key, raw string
		var pair bool
		if key, raw, rest, pair = next(rest); pair && isToken(key) && isValue(unquote(raw)) && !contains(names, key) {
			names = append(names, key)
		}
	}
	return names
}

// next cuts the first pair off header; ok is false when it has no "=".
func next(header string) (name, value, rest string, ok bool) {
	pair, rest, _ := strings.Cut(header, ";")
	name, value, ok = strings.Cut(pair, "=")
	return strings.Trim(name, " \t"), strings.Trim(value, " \t"), rest, ok
}

func unquote(v string) string {
	if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
		return v[1 : len(v)-1]
	}
	return v
}

func isValue(v string) bool {
	for i := range len(v) {
		if c := v[i]; c < ' ' || c > '~' || c == '"' || c == ';' || c == '\\' {
			return false
		}
	}
	return true
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
