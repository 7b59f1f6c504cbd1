package people_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/server/people"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	adaEmail = "ada@example.com"
	passcode = "correct horse battery"
)

func ownHouse(t *testing.T) (*gatehousetest.House, *audit.Log) {
	t.Helper()
	log := audit.New(audit.Options{Interval: time.Minute})
	passwords := password.New(password.Options{Enabled: true})
	h := gatehousetest.New(t, passwords, gatehousetest.Door(), log, admin.New(admin.Options{}, passwords), people.NewOwn())
	h.AddUser(adaEmail, passcode)
	h.AddUser("bob@example.com", passcode)
	return h, log
}

// TestPeopleTakeTheirOwnData: all of it, nobody else's, no secret, and the log
// says who took it.
func TestPeopleTakeTheirOwnData(t *testing.T) {
	h, log := ownHouse(t)
	h.SignIn("bob@example.com", passcode)
	b := h.SignIn(adaEmail, passcode)
	answer := b.Post("/account/data", nil).ExpectStatus(http.StatusOK)
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Cache-Control": "no-store",
		"Content-Disposition": "attachment; filename=account-20260102T030405Z.json",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	var record struct {
		User     struct{ ID, Email string }
		Accounts []map[string]any
		Sessions []map[string]any
	}
	if err := json.Unmarshal(answer.Body, &record); err != nil {
		t.Fatal(err)
	}
	if record.User.Email != adaEmail || len(record.Accounts) != 1 || len(record.Sessions) != 2 {
		t.Errorf("got %s", answer.Body)
	}
	token, _, _ := strings.Cut(b.Cookie("better-auth.session_token"), ".")
	for _, hidden := range []string{"bob@", token, "argon2id", "scrypt"} {
		if strings.Contains(string(answer.Body), hidden) {
			t.Errorf("the file holds %q", hidden)
		}
	}
	page, err := log.Find(t.Context(), audit.Query{Action: "user.data"})
	if err != nil || len(page.Entries) != 1 {
		t.Fatalf("%d entries, %v", len(page.Entries), err)
	}
	if e := page.Entries[0]; e.Actor != record.User.ID || e.Target != record.User.ID || e.Outcome != gatehouse.Succeeded {
		t.Errorf("recorded %+v", e)
	}
}

// TestOwnDataNeedsAFreshSession: a stolen old cookie does not take everything.
func TestOwnDataNeedsAFreshSession(t *testing.T) {
	h, log := ownHouse(t)
	h.Browser().Post("/account/data", nil).Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
	b := h.SignIn(adaEmail, passcode)
	h.Clock.Advance(25 * time.Hour)
	b.Post("/account/data", nil).Expect(gatehousetest.Fails(gatehouse.ErrSessionNotFresh))
	if page, err := log.Find(t.Context(), audit.Query{Action: "user.data"}); err != nil || len(page.Entries) != 0 {
		t.Errorf("%d entries, %v", len(page.Entries), err)
	}
}

// TestImpersonatorTakesNoData, and where the admin sat is not the person's to
// know.
func TestImpersonatorTakesNoData(t *testing.T) {
	h, _ := ownHouse(t)
	bob, err := h.Users.ByEmail(t.Context(), "bob@example.com")
	if err != nil {
		t.Fatal(err)
	}
	boss := h.AddUser("boss@example.com", passcode)
	if _, err := h.Users.Update(t.Context(), boss.ID, store.Change{Field: "role", Value: "admin"}); err != nil {
		t.Fatal(err)
	}
	b := h.SignIn("boss@example.com", passcode)
	b.Post("/admin/impersonate-user", map[string]any{"userId": bob.ID}).ExpectStatus(http.StatusOK)
	b.Post("/account/data", nil).ExpectStatus(http.StatusForbidden)

	own := h.SignIn("bob@example.com", passcode)
	var record people.Record
	own.Post("/account/data", nil).ExpectStatus(http.StatusOK).JSON(&record)
	if len(record.Sessions) != 3 {
		t.Fatalf("%d sessions", len(record.Sessions))
	}
	placed := 0
	for _, s := range record.Sessions {
		if s.IPAddress != nil {
			placed++
		}
	}
	if placed != 2 {
		t.Errorf("%d sessions say where they were, want all but the admin's", placed)
	}
}
