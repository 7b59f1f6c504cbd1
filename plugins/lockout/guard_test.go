package lockout_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/store"
)

// TestFiveFailuresLock walks through a lock from its first failure to its end.
func TestFiveFailuresLock(t *testing.T) {
	h := newHouse(t, undelayed)
	h.AddUser(ada, passcode)
	h.fail(nil, ada, 5)
	locked := h.try(nil, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
	if got := seconds(t, locked); got != "900" {
		t.Errorf("Retry-After %s, want 900", got)
	}
	// A name in another letter case is the same name.
	h.try(nil, "ADA@example.com", passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
	h.Clock.Advance(15*time.Minute - time.Millisecond)
	if got := seconds(t, h.try(nil, ada, passcode)); got != "1" {
		t.Errorf("Retry-After %s, want 1", got)
	}
	h.Clock.Advance(time.Millisecond)
	h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
	if got := h.locks(); len(got) != 0 {
		t.Errorf("locks %v", got)
	}
}

// TestSuccessClears: failures in a row count, not failures in all.
func TestSuccessClears(t *testing.T) {
	h := newHouse(t, undelayed)
	h.AddUser(ada, passcode)
	for range 3 {
		h.fail(nil, ada, 4)
		h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
	}
}

// TestWindow: a pause as long as the window forgets the failures before it; a
// shorter one does not, however many there are.
func TestWindow(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pause time.Duration
		fails int
	}{
		{"shorter", 15*time.Minute - time.Millisecond, 5},
		{"as long", 15 * time.Minute, 8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, undelayed)
			h.fail(nil, nobody, 4)
			for range tt.fails - 4 {
				h.Clock.Advance(tt.pause)
				h.fail(nil, nobody, 1)
			}
			if tt.fails == 5 {
				h.try(nil, nobody, wrong).Expect(gatehousetest.Fails(lockout.ErrLocked))
				return
			}
			h.fail(nil, nobody, 4)
			h.try(nil, nobody, wrong).Expect(gatehousetest.Fails(lockout.ErrLocked))
		})
	}
}

// TestLocksGrow: each lock lasts twice as long as the one before, up to the
// longest, and starts over after a long rest.
func TestLocksGrow(t *testing.T) {
	h := newHouse(t, lockout.Options{DelayAfter: -1, LockFor: 30 * time.Minute, MaxLockFor: 3 * time.Hour})
	lock := func(want time.Duration) {
		t.Helper()
		h.fail(nil, nobody, 5)
		refused := h.try(nil, nobody, wrong).Expect(gatehousetest.Fails(lockout.ErrLocked))
		if got, err := time.ParseDuration(seconds(t, refused) + "s"); err != nil || got != want {
			t.Fatalf("locked for %s, want %s (%v)", got, want, err)
		}
		h.Clock.Advance(want)
	}
	for _, want := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 3 * time.Hour} {
		lock(want)
	}
	h.Clock.Advance(24 * time.Hour)
	lock(30 * time.Minute)
}

// TestDistance: after three failures tries must keep a distance, which grows.
// One that comes too soon is neither counted nor compared.
func TestDistance(t *testing.T) {
	h := newHouse(t, lockout.Options{MaxFailures: 12})
	h.AddUser(ada, passcode)
	h.fail(nil, ada, 3)
	for _, want := range []string{"1", "2", "4", "8", "16", "32", "60", "60"} {
		for range 3 {
			refused := h.try(nil, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrTooSoon))
			if got := seconds(t, refused); got != want {
				t.Fatalf("Retry-After %s, want %s", got, want)
			}
		}
		d, _ := time.ParseDuration(want + "s")
		h.Clock.Advance(d)
		h.fail(nil, ada, 1)
	}
	h.Clock.Advance(time.Minute)
	h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
}

// TestUnknownNamesAreLockedAlike compares everything that a stranger sees, and
// what is asked of the database, for an account, an account without a
// password, and nobody.
func TestUnknownNamesAreLockedAlike(t *testing.T) {
	h := newHouse(t, lockout.Options{DisableMail: true}) // or the job's statements may come between
	h.AddUser(ada, passcode)
	h.Invite(eve)
	type step struct {
		answer     string
		statements []string
	}
	story := func(email string) (all []step) {
		for range 8 {
			var got *gatehousetest.Answer
			asked := h.Statements(func() { got = h.try(nil, email, wrong) })
			asked = slices.DeleteFunc(asked, func(sql string) bool { return strings.Contains(sql, "'locked' AND") })
			header := got.Header.Clone()
			header.Del("Date")
			all = append(all, step{http.StatusText(got.Status) + string(got.Body) + header.Get("Retry-After") + strings.Join(keys(header), ","), asked})
			h.Clock.Advance(900 * time.Millisecond)
			if len(all)%2 == 0 {
				h.Clock.Advance(2 * time.Second)
			}
		}
		return all
	}
	want := story(ada)
	if !strings.Contains(want[7].answer, "ACCOUNT_LOCKED") || !strings.Contains(want[3].answer+want[4].answer, "TOO_MANY_ATTEMPTS") {
		t.Fatalf("the story is not told: %+v", want)
	}
	for _, email := range []string{eve, nobody} {
		for i, got := range story(email) {
			if got.answer != want[i].answer || !slices.Equal(got.statements, want[i].statements) {
				t.Errorf("%s, try %d:\n got %s\n%.80q\nwant %s\n%.80q", email, i+1, got.answer, got.statements, want[i].answer, want[i].statements)
			}
		}
	}
}

func keys(header http.Header) []string {
	var names []string
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestTheTableHoldsNoNames: what strangers typed is nowhere in the database.
func TestTheTableHoldsNoNames(t *testing.T) {
	h := newHouse(t, undelayed)
	h.lock(nobody)
	h.notify()
	for _, row := range dump(t, h, "lockout") {
		if strings.Contains(row, "nobody") || strings.Contains(row, "example") {
			t.Errorf("the table tells: %s", row)
		}
	}
}

// dump is every row of a table as text.
func dump(t testing.TB, h *house, table string) []string {
	t.Helper()
	found, err := h.DB.SQL().QueryContext(t.Context(), `SELECT * FROM "`+table+`"`)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	columns, _ := found.Columns()
	var all []string
	for found.Next() {
		values, targets := make([]*string, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := found.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, v := range values {
			if v != nil {
				text += *v
			}
			text += "|"
		}
		all = append(all, text)
	}
	return all
}

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

// TestRestartKeepsCounts: a new process on the same database goes on counting.
func TestRestartKeepsCounts(t *testing.T) {
	h := newHouse(t, undelayed)
	h.AddUser(ada, passcode)
	h.fail(nil, ada, 3)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	again := h.twin(undelayed)
	again.fail(nil, ada, 2)
	again.try(nil, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
}

// TestLostDatabaseIsNoFailure: a fault is a 503 and counts for nothing (row 50).
func TestLostDatabaseIsNoFailure(t *testing.T) {
	nodes := pair(t, undelayed)
	h, lost := nodes[0], nodes[1]
	h.AddUser(ada, passcode)
	if err := lost.DB.Close(); err != nil {
		t.Fatal(err)
	}
	h.fail(nil, ada, 4)
	for range 10 {
		for _, secret := range []string{wrong, passcode} {
			got := lost.try(nil, ada, secret).Expect(gatehousetest.Fails(gatehouse.ErrUnavailable))
			if len(got.Cookies) != 0 {
				t.Errorf("cookies %v", got.Cookies)
			}
		}
	}
	h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
}

// TestLostTableIsNoFailure: where only the counters cannot be reached, nobody
// gets past them uncounted, and nothing is compared.
func TestLostTableIsNoFailure(t *testing.T) {
	h := newHouse(t, undelayed)
	h.AddUser(ada, passcode)
	if _, err := h.DB.SQL().ExecContext(t.Context(), `ALTER TABLE "lockout" RENAME TO "lost"`); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{wrong, passcode} {
		if got := h.try(nil, ada, secret); got.Status < 500 || len(got.Cookies) != 0 {
			t.Errorf("answers %d %s %v", got.Status, got.Body, got.Cookies)
		}
	}
	if _, err := h.DB.SQL().ExecContext(t.Context(), `ALTER TABLE "lost" RENAME TO "lockout"`); err != nil {
		t.Fatal(err)
	}
	h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
}

// TestBusyHashIsNoFailure: what a closed pool did not compare is taken back,
// from the name and from the address.
func TestBusyHashIsNoFailure(t *testing.T) {
	h := newHouse(t, lockout.Options{MaxFailuresPerAddress: 5, DelayAfter: -1})
	h.AddUser(ada, passcode)
	broken := h.twin(lockout.Options{MaxFailuresPerAddress: 5, DelayAfter: -1})
	if err := broken.Close(); err != nil {
		t.Fatal(err)
	}
	h.fail(nil, ada, 4)
	for range 10 {
		if got := broken.try(nil, ada, passcode); got.Status < 500 {
			t.Fatalf("answers %d %s", got.Status, got.Body)
		}
		if got := broken.try(nil, nobody, wrong); got.Status < 500 {
			t.Fatalf("answers %d %s", got.Status, got.Body)
		}
	}
	h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
	h.fail(nil, nobody, 1)
}

// TestClockThatJumps: a clock that was ahead for a while locks nobody for
// longer (row 120).
func TestClockThatJumps(t *testing.T) {
	h := newHouse(t, undelayed)
	h.AddUser(ada, passcode)
	h.Clock.Advance(24 * time.Hour)
	h.lock(ada)
	h.Clock.Advance(-24 * time.Hour)
	h.fail(nil, ada, 4)
	h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
}

// TestClosedSignInCountsNothing: what never gets to a password is no failure.
func TestClosedSignInCountsNothing(t *testing.T) {
	h := newHouse(t, undelayed)
	h.AddUser(ada, passcode)
	for range 20 {
		h.try(nil, "no address", wrong).Expect(gatehousetest.Fails(gatehouse.ErrInvalidEmail))
		h.try(nil, ada, strings.Repeat("x", 200)).Expect(gatehousetest.Fails(password.ErrTooLong))
	}
	h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
}

// TestNaming: the statements hold under other names and with ids of another
// kind.
func TestNaming(t *testing.T) {
	h := newHouseWith(t, undelayed, func(c *gatehouse.Config) {
		c.DB = gatehousetest.OpenStore(t, c.StoreOptions(store.Options{Naming: store.Naming{Style: store.SnakePlural}}))
	})
	user := h.AddUser(ada, passcode)
	b := h.SignIn(ada, passcode)
	h.lock(ada)
	h.notify()
	h.try(b, ada, passcode).ExpectStatus(http.StatusOK)
	if got := h.locks(); !slices.Equal(got, []string{"account " + user.ID}) {
		t.Errorf("locks %v", got)
	}
	h.Post("/lockout/unlock", lockout.Unlock{Token: h.unlockToken(ada)}).ExpectStatus(http.StatusOK)
	h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
}
