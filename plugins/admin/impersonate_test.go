package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
)

const (
	adminCookie = "better-auth.admin_session"
	forget      = "better-auth.dont_remember"
)

func TestImpersonateAndReturn(t *testing.T) {
	h := newHouse(t, admin.Options{})
	b := h.as(t, root, ann)
	b.Get("/get-session").Expect(gatehousetest.OK(`{"session":{"impersonatedBy":"` + h.id(t, root) + `",…},"user":{"email":"` + ann + `",…}}`))
	if got := h.Enter(ann).Get("/list-sessions"); strings.Count(string(got.Body), `"token"`) != 1 {
		t.Errorf("the person sees the admin's session: %s", got.Body)
	}
	b.Post("/update-user", map[string]any{"name": "By the admin"}).ExpectStatus(http.StatusOK)
	b.Post("/admin/stop-impersonating", struct{}{}).Expect(gatehousetest.OK(`{"session":{"impersonatedBy":null,…},"user":{"email":"` + root + `",…}}`))
	b.Get("/admin/list-users").ExpectStatus(http.StatusOK)
	if b.Cookie(adminCookie) != "" || b.Cookie(forget) != "" {
		t.Error("cookies are left")
	}
	b.Post("/admin/stop-impersonating", struct{}{}).Expect(gatehousetest.Fails(admin.ErrNotImpersonating))
}

// TestBothAreNamed: the record has the person and the admin who acted.
func TestBothAreNamed(t *testing.T) {
	h := newHouse(t, admin.Options{})
	b := h.as(t, root, ann)
	b.Post("/update-user", map[string]any{"name": "By the admin"}).ExpectStatus(http.StatusOK)
	b.Post("/admin/stop-impersonating", struct{}{}).ExpectStatus(http.StatusOK)
	b.Post("/update-user", map[string]any{"name": "Myself"}).ExpectStatus(http.StatusOK)
	adminID, annID := h.id(t, root), h.id(t, ann)
	for _, tt := range []struct {
		action                       string
		actor, impersonator, subject string
	}{
		{"impersonation.start", adminID, "", annID},
		{"user.update", annID, adminID, annID},
		{"impersonation.stop", annID, adminID, annID},
	} {
		got := h.heard.about(tt.action)
		if len(got) == 0 || got[0].Actor != tt.actor || got[0].Impersonator != tt.impersonator || got[0].Target != tt.subject {
			t.Errorf("%s: got %+v", tt.action, got)
		}
	}
	begun := h.heard.about("session.create")
	if last := begun[len(begun)-1]; last.Actor != annID || last.Impersonator != adminID {
		t.Errorf("session.create: got %+v", last)
	}
	changes := h.heard.about("user.update")
	if last := changes[len(changes)-1]; last.Actor != adminID || last.Impersonator != "" {
		t.Errorf("after returning: got %+v", last)
	}
}

func TestImpersonationRefused(t *testing.T) {
	h := newHouse(t, admin.Options{})
	h.enrol(t, peer, "user", "admin")
	h.enrol(t, "out@example.com", "user")
	if _, err := h.adm.Ban(t.Context(), h.id(t, "out@example.com"), admin.Ban{}); err != nil {
		t.Fatal(err)
	}
	b := h.Enter(root)
	before := b.Cookie(token)
	for target, want := range map[string]*gatehouse.Error{
		peer: admin.ErrImpersonateAdmin, root: admin.ErrImpersonateAdmin, "out@example.com": admin.ErrBanned,
	} {
		b.Post("/admin/impersonate-user", map[string]any{"userId": h.id(t, target)}).Expect(gatehousetest.Fails(want))
		if b.Cookie(token) != before || b.Cookie(adminCookie) != "" {
			t.Fatalf("%s: cookies changed", target)
		}
	}
	if len(h.heard.about("impersonation.start")) != 0 && nobody(b) {
		t.Error("a refused attempt counts")
	}
}

// TestImpersonationDoesNotStack: an admin who acts as another admin is no
// admin meanwhile.
func TestImpersonationDoesNotStack(t *testing.T) {
	h := newHouse(t, admin.Options{AllowImpersonatingAdmins: true})
	h.enrol(t, peer, "admin")
	b := h.as(t, root, peer)
	b.Post("/admin/impersonate-user", map[string]any{"userId": h.id(t, ann)}).Expect(gatehousetest.Fails(admin.ErrImpersonate))
	b.Get("/admin/list-users").Expect(gatehousetest.Fails(admin.ErrList))
	b.Post("/admin/stop-impersonating", struct{}{}).ExpectStatus(http.StatusOK)
	b.Get("/admin/list-users").ExpectStatus(http.StatusOK)
}

// TestImpersonationEnds: with the admin's ban, demotion or removal, with the
// person's promotion, and after its hour, whatever cookies the browser drops.
func TestImpersonationEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(h *house, b *gatehousetest.Browser) error
	}{
		{"the admin is banned", func(h *house, _ *gatehousetest.Browser) error {
			_, err := h.adm.Ban(t.Context(), h.id(t, root), admin.Ban{})
			return err
		}},
		{"the admin is demoted", func(h *house, _ *gatehousetest.Browser) error {
			_, err := h.adm.SetRoles(t.Context(), h.id(t, root), "moderator")
			return err
		}},
		{"the admin is removed", func(h *house, _ *gatehousetest.Browser) error { return h.adm.RemoveUser(t.Context(), h.id(t, root)) }},
		{"the person is banned", func(h *house, _ *gatehousetest.Browser) error {
			_, err := h.adm.Ban(t.Context(), h.id(t, ann), admin.Ban{})
			return err
		}},
		{"the person becomes admin", func(h *house, _ *gatehousetest.Browser) error {
			_, err := h.adm.SetRoles(t.Context(), h.id(t, ann), "admin")
			return err
		}},
		{"an hour", func(h *house, b *gatehousetest.Browser) error {
			b.SetCookie(forget, "") // so that the session looks due for extension
			b.Get("/get-session").Expect(gatehousetest.OK(`{"session":{"expiresAt":"2026-01-02T04:04:05.678Z",…},"user":"…"}`))
			h.Clock.Advance(time.Hour)
			return nil
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, admin.Options{})
			h.enrol(t, peer, "admin")
			b := h.as(t, root, ann)
			other := h.twin(t, admin.Options{})
			if err := tt.end(h, b); err != nil {
				t.Fatal(err)
			}
			other.Clock.Advance(h.Clock.Now().Sub(other.Clock.Now()))
			elsewhere := other.Browser()
			elsewhere.SetCookie(token, b.Cookie(token))
			if !nobody(elsewhere) || !nobody(b) {
				t.Error("the session lives on")
			}
			b.Post("/admin/stop-impersonating", struct{}{}).ExpectStatus(http.StatusUnauthorized)
		})
	}
}

// TestAdminCookieCannotBePlanted: returning takes the admin's own session, no
// other that a browser could have a signature for.
func TestAdminCookieCannotBePlanted(t *testing.T) {
	h := newHouse(t, admin.Options{})
	h.enrol(t, peer, "admin")
	none := gatehousetest.Fails(admin.ErrNoAdminSession)
	foreign := h.as(t, peer, ann)
	for name, plant := range map[string]func(b *gatehousetest.Browser){
		"none":              func(b *gatehousetest.Browser) { b.SetCookie(adminCookie, "") },
		"another admin's":   func(b *gatehousetest.Browser) { b.SetCookie(adminCookie, foreign.Cookie(adminCookie)) },
		"the session's own": func(b *gatehousetest.Browser) { b.SetCookie(adminCookie, b.Cookie(token)) },
		"the admin's, unsigned": func(b *gatehousetest.Browser) {
			b.SetCookie(adminCookie, strings.SplitN(b.Cookie(adminCookie), ".", 2)[0])
		},
		"of an ended session": func(*gatehousetest.Browser) {
			if err := h.Sessions.RevokeAll(t.Context(), h.id(t, root), ""); err != nil {
				t.Fatal(err)
			}
		},
	} {
		b := h.as(t, root, ann)
		plant(b)
		b.Post("/admin/stop-impersonating", struct{}{}).Expect(none)
		if nobody(b) {
			t.Errorf("%s: the session ended", name)
		}
	}
}

// TestReturnKeepsForgetting: an admin who did not want to be remembered is not.
func TestReturnKeepsForgetting(t *testing.T) {
	h := newHouse(t, admin.Options{})
	b, no := h.Browser(), false
	b.Post("/door", gatehousetest.Knock{Email: root, Remember: &no}).ExpectStatus(http.StatusOK)
	kept, _ := url.PathUnescape(b.Cookie(token))
	b.Post("/admin/impersonate-user", map[string]any{"userId": h.id(t, ann)}).ExpectStatus(http.StatusOK)
	answer := b.Post("/admin/stop-impersonating", struct{}{}).ExpectStatus(http.StatusOK)
	if c := answer.Cookies[token]; c == nil || c.MaxAge != 0 || b.Cookie(forget) == "" {
		t.Errorf("the cookie is remembered now: %v", answer.Header["Set-Cookie"])
	}
	if now, _ := url.PathUnescape(b.Cookie(token)); now != kept {
		t.Errorf("got %s, want the session from before", now)
	}
}
