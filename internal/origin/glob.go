package origin

import (
	"regexp"
	"strings"
)

const (
	notSlash = `[^/\\]`
	slashes  = `[/\\]+`
)

// glob compiles a wildcard pattern. Slash and backslash separate segments;
// any run of them is one separator, and one at the end is optional.
func glob(pattern string) *regexp.Regexp {
	segments := strings.Split(pattern, "/")
	var re strings.Builder
	re.WriteString(`^`)
	for i, s := range segments {
		if s == "" && i > 0 {
			continue
		}
		separator := slashes
		switch {
		case i == len(segments)-1:
			separator = `[/\\]*`
		case segments[i+1] == "**":
			separator = ""
		}
		if s != "**" {
			re.WriteString(segment(s) + separator)
			continue
		}
		if separator == "" {
			continue
		}
		if i > 0 {
			re.WriteString(separator)
		}
		re.WriteString(`(?:` + notSlash + `*` + separator + `)*`)
	}
	re.WriteString(`$`)
	return regexp.MustCompile(re.String())
}

// segment translates what stands between two slashes.
func segment(s string) string {
	var re strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '*':
			re.WriteString(notSlash + `*`)
		case '?':
			re.WriteString(notSlash)
		case '\\':
			if i++; i < len(s) {
				re.WriteString(quote(s[i]))
			}
		default:
			re.WriteString(quote(s[i]))
		}
	}
	return re.String()
}

// quote writes one byte of a literal; the bytes of a longer rune follow each
// other unchanged.
func quote(c byte) string {
	if c < 0x80 {
		return regexp.QuoteMeta(string(rune(c)))
	}
	return string([]byte{c})
}
