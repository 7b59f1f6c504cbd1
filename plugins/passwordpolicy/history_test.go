package passwordpolicy_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/passwordpolicy"
	"github.com/gatehouse-auth/gatehouse/store"
)

// change sets a password a minute later and returns the answer's code.
func (e estate) change(t *testing.T, from, to string) string {
	t.Helper()
	e.Clock.Advance(time.Minute)
	b := e.SignIn(ada, from)
	a := b.Post("/change-password", map[string]any{"currentPassword": from, "newPassword": to})
	if a.Status != http.StatusOK && a.Text("code") != "PASSWORD_REUSED" {
		t.Fatalf("change to %q: %d %s", to, a.Status, a.Body)
	}
	return a.Text("code")
}

// TestLastPasswordsCannotBeChosenAgain: row 54. "Last 2" is the present one and
// the one before.
func TestLastPasswordsCannotBeChosenAgain(t *testing.T) {
	e := newEstate(t, passwordpolicy.Options{History: 2})
	e.AddUser(ada, first)
	for _, step := range []struct{ from, to, want string }{
		{first, first, "PASSWORD_REUSED"},
		{first, second, ""},
		{second, first, "PASSWORD_REUSED"},
		{second, third, ""},
		{third, second, "PASSWORD_REUSED"},
		{third, third, "PASSWORD_REUSED"},
		{third, first, ""},
	} {
		if got := e.change(t, step.from, step.to); got != step.want {
			t.Errorf("%q to %q: got %q, want %q", step.from, step.to, got, step.want)
		}
	}
	if n := e.formers(t); n != 2 {
		t.Errorf("%d rows of history, want 2", n)
	}
}

func (e estate) formers(t *testing.T) int64 {
	t.Helper()
	n, err := store.Define[passwordpolicy.Former](e.DB, "passwordHistory").CountWhere(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestReuseOnEveryPath: reset by mail and by an admin remember as well.
func TestReuseOnEveryPath(t *testing.T) {
	e := newEstate(t, passwordpolicy.Options{History: 4})
	user := e.AddUser(ada, first)
	e.Post("/reset-password", map[string]any{"token": e.resetToken(t), "newPassword": second}).ExpectStatus(http.StatusOK)
	e.Clock.Advance(time.Minute)
	if err := e.passwords.Reset(context.Background(), user.ID, third); err != nil {
		t.Fatal(err)
	}
	for _, pass := range []string{first, second, third} {
		token := e.resetToken(t)
		e.Post("/reset-password", map[string]any{"token": token, "newPassword": pass}).Expect(gatehousetest.Fails(
			passwordpolicy.ErrReused.Saying("You had this password before. Choose one that is not among your last 4.")))
		if err := e.passwords.Reset(context.Background(), user.ID, pass); !errors.Is(err, passwordpolicy.ErrReused) {
			t.Errorf("admin sets %q again: %v", pass, err)
		}
	}
}

// TestSessionThiefCannotGuessThePasswordByReuse: who has a session but not the
// password learns nothing from PASSWORD_REUSED.
func TestSessionThiefCannotGuessThePasswordByReuse(t *testing.T) {
	e := newEstate(t, passwordpolicy.Options{History: 4})
	e.AddUser(ada, first)
	thief := e.SignIn(ada, first)
	for _, guess := range []string{first, second} {
		thief.Post("/change-password", map[string]any{"currentPassword": "not the password", "newPassword": guess}).
			Expect(gatehousetest.Fails(gatehouse.ErrInvalidPassword))
	}
}

// TestTwinSpellingIsTheSamePassword: é composed and decomposed.
func TestTwinSpellingIsTheSamePassword(t *testing.T) {
	e := newEstate(t, passwordpolicy.Options{History: 2})
	e.AddUser(ada, "caf\u00e9 harbour 93 lamps")
	if got := e.change(t, "caf\u00e9 harbour 93 lamps", "cafe\u0301 harbour 93 lamps"); got != "PASSWORD_REUSED" {
		t.Errorf("got %q", got)
	}
}

// TestHistoryIsWrittenWithTheChange: what is rolled back leaves no trace, and a
// deleted person none either.
func TestHistoryIsWrittenWithTheChange(t *testing.T) {
	e := newEstate(t, passwordpolicy.Options{History: 5})
	ctx := context.Background()
	user := e.AddUser(ada, first)
	undo := errors.New("undo")
	err := e.Tx(ctx, func(ctx context.Context) error {
		if err := e.Accounts.SetPasswordHash(ctx, user.ID, "another hash"); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Fatal(err)
	}
	if n := e.formers(t); n != 1 {
		t.Errorf("%d rows after a change that was undone, want 1", n)
	}
	if err := e.Users.Delete(ctx, user.ID); err != nil {
		t.Fatal(err)
	}
	if n := e.formers(t); n != 0 {
		t.Errorf("%d rows of a deleted person", n)
	}
}

// TestPasswordsOlderThanThePolicyCount: the plugin is switched on later, and the
// present password is hashed anew at a sign-in between.
func TestPasswordsOlderThanThePolicyCount(t *testing.T) {
	before := gatehousetest.New(t, password.New(password.Options{Enabled: true, Hash: password.HashOptions{Format: "scrypt"}}))
	before.AddUser(ada, first)
	passwords := password.New(password.Options{Enabled: true, SendResetPassword: true})
	policy := passwordpolicy.New(passwordpolicy.Options{History: 3}, passwords.Verify)
	e := estate{gatehousetest.NewWith(t, func(c *gatehouse.Config) { c.DB = before.DB.Sibling(store.Options{}) }, passwords, policy), passwords}
	for _, step := range []struct{ from, to, want string }{
		{first, first, "PASSWORD_REUSED"},
		{first, second, ""},
		{second, third, ""},
		{third, first, "PASSWORD_REUSED"},
		{third, fourth, ""},
		{fourth, second, "PASSWORD_REUSED"},
		{fourth, first, ""},
	} {
		if got := e.change(t, step.from, step.to); got != step.want {
			t.Errorf("%q to %q: got %q, want %q", step.from, step.to, got, step.want)
		}
	}
}

// TestLateRehashDoesNotUndoAChange: a sign-in that began before the password
// was changed must not put the old one back.
func TestLateRehashDoesNotUndoAChange(t *testing.T) {
	e := newEstate(t, passwordpolicy.Options{})
	ctx := context.Background()
	user := e.AddUser(ada, first)
	read, err := e.Accounts.Credential(ctx, user.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.passwords.Reset(ctx, user.ID, second); err != nil {
		t.Fatal(err)
	}
	if err := e.Accounts.Rehash(ctx, read, "a hash of the old password"); err != nil {
		t.Fatal(err)
	}
	e.SignIn(ada, second)
}
