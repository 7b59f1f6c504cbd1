package lockout_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
)

// TestFiveHundredGuesses: two nodes, 500 guesses at once, the right password
// not among them: five get through to the hash (rows 45 and 49).
func TestFiveHundredGuesses(t *testing.T) {
	for _, email := range []string{ada, nobody} {
		t.Run(email, func(t *testing.T) {
			o := lockout.Options{DelayAfter: -1, MaxFailuresPerAddress: -1}
			nodes := pair(t, o)
			nodes[0].AddUser(ada, passcode)
			var hashed, refused, busy, other atomic.Int32
			together(500, func(i int) {
				switch got := nodes[i%2].try(nil, email, wrong); {
				case got.Status == http.StatusUnauthorized:
					hashed.Add(1)
				case got.Text("code") == lockout.ErrLocked.Code:
					refused.Add(1)
				case got.Status == http.StatusServiceUnavailable:
					busy.Add(1)
				default:
					other.Add(1)
					t.Errorf("answers %d %s", got.Status, got.Body)
				}
			})
			t.Logf("%d hashed, %d refused, %d busy", hashed.Load(), refused.Load(), busy.Load())
			if hashed.Load() != 5 || hashed.Load()+refused.Load()+busy.Load() != 500 {
				t.Errorf("%d got through to the hash, want 5; %d refused, %d busy", hashed.Load(), refused.Load(), busy.Load())
			}
			for _, node := range nodes {
				node.try(nil, email, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
			}
		})
	}
}

// TestFiveHundredGuessesKeepTheirDistance: with the default distances even
// fewer get through at one moment.
func TestFiveHundredGuessesKeepTheirDistance(t *testing.T) {
	nodes := pair(t, lockout.Options{})
	var hashed atomic.Int32
	together(200, func(i int) {
		if nodes[i%2].try(nil, nobody, wrong).Status == http.StatusUnauthorized {
			hashed.Add(1)
		}
	})
	if hashed.Load() != 3 {
		t.Errorf("%d got through to the hash, want 3", hashed.Load())
	}
}

// TestManyNamesFromOneAddress: whoever tries one password on many names is
// stopped by the count of the address, with many nodes and at once.
func TestManyNamesFromOneAddress(t *testing.T) {
	nodes := pair(t, lockout.Options{MaxFailuresPerAddress: 20})
	nodes[0].AddUser(ada, passcode)
	var hashed atomic.Int32
	together(200, func(i int) {
		email := "person-" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + "@example.com"
		if nodes[i%2].try(nil, email, wrong).Status == http.StatusUnauthorized {
			hashed.Add(1)
		}
	})
	if hashed.Load() != 20 {
		t.Errorf("%d got through to the hash, want 20", hashed.Load())
	}
	refused := nodes[1].try(nil, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrTooSoon))
	if got := seconds(t, refused); got != "900" {
		t.Errorf("Retry-After %s, want 900", got)
	}
	elsewhere := nodes[1].Browser()
	elsewhere.Address = "198.51.100.7:999"
	nodes[1].try(elsewhere, ada, passcode).ExpectStatus(http.StatusOK)
	// A locked address no longer locks names.
	for range 6 {
		nodes[0].try(nil, eve, wrong).Expect(gatehousetest.Fails(lockout.ErrTooSoon))
	}
	nodes[0].fail(elsewhere, eve, 1)
}

// TestSuccessDoesNotClearTheAddress: an attacker with an account of his own
// gets no more guesses by signing in between; an office that mistypes little
// is not locked by its own successes either.
func TestSuccessDoesNotClearTheAddress(t *testing.T) {
	h := newHouse(t, lockout.Options{MaxFailuresPerAddress: 5, DelayAfter: -1})
	h.AddUser(eve, passcode)
	for range 20 {
		h.try(nil, eve, passcode).ExpectStatus(http.StatusOK)
	}
	for i := range 5 {
		h.fail(nil, string(rune('a'+i))+"@example.com", 1)
		if i < 4 {
			h.try(nil, eve, passcode).ExpectStatus(http.StatusOK)
		}
	}
	h.try(nil, eve, passcode).Expect(gatehousetest.Fails(lockout.ErrTooSoon))
}

// TestAddressKey: what a client writes into headers does not change its
// counter; an IPv6 network is one client (rows 46 and 47).
func TestAddressKey(t *testing.T) {
	for _, tt := range []struct {
		name   string
		peers  []string
		header http.Header
		proxy  string
		want   int // of 10 tries get through to the hash
	}{
		{"one address", []string{"203.0.113.5:1"}, nil, "", 5},
		{"ports differ", []string{"203.0.113.5:1", "203.0.113.5:2"}, nil, "", 5},
		{"two addresses", []string{"203.0.113.5:1", "203.0.113.6:1"}, nil, "", 10},
		{"IPv4 inside IPv6", []string{"203.0.113.5:1", "[::ffff:203.0.113.5]:1"}, nil, "", 5},
		{"one IPv6 network", []string{"[2001:db8::1]:1", "[2001:DB8:0:0:ffff::2]:1"}, nil, "", 5},
		{"two IPv6 networks", []string{"[2001:db8::1]:1", "[2001:db8:0:1::1]:1"}, nil, "", 10},
		{"spoofed headers", []string{"203.0.113.5:1"}, http.Header{"X-Forwarded-For": {"1.2.3.N"}, "Forwarded": {"for=1.2.3.N"}, "X-Real-Ip": {"1.2.3.N"}}, "", 5},
		{"spoofed before the proxy's", []string{"10.0.0.1:1"}, http.Header{"X-Forwarded-For": {"1.2.3.N, 203.0.113.5"}}, "10.0.0.0/8", 5},
		{"clients of a proxy", []string{"10.0.0.1:1"}, http.Header{"X-Forwarded-For": {"203.0.113.N"}}, "10.0.0.0/8", 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouseWith(t, lockout.Options{MaxFailuresPerAddress: 5, DelayAfter: -1}, func(c *gatehouse.Config) {
				if tt.proxy != "" {
					c.Advanced.IPAddress.TrustedProxies = []string{tt.proxy}
				}
			})
			through := 0
			for i := range 10 {
				b := h.Browser()
				b.Address = tt.peers[i%len(tt.peers)]
				for name, values := range tt.header {
					b.Header.Set(name, strings.ReplaceAll(values[0], "N", string(rune('0'+i))))
				}
				if h.try(b, string(rune('a'+i))+"@example.com", wrong).Status == http.StatusUnauthorized {
					through++
				}
			}
			if through != tt.want {
				t.Errorf("%d of 10 got through to the hash, want %d", through, tt.want)
			}
		})
	}
}

// TestNoAddress: where addresses are not kept, names are counted all the same.
func TestNoAddress(t *testing.T) {
	h := newHouseWith(t, undelayed, func(c *gatehouse.Config) { c.Advanced.IPAddress.DisableIPTracking = true })
	h.AddUser(ada, passcode)
	h.lock(nobody)
	h.fail(nil, ada, 4)
	h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
	h.fail(nil, ada, 4)
	if got := h.locks(); !slices.Equal(got, []string{"account"}) {
		t.Errorf("locks %v", got)
	}
}
