package gatehouse_test

import (
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// TestClientAddress: the address that a session and a rate limit are tied to.
// Headers count from trusted proxies only (row 46).
func TestClientAddress(t *testing.T) {
	direct := gatehouse.IPAddressOptions{}
	proxied := gatehouse.IPAddressOptions{TrustedProxies: []string{"192.0.2.1", "10.0.0.0/8", "2001:db8::/32"}}
	cloud := gatehouse.IPAddressOptions{TrustedProxies: []string{"192.0.2.1"}, IPAddressHeaders: []string{"cf-connecting-ip", "x-forwarded-for"}}
	for _, tt := range []struct {
		name    string
		options gatehouse.IPAddressOptions
		peer    string
		header  map[string]string
		want    string
	}{
		{"direct", direct, "192.0.2.1:99", nil, "192.0.2.1"},
		{"direct, spoofed", direct, "192.0.2.1:99", map[string]string{"X-Forwarded-For": "1.2.3.4"}, "192.0.2.1"},
		{"direct, every header spoofed", direct, "192.0.2.1:99", map[string]string{
			"X-Real-Ip": "1.2.3.4", "Forwarded": "for=1.2.3.4", "Cf-Connecting-Ip": "1.2.3.4", "True-Client-Ip": "1.2.3.4", "X-Client-Ip": "1.2.3.4",
		}, "192.0.2.1"},
		{"IPv4 in IPv6", direct, "[::ffff:192.0.2.7]:1", nil, "192.0.2.7"},
		{"IPv6", direct, "[2001:DB8:1:2:3:4:5:6]:1", nil, "2001:0db8:0001:0002:0000:0000:0000:0000"},
		{"IPv6 with a zone", direct, "[fe80::1%eth0]:1", nil, "fe80:0000:0000:0000:0000:0000:0000:0000"},
		{"a socket without an address", direct, "@", nil, ""},
		{"proxied", proxied, "192.0.2.1:99", map[string]string{"X-Forwarded-For": "1.2.3.4"}, "1.2.3.4"},
		{"proxied, two hops", proxied, "192.0.2.1:99", map[string]string{"X-Forwarded-For": "1.2.3.4, 10.9.9.9"}, "1.2.3.4"},
		{"proxied, the client lies", proxied, "192.0.2.1:99", map[string]string{"X-Forwarded-For": "6.6.6.6, 1.2.3.4, 10.9.9.9"}, "1.2.3.4"},
		{"proxied, the client names a proxy", proxied, "192.0.2.1:99", map[string]string{"X-Forwarded-For": "10.0.0.1, 1.2.3.4"}, "1.2.3.4"},
		{"proxied, empty entries", proxied, "192.0.2.1:99", map[string]string{"X-Forwarded-For": ", ,1.2.3.4,,"}, "1.2.3.4"},
		{"proxied, nonsense", proxied, "192.0.2.1:99", map[string]string{"X-Forwarded-For": "1.2.3.4, unknown"}, "192.0.2.1"},
		{"proxied, a port", proxied, "192.0.2.1:99", map[string]string{"X-Forwarded-For": "1.2.3.4:80"}, "192.0.2.1"},
		{"proxied, only proxies", proxied, "192.0.2.1:99", map[string]string{"X-Forwarded-For": "10.0.0.1, 10.0.0.2"}, "192.0.2.1"},
		{"proxied, IPv6 in capitals", proxied, "[2001:db8::9]:1", map[string]string{"X-Forwarded-For": "2A00:1450::ABCD"}, "2a00:1450:0000:0000:0000:0000:0000:0000"},
		{"proxied, IPv4 in IPv6", proxied, "[::ffff:192.0.2.1]:1", map[string]string{"X-Forwarded-For": "::ffff:1.2.3.4"}, "1.2.3.4"},
		{"proxied, header of another name", proxied, "192.0.2.1:99", map[string]string{"X-Real-Ip": "1.2.3.4"}, "192.0.2.1"},
		{"not the proxy", proxied, "203.0.113.9:1", map[string]string{"X-Forwarded-For": "1.2.3.4"}, "203.0.113.9"},
		{"a cloud's own header first", cloud, "192.0.2.1:1", map[string]string{"Cf-Connecting-Ip": "1.1.1.1", "X-Forwarded-For": "1.2.3.4"}, "1.1.1.1"},
		{"a cloud's header that is missing", cloud, "192.0.2.1:1", map[string]string{"X-Forwarded-For": "1.2.3.4"}, "1.2.3.4"},
		{"switched off", gatehouse.IPAddressOptions{DisableIPTracking: true}, "192.0.2.1:1", nil, ""},
		{"anyone is believed", gatehouse.IPAddressOptions{InsecureTrustAnyProxy: true}, "203.0.113.9:1", map[string]string{"X-Forwarded-For": "1.2.3.4"}, "1.2.3.4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			house := newHouse(t, func(o *standard.Options) { o.Advanced.IPAddress = tt.options })
			house.Invite(ada)
			b := house.Browser()
			b.Address = tt.peer
			for name, value := range tt.header {
				b.Header.Set(name, value)
			}
			b.Post("/door", gatehousetest.Knock{Email: ada}).ExpectStatus(200)
			session, _, err := house.Sessions.ByToken(t.Context(), tokenOf(b))
			if err != nil || session.IPAddress == nil || *session.IPAddress != tt.want {
				t.Errorf("the session is tied to %v (%v), want %q", session, err, tt.want)
			}
		})
	}
}
