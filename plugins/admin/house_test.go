package admin_test

import (
	"context"
	"maps"
	"net/http"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/bearer"
	"github.com/gatehouse-auth/gatehouse/plugins/email"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	root  = "root@example.com"
	mod   = "mod@example.com"
	ann   = "ann@example.com"
	peer  = "peer@example.com" // another admin
	token = "better-auth.session_token"
)

// house is a test house with administration, and what its auditor heard.
type house struct {
	*gatehousetest.House
	adm   *admin.Admin
	heard *auditor
}

// newHouse has the admin root, the moderator mod and the user ann.
func newHouse(t *testing.T, options admin.Options, changes ...func(*gatehouse.Config)) *house {
	t.Helper()
	h := build(t, options, changes...)
	h.enrol(t, root, "admin")
	h.enrol(t, mod, "moderator")
	h.enrol(t, ann, "user")
	return h
}

func build(t *testing.T, options admin.Options, changes ...func(*gatehouse.Config)) *house {
	t.Helper()
	h := &house{heard: &auditor{}}
	passwords := password.New(password.Options{Enabled: true, SendResetPassword: true})
	h.adm = admin.New(options, passwords)
	h.House = gatehousetest.NewWith(t, func(c *gatehouse.Config) {
		c.User.DeleteUser.Enabled = true
		c.User.ChangeEmail.Enabled = true
		c.EmailVerification.SendVerificationEmail = true
		for _, change := range changes {
			change(c)
		}
	}, passwords, sessions.New(), email.New(), account.New(passwords.CheckPassword), social.New(social.Options{}), bearer.New(bearer.Options{}),
		gatehousetest.Door(), h.adm, h.heard)
	return h
}

// twin is another node on the same database.
func (h *house) twin(t *testing.T, options admin.Options) *house {
	t.Helper()
	return build(t, options, func(c *gatehouse.Config) { c.DB = h.DB.Sibling(c.StoreOptions(store.Options{})) })
}

// enrol makes a person who holds a role.
func (h *house) enrol(t *testing.T, address string, roles ...string) *gatehouse.User {
	t.Helper()
	user, err := h.adm.CreateUser(t.Context(), admin.NewUser{Email: address, Name: "Guest", Roles: roles})
	if err != nil {
		t.Fatalf("enrol %s: %v", address, err)
	}
	return user
}

// user is a person as stored now.
func (h *house) user(t *testing.T, address string) *gatehouse.User {
	t.Helper()
	user, err := h.Users.ByEmail(t.Context(), address)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return user
}

func (h *house) id(t *testing.T, address string) string {
	t.Helper()
	return h.user(t, address).ID
}

func (h *house) roleOf(t *testing.T, address string) string {
	t.Helper()
	value, _ := h.user(t, address).Get("role")
	text, _ := value.(string)
	return text
}

// as begins to act as somebody in the admin's browser.
func (h *house) as(t *testing.T, admin, target string) *gatehousetest.Browser {
	t.Helper()
	b := h.Enter(admin)
	b.Post("/admin/impersonate-user", map[string]any{"userId": h.id(t, target)}).ExpectStatus(http.StatusOK)
	return b
}

// nobody reports whether the browser has no session now.
func nobody(b *gatehousetest.Browser) bool { return string(b.Get("/get-session").Body) == "null" }

// auditor keeps what it is told.
type auditor struct {
	mu     sync.Mutex
	events []gatehouse.Event
}

func (a *auditor) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	return gatehouse.Parts{ID: "auditor", Auditor: a}, nil
}

func (a *auditor) Record(_ context.Context, e gatehouse.Event) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = append(a.events, e)
	return nil
}

// about lists the events of an action, newest last.
func (a *auditor) about(action string) []gatehouse.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	var found []gatehouse.Event
	for _, e := range a.events {
		if e.Action == action {
			found = append(found, e)
		}
	}
	return found
}

// with is a copy of body with more members.
func with(body map[string]any, more map[string]any) map[string]any {
	all := maps.Clone(body)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, more)
	return all
}
