package lockout_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/postgres"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

const (
	ada      = "ada@example.com"
	eve      = "eve@example.com"
	nobody   = "nobody@example.com"
	passcode = "correct horse battery"
	wrong    = "a wrong password"

	deviceCookie = "better-auth.known_device"
)

// house is one with passwords and a lockout, and a log of what is recorded.
type house struct {
	*gatehousetest.House
	t        testing.TB
	lockouts *lockout.Lockouts
	record   *record
}

// undelayed asks for no distance between tries, where that is not the story.
var undelayed = lockout.Options{DelayAfter: -1}

func newHouse(t testing.TB, o lockout.Options) *house {
	t.Helper()
	return newHouseWith(t, o, nil)
}

func newHouseWith(t testing.TB, o lockout.Options, change func(*gatehouse.Config)) *house {
	t.Helper()
	h := &house{t: t, lockouts: lockout.New(o), record: &record{}}
	passwords := password.New(password.Options{Enabled: true, SendResetPassword: true})
	h.House = gatehousetest.NewWith(t, change, passwords, sessions.New(), h.lockouts, h.record)
	return h
}

// twin is another node on the same database.
func (h *house) twin(o lockout.Options) *house {
	h.t.Helper()
	return newHouseWith(h.t, o, func(c *gatehouse.Config) {
		c.DB = h.DB.Sibling(c.StoreOptions(store.Options{}))
		c.Now = h.Clock.Now
	})
}

// try signs in with a password from a browser, nil for one without cookies.
func (h *house) try(b *gatehousetest.Browser, email, secret string) *gatehousetest.Answer {
	h.t.Helper()
	if b == nil {
		b = h.Browser()
	}
	return b.Post("/sign-in/email", password.SignIn{Email: email, Password: secret})
}

// fail tries n wrong passwords, each of which gets through to the hash.
func (h *house) fail(b *gatehousetest.Browser, email string, n int) {
	h.t.Helper()
	for range n {
		h.try(b, email, wrong).Expect(gatehousetest.Fails(password.ErrInvalidCredentials))
	}
}

// lock fails until the name is locked, and checks that it is.
func (h *house) lock(email string) {
	h.t.Helper()
	h.fail(nil, email, 5)
	h.try(nil, email, wrong).Expect(gatehousetest.Fails(lockout.ErrLocked))
}

// notify runs the job that tells of locks, once the last try is decided.
func (h *house) notify() {
	h.t.Helper()
	h.Clock.Advance(11 * time.Second)
	if err := h.lockouts.Notify(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// locks are those in force, as "kind whose".
func (h *house) locks() []string {
	h.t.Helper()
	found, err := h.lockouts.Locks(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	all := []string{}
	for _, l := range found {
		text := l.Kind
		for _, whose := range []*string{l.UserID, l.Address} {
			if whose != nil {
				text += " " + *whose
			}
		}
		all = append(all, text)
	}
	return all
}

// record keeps the events of the lockout, as an audit log would.
type record struct {
	mu     sync.Mutex
	events []gatehouse.Event
}

func (r *record) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	return gatehouse.Parts{ID: "record", Auditor: r}, nil
}

func (r *record) Record(_ context.Context, e gatehouse.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if strings.HasPrefix(e.Action, "lock.") {
		r.events = append(r.events, e)
	}
	return nil
}

func (r *record) all() []gatehouse.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]gatehouse.Event(nil), r.events...)
}

// together runs fn on n goroutines that start at once.
func together(n int, fn func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(1)
	for i := range n {
		done.Go(func() {
			ready.Wait()
			fn(i)
		})
	}
	ready.Done()
	done.Wait()
}

// seconds is the Retry-After of a refusal, after checking that both headers
// say the same.
func seconds(t testing.TB, a *gatehousetest.Answer) string {
	t.Helper()
	if a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != a.Header.Get("X-Retry-After") {
		t.Fatalf("answers %d, Retry-After %q, X-Retry-After %q", a.Status, a.Header.Get("Retry-After"), a.Header.Get("X-Retry-After"))
	}
	return a.Header.Get("Retry-After")
}

// pair is two nodes on one database with connections of their own: two
// processes.
func pair(t testing.TB, o lockout.Options) [2]*house {
	t.Helper()
	var open func(store.Options) (*store.DB, error)
	if os.Getenv("GATEHOUSE_TEST_STORE") == "postgres" {
		address := storetest.Postgres(t)
		open = func(o store.Options) (*store.DB, error) { return postgres.Open(address, o) }
	} else {
		file := storetest.SQLite(t)
		open = func(o store.Options) (*store.DB, error) { return sqlite.Open(file, o) }
	}
	node := func(change func(*gatehouse.Config)) *house {
		return newHouseWith(t, o, func(c *gatehouse.Config) {
			db, err := open(c.StoreOptions(store.Options{}))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			c.DB = db
			change(c)
		})
	}
	first := node(func(*gatehouse.Config) {})
	return [2]*house{first, node(func(c *gatehouse.Config) { c.Now = first.Clock.Now })}
}
