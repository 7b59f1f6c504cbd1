package console_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/console"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/standard"
)

const passcode = "correct horse battery"

func TestUserPanel(t *testing.T) {
	h := newHouse(t, func(o *standard.Options) { o.Features.Lockout = &lockout.Options{MaxFailures: 2, DelayAfter: -1} })
	invited, err := h.set.Approvals.Invite(t.Context(), h.id(t, root), approval.NewInvitation{})
	if err != nil {
		t.Fatal(err)
	}
	h.Post("/sign-up/email", map[string]any{"email": "kim@example.com", "name": "<b>Kim</b>", "password": passcode, "invitationToken": *invited.Token}).ExpectStatus(http.StatusOK)
	kim := h.id(t, "kim@example.com")
	h.Clock.Advance(time.Second)
	h.SignIn("kim@example.com", passcode)
	for range 2 {
		h.Clock.Advance(time.Second)
		h.Post("/sign-in/email", map[string]any{"email": "kim@example.com", "password": "wrong horse"})
	}
	b := h.Enter(root)
	answer := b.Get("/console/user/" + kim).ExpectStatus(http.StatusOK)
	for _, secret := range []string{"$argon2", "accessToken", "refreshToken", `"password":`, `"token":`} {
		if strings.Contains(string(answer.Body), secret) {
			t.Errorf("tells %s: %s", secret, answer.Body)
		}
	}
	var panel console.Panel
	answer.JSON(&panel)
	if panel.User.Name != "<b>Kim</b>" || panel.User.Status != console.Unverified || !panel.HasPassword || len(panel.Accounts) != 1 || panel.Accounts[0].ProviderID != "credential" || panel.Sessions != 2 {
		t.Error(string(answer.Body))
	}
	if n := len(panel.LastSignIns); n != 4 || panel.LastSignIns[0].Outcome != "INVALID_EMAIL_OR_PASSWORD" || panel.LastSignIns[2].Outcome != "success" || *panel.LastSignIns[2].Method != "password" || panel.LastSignIns[0].Address != "192.0.2.1" {
		t.Errorf("sign-ins %s", text(panel.LastSignIns))
	}
	if len(panel.Locks) != 1 || panel.Locks[0].Kind != "account" || panel.Locks[0].Failures != 2 {
		t.Errorf("locks %s", text(panel.Locks))
	}
	if panel.Request != nil || panel.Invitation == nil || panel.Invitation.ID != invited.Invitation.ID || panel.Invitation.InvitedBy != h.id(t, root) {
		t.Errorf("invitation %s, request %s", text(panel.Invitation), text(panel.Request))
	}
	if want := []string{"update", "ban", "set-role", "set-password", "impersonate", "revoke-sessions", "delete", "export"}; !slices.Equal(panel.Can, want) {
		t.Errorf("can %s", panel.Can)
	}
	if own := get[console.Panel](t, b, "/console/user/"+h.id(t, root)); slices.Contains(own.Can, "ban") || slices.Contains(own.Can, "delete") {
		t.Errorf("to oneself %s", own.Can)
	}
	moderates := h.Enter(mod)
	if panel := get[console.Panel](t, moderates, "/console/user/"+kim); !slices.Equal(panel.Can, []string{"ban", "revoke-sessions"}) {
		t.Errorf("a moderator can %s", panel.Can)
	}
	if panel := get[console.Panel](t, moderates, "/console/user/"+h.id(t, root)); len(panel.Can) != 0 {
		t.Errorf("a moderator can to an admin %s", panel.Can)
	}
	b.Get("/console/user/none").Expect(gatehousetest.Fails(console.ErrUserNotFound))
	if e := h.entries(t, "user.read"); len(e) != 4 || e[3].Target != kim || e[3].Actor != h.id(t, root) {
		t.Errorf("recorded %s", text(e))
	}
	h.settle(t)
	if r := get[console.Panel](t, b, "/console/user/"+h.id(t, "turned@example.com")).Request; r == nil || r.State != "rejected" || *r.Note != "no" || *r.DecidedBy != gatehouse.System {
		t.Errorf("request %s", text(r))
	}
}

func TestSessions(t *testing.T) {
	h := newHouse(t, func(o *standard.Options) { o.Features.Admin = &admin.Options{AllowImpersonatingAdmins: true} })
	phone := h.Browser()
	phone.Header.Set("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E148 Safari/604.1")
	phone.Address = "198.51.100.7:999"
	phone.Post("/door", gatehousetest.Knock{Email: ann}).ExpectStatus(http.StatusOK)
	h.Clock.Advance(time.Second)
	acting := h.Enter(root)
	acting.Post("/admin/impersonate-user", map[string]any{"userId": h.id(t, ann)}).ExpectStatus(http.StatusOK)
	h.Clock.Advance(time.Second)
	b := h.Enter(root)
	answer := b.Get("/console/sessions").ExpectStatus(http.StatusOK)
	for _, browser := range []*gatehousetest.Browser{phone, acting, b} {
		secret, _, _ := strings.Cut(browser.Cookie(token), ".")
		if strings.Contains(string(answer.Body), secret) {
			t.Error("tells a token")
		}
	}
	var page console.SessionPage
	answer.JSON(&page)
	if len(page.Sessions) != 4 || !page.Sessions[0].Current || page.Sessions[1].Current || page.Next != nil {
		t.Fatal(string(answer.Body))
	}
	own := page.Sessions[3]
	if own.User.Email != ann || *own.IPAddress != "198.51.100.7" || own.Device != (console.Device{Browser: "Safari", OS: "iOS", Kind: "mobile"}) || own.ImpersonatedBy != nil {
		t.Error(text(own))
	}
	find := func(query string, want int) (found []console.Session) {
		t.Helper()
		found = get[console.SessionPage](t, b, "/console/sessions?"+query).Sessions
		if len(found) != want {
			t.Errorf("%s finds %s", query, text(found))
		}
		return found
	}
	if one := find("impersonated=true", 1); one[0].ImpersonatedBy.Email != root || one[0].User.Email != ann {
		t.Error(text(one))
	}
	find("userId="+h.id(t, ann), 2)
	find("userId=none", 0)
	find("address=198.51.100.7", 1)
	var walked []string
	for cursor := ""; ; {
		page := get[console.SessionPage](t, b, "/console/sessions?limit=1&cursor="+cursor)
		walked = append(walked, page.Sessions[0].ID)
		if page.Next == nil {
			break
		}
		cursor = *page.Next
	}
	if len(walked) != 4 || walked[3] != own.ID {
		t.Errorf("walked %s", walked)
	}
	moderates := h.Enter(mod)
	moderates.Post("/console/sessions/revoke", map[string]any{"id": page.Sessions[0].ID}).Expect(gatehousetest.Fails(console.ErrRevoke))
	for _, want := range []string{`{"revoked":true}`, `{"revoked":false}`} {
		if got := moderates.Post("/console/sessions/revoke", map[string]any{"id": own.ID}); string(got.Body) != want {
			t.Errorf("got %s, want %s", got.Body, want)
		}
	}
	if got := string(phone.Get("/get-session").Body); got != "null" {
		t.Errorf("the session lives: %s", got)
	}
	h.Clock.Advance(8 * 24 * time.Hour)
	if left, err := h.set.Console.Sessions(t.Context(), console.SessionQuery{}); err != nil || len(left.Sessions) != 0 {
		t.Errorf("dead ones are listed: %s %v", text(left), err)
	}
}

func TestOverview(t *testing.T) {
	var touched []string
	h := newHouse(t, withServer(&touched))
	h.settle(t)
	h.Enter(ann)
	h.Enter(ann)
	b := h.Enter(root)
	h.Post("/sign-in/email", map[string]any{"email": ann, "password": "wrong horse"})
	view := get[console.Overview](t, b, "/console/overview")
	if view.Users != (console.Count{Value: 13, Exact: true}) || *view.NewToday != 13 || *view.SignIns24h != 3 || *view.FailedSignIns24h != 1 ||
		*view.Active24h != 2 || *view.Pending != 1 || view.Sessions != (console.Count{Value: 3, Exact: true}) {
		t.Error(text(view))
	}
	if view.Series.Step != 3600 || len(view.Series.Points) != 25 {
		t.Fatal(text(view.Series))
	}
	last, early := view.Series.Points[24], view.Series.Points[22]
	if *last.SignIns != 3 || *last.Failures != 1 || *last.SignUps != 2 || *early.SignUps != 11 || *early.SignIns != 0 || !last.At.Equal(time.Date(2026, 1, 2, 5, 0, 0, 0, time.UTC)) {
		t.Errorf("%s, %s", text(last), text(early))
	}
	if len(view.Checklist) != 1 || view.Checklist[0].Status != "unsafe" {
		t.Errorf("checklist %s", text(view.Checklist))
	}
	if seen := get[console.Overview](t, h.Enter(mod), "/console/overview"); seen.Checklist != nil || *seen.SignIns24h != 3 {
		t.Errorf("a moderator sees %s; cached: %d", text(seen.Checklist), *seen.SignIns24h)
	}
	h.Clock.Advance(time.Minute)
	if again := get[console.Overview](t, b, "/console/overview"); *again.SignIns24h != 4 || *again.Series.Points[24].SignIns != 4 {
		t.Errorf("a minute later %s", text(again))
	}
	h.Clock.Advance(70 * time.Minute) // the hour is over, and is counted once more, then not again
	for range 2 {
		statements := 0
		for _, s := range h.Statements(func() {
			if again := get[console.Overview](t, b, "/console/overview"); *again.Series.Points[23].SignIns != 4 {
				t.Errorf("later %s", text(again.Series))
			}
		}) {
			if strings.Contains(s, "COUNT") && strings.Contains(s, "auditEntry") {
				statements++
			}
		}
		if statements > 12 {
			t.Errorf("%d counts", statements)
		}
		h.Clock.Advance(2 * time.Minute)
	}
	for query, points := range map[string]int{"7d": 29, "30d": 31, "90d": 91} {
		view, sum := get[console.Overview](t, b, "/console/overview?range="+query), int64(0)
		for _, point := range view.Series.Points {
			sum += *point.SignIns
		}
		if len(view.Series.Points) != points || sum != 4 {
			t.Errorf("%s: %s", query, text(view.Series))
		}
	}
	b.Get("/console/overview?range=1y").ExpectStatus(http.StatusBadRequest)
}

// TestWithoutOtherPlugins: what is not there is null, and breaks nothing.
func TestWithoutOtherPlugins(t *testing.T) {
	h := newHouse(t, func(o *standard.Options) {
		o.Features.Approval, o.Features.Audit, o.Features.Lockout = nil, nil, nil
	})
	b := h.Enter(root)
	view := get[console.Overview](t, b, "/console/overview")
	if view.Users.Value != 3 || view.Series != nil || view.SignIns24h != nil || view.Pending != nil || view.Active24h != nil || view.Checklist != nil {
		t.Error(text(view))
	}
	panel := get[console.Panel](t, b, "/console/user/"+h.id(t, ann))
	if panel.LastSignIns != nil || panel.Locks != nil || panel.Request != nil || panel.User.Status != console.Active {
		t.Error(text(panel))
	}
	if page := get[console.UserPage](t, b, query("status", "pending")); len(page.Users) != 0 {
		t.Error(names(page))
	}
	if page := get[console.UserPage](t, b, query("status", "active")); len(page.Users) != 3 {
		t.Error(names(page))
	}
	b.Post("/console/users/bulk", map[string]any{"action": "approve", "ids": []string{"x"}}).ExpectStatus(http.StatusNotImplemented)
	b.Get("/console/export").Expect(gatehousetest.Fails(console.ErrNotHere))
	b.Get("/console/user/" + h.id(t, ann) + "/data").Expect(gatehousetest.Fails(console.ErrNotHere))
	b.Send(http.MethodPost, "/console/import", "text/csv", "email\n").Expect(gatehousetest.Fails(console.ErrNotHere))
	if got := string(b.Get("/console/settings").Body); got != `{"file":null,"settings":[]}` {
		t.Error(got)
	}
}
