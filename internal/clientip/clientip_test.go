package clientip_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/clientip"
	"github.com/gatehouse-auth/gatehouse/internal/vectors"
)

func compile(t testing.TB, c clientip.Config) *clientip.Resolver {
	t.Helper()
	r, err := clientip.Compile(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reference is the configuration of one recorded call.
type reference struct {
	TrustedProxies []string
	IPv6Subnet     int `json:"ipv6Subnet"`
}

func (c reference) of(t *testing.T, value string) string {
	t.Helper()
	r := compile(t, clientip.Config{TrustAll: true, TrustedProxies: c.TrustedProxies, IPv6Subnet: c.IPv6Subnet})
	return r.Of(http.Header{"X-Forwarded-For": {value}}, "192.0.2.1:1234")
}

func TestVectors(t *testing.T) {
	for _, v := range vectors.All(t, "client-ip-") {
		var in struct {
			Value   string
			Options reference
		}
		var want struct{ IP string }
		v.Decode(t, &in, &want)
		if got := in.Options.of(t, in.Value); got != want.IP {
			t.Errorf("%s: %q is %q, want %q", v.ID, in.Value, got, want.IP)
		}
	}
}

// differ lists the header values that we read in another way, with the reason.
var differ = map[string]string{
	"::203.0.113.9":    "with a dotted end the reference writes a text that is no address",
	"64:ff9b::1.2.3.4": "as above",
}

// TestTrustAllAgreesWithReference holds Insecure mode against what the
// reference's own function said (better-auth 1.7.25).
func TestTrustAllAgreesWithReference(t *testing.T) {
	text, err := os.ReadFile("testdata/headers.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Options reference
		Value   string
		IP      string
	}
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if _, known := differ[row.Value]; known {
			continue
		}
		if got := row.Options.of(t, row.Value); got != row.IP {
			t.Errorf("%q with %+v is %q, want %q", row.Value, row.Options, got, row.IP)
		}
	}
}

// TestSpoofedHeaders is row 46 of the attack list: without a trusted proxy at
// the other end of the socket no header counts.
func TestSpoofedHeaders(t *testing.T) {
	for _, tt := range []struct {
		name    string
		config  clientip.Config
		headers http.Header
		peer    string
		want    string
	}{
		{"direct", clientip.Config{}, http.Header{"X-Forwarded-For": {"1.2.3.4"}}, "203.0.113.9:5000", "203.0.113.9"},
		{"foreign headers", clientip.Config{TrustedProxies: []string{"10.0.0.1"}}, http.Header{"X-Real-Ip": {"1.2.3.4"}, "Forwarded": {"for=1.2.3.4"}}, "10.0.0.1:80", "10.0.0.1"},
		{"not the proxy", clientip.Config{TrustedProxies: []string{"10.0.0.1"}}, http.Header{"X-Forwarded-For": {"1.2.3.4"}}, "10.0.0.2:80", "10.0.0.2"},
		{"the proxy", clientip.Config{TrustedProxies: []string{"10.0.0.0/8"}}, http.Header{"X-Forwarded-For": {"1.2.3.4"}}, "10.0.0.1:80", "1.2.3.4"},
		{"spoofed in front", clientip.Config{TrustedProxies: []string{"10.0.0.0/8"}}, http.Header{"X-Forwarded-For": {"9.9.9.9, 1.2.3.4, 10.0.0.2"}}, "10.0.0.1:80", "1.2.3.4"},
		{"two headers", clientip.Config{TrustedProxies: []string{"10.0.0.0/8"}}, http.Header{"X-Forwarded-For": {"9.9.9.9", "1.2.3.4"}}, "10.0.0.1:80", "1.2.3.4"},
		{"garbage from the proxy", clientip.Config{TrustedProxies: []string{"10.0.0.0/8"}}, http.Header{"X-Forwarded-For": {"1.2.3.4, evil"}}, "10.0.0.1:80", "10.0.0.1"},
		{"nothing from the proxy", clientip.Config{TrustedProxies: []string{"10.0.0.0/8"}}, nil, "10.0.0.1:80", "10.0.0.1"},
		{"only proxies", clientip.Config{TrustedProxies: []string{"10.0.0.0/8"}}, http.Header{"X-Forwarded-For": {"10.0.0.3"}}, "10.0.0.1:80", "10.0.0.1"},
		{"second header", clientip.Config{TrustedProxies: []string{"::1"}, Headers: []string{"cf-connecting-ip", "x-forwarded-for"}}, http.Header{"X-Forwarded-For": {"1.2.3.4"}, "Cf-Connecting-Ip": {"x"}}, "[::1]:80", "1.2.3.4"},
		{"mapped proxy", clientip.Config{TrustedProxies: []string{"::ffff:10.0.0.1"}}, http.Header{"X-Forwarded-For": {"::ffff:1.2.3.4"}}, "[::ffff:10.0.0.1]:80", "1.2.3.4"},
		{"IPv6 peer", clientip.Config{}, nil, "[2001:DB8:1:2:3:4:5:6]:80", "2001:0db8:0001:0002:0000:0000:0000:0000"},
		{"IPv6 peer with a zone", clientip.Config{IPv6Subnet: 128}, nil, "[fe80::1%eth0]:80", "fe80:0000:0000:0000:0000:0000:0000:0001"},
		{"bare peer", clientip.Config{}, nil, "192.0.2.1", "192.0.2.1"},
		{"unix socket", clientip.Config{}, http.Header{"X-Forwarded-For": {"1.2.3.4"}}, "@", ""},
		{"disabled", clientip.Config{Disable: true}, nil, "192.0.2.1:80", ""},
		{"trust all without a header", clientip.Config{TrustAll: true}, nil, "192.0.2.1:80", ""},
		{"trust all, two headers", clientip.Config{TrustAll: true}, http.Header{"X-Forwarded-For": {"1.2.3.4", "5.6.7.8"}}, "192.0.2.1:80", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := compile(t, tt.config).Of(tt.headers, tt.peer); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestOneHouseholdIsOneClient is row 47 of the attack list.
func TestOneHouseholdIsOneClient(t *testing.T) {
	for subnet, want := range map[int]int{0: 1, 64: 1, 128: 10_000, 72: 40} {
		r, seen := compile(t, clientip.Config{IPv6Subnet: subnet}), map[string]bool{}
		for i := range 10_000 {
			seen[r.Of(nil, fmt.Sprintf("[2001:db8:0:1:%x::%x]:1", i/256<<8, i))] = true
		}
		if len(seen) != want {
			t.Errorf("10 000 addresses of a /64 are %d clients at /%d, want %d", len(seen), subnet, want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for name, c := range map[string]clientip.Config{
		"host name":        {TrustedProxies: []string{"proxy.internal"}},
		"prefix too long":  {TrustedProxies: []string{"10.0.0.0/33"}},
		"signed prefix":    {TrustedProxies: []string{"10.0.0.0/+8"}},
		"empty prefix":     {TrustedProxies: []string{"10.0.0.0/"}},
		"empty":            {TrustedProxies: []string{""}},
		"subnet of 129":    {IPv6Subnet: 129},
		"negative subnet":  {IPv6Subnet: -1},
		"header with CRLF": {Headers: []string{"x\r\ny"}},
		"empty header":     {Headers: []string{""}},
	} {
		if _, err := clientip.Compile(c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func FuzzOf(f *testing.F) {
	f.Add("1.2.3.4, ::ffff:10.0.0.1", "[::1]:80")
	r := compile(f, clientip.Config{TrustedProxies: []string{"::1", "10.0.0.0/8"}})
	f.Fuzz(func(t *testing.T, header, peer string) {
		got := r.Of(http.Header{"X-Forwarded-For": {header}}, peer)
		if _, err := netip.ParseAddr(got); got != "" && err != nil {
			t.Errorf("%q from %q is %q", header, peer, got)
		}
	})
}
