package stepup_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/plugins/stepup"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	ada      = "ada@example.com"
	passcode = "correct horse battery"
)

// vault has an operation that asks for a fresh proof by itself, and one whose
// handler does; it also knows another factor and counts guesses.
type vault struct {
	failures atomic.Int64
	bound    int64 // guesses; 0: any number
}

var errLocked = gatehouse.NewError(http.StatusTooManyRequests, "LOCKED", "Locked")

func (v *vault) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	open := func(*gatehouse.Call, struct{}) (gatehouse.Status, error) { return gatehouse.Status{Status: true}, nil }
	return gatehouse.Parts{
		ID: "vault",
		Routes: []gatehouse.Route{
			gatehouse.Endpoint(gatehouse.Op{
				ID: "openVault", Method: http.MethodPost, Path: "/vault/open", Access: gatehouse.SignedInCached.StepUp(10 * time.Minute),
			}, open),
			gatehouse.Endpoint(gatehouse.Op{ID: "emptyVault", Method: http.MethodPost, Path: "/vault/empty", Access: gatehouse.SignedIn},
				func(c *gatehouse.Call, in struct{}) (gatehouse.Status, error) {
					if err := c.RequireProof(time.Minute); err != nil {
						return gatehouse.Status{}, err
					}
					return open(c, in)
				}),
		},
		Factors: []gatehouse.Factor{{Name: "key", Has: func(_ context.Context, u *gatehouse.User) (bool, error) {
			return strings.HasPrefix(u.Email, "key"), nil
		}}},
		Attempts: []gatehouse.AttemptGuard{v},
		Errors:   []*gatehouse.Error{errLocked},
	}, nil
}

func (v *vault) Begin(*gatehouse.Call, gatehouse.Attempt) error {
	if n := v.failures.Add(1); v.bound > 0 && n > v.bound {
		return errLocked
	}
	return nil
}

func (v *vault) Void(*gatehouse.Call, gatehouse.Attempt) error {
	v.failures.Add(-1)
	return nil
}

func (v *vault) Passed(*gatehouse.Call, gatehouse.Attempt) error {
	v.failures.Store(0)
	return nil
}

func plugins(v *vault, o stepup.Options) []gatehouse.Plugin {
	passwords := password.New(password.Options{Enabled: true})
	return []gatehouse.Plugin{
		passwords, sessions.New(), account.New(passwords.CheckPassword), gatehousetest.Door(),
		stepup.New(o, passwords.CheckPassword), v,
	}
}

func newHouse(t *testing.T, change func(*gatehouse.Config), v *vault, o stepup.Options) *gatehousetest.House {
	t.Helper()
	return gatehousetest.NewWith(t, change, plugins(v, o)...)
}

func required(factors ...string) gatehousetest.Reply {
	quoted := "[]"
	if len(factors) > 0 {
		quoted = `["` + strings.Join(factors, `","`) + `"]`
	}
	return gatehousetest.Refuses(http.StatusForbidden,
		`{"code":"STEP_UP_REQUIRED","message":"Please confirm that it is you, then try again","factors":`+quoted+`}`)
}

// TestFreshProof: a sign-in is a proof, it ages, and the password renews it.
func TestFreshProof(t *testing.T) {
	house := newHouse(t, nil, &vault{}, stepup.Options{})
	house.AddUser(ada, passcode)
	b := house.SignIn(ada, passcode)
	open := func() *gatehousetest.Answer { return b.Post("/vault/open", nil) }
	open().Expect(gatehousetest.OK(`{"status":true}`))
	house.Clock.Advance(10*time.Minute - time.Millisecond)
	open().ExpectStatus(http.StatusOK)
	house.Clock.Advance(time.Millisecond)
	open().Expect(required("password"))
	b.Post("/step-up", stepup.Prove{Password: passcode}).Expect(gatehousetest.OK(`{"status":true,"provedAt":"2026-01-02T03:14:05.678Z"}`))
	open().ExpectStatus(http.StatusOK)
	b.Post("/vault/empty", nil).ExpectStatus(http.StatusOK)
	house.Clock.Advance(time.Minute)
	b.Post("/vault/empty", nil).Expect(required("password"))
	open().ExpectStatus(http.StatusOK)
}

// TestProofIsTheSessions: another session of the same person has none, and a
// session that is refreshed gets none by it.
func TestProofIsTheSessions(t *testing.T) {
	house := newHouse(t, nil, &vault{}, stepup.Options{})
	house.AddUser(ada, passcode)
	mine, stolen := house.SignIn(ada, passcode), house.SignIn(ada, passcode)
	house.Clock.Advance(25 * time.Hour)
	for _, b := range []*gatehousetest.Browser{mine, stolen} {
		b.Get("/get-session").ExpectStatus(http.StatusOK)
	}
	mine.Post("/step-up", stepup.Prove{Password: passcode}).ExpectStatus(http.StatusOK)
	mine.Post("/vault/open", nil).ExpectStatus(http.StatusOK)
	stolen.Post("/vault/open", nil).Expect(required("password"))
}

// TestProofCannotBeGivenByTheClient: no body sets the column, and the cookie
// cache does not carry it.
func TestProofCannotBeGivenByTheClient(t *testing.T) {
	house := newHouse(t, func(c *gatehouse.Config) { c.Session.CookieCache.Enabled = true }, &vault{}, stepup.Options{})
	house.AddUser(ada, passcode)
	b := house.SignIn(ada, passcode)
	house.Clock.Advance(10 * time.Minute)
	for _, path := range []string{"/update-session", "/update-user"} {
		b.Post(path, map[string]any{"provedAt": "2026-01-02T09:00:00.000Z", "name": "Ada"})
	}
	b.Post("/vault/open", map[string]any{"provedAt": "2026-01-02T09:00:00.000Z"}).Expect(required("password"))
	if body := string(b.Get("/get-session").Body); strings.Contains(body, "provedAt") {
		t.Errorf("the column is on the wire: %s", body)
	}
}

// TestWrongPasswordProvesNothing, and guesses are bounded like those of a
// sign-in: at the bound nothing is compared any more.
func TestWrongPasswordProvesNothing(t *testing.T) {
	v := &vault{bound: 5}
	house := newHouse(t, nil, v, stepup.Options{})
	house.AddUser(ada, passcode)
	b := house.SignIn(ada, passcode)
	house.Clock.Advance(time.Hour)
	for range 5 {
		b.Post("/step-up", stepup.Prove{Password: "battery"}).Expect(gatehousetest.Fails(gatehouse.ErrInvalidPassword))
	}
	b.Post("/step-up", stepup.Prove{Password: passcode}).Expect(gatehousetest.Fails(errLocked))
	b.Post("/vault/open", nil).Expect(required("password"))
	v.failures.Store(0)
	b.Post("/step-up", stepup.Prove{Password: strings.Repeat("x", 200)}).Expect(gatehousetest.Fails(stepup.ErrTooLong))
	b.Post("/step-up", stepup.Prove{Password: passcode}).ExpectStatus(http.StatusOK)
	if n := v.failures.Load(); n != 0 {
		t.Errorf("%d failures stand after the right password", n)
	}
}

// TestFactorsAreThePersons: the answer lists what this person can do.
func TestFactorsAreThePersons(t *testing.T) {
	house := newHouse(t, nil, &vault{}, stepup.Options{})
	house.AddUser("key@example.com", passcode)
	both, none, key := house.SignIn("key@example.com", passcode), house.Enter("guest@example.com"), house.Enter("keyguest@example.com")
	house.Clock.Advance(time.Hour)
	both.Post("/vault/open", nil).Expect(required("password", "key"))
	key.Post("/vault/open", nil).Expect(required("key"))
	none.Post("/vault/open", nil).Expect(required())
	none.Post("/step-up", stepup.Prove{Password: passcode}).Expect(gatehousetest.Fails(stepup.ErrNoPassword))
	house.Post("/vault/open", nil).Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
	house.Post("/step-up", stepup.Prove{Password: passcode}).Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
}

// TestOperationsByOption: an operator asks a fresh proof of any operation, and
// its Access says so to documents and to the access matrix.
func TestOperationsByOption(t *testing.T) {
	house := newHouse(t, nil, &vault{}, stepup.Options{Operations: []string{"changePassword", "listUserSessions"}, Within: time.Minute})
	house.AddUser(ada, passcode)
	b := house.SignIn(ada, passcode)
	b.Get("/list-sessions").ExpectStatus(http.StatusOK)
	house.Clock.Advance(time.Minute)
	b.Get("/list-sessions").Expect(required("password"))
	b.Post("/change-password", map[string]any{"currentPassword": passcode, "newPassword": "another passcode"}).Expect(required("password"))
	b.Post("/step-up", stepup.Prove{Password: passcode}).ExpectStatus(http.StatusOK)
	b.Get("/list-sessions").ExpectStatus(http.StatusOK)
	i := slices.IndexFunc(house.Routes(), func(r gatehouse.Route) bool { return r.Op.ID == "changePassword" })
	if got := house.Routes()[i].Op.Access.String(); got != "signed in, proved within 1m0s" {
		t.Errorf("access is %q", got)
	}
}

// TestSessionFromBeforeThePlugin has no proof.
func TestSessionFromBeforeThePlugin(t *testing.T) {
	passwords := password.New(password.Options{Enabled: true})
	before := gatehousetest.New(t, passwords, sessions.New())
	before.AddUser(ada, passcode)
	old := before.SignIn(ada, passcode)
	house := newHouse(t, func(c *gatehouse.Config) { c.DB = before.DB.Sibling(store.Options{}) }, &vault{}, stepup.Options{})
	b := house.Browser()
	b.SetCookie("better-auth.session_token", old.Cookie("better-auth.session_token"))
	b.Post("/vault/open", nil).Expect(required("password"))
	b.Post("/step-up", stepup.Prove{Password: passcode}).ExpectStatus(http.StatusOK)
	b.Post("/vault/open", nil).ExpectStatus(http.StatusOK)
}

// TestSignedOutMeanwhile: a proof does not bring a session back.
func TestSignedOutMeanwhile(t *testing.T) {
	house := newHouse(t, nil, &vault{}, stepup.Options{})
	user := house.AddUser(ada, passcode)
	b := house.SignIn(ada, passcode)
	if err := house.Sessions.RevokeAll(t.Context(), user.ID, ""); err != nil {
		t.Fatal(err)
	}
	b.Post("/step-up", stepup.Prove{Password: passcode}).Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
}

func TestMistakesInTheWiringStopNew(t *testing.T) {
	for _, tt := range []struct {
		name    string
		plugins []gatehouse.Plugin
		want    string
	}{
		{"no plugin keeps proofs", []gatehouse.Plugin{&vault{}}, "add plugins/stepup"},
		{"unknown operation", plugins(&vault{}, stepup.Options{Operations: []string{"openSesame"}}), "openSesame"},
		{"public operation", plugins(&vault{}, stepup.Options{Operations: []string{"signInEmail"}}), "nobody to ask"},
		{"too short", plugins(&vault{}, stepup.Options{Within: time.Second}), "within"},
		{"twice", append(plugins(&vault{}, stepup.Options{}), stepup.New(stepup.Options{}, nil)), "another plugin"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := gatehouse.New(t.Context(), gatehouse.Config{
				BaseURL: gatehousetest.BaseURL, Secret: gatehousetest.Secret, Migrate: gatehouse.MigrateApply,
				DB: gatehousetest.New(t).DB.Sibling(store.Options{}), Plugins: tt.plugins,
			})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error about %s", err, tt.want)
			}
		})
	}
}
