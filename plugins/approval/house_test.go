package approval_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/email"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	root     = "root@example.com"
	mod      = "mod@example.com"
	ada      = "ada@example.com"
	eve      = "eve@example.com"
	passcode = "correct horse battery"
)

// roles is a small real authority: the role admin may do everything, moderator
// may list. It also keeps what was recorded.
type roles struct {
	app    *gatehouse.App
	role   *store.Column[*string]
	mu     sync.Mutex
	events []gatehouse.Event
	deny   string // an action that nobody may
}

func (r *roles) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	r.app = app
	r.role = store.Extend[*string](app.DB, "user", store.Field{Name: "role"})
	create := gatehouse.Op{
		ID: "adminCreate", Method: http.MethodPost, Path: "/test/create", Doc: "Creates a user as an admin does.",
		Access: gatehouse.Can("user", "create"),
	}
	other := gatehouse.Op{
		ID: "otherMethod", Method: http.MethodPost, Path: "/test/register", Doc: "Creates a user as a method does that forgot to ask.",
		Access: gatehouse.Public, Errors: []*gatehouse.Error{gatehouse.ErrUserExists},
	}
	return gatehouse.Parts{ID: "roles", Authority: r, Auditor: r, Routes: []gatehouse.Route{
		gatehouse.Endpoint(create, r.create), gatehouse.Endpoint(other, r.create),
	}}, nil
}

type newUser struct {
	Email string `json:"email"`
}

func (r *roles) create(c *gatehouse.Call, in newUser) (gatehouse.Status, error) {
	err := r.app.Users.Create(c, &gatehouse.User{Name: "Somebody", Email: in.Email})
	return gatehouse.Status{Status: err == nil}, err
}

func (r *roles) HasRole(_ context.Context, user *gatehouse.User, wanted ...string) (bool, error) {
	role, err := r.role.Of(user)
	if err != nil || role == nil {
		return false, err
	}
	for _, w := range wanted {
		if *role == w {
			return true, nil
		}
	}
	return false, nil
}

func (r *roles) Can(ctx context.Context, user *gatehouse.User, _, action string) (bool, error) {
	if action == r.deny {
		return false, nil
	}
	if action == "list" {
		return r.HasRole(ctx, user, "admin", "moderator")
	}
	return r.HasRole(ctx, user, "admin")
}

func (r *roles) Administrators(ctx context.Context, limit int) ([]*gatehouse.User, error) {
	return store.Define[gatehouse.User](r.app.DB, "user").Find(ctx, store.Search{
		Where: []store.Condition{{Field: "role", Value: "admin"}}, OrderBy: "createdAt", Limit: limit,
	})
}

func (r *roles) Appoint(user *gatehouse.User) { user.Set("role", "admin") }

func (r *roles) Record(_ context.Context, e gatehouse.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	return nil
}

// recorded counts the events of an action with an outcome.
func (r *roles) recorded(action, outcome string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, e := range r.events {
		if e.Action == action && e.Outcome == outcome {
			n++
		}
	}
	return n
}

// house is an App with an administrator, a moderator and the plugin under test.
type house struct {
	*gatehousetest.House
	approvals *approval.Approvals
	roles     *roles
}

type change func(*gatehouse.Config, *password.Options)

func open(t testing.TB, o approval.Options, changes ...change) *house {
	t.Helper()
	h := build(t, o, changes...)
	for address, role := range map[string]string{root: "admin", mod: "moderator"} {
		user := &gatehouse.User{Name: role, Email: address, EmailVerified: true}
		user.Set("role", role)
		if err := h.Users.Create(context.Background(), user); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func build(t testing.TB, o approval.Options, changes ...change) *house {
	t.Helper()
	h := &house{approvals: approval.New(o), roles: &roles{}}
	h.House = gatehousetest.NewWith(t, func(c *gatehouse.Config) {
		passwords := password.Options{Enabled: true, SendResetPassword: true}
		c.EmailVerification.SendVerificationEmail = true
		c.User.ChangeEmail.Enabled = true
		c.User.ChangeEmail.UpdateEmailWithoutVerification = true
		for _, change := range changes {
			change(c, &passwords)
		}
		p := password.New(passwords)
		c.Plugins = []gatehouse.Plugin{p, sessions.New(), email.New(), account.New(p.CheckPassword), h.roles, h.approvals, gatehousetest.Door()}
	})
	return h
}

// twin is a second App on the database of h: another node.
func (h *house) twin(t testing.TB, o approval.Options) *house {
	t.Helper()
	return build(t, o, func(c *gatehouse.Config, _ *password.Options) { c.DB = h.DB.Sibling(c.StoreOptions(store.Options{})) })
}

// signUp is the body of a sign-up, with more members as name, value, ….
func signUp(address string, more ...string) map[string]any {
	body := map[string]any{"name": "Ada", "email": address, "password": passcode}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i]] = more[i+1]
	}
	return body
}

// user is the stored user of an address, nil when there is none.
func (h *house) user(t testing.TB, address string) *gatehouse.User {
	t.Helper()
	user, err := h.Users.ByEmail(context.Background(), address)
	if err != nil {
		return nil
	}
	return user
}

// wait signs somebody up for approval and returns the request's id.
func (h *house) wait(t testing.TB, address string) string {
	t.Helper()
	h.Post("/sign-up/email", signUp(address)).ExpectStatus(http.StatusOK)
	request, err := h.approvals.RequestOf(context.Background(), h.user(t, address).ID)
	if err != nil {
		t.Fatal(err)
	}
	return request.ID
}

// noCredential fails the test if the answer has a cookie or a token.
func noCredential(t testing.TB, a *gatehousetest.Answer) {
	t.Helper()
	for name, c := range a.Cookies {
		if c.Value != "" && c.MaxAge >= 0 {
			t.Errorf("cookie %s is set", name)
		}
	}
	if a.Text("token") != "" || a.Header.Get("set-auth-token") != "" {
		t.Errorf("a token is in %s", a.Body)
	}
}

// together runs fn on n goroutines that start at once.
func together(n int, fn func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			fn(i)
		})
	}
	done.Wait()
}
