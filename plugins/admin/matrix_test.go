package admin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
)

// adminOps are the permissions of the protocol's operations, as a moderator
// has them or not.
var adminOps = map[string]bool{
	"createUser": false, "getUser": true, "listUsers": true, "adminUpdateUser": false, "removeUser": false, "setUserRole": false,
	"banUser": true, "unbanUser": true, "setUserPassword": false, "impersonateUser": false,
	"adminListUserSessions": true, "revokeUserSession": true, "revokeUserSessions": true,
}

// sample is a well-formed request of a route about a person. It is made of the
// operation's own input type, so that a new route is covered the day it appears.
func sample(b *gatehousetest.Browser, r gatehouse.Route, victim *gatehouse.User, victimToken string) *gatehousetest.Answer {
	values := map[string]any{
		"userId": victim.ID, "id": victim.ID, "sessionToken": victimToken, "role": "user", "data": map[string]any{"name": "Renamed"},
		"email": "new-" + victim.Email, "newEmail": "new-" + victim.Email, "name": "New", "password": "battery staple", "newPassword": "battery staple",
		"currentPassword": "battery staple", "permissions": map[string]any{"user": []string{"list"}}, "callbackURL": "/", "provider": "google",
		"accountId": "sample", "token": "sample",
	}
	body, query := map[string]any{}, url.Values{}
	path := r.Op.Path
	for i := range r.In.NumField() {
		field := r.In.Field(i)
		required := field.Type.Kind() != reflect.Pointer && !strings.Contains(field.Tag.Get("check"), "optional")
		name, inBody := field.Tag.Lookup("json")
		name, _, _ = strings.Cut(name, ",")
		value, known := values[name]
		if inBody && name == "*" && strings.HasPrefix(r.Op.Path, "/update-") {
			body["name"] = "Renamed"
		} else if inBody && name != "*" && (required || name == "permissions") {
			if body[name] = value; !known {
				body[name] = "sample"
			}
		}
		if name, ok := field.Tag.Lookup("query"); ok && required {
			query.Set(name, fmt.Sprint(values[name]))
		}
		if name, ok := field.Tag.Lookup("path"); ok {
			path = strings.ReplaceAll(path, ":"+name, "sample")
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	if r.Op.Method == http.MethodGet {
		return b.Get(path)
	}
	return b.Post(path, body)
}

// TestAccessMatrix walks all routes as everybody there is.
func TestAccessMatrix(t *testing.T) {
	people := []struct {
		name  string
		enter func(*testing.T, *house) *gatehousetest.Browser
		// want is the status of an operation that answers 200 to who may; 0 is
		// anything but 401 and 403.
		admin func(op string) int
		other func(gatehouse.Op) int
	}{
		{"nobody", func(_ *testing.T, h *house) *gatehousetest.Browser { return h.Browser() }, always(401), needsSession},
		{"banned", func(t *testing.T, h *house) *gatehousetest.Browser {
			b := h.Enter("banned@example.com")
			if _, err := h.adm.Ban(t.Context(), h.id(t, "banned@example.com"), admin.Ban{}); err != nil {
				t.Fatal(err)
			}
			return b
		}, always(401), needsSession},
		{"banned by another program", func(t *testing.T, h *house) *gatehousetest.Browser {
			b := h.Enter("banned2@example.com")
			if _, err := h.DB.SQL().Exec(`UPDATE "user" SET "banned" = true WHERE "email" = 'banned2@example.com'`); err != nil {
				t.Fatal(err)
			}
			return b
		}, always(401), needsSession},
		{"user", func(_ *testing.T, h *house) *gatehousetest.Browser { return h.Enter(ann) }, always(403), open},
		{"moderator", func(_ *testing.T, h *house) *gatehousetest.Browser { return h.Enter(mod) }, func(op string) int {
			if adminOps[op] {
				return 200
			}
			return 403
		}, open},
		{"admin", func(_ *testing.T, h *house) *gatehousetest.Browser { return h.Enter(root) }, always(200), open},
		{"admin as a user", func(t *testing.T, h *house) *gatehousetest.Browser { return h.as(t, root, ann) }, always(403), impersonating},
		{"admin as an admin", func(t *testing.T, h *house) *gatehousetest.Browser { return h.as(t, root, peer) }, always(403), impersonating},
	}
	h := newHouse(t, admin.Options{AllowImpersonatingAdmins: true})
	h.enrol(t, peer, "admin")
	n := 0
	for _, person := range people {
		t.Run(person.name, func(t *testing.T) {
			seen := 0
			for _, route := range h.Routes() {
				op := route.Op
				if op.ID == "door" || op.ID == "ok" || op.ID == "error" || op.Path == "/send-verification-email" {
					continue
				}
				n++
				address := fmt.Sprintf("victim%d@example.com", n)
				there := h.Enter(address)
				victim := h.user(t, address)
				value, _ := url.PathUnescape(there.Cookie(token))
				secret, _, _ := strings.Cut(value, ".")
				b := person.enter(t, h)
				want := person.other(op)
				if _, ours := adminOps[op.ID]; ours {
					want = person.admin(op.ID)
					seen++
				}
				got := sample(b, route, victim, secret)
				refused := got.Status == 401 || got.Status == 403
				if want != 0 && got.Status != want || want == 0 && refused && op.Access != gatehouse.Public {
					t.Errorf("%s %s answers %d %s, want %d", op.Method, op.Path, got.Status, got.Body, want)
				}
				if strings.HasPrefix(person.name, "banned") {
					revive(t, h)
				}
				if op.ID == "deleteUser" { // who deleted themselves is needed again
					restore(t, h)
				}
			}
			if seen != len(adminOps) {
				t.Errorf("walked %d admin operations of %d", seen, len(adminOps))
			}
		})
	}
}

func always(status int) func(string) int { return func(string) int { return status } }

func needsSession(op gatehouse.Op) int {
	if op.Access == gatehouse.Public || op.ID == "signOut" {
		return 0
	}
	return 401
}

func open(gatehouse.Op) int { return 0 }

func impersonating(op gatehouse.Op) int {
	if op.OwnerOnly {
		return 403
	}
	return 0
}

func revive(t *testing.T, h *house) {
	t.Helper()
	if _, err := h.DB.SQL().Exec(`UPDATE "user" SET "banned" = false, "banReason" = NULL`); err != nil {
		t.Fatal(err)
	}
}

func restore(t *testing.T, h *house) {
	t.Helper()
	for address, role := range map[string]string{root: "admin", mod: "moderator", ann: "user", peer: "admin"} {
		if _, err := h.Users.ByEmail(t.Context(), address); err != nil {
			h.enrol(t, address, role)
		}
	}
}

// TestWhatImpersonatorsMayNot names the operations that stay closed, so that
// opening one is a decision.
func TestWhatImpersonatorsMayNot(t *testing.T) {
	h := newHouse(t, admin.Options{})
	closed := map[string]bool{
		"changePassword": true, "verifyPassword": true, "changeEmail": true, "deleteUser": true, "deleteUserCallback": true,
		"unlinkAccount": true, "linkSocialAccount": true, "listUserSessions": true,
	}
	for op := range adminOps {
		closed[op] = true
	}
	for _, route := range h.Routes() {
		if route.Op.OwnerOnly != closed[route.Op.ID] {
			t.Errorf("%s: OwnerOnly is %v", route.Op.ID, route.Op.OwnerOnly)
		}
	}
}

// TestRolesMayNotClimb: a role with one permission is no way to more. Whoever
// is no admin touches no admin and makes none.
func TestRolesMayNotClimb(t *testing.T) {
	all := map[string][]string{
		"user":    {"create", "list", "set-role", "ban", "impersonate", "delete", "set-password", "set-email", "get", "update"},
		"session": {"list", "revoke", "delete"},
	}
	h := build(t, admin.Options{Roles: map[string]admin.Role{"user": {}, "admin": all, "manager": all}})
	h.enrol(t, root, "admin")
	h.enrol(t, peer, "user,admin")
	h.enrol(t, mod, "manager")
	h.enrol(t, ann, "user")
	b, victim := h.Enter(mod), h.Enter(root)
	value, _ := url.PathUnescape(victim.Cookie(token))
	secret, _, _ := strings.Cut(value, ".")
	for _, target := range []string{root, peer} {
		id := map[string]any{"userId": h.id(t, target)}
		for _, tt := range []struct {
			path string
			body map[string]any
			want *gatehouse.Error
		}{
			{"/admin/set-role", with(id, map[string]any{"role": "user"}), admin.ErrSetRole},
			{"/admin/ban-user", id, admin.ErrBan},
			{"/admin/unban-user", id, admin.ErrBan},
			{"/admin/update-user", with(id, map[string]any{"data": map[string]any{"email": "mine@example.com"}}), admin.ErrUpdate},
			{"/admin/set-user-password", with(id, map[string]any{"newPassword": "battery staple"}), admin.ErrSetPassword},
			{"/admin/impersonate-user", id, admin.ErrImpersonateAdmin},
			{"/admin/remove-user", id, admin.ErrRemove},
			{"/admin/revoke-user-sessions", id, admin.ErrRevokeSessions},
			{"/admin/revoke-user-session", map[string]any{"sessionToken": secret}, admin.ErrRevokeSessions},
			{"/admin/list-user-sessions", id, admin.ErrListSessions},
		} {
			b.Post(tt.path, tt.body).Expect(gatehousetest.Fails(tt.want))
		}
	}
	for _, role := range []any{"admin", []string{"user", "admin"}, []string{"admin"}} {
		own := map[string]any{"userId": h.id(t, mod), "role": role}
		b.Post("/admin/set-role", own).Expect(gatehousetest.Fails(admin.ErrSetRole))
		b.Post("/admin/update-user", map[string]any{"userId": h.id(t, ann), "data": map[string]any{"role": role}}).Expect(gatehousetest.Fails(admin.ErrSetRole))
		made := map[string]any{"email": "made@example.com", "name": "Made"}
		b.Post("/admin/create-user", with(made, map[string]any{"role": role})).Expect(gatehousetest.Fails(admin.ErrSetRole))
		b.Post("/admin/create-user", with(made, map[string]any{"data": map[string]any{"role": role}})).Expect(gatehousetest.Fails(admin.ErrSetRole))
	}
	for _, role := range []any{"user,admin", "emperor", ""} { // one name, and not a defined one
		b.Post("/admin/set-role", map[string]any{"userId": h.id(t, mod), "role": role}).Expect(gatehousetest.Fails(admin.ErrUnknownRole))
	}
	if nobody(victim) || h.roleOf(t, root) != "admin" || h.roleOf(t, mod) != "manager" {
		t.Error("something changed")
	}
	b.Post("/admin/set-role", map[string]any{"userId": h.id(t, ann), "role": "manager"}).ExpectStatus(200)
	b.Post("/admin/ban-user", map[string]any{"userId": h.id(t, ann)}).ExpectStatus(200)
}

// TestOwnRoutes: roles and permissions hold on the embedder's own routes, from
// the next request on.
func TestOwnRoutes(t *testing.T) {
	h := newHouse(t, admin.Options{})
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	byRole, byPermission := h.RequireRole("moderator", "admin")(page), h.RequirePermission("user", "ban")(page)
	ask := func(handler http.Handler, b *gatehousetest.Browser) int {
		r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
		if c := b.Cookie(token); c != "" {
			r.Header.Set("Cookie", token+"="+c)
		}
		handler.ServeHTTP(w, r)
		return w.Code
	}
	people := map[string]*gatehousetest.Browser{root: h.Enter(root), mod: h.Enter(mod), ann: h.Enter(ann), "": h.Browser()}
	check := func(want map[string]int) {
		t.Helper()
		for who, status := range want {
			for _, handler := range []http.Handler{byRole, byPermission} {
				if got := ask(handler, people[who]); got != status {
					t.Errorf("%s gets %d, want %d", who, got, status)
				}
			}
		}
	}
	check(map[string]int{root: 204, mod: 204, ann: 403, "": 401})
	for id, role := range map[string]string{h.id(t, mod): "user", h.id(t, ann): "user,moderator"} {
		if _, err := h.adm.SetRoles(t.Context(), id, role); err != nil {
			t.Fatal(err)
		}
	}
	check(map[string]int{root: 204, mod: 403, ann: 204, "": 401})
	if _, err := h.adm.Ban(t.Context(), h.id(t, ann), admin.Ban{}); err != nil {
		t.Fatal(err)
	}
	check(map[string]int{ann: 401})
}
