package lockout_test

import (
	"net/http"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/plugins/stepup"
)

// asks are the operations that ask a signed-in person for their password, with
// a body that holds it.
var asks = []struct {
	path string
	body func(secret string) map[string]any
}{
	{"/verify-password", func(secret string) map[string]any { return map[string]any{"password": secret} }},
	{"/change-password", func(secret string) map[string]any {
		return map[string]any{"currentPassword": secret, "newPassword": "another passcode"}
	}},
	{"/step-up", func(secret string) map[string]any { return map[string]any{"password": secret} }},
	{"/delete-user", func(secret string) map[string]any { return map[string]any{"password": secret} }},
}

func newFullHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, lockouts: lockout.New(undelayed), record: &record{}}
	passwords := password.New(password.Options{Enabled: true})
	h.House = gatehousetest.NewWith(t, func(c *gatehouse.Config) { c.User.DeleteUser.Enabled = true },
		passwords, sessions.New(), account.New(passwords.CheckPassword), stepup.New(stepup.Options{}, passwords.CheckPassword),
		h.lockouts, gatehousetest.Door(), h.record)
	return h
}

// TestStolenSessionCannotGuessThePassword: wherever a signed-in person is asked
// for the password, five wrong ones lock it, there and at the sign-in, and the
// right one opens nothing then.
func TestStolenSessionCannotGuessThePassword(t *testing.T) {
	for _, ask := range asks {
		t.Run(ask.path, func(t *testing.T) {
			h := newFullHouse(t)
			h.AddUser(ada, passcode)
			stolen := h.Enter(ada)
			for range 5 {
				stolen.Post(ask.path, ask.body(wrong)).Expect(gatehousetest.Fails(gatehouse.ErrInvalidPassword))
			}
			for range 3 {
				stolen.Post(ask.path, ask.body(wrong)).Expect(gatehousetest.Fails(lockout.ErrLocked))
			}
			for _, other := range asks {
				stolen.Post(other.path, other.body(passcode)).Expect(gatehousetest.Fails(lockout.ErrLocked))
			}
			h.try(nil, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
			if got := h.locks(); len(got) != 1 {
				t.Errorf("locks %v", got)
			}
		})
	}
}

// TestGuessesAreCountedTogether: a guess in a session and one at the sign-in
// are of one count.
func TestGuessesAreCountedTogether(t *testing.T) {
	h := newFullHouse(t)
	h.AddUser(ada, passcode)
	b := h.Enter(ada)
	for i := range 4 {
		b.Post(asks[i].path, asks[i].body(wrong)).Expect(gatehousetest.Fails(gatehouse.ErrInvalidPassword))
	}
	h.fail(nil, ada, 1)
	h.try(nil, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
	b.Post(asks[0].path, asks[0].body(passcode)).Expect(gatehousetest.Fails(lockout.ErrLocked))
}

// TestStolenSessionInAKnownBrowser: with the device cookie stolen too the
// thief has the five guesses of that browser and five of a stranger's, and then
// none.
func TestStolenSessionInAKnownBrowser(t *testing.T) {
	h := newFullHouse(t)
	h.AddUser(ada, passcode)
	owner := h.SignIn(ada, passcode)
	stolen := owner.Clone()
	through := 0
	for range 30 {
		if stolen.Post("/verify-password", map[string]any{"password": wrong}).Status == http.StatusBadRequest {
			through++
		}
	}
	if through != 10 {
		t.Errorf("%d guesses got through to the hash, want 10", through)
	}
}

// TestRightPasswordClearsTheCount, as at the sign-in, and a person's own slips
// do not add up.
func TestRightPasswordClearsTheCount(t *testing.T) {
	h := newFullHouse(t)
	h.AddUser(ada, passcode)
	b := h.Enter(ada)
	for range 3 {
		for range 4 {
			b.Post("/verify-password", map[string]any{"password": wrong}).Expect(gatehousetest.Fails(gatehouse.ErrInvalidPassword))
		}
		b.Post("/verify-password", map[string]any{"password": passcode}).ExpectStatus(http.StatusOK)
	}
	b.Post("/change-password", map[string]any{"currentPassword": passcode, "newPassword": "another passcode", "revokeOtherSessions": true}).ExpectStatus(http.StatusOK)
	h.try(nil, ada, "another passcode").ExpectStatus(http.StatusOK)
}

// TestManyGuessesInASession: parallel ones do not slip past the bound.
func TestManyGuessesInASession(t *testing.T) {
	h := newFullHouse(t)
	h.AddUser(ada, passcode)
	b := h.Enter(ada)
	got := make([]*gatehousetest.Answer, 60)
	browsers := make([]*gatehousetest.Browser, len(got))
	for i := range browsers {
		browsers[i] = b.Clone()
	}
	together(len(got), func(i int) {
		ask := asks[i%len(asks)]
		got[i] = browsers[i].Post(ask.path, ask.body(wrong))
	})
	through := 0
	for _, answer := range got {
		switch {
		case answer.Status == http.StatusBadRequest:
			through++
		case answer.Text("code") != lockout.ErrLocked.Code && answer.Status != http.StatusServiceUnavailable:
			t.Errorf("answers %d %s", answer.Status, answer.Body)
		}
	}
	if through > 5 {
		t.Errorf("%d guesses got through to the hash, want 5 at most", through)
	}
}
