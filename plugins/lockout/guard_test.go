package lockout_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
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
