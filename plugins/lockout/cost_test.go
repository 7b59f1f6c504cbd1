package lockout_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
)

// verb is what a statement does to the lockout's table; "" is another table's.
var verb = regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE)[^()]*?"lockout"`)

// asked runs fn and lists what it asked of the lockout's table.
func (h *house) asked(fn func()) []string {
	var verbs []string
	for _, sql := range h.Statements(fn) {
		if strings.Contains(sql, "'locked' AND") {
			continue // the job that tells of locks, which runs when it likes
		}
		if strings.HasPrefix(sql, "SELECT") && strings.Contains(sql, `FROM "lockout"`) {
			verbs = append(verbs, "SELECT")
		} else if found := verb.FindStringSubmatch(sql); found != nil {
			verbs = append(verbs, found[1])
		}
	}
	return verbs
}

// TestStatementsPerSignIn says what the lockout adds to each way to try. One
// more is a regression.
func TestStatementsPerSignIn(t *testing.T) {
	h := newHouse(t, undelayed)
	h.AddUser(ada, passcode)
	known := h.SignIn(ada, passcode)
	expect := func(name string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s asks %v, want %v", name, got, want)
		}
	}
	sign := func(b *gatehousetest.Browser, secret string, status int) func() {
		return func() { h.try(b, ada, secret).ExpectStatus(status) }
	}
	// Count on name and address in one transaction; take both back in another.
	expect("a stranger's sign-in", h.asked(sign(nil, passcode, 200)), "SELECT", "INSERT", "INSERT", "UPDATE", "DELETE")
	expect("a known browser's sign-in", h.asked(sign(known, passcode, 200)), "SELECT", "INSERT", "DELETE")
	expect("a known browser's failure", h.asked(sign(known, wrong, 401)), "SELECT", "INSERT")
	expect("a stranger's failure", h.asked(sign(nil, wrong, 401)), "SELECT", "INSERT", "INSERT")
	h.fail(nil, ada, 4)
	expect("a locked name", h.asked(sign(nil, wrong, 429)), "SELECT")
	expect("a session check", h.asked(func() { known.Get("/get-session").ExpectStatus(200) }))
}

// TestSweep: what has no say any more goes, and only that.
func TestSweep(t *testing.T) {
	h := newHouse(t, undelayed)
	user := h.AddUser(ada, passcode)
	h.SignIn(ada, passcode).Post("/change-password", password.Change{CurrentPassword: passcode, NewPassword: passcode + "!"}).ExpectStatus(http.StatusOK)
	h.fail(nil, eve, 1)
	h.lock(nobody)
	sweep := func(after time.Duration, want int) {
		t.Helper()
		h.Clock.Advance(after)
		if err := h.lockouts.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := len(dump(t, h, "lockout")); got != want {
			t.Errorf("after %s: %d rows, want %d", after, got, want)
		}
	}
	sweep(14*time.Minute, 4)                // eve, nobody, the address, the password
	sweep(time.Minute+time.Millisecond, 2)  // nobody with a lock, the password
	sweep(47*time.Hour, 2)                  // the lock is still counted
	sweep(time.Hour, 1)                     // the password
	sweep(180*24*time.Hour-50*time.Hour, 1) // its browsers may be known yet
	sweep(3*time.Hour, 0)
	if _, err := h.Users.ByID(t.Context(), user.ID); err != nil {
		t.Error(err)
	}
}

// BenchmarkSignIn compares signing in with and without a lockout: the cost is
// that of its statements beside one hash.
func BenchmarkSignIn(b *testing.B) {
	run := func(b *testing.B, h *gatehousetest.House, browser *gatehousetest.Browser, secret string) {
		b.Helper()
		b.ReportAllocs()
		for b.Loop() {
			one := h.Browser()
			if browser != nil {
				one = browser.Clone()
			}
			one.Post("/sign-in/email", password.SignIn{Email: ada, Password: secret})
		}
	}
	b.Run("without", func(b *testing.B) {
		h := gatehousetest.New(b, password.New(password.Options{Enabled: true}))
		h.AddUser(ada, passcode)
		run(b, h, nil, passcode)
	})
	for name, known := range map[string]bool{"stranger": false, "known": true} {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b, lockout.Options{})
			h.AddUser(ada, passcode)
			var browser *gatehousetest.Browser
			if known {
				browser = h.SignIn(ada, passcode)
			}
			run(b, h.House, browser, passcode)
		})
	}
	b.Run("locked", func(b *testing.B) {
		h := newHouse(b, undelayed)
		h.AddUser(ada, passcode)
		for range 5 {
			h.try(nil, ada, wrong)
		}
		run(b, h.House, nil, wrong)
	})
}

// counted is a plugin whose operation tries and passes, without a hash.
type counted struct{ app *gatehouse.App }

func (p *counted) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	p.app = app
	op := gatehouse.Op{ID: "counted", Method: http.MethodPost, Path: "/counted", Access: gatehouse.Public, Doc: "Tries and passes."}
	return gatehouse.Parts{ID: "counted", Routes: []gatehouse.Route{gatehouse.Endpoint(op, p.pass)}}, nil
}

func (p *counted) pass(c *gatehouse.Call, _ struct{}) (gatehouse.Status, error) {
	a := gatehouse.Attempt{Method: "password", Identifier: ada}
	if err := c.Begin(a); err != nil {
		return gatehouse.Status{}, err
	}
	return gatehouse.Status{Status: true}, c.Passed(a)
}

// BenchmarkAttempt is what the lockout adds to a stranger's sign-in: counting
// and taking back, two transactions.
func BenchmarkAttempt(b *testing.B) {
	for name, plugins := range map[string][]gatehouse.Plugin{
		"without": {&counted{}},
		"with":    {&counted{}, lockout.New(lockout.Options{})},
	} {
		b.Run(name, func(b *testing.B) {
			h := gatehousetest.New(b, plugins...)
			b.ReportAllocs()
			for b.Loop() {
				h.Post("/counted", struct{}{}).ExpectStatus(http.StatusOK)
			}
		})
	}
}
