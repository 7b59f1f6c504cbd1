package console_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/console"
	"github.com/gatehouse-auth/gatehouse/store"
)

func TestMail(t *testing.T) {
	var touched []string
	h := newHouse(t, withServer(&touched))
	h.Mailbox.FailWith(errors.New("550 no such mailbox"))
	h.Post("/request-password-reset", map[string]any{"email": ann}).ExpectStatus(http.StatusOK)
	var mail *gatehouse.OutboxMail
	for range 12 {
		if _, err := h.Outbox.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(9 * time.Hour)
	}
	b := h.Enter(root)
	page := get[console.MailPage](t, b, "/console/mail")
	if len(page.Mails) != 1 || page.Counts != (console.MailCounts{Dead: 1}) {
		t.Fatal(text(page))
	}
	m := page.Mails[0]
	if m.Kind != "reset-password" || m.Recipient != ann || m.State != "dead" || m.Attempts != 12 || !strings.Contains(*m.LastError, "550") || m.NextAttemptAt != nil {
		t.Error(text(m))
	}
	mail, err := h.Outbox.ByID(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := h.Open(mail.Payload)
	if err != nil {
		t.Fatal(err)
	}
	_, secret, _ := strings.Cut(string(plain), `"token":"`)
	secret, _, _ = strings.Cut(secret, `"`)
	if len(secret) < 20 || !strings.Contains(string(plain), "reset-password/"+secret) {
		t.Fatalf("no token in %s", plain)
	}
	shown := b.Get("/console/mail/" + m.ID).ExpectStatus(http.StatusOK)
	if strings.Contains(string(shown.Body), secret) || !strings.Contains(string(shown.Body), "/api/auth/reset-password/REDACTED?callbackURL=REDACTED") {
		t.Errorf("shows %s", shown.Body)
	}
	var view console.MailView
	shown.JSON(&view)
	if view.Preview == nil || view.Preview.Subject != "reset-password to "+ann || view.Withheld != nil || !strings.Contains(view.Preview.Text, `"name":"Guest"`) {
		t.Error(text(view))
	}
	h.Mailbox.FailWith(nil)
	b.Post("/console/mail/"+m.ID+"/retry", nil).ExpectStatus(http.StatusOK)
	b.Post("/console/mail/"+m.ID+"/retry", nil).Expect(gatehousetest.Fails(console.ErrMailNotDead))
	if _, err := h.Outbox.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if sent := get[console.MailPage](t, b, "/console/mail?state=sent&recipient="+ann); len(sent.Mails) != 1 || sent.Mails[0].SentAt == nil {
		t.Error(text(sent))
	}
	if view := get[console.MailView](t, b, "/console/mail/"+m.ID); view.Preview != nil || *view.Withheld != "sent" {
		t.Error(text(view))
	}
	b.Get("/console/mail/none").Expect(gatehousetest.Fails(console.ErrMailNotFound))
	b.Post("/console/mail/none/retry", nil).Expect(gatehousetest.Fails(console.ErrMailNotFound))
	if e := h.entries(t, "mail.retry"); len(e) != 1 || e[0].Target != m.ID || e[0].Actor != h.id(t, root) {
		t.Errorf("recorded %s", text(e))
	}
}

// TestPreviewTellsNoSecret: whatever a kind of mail carries, under whatever
// name, only what is known to be harmless is shown.
func TestPreviewTellsNoSecret(t *testing.T) {
	var touched []string
	h := newHouse(t, withServer(&touched))
	h.Mailbox.FailWith(errors.New("later"))
	const secret = "s3cr3tt0kenS3cr3tT0ken99"
	for i, data := range []map[string]any{
		{"token": secret}, {"otp": secret}, {"code": secret}, {"magic": secret}, {"link": "https://x.example/a/" + secret + "/b?c=1"},
		{"url": "http://x.example/a?token=" + secret + "&x=y#" + secret}, {"url": "https://" + secret + "@x.example/"}, {"url": "http://[::1" + secret},
		{"nested": map[string]any{"token": secret}}, {"list": []string{secret}}, {"url": "https://x.example/%73" + secret[1:]},
	} {
		kind := "kind-" + string(rune('a'+i))
		if err := h.Outbox.Put(t.Context(), gatehouse.Mail{Kind: kind, To: ann, Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := store.Define[gatehouse.OutboxMail](h.DB, "outbox").Find(t.Context(), store.Search{})
	if err != nil || len(rows) != 11 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		view, err := h.set.Console.Mail(context.Background(), row.ID)
		if err != nil || view.Preview == nil {
			t.Fatalf("%s: %v %s", row.Kind, err, text(view))
		}
		if got := text(view); strings.Contains(got, secret) || strings.Contains(got, secret[1:]) {
			t.Errorf("%s tells %s", row.Kind, got)
		}
	}
}

func TestHealth(t *testing.T) {
	var touched []string
	h := newHouse(t, withServer(&touched))
	b := h.Enter(root)
	health := get[console.Health](t, b, "/console/health")
	if *health.Version != "1.2.3" || health.Store.Kind != h.DB.Kind() || health.Store.LatencyMs == nil || health.Store.Error != nil ||
		health.Hashing.Size < 1 || health.Hashing.Limit < 1 || health.Mail == nil || text(health.Migrations.Pending) != `["ALTER TABLE x"]` {
		t.Error(text(health))
	}
	var names []string
	for _, job := range health.Jobs {
		names = append(names, job.Name)
	}
	if all := strings.Join(names, ", "); !strings.HasPrefix(all, "deliver mail, sweep") || !strings.Contains(all, "number audit entries") {
		t.Error(all)
	}
	if got := string(b.Get("/console/settings").Body); got != `{"file":"gatehouse.yaml","settings":[{"path":"secret","value":true,"source":"env","secret":true,"default":null}]}` {
		t.Error(got)
	}
}
