package lockout_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
)

// unlockToken is the secret of the newest mail about a lock.
func (h *house) unlockToken(email string) string {
	h.t.Helper()
	secret, _ := h.Mail(lockout.MailKind, email).Data["token"].(string)
	if secret == "" {
		h.t.Fatal("the mail has no token")
	}
	return secret
}

// TestOwnerIsMailedOnce: one mail for each lock, whichever nodes look at once,
// and however many tries are refused.
func TestOwnerIsMailedOnce(t *testing.T) {
	h := newHouse(t, undelayed)
	user := h.AddUser(ada, passcode)
	other := h.twin(undelayed)
	h.lock(ada)
	if err := h.lockouts.Notify(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.Mails(lockout.MailKind, ""); len(got) != 0 {
		t.Fatalf("mailed before the last try is decided: %+v", got)
	}
	h.Clock.Advance(11 * time.Second)
	together(20, func(i int) {
		if err := []*house{h, other}[i%2].lockouts.Notify(t.Context()); err != nil {
			t.Error(err)
		}
	})
	h.try(nil, ada, wrong).Expect(gatehousetest.Fails(lockout.ErrLocked))
	h.notify()
	mails := append(h.Mails(lockout.MailKind, ""), other.Mails(lockout.MailKind, "")...)
	if len(mails) != 1 || mails[0].To != ada {
		t.Fatalf("%d mails, want one to the owner: %+v", len(mails), mails)
	}
	secret, _ := mails[0].Data["token"].(string)
	if got, want := mails[0].Data["url"], gatehousetest.BaseURL+"/api/auth/lockout/unlock?token="+secret; got != want || len(secret) != 24 {
		t.Errorf("the link is %v, want %s", got, want)
	}
	events := append(h.record.all(), other.record.all()...)
	want := gatehouse.Event{Action: "lock.set", Actor: gatehouse.System, TargetType: "user", Target: user.ID, Outcome: gatehouse.Succeeded,
		Details: map[string]any{"kind": "account", "method": "password", "failures": int64(5), "until": "2026-01-02T03:19:05Z"}}
	if len(events) != 1 || !sameEvent(events[0], want) {
		t.Errorf("recorded %+v\nwant %+v", events, want)
	}
	h.Clock.Advance(15 * time.Minute)
	h.lock(ada)
	h.notify()
	if got := len(h.Mails(lockout.MailKind, ada)) + len(other.Mails(lockout.MailKind, ada)); got != 2 {
		t.Errorf("%d mails after the second lock, want 2", got)
	}
}

// TestNobodyIsMailed: not about names that nobody has, nor locks that a right
// password ended, nor where mails are switched off.
func TestNobodyIsMailed(t *testing.T) {
	h := newHouse(t, undelayed)
	h.AddUser(ada, passcode)
	h.lock(nobody)
	h.fail(nil, ada, 4)
	h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
	h.notify()
	quiet := newHouse(t, lockout.Options{DelayAfter: -1, DisableMail: true})
	quiet.AddUser(eve, passcode)
	quiet.lock(eve)
	quiet.notify()
	for _, one := range []*house{h, quiet} {
		if got := one.Mails(lockout.MailKind, ""); len(got) != 0 {
			t.Errorf("mailed %+v", got)
		}
		if got := one.record.all(); len(got) != 1 || got[0].Action != "lock.set" {
			t.Errorf("recorded %+v, want one lock.set", got)
		}
	}
}

// TestUnlockLink: it opens a page and consumes nothing; the page's request
// ends the lock and makes the browser known.
func TestUnlockLink(t *testing.T) {
	h := newHouse(t, undelayed)
	user := h.AddUser(ada, passcode)
	h.lock(ada)
	h.notify()
	secret := h.unlockToken(ada)
	page := gatehousetest.BaseURL + "/unlock?token=" + secret
	for range 3 {
		got := h.Get("/lockout/unlock?token=" + secret).Expect(gatehousetest.Redirects(page))
		if got.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("Referrer-Policy %q", got.Header.Get("Referrer-Policy"))
		}
	}
	h.Get("/lockout/unlock?token=unknown").Expect(gatehousetest.Redirects(gatehousetest.BaseURL + "/unlock?error=INVALID_TOKEN"))
	h.try(nil, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))

	b := h.Browser()
	b.Post("/lockout/unlock", lockout.Unlock{Token: secret}).Expect(gatehousetest.OK(`{"status":true}`))
	events := h.record.all()
	want := gatehouse.Event{Action: "lock.clear", TargetType: "user", Target: user.ID, Outcome: gatehouse.Succeeded,
		Details: map[string]any{"kind": "account", "method": "password", "failures": int64(5), "reason": "unlock-link"}}
	if last := events[len(events)-1]; !sameEvent(last, want) {
		t.Errorf("recorded %+v\nwant %+v", last, want)
	}
	// The attacker goes on; the browser of the link is known.
	h.lock(ada)
	h.try(b, ada, passcode).ExpectStatus(http.StatusOK)
	b.Post("/lockout/unlock", lockout.Unlock{Token: secret}).Expect(gatehousetest.Fails(gatehouse.ErrInvalidToken))
}

// TestUnlockTokenIsNowhereInTheDatabase: a reader of the database unlocks
// nothing.
func TestUnlockTokenIsNowhereInTheDatabase(t *testing.T) {
	h := newHouse(t, undelayed)
	h.AddUser(ada, passcode)
	h.lock(ada)
	h.notify()
	secret := h.unlockToken(ada)
	for _, table := range []string{"verification", "outbox", "lockout"} {
		for _, row := range dump(t, h, table) {
			if strings.Contains(row, secret) {
				t.Errorf("%s holds the token: %s", table, row)
			}
		}
	}
}

// TestUnlockTokenCannotBeUsedTwice: of fifty at once, on two nodes, one.
func TestUnlockTokenCannotBeUsedTwice(t *testing.T) {
	nodes := pair(t, undelayed)
	h := nodes[0]
	h.AddUser(ada, passcode)
	h.lock(ada)
	h.notify()
	h.Mails("", "")
	secret := ""
	for _, node := range nodes {
		for _, m := range node.Mails(lockout.MailKind, ada) {
			secret, _ = m.Data["token"].(string)
		}
	}
	var unlocked, refused atomic.Int32
	together(50, func(i int) {
		switch got := nodes[i%2].Post("/lockout/unlock", lockout.Unlock{Token: secret}); {
		case got.Status == http.StatusOK:
			unlocked.Add(1)
		case got.Text("code") == gatehouse.ErrInvalidToken.Code:
			refused.Add(1)
		default:
			t.Errorf("answers %d %s", got.Status, got.Body)
		}
	})
	if unlocked.Load() != 1 || refused.Load() != 49 {
		t.Errorf("%d unlocked, %d refused", unlocked.Load(), refused.Load())
	}
}

// TestWorthlessUnlockTokens leave the lock as it is.
func TestWorthlessUnlockTokens(t *testing.T) {
	h := newHouse(t, lockout.Options{DelayAfter: -1, LockFor: 3 * time.Hour, UnlockTTL: time.Hour})
	gone := h.AddUser("gone@example.com", passcode)
	for _, email := range []string{ada, eve} {
		h.AddUser(email, passcode)
	}
	for _, email := range []string{ada, eve, gone.Email} {
		h.lock(email)
	}
	h.notify()
	ofEve, ofGone := h.unlockToken(eve), h.unlockToken(gone.Email)
	if err := h.Users.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Users.ByEmail(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
	reset := func() string {
		h.Post("/request-password-reset", map[string]string{"email": ada}).ExpectStatus(http.StatusOK)
		secret, _ := h.Mail("reset-password", ada).Data["token"].(string)
		return secret
	}()
	for name, secret := range map[string]string{
		"empty": "", "unknown": strings.Repeat("x", 24), "of a deleted user": ofGone, "for another purpose": reset,
		"the stored form": "unlock-account:" + ofEve,
	} {
		t.Run(name, func(t *testing.T) {
			h.Post("/lockout/unlock", lockout.Unlock{Token: secret}).Expect(gatehousetest.Fails(gatehouse.ErrInvalidToken))
		})
	}
	// Another user's token ends that user's lock, and makes the browser known
	// to that user, only.
	b := h.Browser()
	b.Post("/lockout/unlock", lockout.Unlock{Token: ofEve}).ExpectStatus(http.StatusOK)
	h.try(b, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
	h.try(nil, eve, passcode).ExpectStatus(http.StatusOK)
	// A second after the last moment it is expired.
	ofAda := h.unlockToken(ada)
	h.Clock.Advance(time.Hour + time.Second)
	h.Get("/lockout/unlock?token=" + ofAda).Expect(gatehousetest.Redirects(gatehousetest.BaseURL + "/unlock?error=INVALID_TOKEN"))
	h.Post("/lockout/unlock", lockout.Unlock{Token: ofAda}).Expect(gatehousetest.Fails(gatehouse.ErrInvalidToken))
	h.try(nil, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
}

// TestChangedAddressKillsTheLink: what was mailed to the old address opens
// nothing.
func TestChangedAddressKillsTheLink(t *testing.T) {
	h := newHouse(t, undelayed)
	user := h.AddUser(ada, passcode)
	h.lock(ada)
	h.notify()
	secret := h.unlockToken(ada)
	if _, err := h.Users.Update(t.Context(), user.ID, storeChange("email", "new@example.com")); err != nil {
		t.Fatal(err)
	}
	h.Post("/lockout/unlock", lockout.Unlock{Token: secret}).Expect(gatehousetest.Fails(gatehouse.ErrInvalidToken))
}

// TestUnlockPage: the page may be anywhere.
func TestUnlockPage(t *testing.T) {
	for page, want := range map[string]string{
		"":                              gatehousetest.BaseURL + "/unlock?error=INVALID_TOKEN",
		"/account?step=unlock#form":     gatehousetest.BaseURL + "/account?step=unlock&error=INVALID_TOKEN#form",
		"https://app.example.com/u":     "https://app.example.com/u?error=INVALID_TOKEN",
		"https://app.example.com/u?a=b": "https://app.example.com/u?a=b&error=INVALID_TOKEN",
	} {
		h := newHouse(t, lockout.Options{UnlockURL: page})
		h.Get("/lockout/unlock?token=x").Expect(gatehousetest.Redirects(want))
	}
}
