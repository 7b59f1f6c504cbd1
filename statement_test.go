package gatehouse_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/email"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
)

// TestStatementsPerOperation counts what each core operation asks of the
// database, begin and commit and the outbox aside. A number that grows is a
// regression; one that shrinks is to be written down here. The protocol's
// reference needs 2 for a session check, 4 to sign in and 7 to sign up.
func TestStatementsPerOperation(t *testing.T) {
	house := newHouse(t, nil)
	house.AddUser(ada, passcode)
	b := house.Enter(ada)
	reset := func() string {
		house.Post("/request-password-reset", password.RequestReset{Email: ada}).ExpectStatus(http.StatusOK)
		return tokenIn(t, house, "reset-password", ada)
	}
	type sent = *gatehousetest.Answer
	post := func(path string, body any) func() sent { return func() sent { return b.Post(path, body) } }
	get := func(path string) func() sent { return func() sent { return b.Get(path) } }
	for _, tt := range []struct {
		name string
		want int
		send func() sent
	}{
		{"a session check", 1, get("/get-session")},
		{"a session check without a cookie", 0, func() sent { return house.Get("/get-session") }},
		{"a session check with a forged cookie", 0, func() sent {
			thief := house.Browser()
			thief.SetCookie(sessionCookie, "abcdefghijklmnopqrstuvwxyzABCDEF.AAAA")
			return thief.Get("/get-session")
		}},
		{"sign in", 3, func() sent { return house.Post("/sign-in/email", password.SignIn{Email: ada, Password: passcode}) }},
		{"sign in with a wrong password", 2, func() sent { return house.Post("/sign-in/email", password.SignIn{Email: ada, Password: "wrong"}) }},
		{"sign in with an unknown address", 2, func() sent { return house.Post("/sign-in/email", password.SignIn{Email: eve, Password: "wrong"}) }},
		{"sign up", 4, func() sent {
			return house.Post("/sign-up/email", map[string]any{"email": eve, "password": passcode, "name": "Eve"})
		}},
		{"sign up with a known address", 1, func() sent {
			return house.Post("/sign-up/email", map[string]any{"email": eve, "password": passcode, "name": "Eve"})
		}},
		{"list sessions", 2, get("/list-sessions")},
		{"list accounts", 2, get("/list-accounts")},
		{"update the user", 4, post("/update-user", map[string]any{"name": "Ada L."})},
		{"verify the password", 2, post("/verify-password", password.Verify{Password: passcode})},
		{"change the password", 5, post("/change-password", password.Change{CurrentPassword: passcode, NewPassword: passcode})},
		{"ask for a reset", 2, post("/request-password-reset", password.RequestReset{Email: ada})},
		{"ask for a reset of nobody", 2, post("/request-password-reset", password.RequestReset{Email: "nobody@example.com"})},
		{"revoke a session of nobody", 2, post("/revoke-session", sessions.Revoke{Token: "nobody's"})},
		{"revoke the other sessions", 2, post("/revoke-other-sessions", struct{}{})},
		{"change the address", 2, post("/change-email", account.ChangeEmail{NewEmail: newAddress})},
		{"ask for a verification", 1, post("/send-verification-email", email.Send{Email: ada})},
		{"open a reset link", 1, get("/reset-password/x?callbackURL=%2Fx")},
		{"sign out", 1, post("/sign-out", struct{}{})},
		{"sign out again", 0, post("/sign-out", struct{}{})},
		{"the liveness answer", 0, get("/ok")},
		{"a route that does not exist", 0, get("/none")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got sent
			asked := house.Statements(func() { got = tt.send() })
			if got.Status >= 500 {
				t.Fatalf("answers %d", got.Status)
			}
			if len(asked) != tt.want {
				t.Errorf("%d statements, want %d:\n%s", len(asked), tt.want, strings.Join(asked, "\n"))
			}
		})
	}
	secret := reset()
	asked := house.Statements(func() {
		house.Post("/reset-password", password.Reset{NewPassword: passcode, Token: &secret}).ExpectStatus(http.StatusOK)
	})
	if len(asked) != 5 {
		t.Errorf("a reset takes %d statements, want 5:\n%s", len(asked), strings.Join(asked, "\n"))
	}
	again := house.Enter(ada)
	house.Clock.Advance(25 * time.Hour)
	if asked = house.Statements(func() { again.Get("/get-session") }); len(asked) != 2 {
		t.Errorf("an extending check takes %d statements, want 2:\n%s", len(asked), strings.Join(asked, "\n"))
	}
	if asked = house.Statements(func() { again.Post("/delete-user", account.Delete{Password: at(passcode)}) }); len(asked) != 7 {
		t.Errorf("a deletion takes %d statements, want 7:\n%s", len(asked), strings.Join(asked, "\n"))
	}
}

// TestLimiterStatements: a counted request costs one statement more.
func TestLimiterStatements(t *testing.T) {
	house := newHouse(t, limited("database"))
	b := house.Enter(ada)
	b.Get("/get-session")
	if asked := house.Statements(func() { b.Get("/get-session") }); len(asked) != 2 {
		t.Errorf("a counted session check takes %d statements, want 2:\n%s", len(asked), strings.Join(asked, "\n"))
	}
}
