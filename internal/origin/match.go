package origin

import (
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"
)

// pattern is one compiled pattern. Which parts of it are used depends on the
// address it is held against.
type pattern struct {
	text  string
	wild  bool
	host  bool           // wild, and without a scheme
	whole *regexp.Regexp // of text, if wild

	custom    custom // text cut up as an address of an unknown scheme
	cut       bool   // whether that is possible
	authority *regexp.Regexp
	path      *regexp.Regexp
}

func compile(text string) pattern {
	text = strings.ToValidUTF8(text, "\ufffd")
	p := pattern{text: text, wild: strings.ContainsAny(text, "*?")}
	p.custom, p.cut = splitCustom(text, p.wild)
	if p.wild {
		p.host = !strings.Contains(text, "://")
		p.whole, p.authority, p.path = glob(text), glob(p.custom.authority), glob(p.custom.path)
	}
	return p
}

// match holds p against url, which is an address that parseURL read as a.
func (p *pattern) match(url string, a address) bool {
	switch {
	case p.host:
		return a.host != "" && p.whole.MatchString(a.host) && addressIfNumeric(p.text, a.host)
	case a.scheme != "http" && a.scheme != "https":
		return p.matchCustom(url)
	case !p.wild:
		return p.text == a.origin()
	}
	_, host, _ := strings.Cut(p.text, "://")
	return p.whole.MatchString(a.origin()) && addressIfNumeric(host, a.host)
}

// matchCustom compares addresses of schemes that no standard governs. They
// are cut up by hand: what a parser makes of them differs from one to the next.
func (p *pattern) matchCustom(url string) bool {
	u, ok := splitCustom(url, false)
	if !ok || !p.cut || u.scheme != p.custom.scheme {
		return false
	}
	if !p.wild {
		if p.custom.authority != "" && u.authority != p.custom.authority {
			return false
		}
		return p.custom.path == "" || u.path == p.custom.path || strings.HasPrefix(u.path, p.custom.path+"/")
	}
	if strings.Contains(u.authority, "@") {
		return false
	}
	if p.custom.authority != "" && !(p.authority.MatchString(u.authority) && addressIfNumeric(p.custom.authority, u.authority)) {
		return false
	}
	if u.path == "" {
		u.path = "/"
	}
	return p.custom.path == "" || p.path.MatchString(u.path)
}

type custom struct{ scheme, authority, path string }

// splitCustom cuts value into its parts: scheme and authority in lower case,
// the path decoded and without "." and "..". In a wildcard pattern "?" is a
// wildcard and ends nothing.
func splitCustom(value string, wild bool) (custom, bool) {
	scheme, rest, ok := strings.Cut(value, ":")
	if !ok || scheme == "" || hasControl(value) {
		return custom{}, false
	}
	authorityEnds, pathEnds := "/?#", "?#"
	if wild {
		authorityEnds, pathEnds = "/#", "#"
	}
	authority := ""
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		authority, rest = after, ""
		if end := strings.IndexAny(after, authorityEnds); end >= 0 {
			authority, rest = after[:end], after[end:]
		}
	}
	if end := strings.IndexAny(rest, pathEnds); end >= 0 {
		rest = rest[:end]
	}
	return custom{strings.ToLower(scheme), strings.ToLower(authority), cleanPath(rest)}, true
}

// cleanPath decodes path once and resolves its segments, so that "/cb/../x"
// and "/cb/%2e%2e/x" are both "/x". The root is "".
func cleanPath(path string) string {
	if decoded, ok := percentDecode(path); ok && utf8.ValidString(decoded) {
		path = decoded
	}
	var kept []string
	for segment := range strings.SplitSeq(path, "/") {
		switch segment {
		case "", ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, segment)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "/" + strings.Join(kept, "/")
}

// safeRelative reports whether a redirect to value stays on this host for
// every browser and router: browsers take "\" for "/" and drop control
// characters, routers may decode a slash.
func safeRelative(value string) bool {
	if strings.HasPrefix(value, "//") || strings.Contains(value, `\`) || hasControl(value) {
		return false
	}
	path := value
	if end := strings.IndexAny(value, "?#"); end >= 0 {
		path = value[:end]
	}
	lower := strings.ToLower(path)
	return !strings.Contains(lower, "%2f") && !strings.Contains(lower, "%5c")
}

// hasControl finds the C0 and C1 control characters and DEL.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f })
}

// addressIfNumeric is false when pattern names a range of IPv4 addresses and
// host is a name: "192.168.*" must not admit "192.168.evil.example".
func addressIfNumeric(pattern, host string) bool {
	pattern, _, _ = strings.Cut(pattern, ":")
	if strings.Trim(pattern, "0123456789.*?") != "" || !strings.ContainsAny(pattern, "0123456789") {
		return true
	}
	host, _, _ = strings.Cut(host, ":")
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Is4()
}
