package gatehouse_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// roles is an authority that goes by the start of the address.
type roles struct{ err error }

func (r roles) HasRole(_ context.Context, u *gatehouse.User, wanted ...string) (bool, error) {
	name, _, _ := strings.Cut(u.Email, "@")
	for _, role := range wanted {
		if role == name {
			return true, r.err
		}
	}
	return false, r.err
}

func (r roles) Can(_ context.Context, u *gatehouse.User, resource, action string) (bool, error) {
	return strings.HasPrefix(u.Email, "admin@") && resource == "user" && action == "ban", r.err
}

// members answers with who is signed in.
var members = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, _ = w.Write([]byte(gatehouse.UserFrom(r.Context()).Email + " " + gatehouse.SessionFrom(r.Context()).UserID))
})

func TestOwnRoutesAreGuarded(t *testing.T) {
	house := newHouse(t, nil, parts(gatehouse.Parts{ID: "roles", Authority: roles{}}))
	plain, admin := house.Enter(ada), house.Enter("admin@example.com")
	session, role, permission := house.RequireSession(members), house.RequireRole("admin", "moderator")(members), house.RequirePermission("user", "ban")(members)
	dead := plain.Clone()
	dead.SetCookie(sessionCookie, "x.y")
	for _, tt := range []struct {
		name    string
		handler http.Handler
		cookie  string
		status  int
		body    string
	}{
		{"a session", session, plain.Cookie(sessionCookie), 200, ada},
		{"no session", session, "", 401, `{"code":"UNAUTHORIZED","message":"Unauthorized"}`},
		{"a forged session", session, dead.Cookie(sessionCookie), 401, `{"code":"UNAUTHORIZED","message":"Unauthorized"}`},
		{"a role", role, admin.Cookie(sessionCookie), 200, "admin@example.com"},
		{"another role", role, plain.Cookie(sessionCookie), 403, `{"code":"FORBIDDEN","message":"You are not allowed to do this"}`},
		{"a role of nobody", role, "", 401, "UNAUTHORIZED"},
		{"a permission", permission, admin.Cookie(sessionCookie), 200, "admin@example.com"},
		{"another permission", permission, plain.Cookie(sessionCookie), 403, "FORBIDDEN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			header := http.Header{}
			if tt.cookie != "" {
				header.Set("Cookie", sessionCookie+"="+tt.cookie)
			}
			got := serve(tt.handler, "GET", "/members", header)
			if got.Code != tt.status || !strings.Contains(got.Body.String(), tt.body) {
				t.Errorf("answers %d %s, want %d %s", got.Code, got.Body, tt.status, tt.body)
			}
			if tt.status != 200 && got.Header().Get("Cache-Control") != "no-store" {
				t.Error("the refusal may be cached")
			}
		})
	}
	if gatehouse.UserFrom(t.Context()) != nil || gatehouse.SessionFrom(t.Context()) != nil {
		t.Error("a request that was not guarded has a user")
	}
}

// TestGuardsNeverGuess: when the database or the authority cannot be asked,
// the answer is 503, not "nobody" and not "come in".
func TestGuardsNeverGuess(t *testing.T) {
	broken := newHouse(t, nil, parts(gatehouse.Parts{ID: "roles", Authority: roles{err: context.DeadlineExceeded}}))
	admin := http.Header{"Cookie": {sessionCookie + "=" + broken.Enter("admin@example.com").Cookie(sessionCookie)}}
	if got := serve(broken.RequireRole("admin")(members), "GET", "/", admin); got.Code != http.StatusServiceUnavailable {
		t.Errorf("a broken authority answers %d %s", got.Code, got.Body)
	}
	if err := broken.DB.Close(); err != nil {
		t.Fatal(err)
	}
	for name, handler := range map[string]http.Handler{"session": broken.RequireSession(members), "role": broken.RequireRole("admin")(members)} {
		got := serve(handler, "GET", "/", admin)
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != "1" || !strings.Contains(got.Body.String(), "SERVICE_UNAVAILABLE") {
			t.Errorf("%s without a database answers %d %v %s", name, got.Code, got.Header(), got.Body)
		}
	}
	if got := serve(broken.RequireSession(members), "GET", "/", http.Header{}); got.Code != http.StatusUnauthorized {
		t.Errorf("without a cookie nothing is asked, yet the answer is %d", got.Code)
	}
}

// TestRoleGuardsNeedAnAuthority: a guard that could never say no does not start.
func TestRoleGuardsNeedAnAuthority(t *testing.T) {
	house := newHouse(t, nil)
	for name, guard := range map[string]func(){
		"role":       func() { house.RequireRole("admin") },
		"permission": func() { house.RequirePermission("user", "ban") },
	} {
		func() {
			defer func() {
				if fault := recover(); fault == nil {
					t.Errorf("the %s guard was built", name)
				}
			}()
			guard()
		}()
	}
}

// TestGuardsWriteNothing: checking a session of one's own route neither
// extends it nor sets a cookie.
func TestGuardsWriteNothing(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.Session.CookieCache.Enabled = true })
	b := house.Enter(ada)
	house.Clock.Advance(48 * time.Hour)
	header := http.Header{"Cookie": {sessionCookie + "=" + b.Cookie(sessionCookie) + "; " + cacheCookie + "=" + b.Cookie(cacheCookie)}}
	var got http.Header
	asked := house.Statements(func() { got = serve(house.RequireSession(members), "GET", "/", header).Header() })
	if len(asked) != 1 || !strings.HasPrefix(asked[0], "SELECT") || len(got["Set-Cookie"]) != 0 {
		t.Errorf("statements %v, cookies %v", asked, got["Set-Cookie"])
	}
}

// TestCanOnRoutes: an operation with Can asks the authority about a session
// that the database confirmed.
func TestCanOnRoutes(t *testing.T) {
	ban := gatehouse.Op{ID: "ban", Method: "POST", Path: "/ban", Access: gatehouse.Can("user", "ban")}
	house := newHouse(t, nil, parts(gatehouse.Parts{ID: "roles", Authority: roles{}, Routes: []gatehouse.Route{route(ban)}}))
	house.Post("/ban", struct{}{}).ExpectStatus(http.StatusUnauthorized)
	house.Enter(ada).Post("/ban", struct{}{}).ExpectStatus(http.StatusForbidden)
	house.Enter("admin@example.com").Post("/ban", struct{}{}).ExpectStatus(http.StatusOK)
}
