package origin

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// address is what the WHATWG URL standard makes of a URL, as far as origins
// go. host includes the port unless it is the default of the scheme.
type address struct{ scheme, host string }

func (a address) origin() string { return a.scheme + "://" + a.host }

// defaultPorts holds the special schemes with a host (URL standard §4.2).
var defaultPorts = map[string]string{"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}

// parseURL reads an absolute URL as browsers do. For a scheme that is not
// special only the scheme and a plain host are read.
func parseURL(s string) (address, bool) {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || !isScheme(scheme) {
		return address{}, false
	}
	scheme = strings.ToLower(scheme)
	port, special := defaultPorts[scheme]
	if !special {
		return parseOther(scheme, rest)
	}
	// Browsers read any run of slashes, backslashes included, as "//".
	rest = strings.TrimLeft(rest, `/\`)
	if end := strings.IndexAny(rest, `/\?#`); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	host, number, ok := splitPort(rest)
	if !ok {
		return address{}, false
	}
	if host, ok = parseHost(host); !ok {
		return address{}, false
	}
	if number != "" && number != port {
		host += ":" + number
	}
	return address{scheme, host}, true
}

// parseOther reads what follows a scheme that is not special.
func parseOther(scheme, rest string) (address, bool) {
	after, hasAuthority := strings.CutPrefix(rest, "//")
	if !hasAuthority || scheme == "file" { // a file has no origin
		return address{scheme: scheme}, true
	}
	if end := strings.IndexAny(after, "/?#"); end >= 0 {
		after = after[:end]
	}
	credentials := strings.LastIndexByte(after, '@')
	host, number, ok := splitPort(after[credentials+1:])
	if !ok || strings.ContainsAny(host, "\x00 <>[]^|\\\x7f") && !strings.HasPrefix(host, "[") || host == "" && (number != "" || credentials >= 0) {
		return address{}, false
	}
	if strings.HasPrefix(host, "[") {
		if host, ok = parseIPv6(host); !ok {
			return address{}, false
		}
	}
	if number != "" {
		host += ":" + number
	}
	return address{scheme, host}, true
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || !(s[i] >= '0' && s[i] <= '9' || s[i] == '+' || s[i] == '-' || s[i] == '.')) {
			return false
		}
	}
	return s != ""
}

// splitPort cuts "host:port" and brings the port, 0 to 65535, into its
// shortest form.
func splitPort(s string) (host, port string, ok bool) {
	colon := strings.LastIndexByte(s, ':')
	if colon < strings.LastIndexByte(s, ']') || colon < 0 {
		return s, "", true
	}
	host, port = s[:colon], s[colon+1:]
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		return "", "", false
	}
	if port == "" {
		return host, "", true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return "", "", false
	}
	return host, strconv.FormatUint(n, 10), true
}

// maxHostBytes is beyond every DNS name. Punycode takes time that grows with
// the square of the length.
const maxHostBytes = 1024

// parseHost is the host parser for special schemes (URL standard §3.5).
func parseHost(s string) (string, bool) {
	if strings.HasPrefix(s, "[") {
		return parseIPv6(s)
	}
	decoded, _ := percentDecode(s)
	if len(decoded) > maxHostBytes || !utf8.ValidString(decoded) {
		return "", false
	}
	host, ok := toASCII(decoded)
	if !ok || host == "" || strings.ContainsFunc(host, forbidden) {
		return "", false
	}
	if endsInNumber(host) {
		return parseIPv4(host)
	}
	return host, true
}

// forbidden finds the code points that no domain may have (§3.5).
func forbidden(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(`#%/:<>?@[\]^|`, r)
}

var profile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.CheckJoiners(true), idna.BidiRule(), idna.VerifyDNSLength(false))

// toASCII is the standard's "domain to ASCII": lower case and Punycode.
func toASCII(s string) (string, bool) {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	if lower := strings.ToLower(s); ascii && !strings.Contains(lower, "xn--") {
		return lower, true
	}
	host, err := profile.ToASCII(s)
	return host, err == nil
}

func parseIPv6(s string) (string, bool) {
	inner, ok := strings.CutSuffix(s[1:], "]")
	addr, err := netip.ParseAddr(inner)
	if !ok || err != nil || !addr.Is6() || addr.Zone() != "" {
		return "", false
	}
	if addr.Is4In6() { // the URL standard writes these in hex
		b := addr.As16()
		hex := func(hi, lo byte) string { return strconv.FormatUint(uint64(hi)<<8|uint64(lo), 16) }
		return "[::ffff:" + hex(b[12], b[13]) + ":" + hex(b[14], b[15]) + "]", true
	}
	return "[" + addr.String() + "]", true
}

// endsInNumber decides whether a host is meant to be an IPv4 address.
func endsInNumber(host string) bool {
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := parts[len(parts)-1]
	if last == "" {
		return false
	}
	if strings.Trim(last, "0123456789") == "" {
		return true
	}
	_, ok := ipv4Number(last)
	return ok
}

// parseIPv4 reads the old forms that browsers still take: fewer parts, octal
// and hexadecimal numbers.
func parseIPv4(host string) (string, bool) {
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(parts) > 4 {
		return "", false
	}
	var value uint64
	for i, part := range parts {
		n, ok := ipv4Number(part)
		if !ok {
			return "", false
		}
		if i < len(parts)-1 {
			if n > 255 {
				return "", false
			}
			value |= n << (8 * (3 - i))
			continue
		}
		if n >= 1<<(8*(5-len(parts))) {
			return "", false
		}
		value |= n
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}).String(), true
}

func ipv4Number(s string) (uint64, bool) {
	base := 10
	switch {
	case s == "":
		return 0, false
	case len(s) >= 2 && s[0] == '0' && s[1]|0x20 == 'x':
		s, base = s[2:], 16
	case len(s) >= 2 && s[0] == '0':
		s, base = s[1:], 8
	}
	if s == "" {
		return 0, true
	}
	if strings.ContainsAny(s, "+-_") {
		return 0, false
	}
	n, err := strconv.ParseUint(s, base, 40)
	return n, err == nil
}

// percentDecode decodes every well-formed escape; ok is false if there is one
// that is not.
func percentDecode(s string) (decoded string, ok bool) {
	if !strings.Contains(s, "%") {
		return s, true
	}
	out, ok := make([]byte, 0, len(s)), true
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out = append(out, s[i])
			continue
		}
		if i+2 >= len(s) {
			out, ok = append(out, '%'), false
			continue
		}
		b, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil || s[i+1] == '+' {
			out, ok = append(out, '%'), false
			continue
		}
		out = append(out, byte(b))
		i += 2
	}
	return string(out), ok
}
