package cookie

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxAgeLimit is the longest Max-Age a cookie may have: 400 days, in seconds
// (RFC 6265bis §5.5).
const MaxAgeLimit = 400 * 24 * 60 * 60

// Attributes are what a Set-Cookie header says beside name and value.
type Attributes struct {
	// MaxAge is in seconds, 0 to MaxAgeLimit. nil or negative: the cookie
	// ends with the browser session.
	MaxAge       *int
	Domain, Path string
	HTTPOnly     bool
	Secure       bool
	Partitioned  bool
	// SameSite is "lax", "strict", "none" in any letter case, or empty.
	SameSite string
}

// Cookie is one cookie to set. Value is not escaped.
type Cookie struct {
	Name, Value string
	Attributes
}

// Seconds returns a MaxAge.
func Seconds(n int) *int { return &n }

// Expired returns the cookie that removes c from the browser: same name and
// attributes, no value, Max-Age=0 (PROTOCOL §5.3).
func (c Cookie) Expired() Cookie {
	c.Value, c.MaxAge = "", Seconds(0)
	return c
}

// forced applies the rules of the name prefixes (RFC 6265bis §4.1.3) and of
// attributes that browsers accept on secure cookies only.
func (c Cookie) forced() Cookie {
	switch {
	case hasPrefixFold(c.Name, "__host-"):
		c.Secure, c.Path, c.Domain = true, "/", ""
	case hasPrefixFold(c.Name, "__secure-"):
		c.Secure = true
	}
	if c.Partitioned || strings.EqualFold(c.SameSite, "none") {
		c.Secure = true
	}
	return c
}

// String returns the value of a Set-Cookie header, attributes in the
// protocol's order. It does not check; a cookie whose parts are not constants
// goes through Check first.
func (c Cookie) String() string {
	c = c.forced()
	value := Escape(c.Value)
	b := make([]byte, 0, len(c.Name)+len(value)+len(c.Domain)+len(c.Path)+96)
	b = append(append(append(b, c.Name...), '='), value...)
	if c.MaxAge != nil && *c.MaxAge >= 0 {
		b = strconv.AppendInt(append(b, "; Max-Age="...), int64(*c.MaxAge), 10)
	}
	if c.Domain != "" {
		b = append(append(b, "; Domain="...), c.Domain...)
	}
	if c.Path != "" {
		b = append(append(b, "; Path="...), c.Path...)
	}
	if c.HTTPOnly {
		b = append(b, "; HttpOnly"...)
	}
	if c.Secure {
		b = append(b, "; Secure"...)
	}
	if c.SameSite != "" {
		b = append(b, "; SameSite="...)
		b = append(append(b, strings.ToUpper(c.SameSite[:1])...), c.SameSite[1:]...)
	}
	if c.Partitioned {
		b = append(b, "; Partitioned"...)
	}
	return string(b)
}

// Check reports why c cannot be sent: a name that is no RFC 7230 token, a
// Max-Age beyond MaxAgeLimit, an unknown SameSite, or a Domain or Path that
// would break out of its attribute.
func (c Cookie) Check() error {
	if !isToken(c.Name) {
		return fmt.Errorf("cookie: %q is not a cookie name", c.Name)
	}
	if c.MaxAge != nil && *c.MaxAge > MaxAgeLimit {
		return fmt.Errorf("cookie: Max-Age of %q is %d seconds; browsers keep a cookie for at most 400 days (%d)", c.Name, *c.MaxAge, MaxAgeLimit)
	}
	switch strings.ToLower(c.SameSite) {
	case "", "lax", "strict", "none":
	default:
		return fmt.Errorf("cookie: SameSite of %q is %q; it is lax, strict or none", c.Name, c.SameSite)
	}
	for _, s := range []string{c.Domain, c.Path} {
		if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == ';' }) >= 0 {
			return fmt.Errorf("cookie: %q cannot stand in an attribute of %q", s, c.Name)
		}
	}
	return nil
}

// isToken reports whether s is a token of RFC 7230 §3.2.6.
func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

func hasPrefixFold(s, lowerPrefix string) bool {
	return len(s) >= len(lowerPrefix) && strings.EqualFold(s[:len(lowerPrefix)], lowerPrefix)
}
