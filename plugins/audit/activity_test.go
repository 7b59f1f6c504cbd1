package audit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
)

func activeHouse(t testing.TB) *house {
	t.Helper()
	return newHouse(t, func(s *setting) { s.audit.Activity = true })
}

func activity(t testing.TB, b *gatehousetest.Browser, query string) audit.Activities {
	t.Helper()
	var page audit.Activities
	b.Get("/account/activity" + query).ExpectStatus(http.StatusOK).JSON(&page)
	return page
}

// lines are what a page says, without ids, times and user agents.
func lines(page audit.Activities) string {
	var all []string
	for _, e := range page.Entries {
		details, _ := json.Marshal(e.Details)
		all = append(all, fmt.Sprintf("%s %s by %s about %s at %q %s", e.Action, e.Outcome, e.By, e.About, e.Address, details))
	}
	return strings.Join(all, "\n")
}

// TestPeopleSeeTheirOwnActivity: what they did and what was tried on their
// account, and nothing of anybody else.
func TestPeopleSeeTheirOwnActivity(t *testing.T) {
	h := activeHouse(t)
	h.AddUser(ada, passcode)
	h.AddUser("bob@example.com", passcode)
	signIn(h.Browser(), ada, "wrong battery").ExpectStatus(401)
	signIn(h.Browser(), "bob@example.com", "wrong battery").ExpectStatus(401)
	h.SignIn("bob@example.com", passcode)
	b := h.SignIn(ada, passcode)
	ok(t, b.Post("/update-user", map[string]any{"name": "Countess"}))
	want := strings.Join([]string{
		`user.update success by self about own at "192.0.2.1" {"fields":["name"]}`,
		`session.create success by self about own at "192.0.2.1" {"method":"password"}`,
		`sign-in.fail INVALID_EMAIL_OR_PASSWORD by unknown about own at "192.0.2.1" {"method":"password"}`,
	}, "\n")
	got := lines(activity(t, b, "?limit=3"))
	if got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	bob := h.user("bob@example.com").ID
	if answer := b.Get("/account/activity"); strings.Contains(string(answer.Body), bob) {
		t.Errorf("somebody else is in it: %s", answer.Body)
	}
}

// TestActivityHidesTheOtherPerson: who acted on the account, or as its owner,
// is neither named nor placed, and no id, reason or note of theirs gets out.
func TestActivityHidesTheOtherPerson(t *testing.T) {
	h := activeHouse(t)
	user := h.AddUser(ada, passcode)
	other := h.AddUser("boss@example.com", passcode)
	b := h.SignIn(ada, passcode)
	ctx := context.Background()
	for _, e := range []gatehouse.Event{
		{Action: "user.ban", Actor: other.ID, TargetType: "user", Target: user.ID, Details: map[string]any{"reason": "rude"}},
		{Action: "session.create", Actor: user.ID, Impersonator: other.ID, TargetType: "session", Target: "s9", Details: map[string]any{"method": "impersonation"}},
		{Action: "user.remove", Actor: user.ID, TargetType: "user", Target: other.ID},
		{Action: "user.approve", Actor: gatehouse.System, TargetType: "user", Target: user.ID},
		{Action: "mail.retry", Actor: other.ID, TargetType: "mail", Target: user.ID},
	} {
		h.Clock.Advance(time.Millisecond)
		if err := h.Record(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	answer := b.Get("/account/activity?limit=4").ExpectStatus(http.StatusOK)
	for _, hidden := range []string{other.ID, "rude", "s9", "mail.retry"} {
		if strings.Contains(string(answer.Body), hidden) {
			t.Errorf("%s is told: %s", hidden, answer.Body)
		}
	}
	var page audit.Activities
	answer.JSON(&page)
	want := strings.Join([]string{
		`user.approve success by system about own at "" {}`,
		`user.remove success by self about other at "" {}`,
		`session.create success by other about own at "" {"method":"impersonation"}`,
		`user.ban success by other about own at "" {}`,
	}, "\n")
	if got := lines(page); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

// TestActivityPages: pages by key join both sides, each entry is on one page,
// also of those in the same millisecond, and an end is an end.
func TestActivityPages(t *testing.T) {
	h := activeHouse(t)
	user := h.AddUser(ada, passcode)
	b := h.SignIn(ada, passcode)
	before := len(activity(t, b, "?limit=100").Entries)
	for i := range 30 {
		e := gatehouse.Event{Action: fmt.Sprintf("test.%d", i), Actor: user.ID, TargetType: "user", Target: user.ID}
		switch i % 3 {
		case 1:
			e.Actor = gatehouse.System
		case 2:
			e.TargetType, e.Target = "test", "t"
		}
		if err := h.Record(context.Background(), e); err != nil {
			t.Fatal(err)
		}
		if i%4 == 0 {
			h.Clock.Advance(time.Millisecond)
		}
	}
	seen, pages := map[string]int{}, 0
	for after := ""; ; pages++ {
		page := activity(t, b, "?limit=7&after="+after)
		for _, e := range page.Entries {
			seen[e.ID]++
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(seen) != before+30 {
		t.Errorf("%d entries on %d pages, want %d", len(seen), pages+1, before+30)
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s is there %d times", id, times)
		}
	}
}

func TestActivityIsForItsOwner(t *testing.T) {
	h := activeHouse(t)
	h.Browser().Get("/account/activity").Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
	b := h.Enter(ada)
	for _, query := range []string{"limit=101", "limit=-1", "limit=x", "after=x"} {
		if got := b.Get("/account/activity?" + query); got.Status != http.StatusBadRequest || got.Text("code") != "VALIDATION_ERROR" {
			t.Errorf("%s answers %d %s", query, got.Status, got.Body)
		}
	}
	newHouse(t, nil).Browser().Get("/account/activity").ExpectStatus(http.StatusNotFound)
}
