package approval_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
)

func sorted(lines []string) []string {
	slices.Sort(lines)
	return lines
}

func TestQuestionsAreAsked(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Approval, RequireReason: true, Recipients: []string{"desk@example.com"}, Questions: []approval.Question{
		{Name: "company", Label: "Where do you work?", Required: true, MaxLength: 10},
		{Name: "phone"},
	}})
	h.Get("/registration").Expect(gatehousetest.OK(`{"mode":"approval","reasonRequired":true,"questions":[
		{"name":"company","label":"Where do you work?","required":true,"maxLength":10},
		{"name":"phone","label":"phone","required":false,"maxLength":500}]}`))
	for _, tt := range []struct {
		name string
		body map[string]any
		want *gatehouse.Error
	}{
		{"no reason", signUp(ada, "company", "ACME"), gatehouse.ErrMissingField.Saying("reason is required")},
		{"no company", signUp(ada, "reason", "please"), gatehouse.ErrMissingField.Saying("company is required")},
		{"blank", signUp(ada, "reason", "please", "company", " \t "), gatehouse.ErrMissingField.Saying("company is required")},
		{"too long", signUp(ada, "reason", "please", "company", "0123456789a"), gatehouse.ErrFieldTooLong.Saying("company is too long: at most 10 characters")},
		{"reason too long", signUp(ada, "reason", strings.Repeat("é", 501), "company", "ACME"), gatehouse.ErrFieldTooLong.Saying("reason is too long: at most 500 characters")},
		{"NUL", signUp(ada, "reason", "a\x00b", "company", "ACME"), gatehouse.ErrInvalidText.Saying("reason has characters that cannot be stored")},
	} {
		// The same for an address that has an account.
		for _, address := range []string{ada, root} {
			tt.body["email"] = address
			h.Post("/sign-up/email", tt.body).Expect(gatehousetest.Fails(tt.want))
		}
		if h.user(t, ada) != nil {
			t.Errorf("%s: an account was made", tt.name)
		}
	}
	h.Post("/sign-up/email", signUp(ada, "reason", " éé ", "company", "éééééééééé", "unasked", "x")).ExpectStatus(http.StatusOK)
	h.Enter(mod).Get("/registration/list").Expect(gatehousetest.OK(`{"next":null,"registrations":[{"id":…,"state":"pending","method":"password",
		"reason":"éé","answers":[{"name":"company","label":"Where do you work?","value":"éééééééééé"}],"createdAt":…,
		"user":{"email":"ada@example.com",…}}]}`))
	mail := h.Mail("approval-requested", "desk@example.com")
	if mail.Data["reason"] != "éé" || len(h.Mails("approval-requested", root)) != 0 {
		t.Errorf("%v", mail.Data)
	}
}

func TestMistakesInTheOptionsStopNew(t *testing.T) {
	for _, tt := range []struct {
		o    approval.Options
		want string
	}{
		{approval.Options{Mode: "waitlist"}, `mode "waitlist": use open, approval, invite or closed`},
		{approval.Options{Questions: []approval.Question{{Name: "role"}}}, `question "role": sign-up has a member of that name already`},
		{approval.Options{Questions: []approval.Question{{Name: "password"}}}, `question "password": sign-up has a member of that name already`},
		{approval.Options{Questions: []approval.Question{{Name: "a"}, {Name: "a"}}}, `question "a": sign-up has a member of that name already`},
		{approval.Options{Questions: []approval.Question{{Name: "what is it?"}}}, `question "what is it?": a name is up to 64 letters, digits and _, and begins with a letter`},
		{approval.Options{Questions: []approval.Question{{Name: "a", MaxLength: 5000}}}, `question "a": maxLength is 1 to 2000`},
		{approval.Options{Recipients: []string{"desk"}}, `recipient "desk" is no e-mail address`},
		{approval.Options{ApprovalLinkExpiresIn: 31 * 24 * time.Hour}, "approvalLinkExpiresIn is more than 0 and at most 30 days"},
		{approval.Options{EmailDomains: approval.DomainOptions{Deny: []string{"@x"}}}, `emailDomains.deny: "@x" is no domain`},
		{approval.Options{EmailDomains: approval.DomainOptions{DisposableFile: "/nowhere/list"}}, "emailDomains.disposableFile: stat /nowhere/list"},
	} {
		h := build(t, approval.Options{})
		config := *h.Config()
		config.DB = h.DB.Sibling(config.StoreOptions(storeOptions()))
		config.Plugins = []gatehouse.Plugin{&roles{}, approval.New(tt.o)}
		app, err := gatehouse.New(context.Background(), config)
		if err == nil {
			_ = app.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

func TestApproveAndReject(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Approval})
	first, second := h.wait(t, ada), h.wait(t, eve)
	admin := h.Enter(root)

	admin.Post("/registration/approve", map[string]any{"ids": []string{first, "unknown", first}}).Expect(gatehousetest.OK(
		`{"results":[{"id":"` + first + `","state":"approved"},
		{"id":"unknown","code":"REGISTRATION_NOT_FOUND","message":"There is no such registration"},
		{"id":"` + first + `","code":"REGISTRATION_ALREADY_DECIDED","message":"This registration was decided already"}]}`))
	admin.Post("/registration/reject", map[string]any{"ids": []string{second, first}, "reason": "Not a customer"}).Expect(gatehousetest.OK(
		`{"results":[{"id":"` + second + `","state":"rejected"},
		{"id":"` + first + `","code":"REGISTRATION_ALREADY_DECIDED","message":"This registration was decided already"}]}`))

	h.SignIn(ada, passcode)
	h.Post("/sign-in/email", map[string]string{"email": eve, "password": passcode}).Expect(gatehousetest.Fails(approval.ErrRejected))
	if mail := h.Mail("account-approved", ada); mail.Data["url"] != gatehousetest.BaseURL+"/sign-in" {
		t.Errorf("%v", mail.Data)
	}
	if mail := h.Mail("account-rejected", eve); mail.Data["reason"] != "Not a customer" {
		t.Errorf("%v", mail.Data)
	}
	if n := len(h.Mails("", eve)); n != 1 {
		t.Errorf("eve got %d mails", n)
	}
	for _, want := range []struct {
		action string
		n      int
	}{{"registration.request", 2}, {"registration.approve", 1}, {"registration.reject", 1}} {
		if n := h.roles.recorded(want.action, gatehouse.Succeeded); n != want.n {
			t.Errorf("%s is recorded %d times, want %d", want.action, n, want.n)
		}
	}
	request, err := h.approvals.RequestOf(context.Background(), h.user(t, eve).ID)
	if err != nil || request.State != approval.Rejected || *request.DecidedBy != h.user(t, root).ID || *request.Note != "Not a customer" || request.PendingSince != nil {
		t.Errorf("%+v %v", request, err)
	}

	for body, want := range map[string]*gatehouse.Error{
		`{}`:                        approval.ErrOneOf,
		`{"ids":[]}`:                approval.ErrOneOf,
		`{"ids":["a"],"token":"b"}`: approval.ErrOneOf,
		`{"token":"b"}`:             gatehouse.ErrInvalidToken,
	} {
		admin.Send(http.MethodPost, "/registration/approve", "application/json", body).Expect(gatehousetest.Fails(want))
	}
	many := make([]string, 101)
	admin.Post("/registration/approve", map[string]any{"ids": many}).ExpectStatus(http.StatusBadRequest)
}

func TestOnlyWhoMayDecides(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Approval})
	id := h.wait(t, ada)
	h.Invite(eve)
	for _, path := range []string{"/registration/approve", "/registration/reject"} {
		h.Post(path, map[string]any{"ids": []string{id}}).Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
		h.Enter(eve).Post(path, map[string]any{"ids": []string{id}}).Expect(gatehousetest.Fails(gatehouse.ErrForbidden))
		h.Enter(mod).Post(path, map[string]any{"ids": []string{id}}).Expect(gatehousetest.Fails(gatehouse.ErrForbidden))
	}
	h.Get("/registration/list").Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
	h.Enter(eve).Get("/registration/list").Expect(gatehousetest.Fails(gatehouse.ErrForbidden))
	h.Enter(mod).Get("/registration/list").ExpectStatus(http.StatusOK)
}

func TestPendingListIsPaged(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Approval})
	var want []string
	for i := range 7 {
		address := fmt.Sprintf("p%d@example.com", i)
		h.Post("/test/register", map[string]any{"email": address}).ExpectStatus(http.StatusOK)
		want = append(want, address)
		if i%3 == 0 { // some asked in the same millisecond
			h.Clock.Advance(time.Second)
		}
	}
	admin := h.Enter(root)
	var got []string
	var page struct {
		Registrations []struct {
			User struct{ Email string }
		}
		Next *string
	}
	cursor, pages := "", 0
	for {
		admin.Get("/registration/list?limit=2" + cursor).ExpectStatus(http.StatusOK).JSON(&page)
		pages++
		for _, r := range page.Registrations {
			got = append(got, r.User.Email)
		}
		if page.Next == nil {
			break
		}
		cursor, page.Next = "&cursor="+*page.Next, nil
	}
	if pages != 4 || len(got) != 7 || got[0] != want[0] {
		t.Errorf("%d pages: %v", pages, got)
	}
	if !slices.Equal(sorted(got), sorted(want)) {
		t.Errorf("got %v", got)
	}
	for _, bad := range []string{"x", "!!", "LTEuYQ", "OTk5OTk5OTk5OTk5OTk5OTk5OS5h"} {
		admin.Get("/registration/list?cursor=" + bad).Expect(gatehousetest.Fails(approval.ErrCursor))
	}
	if n := h.roles.recorded("registration.list", gatehouse.Succeeded); n != pages {
		t.Errorf("%d reads are recorded, want %d", n, pages)
	}
}

// ATTACKS 57: of two administrators who decide at once in two processes one
// wins, the other is told, and one mail goes out.
func TestOneDecisionWins(t *testing.T) {
	o := approval.Options{Mode: approval.Approval}
	h := open(t, o)
	nodes := []*house{h, h.twin(t, o)}
	for i := range 5 {
		address := fmt.Sprintf("p%d@example.com", i)
		h.Post("/test/register", map[string]any{"email": address}).ExpectStatus(http.StatusOK)
		request, err := h.approvals.RequestOf(context.Background(), h.user(t, address).ID)
		if err != nil {
			t.Fatal(err)
		}
		var won, told atomic.Int32
		together(10, func(i int) {
			decide := func() ([]approval.Outcome, error) {
				if i%2 == 0 {
					return nodes[0].approvals.Approve(context.Background(), "a", request.ID)
				}
				return nodes[1].approvals.Reject(context.Background(), "b", "", request.ID)
			}
			outcomes, err := decide()
			switch {
			case err != nil:
				t.Error(err)
			case outcomes[0].State != "":
				won.Add(1)
			case outcomes[0].Code == approval.ErrDecided.Code:
				told.Add(1)
			}
		})
		if won.Load() != 1 || told.Load() != 9 {
			t.Errorf("%d won, %d were told", won.Load(), told.Load())
		}
		sent := 0
		for _, n := range nodes {
			sent += len(n.Mails("account-approved", address)) + len(n.Mails("account-rejected", address))
		}
		if sent != 1 {
			t.Errorf("%d mails to %s", sent, address)
		}
	}
}

// ATTACKS 123: the link in an administrator's mail is signed, asks who is
// signed in, works once, and does nothing when a machine opens it.
func TestApprovalLink(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Approval})
	id := h.wait(t, ada)
	mail := h.Mail("approval-requested", root)
	link := mail.Data["url"].(string)
	token, err := url.QueryUnescape(strings.TrimPrefix(link, h.URL("/registration/open?token=")))
	if err != nil {
		t.Fatal(err)
	}
	h.Invite(eve)

	toSignIn := gatehousetest.Redirects(gatehousetest.BaseURL + "/sign-in?callbackURL=" + url.QueryEscape(link))
	h.Get(link).Expect(toSignIn)
	h.Enter(eve).Get(link).Expect(toSignIn)
	h.Enter(mod).Get(link).Expect(toSignIn)
	h.Browser().Send(http.MethodHead, link, "", "").ExpectStatus(http.StatusNotFound)
	h.Get("/registration/open?token=x").Expect(gatehousetest.Redirects(gatehousetest.BaseURL + "/sign-in?callbackURL=" + url.QueryEscape(h.URL("/registration/open?token=x"))))

	admin := h.Enter(root)
	for range 3 { // opening consumes nothing
		admin.Get(link).Expect(gatehousetest.Redirects(gatehousetest.BaseURL + "/admin/registrations?token=" + url.QueryEscape(token)))
	}
	admin.Get("/registration/open?token=x").Expect(gatehousetest.Redirects(gatehousetest.BaseURL + "/admin/registrations?error=INVALID_TOKEN"))
	admin.Get("/registration/request?token=" + token).Expect(gatehousetest.OK(`{"id":"` + id + `","state":"pending",…}`))
	h.Enter(mod).Get("/registration/request?token=" + token).Expect(gatehousetest.Fails(gatehouse.ErrForbidden))

	forged := token[:len(token)-4] + "AAAA"
	proof, err := h.SignEmailProof(gatehouse.EmailProof{Email: root})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", forged, proof} {
		admin.Post("/registration/approve", map[string]string{"token": bad}).Expect(gatehousetest.Fails(gatehouse.ErrInvalidToken))
	}
	body := map[string]string{"token": token}
	h.Post("/registration/approve", body).Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
	h.Enter(eve).Post("/registration/approve", body).Expect(gatehousetest.Fails(gatehouse.ErrForbidden))
	h.Post("/door", gatehousetest.Knock{Email: ada}).Expect(gatehousetest.Fails(approval.ErrPending))

	admin.Post("/registration/approve", body).Expect(gatehousetest.OK(`{"results":[{"id":"` + id + `","state":"approved"}]}`))
	admin.Post("/registration/reject", body).Expect(gatehousetest.Fails(approval.ErrDecided))
	admin.Post("/registration/approve", body).Expect(gatehousetest.Fails(approval.ErrDecided))
	h.Post("/door", gatehousetest.Knock{Email: ada}).ExpectStatus(http.StatusOK)

	// The token proves no address, and an expired one nothing.
	h.Get("/verify-email?token=" + token).ExpectStatus(http.StatusUnauthorized)
	h.Clock.Advance(7*24*time.Hour + time.Second)
	h.Enter(root).Post("/registration/approve", body).Expect(gatehousetest.Fails(gatehouse.ErrTokenExpired))
	if err := h.Users.Delete(context.Background(), h.user(t, ada).ID); err != nil {
		t.Fatal(err)
	}
	if outcomes, err := h.approvals.Approve(context.Background(), "a", id); err != nil || outcomes[0].Code != approval.ErrNoRequest.Code {
		t.Errorf("%v %v", outcomes, err)
	}
}

// ATTACKS 55: a flood of sign-ups is no flood of mails to an administrator.
func TestAdministratorsAreNotFlooded(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Approval})
	for i := range 30 {
		h.Post("/test/register", map[string]any{"email": fmt.Sprintf("p%d@example.com", i)}).ExpectStatus(http.StatusOK)
	}
	if n := len(h.Mails("approval-requested", root)); n != 20 {
		t.Errorf("%d mails, want 20 an hour", n)
	}
}

// The list of who waits stays quick however many were decided: it is read from
// the index of those who wait, in order.
func TestPendingListIsReadByIndex(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Approval})
	for i := range 3 {
		h.Post("/test/register", map[string]any{"email": fmt.Sprintf("p%d@example.com", i)}).ExpectStatus(http.StatusOK)
	}
	var page approval.Registrations
	statements := h.Statements(func() {
		var err error
		if page, err = h.approvals.Pending(context.Background(), approval.Page{Limit: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err = h.approvals.Pending(context.Background(), approval.Page{Limit: 1, Cursor: *page.Next}); err != nil {
			t.Fatal(err)
		}
	})
	if len(statements) != 2 {
		t.Fatalf("%d statements: %v", len(statements), statements)
	}
	if h.DB.Kind() != "sqlite" {
		return // PostgreSQL plans by the size of the table
	}
	for _, sql := range statements {
		rows, err := h.DB.SQL().QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+sql, make([]any, strings.Count(sql, "?"))...)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, detail)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(plan, "; ")
		if !strings.Contains(text, "registrationRequest USING INDEX") || strings.Contains(text, "SCAN user") || strings.Contains(text, "TEMP B-TREE FOR ORDER BY") {
			t.Errorf("%s\nis planned as %s", sql, text)
		}
	}
}
