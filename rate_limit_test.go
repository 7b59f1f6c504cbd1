package gatehouse_test

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// limited switches rate limits on, with the protocol's rules, in a storage.
func limited(storage string) func(*standard.Options) {
	return func(o *standard.Options) { o.RateLimit = gatehouse.RateLimitOptions{Storage: storage} }
}

var storages = []string{"memory", "database"}

// passes counts how many of n requests are answered, and checks the others'
// answer.
func passes(t *testing.T, n int, send func() *gatehousetest.Answer) (passed int) {
	t.Helper()
	for range n {
		got := send()
		if got.Status != http.StatusTooManyRequests {
			passed++
			continue
		}
		got.Expect(gatehousetest.Fails(gatehouse.ErrTooManyRequests))
		if seconds, err := strconv.Atoi(got.Header.Get("X-Retry-After")); err != nil || seconds < 1 {
			t.Errorf("X-Retry-After is %q", got.Header.Get("X-Retry-After"))
		}
	}
	return passed
}

func TestRateLimits(t *testing.T) {
	plugin := parts(gatehouse.Parts{
		ID:     "costly",
		Routes: []gatehouse.Route{route(gatehouse.Op{ID: "costly", Method: "POST", Path: "/costly", Access: gatehouse.Public})},
		Limits: []gatehouse.Limit{{Match: func(p string) bool { return p == "/costly" }, Window: time.Minute, Max: 2}},
	})
	for _, storage := range storages {
		t.Run(storage, func(t *testing.T) {
			for _, tt := range []struct {
				path   string
				window time.Duration
				want   int
			}{
				{"/sign-in/email", 10 * time.Second, 3},
				{"/sign-up/email", 10 * time.Second, 3},
				{"/change-password", 10 * time.Second, 3},
				{"/change-email", 10 * time.Second, 3},
				{"/request-password-reset", time.Minute, 3},
				{"/send-verification-email", time.Minute, 3},
				{"/sign-out", 10 * time.Second, 100},
				{"/no-such-route", 10 * time.Second, 100},
				{"/costly", time.Minute, 2},
				{"/custom/a", time.Second, 5},
				{"/free", time.Second, 200},
			} {
				t.Run(tt.path, func(t *testing.T) {
					house := newHouse(t, func(o *standard.Options) {
						limited(storage)(o)
						o.RateLimit.CustomRules = map[string]*gatehouse.RateLimitRule{
							"/custom/*": {Window: time.Second, Max: 5}, "/free": nil,
						}
					}, plugin)
					b := house.Browser()
					send := func() *gatehousetest.Answer { return b.Post(tt.path, []int{}) } // a cheap 400, 401 or 404
					n := tt.want + 3
					if tt.want == 200 {
						n = 200
					}
					if got := passes(t, n, send); got != tt.want {
						t.Fatalf("%d of %d pass, want %d", got, n, tt.want)
					}
					if tt.want == 200 {
						return
					}
					house.Clock.Advance(tt.window - time.Millisecond)
					if got := passes(t, 1, send); got != 0 {
						t.Error("the window ended early")
					}
					house.Clock.Advance(tt.window + time.Millisecond)
					if got := passes(t, 1, send); got != 1 {
						t.Error("the window did not end")
					}
				})
			}
		})
	}
}

// TestLimitsAreByAddressAndPath: nobody is limited for somebody else.
func TestLimitsAreByAddressAndPath(t *testing.T) {
	for _, storage := range storages {
		t.Run(storage, func(t *testing.T) {
			house := newHouse(t, limited(storage))
			first, second := house.Browser(), house.Browser()
			second.Address = "198.51.100.7:1"
			in := func(b *gatehousetest.Browser) func() *gatehousetest.Answer {
				return func() *gatehousetest.Answer { return b.Post("/sign-in/email", []int{}) }
			}
			if passes(t, 4, in(first)) != 3 || passes(t, 4, in(second)) != 3 {
				t.Error("two addresses share a bucket")
			}
			if passes(t, 1, func() *gatehousetest.Answer { return first.Post("/sign-in/social", []int{}) }) != 1 {
				t.Error("two paths share a bucket")
			}
			// A limit of sign-in does not keep one from checking a session.
			first.Get("/get-session").ExpectStatus(http.StatusOK)
		})
	}
}

// TestOneBucketForEverySpelling: nothing a client can write gives it another
// count (rows 8, 48).
func TestOneBucketForEverySpelling(t *testing.T) {
	house := newHouse(t, limited("memory"))
	n := 0
	for _, path := range []string{"?x=1", "?x=2", "?", "?email=a", "?%00", "?a=b&c=d"} {
		b := house.Browser()
		b.Address = fmt.Sprintf("192.0.2.1:%d", 1000+n) // ports are not people
		b.Header.Set("X-Forwarded-For", fmt.Sprintf("10.0.0.%d", n))
		b.Header.Set("User-Agent", fmt.Sprint(n))
		if b.Post("/sign-in/email"+path, map[string]any{"email": fmt.Sprintf("%d@example.com", n)}).Status != http.StatusTooManyRequests {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d requests pass, want 3", n)
	}
}

func TestLimitsCanBeSwitchedOff(t *testing.T) {
	for name, change := range map[string]func(*standard.Options){
		"altogether": func(o *standard.Options) { o.RateLimit.Enabled = at(false) },
		"for this path": func(o *standard.Options) {
			o.RateLimit.CustomRules = map[string]*gatehouse.RateLimitRule{"/sign-in/email": nil}
		},
		"without addresses": func(o *standard.Options) { o.Advanced.IPAddress.DisableIPTracking = true },
	} {
		t.Run(name, func(t *testing.T) {
			house := newHouse(t, func(o *standard.Options) {
				limited("memory")(o)
				change(o)
			})
			if n := passes(t, 10, func() *gatehousetest.Answer { return house.Post("/sign-in/email", []int{}) }); n != 10 {
				t.Errorf("%d pass, want all", n)
			}
		})
	}
}

// TestRotatingThroughASubnet: all addresses of one IPv6 network are one
// client (row 47); the default is /64.
func TestRotatingThroughASubnet(t *testing.T) {
	for _, tt := range []struct {
		subnet int
		format string
		want   int
	}{
		{0, "[2001:db8:1:2::%x]:1", 3}, {0, "[2001:db8:1:%x::1]:1", 20}, {56, "[2001:db8:1:%x::1]:1", 3},
		{48, "[2001:db8:1:ff%02x::1]:1", 3}, {0, "[::ffff:192.0.2.%d]:1", 20},
	} {
		house := newHouse(t, func(o *standard.Options) {
			limited("memory")(o)
			o.Advanced.IPAddress.IPv6Subnet = tt.subnet
		})
		n := 0
		for i := range 20 {
			b := house.Browser()
			b.Address = fmt.Sprintf(tt.format, i)
			n += passes(t, 1, func() *gatehousetest.Answer { return b.Post("/sign-in/email", []int{}) })
		}
		if n != tt.want {
			t.Errorf("/%d over %s: %d pass, want %d", tt.subnet, tt.format, n, tt.want)
		}
	}
}

// TestParallelSignInsAtTheLimit: of 500 at once on two nodes, no more than
// the limit reach the password (row 49).
func TestParallelSignInsAtTheLimit(t *testing.T) {
	five := func(o *standard.Options) {
		limited("database")(o)
		o.RateLimit.CustomRules = map[string]*gatehouse.RateLimitRule{"/sign-in/email": {Window: time.Minute, Max: 5}}
	}
	first := newHouse(t, five)
	second := twin(t, first, five)
	n := 500
	if os.Getenv("GATEHOUSE_TEST_STORE") != "postgres" {
		n = 100 // one writer at a time
	}
	var passed, refused atomic.Int32
	together(n, func(i int) {
		house := first
		if i%2 == 1 {
			house = second
		}
		switch got := house.Post("/sign-in/email", password.SignIn{Email: "nobody", Password: "x"}); got.Status {
		case http.StatusTooManyRequests:
			refused.Add(1)
		case http.StatusServiceUnavailable: // the database was busy: nothing was decided
		case http.StatusBadRequest:
			passed.Add(1)
		default:
			t.Errorf("answers %d %s", got.Status, got.Body)
		}
	})
	if p := passed.Load(); p > 5 || p == 0 || refused.Load() == 0 {
		t.Errorf("%d pass and %d are refused, want at most 5", p, refused.Load())
	}
	if got := rows(t, first, `SELECT "count" FROM "rateLimit"`); len(got) != 1 || strings.TrimSpace(got[0]) > "5" {
		t.Errorf("the counters are %v", got)
	}
}
