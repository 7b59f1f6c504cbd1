// Package origin decides whether a URL or an Origin header is trusted
// (PROTOCOL §9.2). What it cannot parse it refuses. Start with match.go.
package origin

// Patterns is a list of trusted origins and patterns.
type Patterns []string

// Match reports whether any pattern matches url; see the function Match.
func (p Patterns) Match(url string, allowRelative bool) bool {
	if len(url) > 0 && url[0] == '/' {
		return allowRelative && safeRelative(url)
	}
	for _, pattern := range p {
		if Match(url, pattern, allowRelative) {
			return true
		}
	}
	return false
}

// Trusted is the set of origins that one request is held against.
type Trusted struct {
	Patterns
}
