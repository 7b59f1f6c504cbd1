// Package site tells whether two addresses are of one site, as browsers do
// when they decide which cookies a request carries (RFC 6265bis §5.2).
package site

import (
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Same reports whether the addresses, with scheme and host, are of one site:
// equal in scheme and in registrable domain. Hosts without one (localhost, an
// IP address, a public suffix itself) are a site each.
func Same(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && domain(a.Hostname()) == domain(b.Hostname())
}

func domain(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if net.ParseIP(host) != nil {
		return host
	}
	registrable, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return registrable
}
