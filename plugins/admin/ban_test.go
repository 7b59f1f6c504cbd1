package admin_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/store"
)

const passcode = "correct horse battery"

// TestBannedEverywhere: a ban ends sessions on every node, with or without the
// cookie cache, and no way in is left.
func TestBannedEverywhere(t *testing.T) {
	cached := func(c *gatehouse.Config) { c.Session.CookieCache.Enabled = true }
	h := newHouse(t, admin.Options{}, cached)
	other := h.twin(t, admin.Options{})
	h.AddUser("eve@example.com", passcode)
	id := h.id(t, "eve@example.com")
	here, there := h.Enter("eve@example.com"), other.Enter("eve@example.com")
	bearer := h.Browser()
	bearer.Header.Set("Authorization", "Bearer "+h.Browser().Post("/door", gatehousetest.Knock{Email: "eve@example.com"}).Text("token"))
	bearer.Get("/list-accounts").ExpectStatus(http.StatusOK)
	h.Enter(root).Post("/admin/ban-user", map[string]any{"userId": id, "banReason": "spam"}).ExpectStatus(http.StatusOK)

	unauthorized := gatehousetest.Fails(gatehouse.ErrUnauthorized)
	for _, b := range []*gatehousetest.Browser{here, there, bearer} {
		b.Post("/change-email", map[string]any{"newEmail": "mine@example.com"}).Expect(unauthorized) // never by the cache
		b.Post("/revoke-sessions", struct{}{}).Expect(unauthorized)
	}
	banned := gatehousetest.Fails(admin.ErrBanned)
	for _, house := range []*house{h, other} {
		house.Post("/sign-in/email", password.SignIn{Email: "eve@example.com", Password: passcode}).Expect(banned)
		house.Post("/sign-in/email", password.SignIn{Email: "eve@example.com", Password: "wrong"}).Expect(gatehousetest.Fails(password.ErrInvalidCredentials))
		answer := house.Post("/door", gatehousetest.Knock{Email: "eve@example.com"}).Expect(banned)
		if len(answer.Cookies) != 0 || answer.Header.Get("set-auth-token") != "" {
			t.Errorf("a banned person was handed %v", answer.Header)
		}
	}
}

// TestBanByAnotherProgram: sessions that the program did not delete are dead
// all the same.
func TestBanByAnotherProgram(t *testing.T) {
	h := newHouse(t, admin.Options{})
	b := h.Enter(ann)
	if _, err := h.DB.SQL().Exec(`UPDATE "user" SET "banned" = true WHERE "email" = '` + ann + `'`); err != nil {
		t.Fatal(err)
	}
	b.Post("/update-user", map[string]any{"name": "Still here"}).Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
	if left, err := h.Sessions.Active(t.Context(), h.id(t, ann)); err != nil || len(left) != 0 {
		t.Errorf("the session is left: %v %v", left, err)
	}
}

// TestBanLengths: no end, an end, an end that has come, and ends that are none.
func TestBanLengths(t *testing.T) {
	h := newHouse(t, admin.Options{DefaultBanReason: "rules"})
	b := h.Enter(root)
	id := h.id(t, ann)
	body := map[string]any{"userId": id}
	b.Post("/admin/ban-user", body).Expect(gatehousetest.OK(`{"user":{"banned":true,"banReason":"rules","banExpires":null,…}}`))
	b.Post("/admin/ban-user", with(body, map[string]any{"banExpiresIn": 0, "banReason": ""})).
		Expect(gatehousetest.OK(`{"user":{"banned":true,"banReason":"rules","banExpires":null,…}}`))
	for _, length := range []any{-1, -1e300, 1e300, "1", true, []int{1}} {
		b.Post("/admin/ban-user", with(body, map[string]any{"banExpiresIn": length})).ExpectStatus(http.StatusBadRequest)
	}
	b.Post("/admin/ban-user", with(body, map[string]any{"banExpiresIn": 60})).
		Expect(gatehousetest.OK(`{"user":{"banned":true,"banExpires":"2026-01-02T03:05:05.678Z",…}}`))
	knock := gatehousetest.Knock{Email: ann}
	h.Clock.Advance(time.Minute)
	h.Post("/door", knock).Expect(gatehousetest.Fails(admin.ErrBanned)) // to the millisecond
	h.Clock.Advance(time.Millisecond)
	h.Post("/door", knock).ExpectStatus(http.StatusOK)
	b.Get("/admin/get-user?id=" + id).Expect(gatehousetest.OK(`{"banned":false,"banReason":null,"banExpires":null,…}`))
	// A date in the past, set by an update, is a ban that is over.
	b.Post("/admin/update-user", map[string]any{"userId": id, "data": map[string]any{"banned": true, "banExpires": "2020-01-01T00:00:00Z"}}).
		ExpectStatus(http.StatusOK)
	h.Post("/door", knock).ExpectStatus(http.StatusOK)
	for _, until := range []any{"soon", "", 5, "+12026-01-01T00:00:00Z", true} {
		b.Post("/admin/update-user", map[string]any{"userId": id, "data": map[string]any{"banExpires": until}}).ExpectStatus(http.StatusBadRequest)
	}
}

// TestFlagsOfOtherTypes: whatever another program wrote into the column, a
// banned person stays out: converted, or an error.
func TestFlagsOfOtherTypes(t *testing.T) {
	for _, tt := range []struct {
		column string // its type on PostgreSQL, which keeps to types
		value  string
		out    bool
	}{
		{"text", `'true'`, true}, {"text", `'false'`, false}, {"integer", `1`, true}, {"integer", `0`, false}, {"boolean", `NULL`, false},
		{"integer", `2`, true}, {"text", `'yes please'`, true}, {"text", `''`, true}, {"text", `'TRUE'`, true}, {"text", `'banned'`, true},
	} {
		t.Run(tt.column+" "+tt.value, func(t *testing.T) {
			h := newHouse(t, admin.Options{})
			b := h.Enter(ann)
			statements := []string{`UPDATE "user" SET "banned" = ` + tt.value + ` WHERE "email" = '` + ann + `'`}
			if h.DB.Kind() == "postgres" && tt.column != "boolean" {
				cast := map[string]string{"text": `"banned"::text`, "integer": `"banned"::integer`}[tt.column]
				statements = append([]string{`ALTER TABLE "user" ALTER COLUMN "banned" DROP DEFAULT, ALTER COLUMN "banned" TYPE ` + tt.column + ` USING ` + cast}, statements...)
			}
			for _, text := range statements {
				if _, err := h.DB.SQL().Exec(text); err != nil {
					t.Fatal(err)
				}
			}
			fresh := h.twin(t, admin.Options{}) // knows the column as it is now
			thief := fresh.Browser()
			thief.SetCookie(token, b.Cookie(token))
			got := fresh.Post("/door", gatehousetest.Knock{Email: ann})
			// On each connection PostgreSQL refuses what was prepared before the
			// column changed, once.
			for n := 0; n < 20 && got.Status == http.StatusInternalServerError; n++ {
				got = fresh.Post("/door", gatehousetest.Knock{Email: ann})
				thief.Get("/list-accounts")
			}
			if in := got.Status == http.StatusOK; in == tt.out || in != (got.Cookies[token] != nil) {
				t.Errorf("the door answers %d %s", got.Status, got.Body)
			}
			if in := thief.Get("/list-accounts").Status == http.StatusOK; in == tt.out {
				t.Errorf("the session from before: in %v", in)
			}
		})
	}
}

// TestDemotedWithCache: the cookie cache still says admin, the database no more.
func TestDemotedWithCache(t *testing.T) {
	h := newHouse(t, admin.Options{}, func(c *gatehouse.Config) { c.Session.CookieCache.Enabled = true })
	h.enrol(t, peer, "admin")
	b := h.Enter(peer)
	b.Get("/get-session").Expect(gatehousetest.OK(`{"session":{"impersonatedBy":null,…},"user":{"role":"admin","banned":false,…}}`))
	if _, err := h.adm.SetRoles(t.Context(), h.id(t, peer), "user"); err != nil {
		t.Fatal(err)
	}
	b.Get("/admin/list-users").Expect(gatehousetest.Fails(admin.ErrList))
	b.Get("/admin/get-user?id=" + h.id(t, ann)).Expect(gatehousetest.Fails(admin.ErrGet))
	b.Post("/admin/has-permission", map[string]any{"permissions": map[string]any{"user": []string{"list"}}}).
		Expect(gatehousetest.OK(`{"error":null,"success":false}`))
}

// TestImpersonatorWithCache: the cached copy of a borrowed session is no way
// around what stays closed.
func TestImpersonatorWithCache(t *testing.T) {
	h := newHouse(t, admin.Options{}, func(c *gatehouse.Config) { c.Session.CookieCache.Enabled = true })
	b := h.as(t, root, ann)
	b.Get("/get-session").Expect(gatehousetest.OK(`{"session":{"impersonatedBy":"` + h.id(t, root) + `",…},"user":"…"}`))
	b.Get("/list-sessions").Expect(gatehousetest.Fails(gatehouse.ErrImpersonated))
	b.Post("/unlink-account", map[string]any{"accountId": "x"}).Expect(gatehousetest.Fails(gatehouse.ErrImpersonated))
}

// TestRoleColumnIsRead: a role that was never set is the default one.
func TestRoleColumnIsRead(t *testing.T) {
	h := newHouse(t, admin.Options{})
	for _, value := range []any{nil, ""} {
		if _, err := h.Users.Update(t.Context(), h.id(t, ann), store.Change{Field: "role", Value: value}); err != nil {
			t.Fatal(err)
		}
		roles, err := h.adm.Roles(h.user(t, ann))
		if err != nil || len(roles) != 1 || roles[0] != "user" {
			t.Errorf("%v: got %q %v", value, roles, err)
		}
	}
	if _, err := h.adm.Roles(&gatehouse.User{}); err == nil {
		t.Error("a record that never met the store has roles")
	}
}
