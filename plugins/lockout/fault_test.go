package lockout_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/store"
)

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
