package console_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/plugins/console"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
)

const (
	root  = "root@example.com"
	peer  = "peer@example.com" // another admin
	mod   = "mod@example.com"
	ann   = "ann@example.com"
	token = "better-auth.session_token"
)

// house is a test house with the console and all that it shows.
type house struct {
	*gatehousetest.House
	set *standard.House
}

type change func(*standard.Options)

// build has nobody in it.
func build(t testing.TB, changes ...change) *house {
	t.Helper()
	o := standard.Options{Features: standard.Features{
		Admin: &admin.Options{}, Approval: &approval.Options{Mode: approval.Approval}, Console: &console.Options{},
		Audit: &audit.Options{Routes: true, Interval: time.Minute}, Lockout: &lockout.Options{},
	}}
	o.EmailAndPassword = password.Options{Enabled: true, SendResetPassword: true}
	for _, change := range changes {
		change(&o)
	}
	set, plugins, err := standard.Plugins(o)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{set: set}
	h.House = gatehousetest.NewWith(t, func(c *gatehouse.Config) {
		if o.DB != nil {
			c.DB = o.DB
		}
	}, append(plugins, gatehousetest.Door())...)
	set.App = h.App
	return h
}

// newHouse has the admin root, the moderator mod and the user ann.
func newHouse(t testing.TB, changes ...change) *house {
	t.Helper()
	h := build(t, changes...)
	h.enrol(t, root, "admin")
	h.enrol(t, mod, "moderator")
	h.enrol(t, ann, "user")
	return h
}

// enrol makes a person whose address is proved.
func (h *house) enrol(t testing.TB, address string, roles ...string) *gatehouse.User {
	t.Helper()
	user := &gatehouse.User{Email: address, Name: "Guest", EmailVerified: true}
	if len(roles) > 0 {
		user.Set("role", roles[0])
	}
	if err := h.Users.Create(t.Context(), user); err != nil {
		t.Fatalf("enrol %s: %v", address, err)
	}
	return user
}

func (h *house) id(t testing.TB, address string) string {
	t.Helper()
	user, err := h.Users.ByEmail(t.Context(), address)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return user.ID
}

// get reads an answer of 200.
func get[T any](t testing.TB, b *gatehousetest.Browser, path string) (answer T) {
	t.Helper()
	b.Get(path).ExpectStatus(http.StatusOK).JSON(&answer)
	return answer
}

// entries are the audited events of an action, newest first.
func (h *house) entries(t testing.TB, action string) []*audit.Entry {
	t.Helper()
	page, err := h.set.Audit.Find(t.Context(), audit.Query{Action: action})
	if err != nil {
		t.Fatal(err)
	}
	return page.Entries
}

// crowd adds n people, every two at the same time.
func (h *house) crowd(t testing.TB, n int) {
	t.Helper()
	for i := range n {
		h.Clock.Advance(time.Duration(i%2) * time.Millisecond)
		user := &gatehouse.User{ID: fmt.Sprintf("u%03d", i), Email: fmt.Sprintf("user%03d@example.com", i), Name: []string{"Ann", "bob", "Cid_1", "100%"}[i%4], EmailVerified: i%3 != 0}
		if err := h.Users.Create(t.Context(), user); err != nil {
			t.Fatal(err)
		}
	}
}

func text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}
