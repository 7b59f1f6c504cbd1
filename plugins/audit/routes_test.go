package audit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/store"
)

var storeOptions store.Options

// auditors grants audit:read to one address.
type auditors struct{ address string }

func (a auditors) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	return gatehouse.Parts{ID: "auditors", Authority: a}, nil
}

func (a auditors) HasRole(context.Context, *gatehouse.User, ...string) (bool, error) {
	return false, nil
}

func (a auditors) Can(_ context.Context, u *gatehouse.User, resource, action string) (bool, error) {
	return u.Email == a.address && resource == audit.Resource && action == audit.ActionRead, nil
}

const boss = "boss@example.com"

func officeHouse(t testing.TB) (*house, *gatehousetest.Browser) {
	t.Helper()
	h := newHouse(t, func(s *setting) {
		s.audit.Routes = true
		s.more = append(s.more, auditors{boss})
	})
	return h, h.Enter(boss)
}

func TestOnlyThePermittedRead(t *testing.T) {
	h, admin := officeHouse(t)
	member := h.Enter(ada)
	for _, visit := range []func(*gatehousetest.Browser) *gatehousetest.Answer{
		func(b *gatehousetest.Browser) *gatehousetest.Answer { return b.Get("/admin/audit/list") },
		func(b *gatehousetest.Browser) *gatehousetest.Answer { return b.Get("/admin/audit/follow") },
		func(b *gatehousetest.Browser) *gatehousetest.Answer { return b.Get("/admin/audit/export") },
		func(b *gatehousetest.Browser) *gatehousetest.Answer {
			return b.Post("/admin/audit/verify", map[string]any{})
		},
	} {
		visit(h.Browser()).Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
		visit(member).Expect(gatehousetest.Fails(gatehouse.ErrForbidden))
		visit(admin).ExpectStatus(http.StatusOK)
	}
	page, err := h.log.Find(context.Background(), audit.Query{Action: "access.deny"})
	if err != nil || len(page.Entries) != 4 {
		t.Fatalf("%d refusals are recorded, %v", len(page.Entries), err)
	}
	if e := page.Entries[0]; e.Actor != h.user(ada).ID || e.Target != "audit:read" || e.Outcome != "FORBIDDEN" {
		t.Errorf("recorded %+v", e)
	}
}

func TestRoutesNeedAnAuthority(t *testing.T) {
	h := newHouse(t, nil)
	config := *h.Config()
	config.DB, config.Plugins = h.DB.Sibling(config.StoreOptions(storeOptions)), []gatehouse.Plugin{audit.New(audit.Options{Routes: true})}
	if _, err := gatehouse.New(context.Background(), config); err == nil || !strings.Contains(err.Error(), "audit:read") {
		t.Errorf("New says %v", err)
	}
}

func TestListOverHTTP(t *testing.T) {
	h, admin := officeHouse(t)
	h.fill(5)
	var page audit.Page
	admin.Get("/admin/audit/list?targetType=test&limit=2").ExpectStatus(http.StatusOK).JSON(&page)
	if len(page.Entries) != 2 || page.Next == "" || page.Entries[0].Action <= page.Entries[1].Action {
		t.Fatalf("page %+v", page)
	}
	first := page.Entries[0].ID
	admin.Get("/admin/audit/list?targetType=test&limit=5&after=" + page.Next).ExpectStatus(http.StatusOK).JSON(&page)
	if len(page.Entries) != 3 || page.Next != "" || page.Entries[0].ID == first {
		t.Errorf("second page %+v", page)
	}
	answer := admin.Get("/admin/audit/list?limit=1&action=app.start&from=" + url.QueryEscape("2026-01-01T00:00:00Z") + "&to=2027-01-01T00:00:00Z")
	var raw struct {
		Entries []map[string]json.RawMessage
		Next    string
	}
	answer.ExpectStatus(http.StatusOK).JSON(&raw)
	if len(raw.Entries) != 1 || string(raw.Entries[0]["seq"]) != "1" || raw.Entries[0]["details"][0] != '{' {
		t.Errorf("answer %s", answer.Body)
	}
	for _, query := range []string{"limit=0x", "limit=501", "limit=-1", "after=x", "from=yesterday", "to=1"} {
		if got := admin.Get("/admin/audit/list?" + query); got.Status != http.StatusBadRequest || got.Text("code") != "VALIDATION_ERROR" {
			t.Errorf("%s answers %d %s", query, got.Status, got.Body)
		}
	}
}

// TestReadingIsRecorded: who looked at what; following once, not at each look,
// or each look would be news for the next.
func TestReadingIsRecorded(t *testing.T) {
	h, admin := officeHouse(t)
	h.sequence()
	before := h.head()
	ok(t, admin.Get("/admin/audit/list?actor=somebody&from=2026-01-01T00:00:00Z"))
	for range 3 {
		ok(t, admin.Get("/admin/audit/follow?after=1"))
	}
	ok(t, admin.Post("/admin/audit/verify", map[string]any{}))
	got := told(h.since(before), map[string]string{h.user(boss).ID: "boss"})
	want := []string{
		`[boss] audit.read [audit:] success {"actor":"somebody","from":"2026-01-01T00:00:00Z","operation":"listAuditEntries"}`,
		`[boss] audit.read [audit:] success {"after":1,"operation":"followAuditEntries"}`,
		fmt.Sprintf(`[boss] audit.verify [audit:] success {"entries":%d,"operation":"verifyAuditLog","problems":0}`, before),
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("recorded\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	h.Clock.Advance(2 * time.Hour)
	ok(t, admin.Get("/admin/audit/follow?after=1"))
	if n := len(h.since(before)); n != 4 {
		t.Errorf("%d entries after two hours, want 4", n)
	}
}

func TestFollowAndVerifyOverHTTP(t *testing.T) {
	h, admin := officeHouse(t)
	first, last := h.fill(4)
	var followed audit.Followed
	admin.Get(fmt.Sprintf("/admin/audit/follow?after=%d&limit=3", first-1)).ExpectStatus(http.StatusOK).JSON(&followed)
	if len(followed.Entries) != 3 || *followed.Entries[0].Seq != first {
		t.Errorf("followed %+v", followed)
	}
	admin.Get(fmt.Sprintf("/admin/audit/follow?after=%d", last)).Expect(gatehousetest.OK(`{"entries":[]}`))
	var report audit.Report
	admin.Post("/admin/audit/verify", map[string]any{}).ExpectStatus(http.StatusOK).JSON(&report)
	if !report.OK() || report.To < last || report.Checkpoint == "" {
		t.Errorf("report %+v", report)
	}
	h.sql(`UPDATE "auditEntry" SET "actor" = 'mallory' WHERE "seq" = ?`, first)
	admin.Post("/admin/audit/verify", map[string]any{"checkpoint": report.Checkpoint}).ExpectStatus(http.StatusOK).JSON(&report)
	if report.OK() || report.Problems[0].Seq != first || report.Problems[0].Kind != audit.Altered {
		t.Errorf("report %+v", report)
	}
	if got := admin.Post("/admin/audit/verify", map[string]any{"checkpoint": "x"}); got.Status != http.StatusBadRequest {
		t.Errorf("a wrong checkpoint answers %d %s", got.Status, got.Body)
	}
}
