package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/console"
)

func bulk(t *testing.T, b *gatehousetest.Browser, body map[string]any) (report console.BulkReport) {
	t.Helper()
	b.Post("/console/users/bulk", body).ExpectStatus(http.StatusOK).JSON(&report)
	return report
}

// codes are what a report says, row by row.
func codes(r console.BulkReport) string {
	var all []string
	for _, row := range r.Results {
		if row.OK {
			all = append(all, "ok")
		} else {
			all = append(all, *row.Code)
		}
	}
	return strings.Join(all, " ")
}

func (h *house) status(t *testing.T, id string) console.Status {
	t.Helper()
	panel, err := h.set.Console.User(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return panel.User.Status
}

func TestBulk(t *testing.T) {
	h := newHouse(t)
	h.settle(t)
	me, other := h.id(t, root), h.id(t, mod)
	waits, turned := h.id(t, "wait@example.com"), h.id(t, "turned@example.com")
	b := h.Enter(root)
	for _, tt := range []struct {
		name string
		body map[string]any
		want string
	}{
		{"ban", map[string]any{"action": "ban", "ids": []string{"u001", "none", me, "u001", "u005"}, "reason": "spam", "expiresIn": 60}, "ok USER_NOT_FOUND YOU_CANNOT_BAN_YOURSELF ok"},
		{"unban", map[string]any{"action": "unban", "ids": []string{"u001", "u005"}}, "ok ok"},
		{"approve", map[string]any{"action": "approve", "ids": []string{waits, turned, "u001", waits}}, "ok REGISTRATION_ALREADY_DECIDED REGISTRATION_NOT_FOUND"},
		{"role", map[string]any{"action": "role", "ids": []string{"u001", other, me}, "role": []string{"moderator", "user"}}, "ok ok LAST_ADMIN"},
		{"one role", map[string]any{"action": "role", "ids": []string{other}, "role": "moderator"}, "ok"},
		{"end sessions", map[string]any{"action": "revoke-sessions", "ids": []string{"u001", "none"}}, "ok USER_NOT_FOUND"},
		{"remove", map[string]any{"action": "remove", "ids": []string{"u001", "u001", "none", me}}, "ok USER_NOT_FOUND YOU_CANNOT_REMOVE_YOURSELF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report := bulk(t, b, tt.body)
			if got := codes(report); got != tt.want || report.Left != 0 || report.Stopped != nil || report.Done != strings.Count(tt.want, "ok") || report.Done+report.Refused != len(report.Results) {
				t.Errorf("got %s", text(report))
			}
		})
	}
	if s := h.status(t, "u005"); s != console.Active {
		t.Errorf("u005 is %s", s)
	}
	if s := h.status(t, waits); s == console.Pending {
		t.Errorf("who was approved is %s", s)
	}
	if e := h.entries(t, "user.ban"); len(e) != 2 || e[0].Actor != me {
		t.Errorf("recorded %s", text(e))
	}
	b.Post("/console/users/bulk", map[string]any{"action": "role", "ids": []string{"u002"}}).Expect(gatehousetest.Fails(console.ErrNoRole))
	for _, bad := range []map[string]any{
		{"action": "ban", "ids": []string{}}, {"action": "ban"}, {"ids": []string{"x"}}, {"action": "promote", "ids": []string{"x"}},
		{"action": "ban", "ids": many(501)}, {"action": "ban", "ids": "u001"}, {"action": "ban", "ids": []string{"x"}, "reason": strings.Repeat("x", 501)},
		{"action": "ban", "ids": []string{"x"}, "expiresIn": -1}, {"action": "ban", "ids": []any{1}},
	} {
		b.Post("/console/users/bulk", bad).ExpectStatus(http.StatusBadRequest)
	}
	if report := bulk(t, b, map[string]any{"action": "unban", "ids": many(500)}); len(report.Results) != 500 || report.Refused != 500 {
		t.Errorf("%d rows", len(report.Results))
	}
}

func many(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("x%d", i)
	}
	return ids
}

// TestBulkKeepsTheRulesOfAdministration: who is no admin acts on no admin and
// makes none, row by row.
func TestBulkKeepsTheRulesOfAdministration(t *testing.T) {
	h := newHouse(t)
	h.crowd(t, 2)
	h.enrol(t, peer, "admin")
	boss := h.id(t, peer)
	b := h.Enter(mod)
	if got := codes(bulk(t, b, map[string]any{"action": "ban", "ids": []string{"u000", boss}})); got != "ok "+admin.ErrBan.Code {
		t.Error(got)
	}
	if got := codes(bulk(t, b, map[string]any{"action": "revoke-sessions", "ids": []string{boss, "u001"}})); got != admin.ErrRevokeSessions.Code+" ok" {
		t.Error(got)
	}
	if s := h.status(t, boss); s != console.Active {
		t.Errorf("the admin is %s", s)
	}
}

// TestBulkStopsOnCancel: what is done stays, what is left is told, nobody is
// half done.
func TestBulkStopsOnCancel(t *testing.T) {
	h := newHouse(t)
	h.crowd(t, 6)
	b := h.Enter(root)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := 0
	h.cancelAfter(3, &done, cancel)
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, gatehousetest.BaseURL+"/api/auth/console/users/bulk",
		strings.NewReader(`{"action":"ban","ids":["u000","u001","u002","u003","u004","u005"]}`))
	r.Header.Set("Cookie", token+"="+b.Cookie(token))
	r.Header.Set("Origin", gatehousetest.BaseURL)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	banned := 0
	for i := range 6 {
		if h.status(t, fmt.Sprintf("u%03d", i)) == console.Banned {
			banned++
		}
	}
	if banned != 2 && banned != 3 {
		t.Errorf("%d banned", banned)
	}
	if want := fmt.Sprintf(`"done":%d,"refused":0,"left":%d,"stopped":{"code":"CANCELLED"`, banned, 6-banned); !strings.Contains(w.Body.String(), want) {
		t.Errorf("%d %s, want %s", w.Code, w.Body, want)
	}
}

// cancelAfter ends a request in the middle of its n-th ban.
func (h *house) cancelAfter(n int, done *int, cancel func()) {
	h.banned = func(context.Context, *gatehouse.User) error {
		if *done++; *done == n {
			cancel()
		}
		return nil
	}
}
