package lockout_test

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

func storeChange(field string, value any) store.Change {
	return store.Change{Field: field, Value: value}
}

// TestLocksAreListedAndCleared by each of the ways to name them.
func TestLocksAreListedAndCleared(t *testing.T) {
	h := newHouse(t, lockout.Options{DelayAfter: -1, MaxFailuresPerAddress: 20})
	user := h.AddUser(ada, passcode)
	b := h.SignIn(ada, passcode)
	for _, tt := range []struct {
		name   string
		make   func()
		target func(lockout.Lock) lockout.Target
		want   []string
		ended  int
	}{
		{"by user", func() { h.lock(ada); h.fail(b, eve, 1); h.fail(b, ada, 5) },
			func(lockout.Lock) lockout.Target { return lockout.Target{UserID: user.ID} },
			[]string{"account " + user.ID, "device " + user.ID}, 2},
		{"by identifier", func() { h.lock(nobody) },
			func(lockout.Lock) lockout.Target { return lockout.Target{Identifier: "Nobody@Example.com"} }, []string{"account"}, 1},
		{"by id", func() { h.lock(eve) },
			func(l lockout.Lock) lockout.Target { return lockout.Target{ID: l.ID} }, []string{"account"}, 1},
		{"by address", func() {
			from := h.Browser()
			from.Address = "[2001:db8::7]:1"
			for i := range 20 {
				h.fail(from, string(rune('a'+i))+"@example.org", 1)
			}
		}, func(l lockout.Lock) lockout.Target { return lockout.Target{Address: *l.Address} },
			[]string{"address 2001:0db8:0000:0000:0000:0000:0000:0000"}, 1},
		{"what is not locked", func() {},
			func(lockout.Lock) lockout.Target { return lockout.Target{UserID: "nobody"} }, []string{}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.make()
			got := h.locks()
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Fatalf("locks %v, want %v", got, tt.want)
			}
			all, err := h.lockouts.Locks(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var newest lockout.Lock
			if len(all) > 0 {
				newest = all[0]
				if !newest.LastAt.Equal(h.Now()) || !newest.Until.Equal(h.Now().Add(15*time.Minute)) || newest.Failures < 5 {
					t.Errorf("listed as %+v", newest)
				}
			}
			ended, err := h.lockouts.Clear(t.Context(), tt.target(newest))
			if err != nil || ended != tt.ended {
				t.Errorf("ended %d locks, %v; want %d", ended, err, tt.ended)
			}
			if left := h.locks(); len(left) != 0 {
				t.Errorf("left %v", left)
			}
			h.Clock.Advance(time.Hour)
		})
	}
	h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
	for _, event := range h.record.all() {
		if event.Action == "lock.clear" && event.Details["reason"] != "admin" {
			t.Errorf("recorded %+v", event)
		}
	}
}

func TestClearNeedsOneTarget(t *testing.T) {
	h := newHouse(t, undelayed)
	for _, target := range []lockout.Target{{}, {ID: "a", UserID: "b"}, {Identifier: ada, Address: "192.0.2.1"}} {
		if _, err := h.lockouts.Clear(t.Context(), target); err == nil {
			t.Errorf("Clear(%+v) succeeds", target)
		}
	}
}

// authority lets one address do everything.
type authority struct{}

func (authority) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	return gatehouse.Parts{ID: "authority", Authority: authority{}}, nil
}

func (authority) HasRole(_ context.Context, u *gatehouse.User, _ ...string) (bool, error) {
	return u.Email == ada, nil
}

func (authority) Can(_ context.Context, u *gatehouse.User, resource, action string) (bool, error) {
	return u.Email == ada && resource == "user" && (action == "list" || action == "update"), nil
}

// TestAdminRoutes walks them as nobody, as somebody and as an admin.
func TestAdminRoutes(t *testing.T) {
	h := &house{t: t, lockouts: lockout.New(lockout.Options{DelayAfter: -1, AdminRoutes: true}), record: &record{}}
	h.House = gatehousetest.New(t, password.New(password.Options{Enabled: true}), h.lockouts, authority{}, h.record)
	admin := h.AddUser(ada, passcode)
	user := h.AddUser(eve, passcode)
	boss, person := h.SignIn(ada, passcode), h.SignIn(eve, passcode)
	h.lock(eve)
	for _, tt := range []struct {
		name string
		b    *gatehousetest.Browser
		want *gatehouse.Error
	}{{"nobody", h.Browser(), gatehouse.ErrUnauthorized}, {"somebody", person, gatehouse.ErrForbidden}} {
		t.Run(tt.name, func(t *testing.T) {
			tt.b.Get("/lockout/list").Expect(gatehousetest.Fails(tt.want))
			tt.b.Post("/lockout/clear", lockout.Clear{UserID: user.ID}).Expect(gatehousetest.Fails(tt.want))
		})
	}
	boss.Get("/lockout/list").Expect(gatehousetest.OK(`{"locks":[{"id":"…","kind":"account","method":"password","userId":"` + user.ID +
		`","address":null,"failures":5,"lastAt":"2026-01-02T03:04:05.678Z","until":"2026-01-02T03:19:05.678Z"}]}`))
	boss.Post("/lockout/clear", lockout.Clear{}).Expect(gatehousetest.Fails(lockout.ErrTarget))
	boss.Post("/lockout/clear", lockout.Clear{UserID: user.ID}).Expect(gatehousetest.OK(`{"ended":1}`))
	boss.Get("/lockout/list").Expect(gatehousetest.OK(`{"locks":[]}`))
	h.try(nil, eve, passcode).ExpectStatus(http.StatusOK)
	if got := h.record.all(); len(got) != 1 || got[0].Action != "lock.clear" || got[0].Actor != admin.ID || got[0].Target != user.ID {
		t.Errorf("recorded %+v", got)
	}
}

// TestWiring: mistakes stop New with a sentence.
func TestWiring(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options lockout.Options
		want    string
	}{
		{"one failure", lockout.Options{MaxFailures: 1}, "maxFailures is 1: want 2 to 100"},
		{"no window", lockout.Options{Window: time.Second}, "window is 1s: want 1m0s to 24h0m0s"},
		{"a long lock", lockout.Options{LockFor: 25 * time.Hour}, "lockFor is 25h0m0s"},
		{"a lock that shrinks", lockout.Options{LockFor: time.Hour, MaxLockFor: time.Minute}, "maxLockFor is 1m0s: want 1h0m0s"},
		{"a long distance", lockout.Options{Delay: time.Hour}, "delay is 1h0m0s"},
		{"no distance", lockout.Options{DelayAfter: -2}, "delayAfter is -2"},
		{"one failure for an address", lockout.Options{MaxFailuresPerAddress: 1}, "maxFailuresPerAddress is 1"},
		{"a device for ever", lockout.Options{DeviceTTL: 1000 * 24 * time.Hour}, "deviceTTL is 24000h0m0s"},
		{"a link for ever", lockout.Options{UnlockTTL: 1000 * time.Hour}, "unlockTTL is 1000h0m0s"},
		{"a page that is a script", lockout.Options{UnlockURL: "javascript:alert(1)"}, "unlockURL"},
		{"a page of no scheme", lockout.Options{UnlockURL: "//evil.example"}, "unlockURL"},
		{"routes that nobody may call", lockout.Options{AdminRoutes: true}, "no plugin answers permission questions"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"), store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			app, err := gatehouse.New(t.Context(), gatehouse.Config{
				BaseURL: gatehousetest.BaseURL, Secret: gatehousetest.Secret, DB: db,
				Migrate: gatehouse.MigrateApply, Plugins: []gatehouse.Plugin{lockout.New(tt.options)},
			})
			if err == nil {
				_ = app.Close()
				t.Fatal("New succeeds")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New says %q, want %q in it", err, tt.want)
			}
		})
	}
}
