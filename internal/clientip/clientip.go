// Package clientip decides which address a request comes from (PROTOCOL
// §10.6). It knows headers and networks, not what the address is used for.
package clientip

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// Config says whose word about the client address counts.
type Config struct {
	// Headers are asked in order. Default: X-Forwarded-For alone.
	Headers []string
	// TrustedProxies are addresses or CIDR ranges whose headers count and who
	// are skipped when a chain of addresses is walked from the right.
	TrustedProxies []string
	// IPv6Subnet is how many bits of an IPv6 address tell clients apart, 1 to
	// 128. Default 64, what one household gets.
	IPv6Subnet int
	// Disable turns addresses off: Of returns "".
	Disable bool
	// TrustAll is insecure: it takes the header from anyone, so that every
	// client chooses its own address. It is what the protocol's reference
	// does: without TrustedProxies a header with one address counts, a chain
	// does not, and the socket's address is never used.
	TrustAll bool
}

// Resolver is a compiled Config. It may be used concurrently.
type Resolver struct {
	headers  []string
	proxies  []netip.Prefix
	subnet   int
	disabled bool
	trustAll bool
}

// Compile checks c. The error names the entry that is wrong.
func Compile(c Config) (*Resolver, error) {
	r := &Resolver{subnet: c.IPv6Subnet, disabled: c.Disable, trustAll: c.TrustAll}
	if r.subnet == 0 {
		r.subnet = 64
	}
	if r.subnet < 1 || r.subnet > 128 {
		return nil, fmt.Errorf("clientip: an IPv6 subnet has 1 to 128 bits, not %d", c.IPv6Subnet)
	}
	for _, h := range c.Headers {
		if h == "" || strings.ContainsAny(h, " \t\r\n:,") {
			return nil, fmt.Errorf("clientip: %q is not a header name", h)
		}
		r.headers = append(r.headers, http.CanonicalHeaderKey(h))
	}
	if len(r.headers) == 0 {
		r.headers = []string{"X-Forwarded-For"}
	}
	for _, p := range c.TrustedProxies {
		prefix, ok := parsePrefix(p)
		if !ok {
			return nil, fmt.Errorf("clientip: trusted proxy %q is neither an IP address nor a range such as 10.0.0.0/8", p)
		}
		r.proxies = append(r.proxies, prefix)
	}
	return r, nil
}

// Of returns the normal form of the client's address, or "" when there is
// none to be had. IPv4 is dotted; IPv6 is eight groups of four hex digits
// with the bits beyond the subnet cleared; IPv4 inside IPv6 is IPv4.
//
// The headers count only if remoteAddr, the other end of the socket as
// "host:port" or a bare host, is a trusted proxy. If it is not, or if no
// header has a usable address, the answer is remoteAddr's own address.
func (r *Resolver) Of(h http.Header, remoteAddr string) string {
	if r.disabled {
		return ""
	}
	peer, ok := peerAddr(remoteAddr)
	if r.trustAll || ok && r.trusted(peer) {
		for _, name := range r.headers {
			if client, found := r.fromHeader(strings.Join(h[name], ",")); found {
				return r.normal(client)
			}
		}
	}
	if r.trustAll || !ok {
		return ""
	}
	return r.normal(peer)
}

// fromHeader reads a list of addresses. The left end is whatever the client
// sent; the right end was written by the nearest proxy.
func (r *Resolver) fromHeader(value string) (netip.Addr, bool) {
	var hops []string
	for hop := range strings.SplitSeq(value, ",") {
		if hop = strings.TrimSpace(hop); hop != "" {
			hops = append(hops, hop)
		}
	}
	if len(r.proxies) == 0 && len(hops) != 1 {
		return netip.Addr{}, false
	}
	for i := len(hops) - 1; i >= 0; i-- {
		addr, ok := parseAddr(hops[i])
		if !ok {
			return netip.Addr{}, false
		}
		if !r.trusted(addr) {
			return addr, true
		}
	}
	return netip.Addr{}, false
}

func (r *Resolver) trusted(addr netip.Addr) bool {
	for _, p := range r.proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

func (r *Resolver) normal(addr netip.Addr) string {
	if addr.Is4() {
		return addr.String()
	}
	network, err := addr.Prefix(r.subnet)
	if err != nil {
		return ""
	}
	return network.Addr().StringExpanded()
}

func parseAddr(s string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" {
		return netip.Addr{}, false
	}
	return addr.Unmap(), true
}

// parsePrefix reads an address or a range. A range of IPv4-mapped addresses
// would never match, because addresses are unmapped first; it is taken as the
// IPv4 range that it means.
func parsePrefix(s string) (netip.Prefix, bool) {
	host, bits, isRange := strings.Cut(s, "/")
	addr, ok := parseAddr(host)
	if !ok {
		return netip.Prefix{}, false
	}
	n := addr.BitLen()
	if isRange {
		var err error
		if n, err = strconv.Atoi(bits); err != nil || strings.Trim(bits, "0123456789") != "" {
			return netip.Prefix{}, false
		}
	}
	prefix, err := addr.Prefix(n)
	return prefix, err == nil
}

func peerAddr(remoteAddr string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(remoteAddr); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(remoteAddr)
	return addr.Unmap().WithZone(""), err == nil
}
