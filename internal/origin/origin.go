// Package origin decides whether a URL or the value of an Origin header is
// trusted (PROTOCOL §9.2). It knows patterns, not requests; what it cannot
// parse it refuses. Start with match.go; url.go reads web addresses the way
// browsers do.
package origin

// Patterns is a list of trusted origins and patterns, as it is configured.
type Patterns []string

// Match reports whether any pattern matches url; see Trusted.Match. It
// compiles the patterns anew each time.
func (p Patterns) Match(url string, allowRelative bool) bool {
	return Compile(p...).Match(url, allowRelative)
}

// Match reports whether url matches one pattern; see Trusted.Match.
func Match(url, pattern string, allowRelative bool) bool {
	return Compile(pattern).Match(url, allowRelative)
}

// Trusted is a compiled list of patterns. The zero value trusts no address,
// and relative paths where they are allowed. It may be used concurrently.
type Trusted struct{ patterns []pattern }

// Compile prepares patterns for matching. Every text is a pattern; one that
// is no address matches nothing.
func Compile(patterns ...string) Trusted {
	t := Trusted{make([]pattern, len(patterns))}
	for i, text := range patterns {
		t.patterns[i] = compile(text)
	}
	return t
}

// With returns the patterns of t and more: what a request adds to what is
// configured.
func (t Trusted) With(patterns ...string) Trusted {
	more := Compile(patterns...)
	return Trusted{append(t.patterns[:len(t.patterns):len(t.patterns)], more.patterns...)}
}

// Match reports whether url matches one of the patterns.
//
//   - A url that starts with "/" matches only if allowRelative is set and no
//     browser or router could take it for another host.
//   - A pattern with "*" or "?" and no "://" is held against the host of url,
//     with its port: "*.example.com" matches "https://a.b.example.com".
//   - Other patterns for http and https are an origin, such as
//     "https://example.com:8443", which must be equal, or a wildcard over one.
//   - A pattern of another scheme, such as "myapp://host/path", matches its
//     scheme, its authority if it has one, and its path and what lies below.
//
// "*" stands for any run of characters and "?" for one, but neither crosses a
// slash; "**" as a whole segment crosses them; "\" takes the next character
// literally. A host made of digits, dots and wildcards admits IPv4 addresses
// only.
func (t Trusted) Match(url string, allowRelative bool) bool {
	if len(url) > 0 && url[0] == '/' {
		return allowRelative && safeRelative(url)
	}
	a, ok := parseURL(url)
	if !ok {
		return false
	}
	for i := range t.patterns {
		if t.patterns[i].match(url, a) {
			return true
		}
	}
	return false
}
