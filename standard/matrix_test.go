package standard_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
)

// standing is what somebody may do.
type standing struct {
	session      bool // one that the house takes
	impersonates bool
	may          []string // permissions; "*" is all
}

func (s standing) allowed(permission string) bool {
	return slices.Contains(s.may, "*") || slices.Contains(s.may, permission)
}

var moderating = []string{"user:list", "user:get", "user:ban", "session:list", "session:revoke"}

// kinds are the people who walk. enter gives one who did not do anything yet;
// who has no session may be the same for many routes.
var kinds = []struct {
	name  string
	is    standing
	enter func(h *house, n int) *visitor
}{
	{"nobody", standing{}, func(h *house, _ int) *visitor { return &visitor{house: h, cookies: map[string]string{}} }},
	{"pending", standing{}, func(h *house, n int) *visitor { return h.waiting(fmt.Sprintf("pending%d@example.com", n)) }},
	{"rejected", standing{}, func(h *house, n int) *visitor {
		v := h.waiting(fmt.Sprintf("rejected%d@example.com", n))
		h.reject(v.email)
		return v
	}},
	{"banned, with a session from before", standing{}, func(h *house, n int) *visitor {
		address := fmt.Sprintf("banned%d@example.com", n)
		user := h.enrol(address, "admin")
		v := h.enter(address)
		if _, err := h.Admin.Ban(h.t.Context(), user.ID, admin.Ban{}); err != nil {
			h.t.Fatal(err)
		}
		return v
	}},
	{"banned by another program, with a session", standing{}, func(h *house, n int) *visitor {
		address := fmt.Sprintf("banned%d@example.org", n)
		h.enrol(address, "admin")
		v := h.enter(address)
		if _, err := h.DB.SQL().Exec(`UPDATE "user" SET "banned" = true WHERE "email" = '` + address + `'`); err != nil {
			h.t.Fatal(err)
		}
		return v
	}},
	{"user", standing{session: true}, as("user")},
	{"moderator", standing{session: true, may: moderating}, as("moderator")},
	{"admin", standing{session: true, may: []string{"*"}}, as("admin")},
	{"admin as a user", standing{session: true, impersonates: true}, acting("user")},
	// Nothing that takes a permission is open to who acts as somebody.
	{"admin as an admin", standing{session: true, impersonates: true}, acting("admin")},
}

func as(role string) func(*house, int) *visitor {
	return func(h *house, n int) *visitor {
		address := fmt.Sprintf("%s%d@example.com", role, n)
		h.enrol(address, role)
		return h.enter(address)
	}
}

// acting is an admin who acts as somebody of a role.
func acting(role string) func(*house, int) *visitor {
	return func(h *house, n int) *visitor {
		target := h.enrol(fmt.Sprintf("as%s%d@example.com", role, n), role)
		address := fmt.Sprintf("by%s%d@example.com", role, n)
		h.enrol(address, "admin")
		v := h.enter(address)
		if got := v.send("POST", "/admin/impersonate-user", map[string]any{"userId": target.ID}); got.Code != http.StatusOK {
			h.t.Fatalf("impersonate: %d %s", got.Code, got.Body)
		}
		v.email = target.Email
		return v
	}
}

// waiting is somebody who signed up, with all that was mailed to them.
func (h *house) waiting(address string) *visitor {
	h.t.Helper()
	v := &visitor{house: h, email: address, cookies: map[string]string{}}
	if got := v.send("POST", "/sign-up/email", map[string]any{"name": "Guest", "email": address, "password": passcode}); got.Code != http.StatusOK {
		h.t.Fatalf("sign up: %d %s", got.Code, got.Body)
	}
	v.send("POST", "/request-password-reset", map[string]any{"email": address})
	v.tokens = map[string]string{
		"verifyEmail": h.token("verification-email", address), "resetPassword": h.token("reset-password", address),
	}
	return v
}

func (h *house) reject(address string) {
	h.t.Helper()
	user, err := h.Users.ByEmail(h.t.Context(), address)
	if err != nil {
		h.t.Fatal(err)
	}
	request, err := h.Approvals.RequestOf(h.t.Context(), user.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	outcomes, err := h.Approvals.Reject(h.t.Context(), gatehouse.System, "", request.ID)
	if err != nil || outcomes[0].State != approval.Rejected {
		h.t.Fatalf("reject: %v %v", outcomes, err)
	}
}

// choice is the member to send where an operation asks for one of several.
var choice = map[string]string{"clearLocks": "userId", "resetPassword": "token", "accountInfo": "accountId"}

// sample is a well-formed request of a route about a victim, with what the
// visitor has of their own. It is made of the operation's own input type, so
// that a new route is covered the day it appears.
func (v *visitor) sample(r gatehouse.Route, victim *gatehouse.User, secret string) *httptest.ResponseRecorder {
	own := v.email
	if own == "" {
		own = "nobody@example.com"
	}
	values := map[string]any{
		"userId": victim.ID, "id": victim.ID, "sessionToken": secret, "role": "user", "data": map[string]any{"name": "Renamed"},
		"email": own, "newEmail": "new-" + own, "name": "New", "password": passcode, "newPassword": passcode,
		"currentPassword": passcode, "permissions": map[string]any{"user": []string{"list"}}, "callbackURL": "/", "provider": "google",
		"ids": []string{"sample"},
	}
	if token := v.tokens[r.Op.ID]; token != "" {
		values["token"] = token
	}
	if r.Op.ID == "createUser" {
		values["email"] = "made-" + victim.Email
	}
	value := func(name string) any {
		if known, ok := values[name]; ok {
			return known
		}
		return "sample"
	}
	body, query, path := map[string]any{}, url.Values{}, r.Op.Path
	for i := range r.In.NumField() {
		field := r.In.Field(i)
		required := field.Type.Kind() != reflect.Pointer && !strings.Contains(field.Tag.Get("check"), "optional")
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "*" && strings.HasPrefix(path, "/update-"):
			body["name"] = "Renamed"
		case name == "*" && strings.HasSuffix(path, "-token"):
			body["accountId"] = "sample"
		case name != "" && name != "*" && (required || name == "permissions" || name == "ids" || name == choice[r.Op.ID]):
			body[name] = value(name)
		}
		if name, ok := field.Tag.Lookup("query"); ok && (required || name == choice[r.Op.ID]) {
			query.Set(name, fmt.Sprint(value(name)))
		}
		if name, ok := field.Tag.Lookup("path"); ok {
			path = strings.ReplaceAll(path, ":"+name, "sample")
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return v.send(r.Op.Method, path, body)
}

// TestAccessMatrix walks every route of the standard set as everybody there is.
// What each may follows from the route's own Access: a new route is held to it
// the day it appears.
func TestAccessMatrix(t *testing.T) {
	h := newHouse(t)
	h.enrol("root@example.com", "admin") // stays, whoever is banned
	n := 0
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			var v *visitor
			for _, route := range h.Routes() {
				op := route.Op
				if op.ID == "door" || op.ID == "sendVerificationEmail" && kind.name != "nobody" { // takes half a second
					continue
				}
				n++
				if v == nil || kind.is.session || op.ID == "verifyEmail" {
					v = kind.enter(h, n)
				}
				address := fmt.Sprintf("victim%d@example.com", n)
				victim := h.enrol(address, "user")
				before := v.cookies[cookie]
				got := v.sample(route, victim, h.enter(address).secret())
				judge(t, op, kind.is, got)
				if !kind.is.session {
					noCredential(t, op, before, v, got)
				}
			}
		})
	}
}

// judge compares a status with what the operation's Access says.
func judge(t *testing.T, op gatehouse.Op, who standing, got *httptest.ResponseRecorder) {
	t.Helper()
	access, permission := op.Access.String(), ""
	if text, needs := strings.CutPrefix(access, "permission "); needs {
		permission = text
	}
	want := 0 // anything but 401 and 403
	switch {
	case access == gatehouse.Public.String() && !(op.OwnerOnly && who.impersonates):
		return
	case access != gatehouse.Public.String() && !who.session:
		want = http.StatusUnauthorized
	case op.OwnerOnly && who.impersonates, permission != "" && !who.allowed(permission):
		want = http.StatusForbidden
	}
	refused := got.Code == http.StatusUnauthorized || got.Code == http.StatusForbidden
	if want != 0 && got.Code != want || want == 0 && refused || got.Code >= http.StatusInternalServerError {
		t.Errorf("%s %s (%s) answers %d %s, want %d", op.Method, op.Path, access, got.Code, got.Body, want)
	}
}

// noCredential: whoever has no session that counts gets none, on no route.
func noCredential(t *testing.T, op gatehouse.Op, kept string, v *visitor, got *httptest.ResponseRecorder) {
	t.Helper()
	if got.Code >= http.StatusInternalServerError {
		t.Errorf("%s %s answers %d %s", op.Method, op.Path, got.Code, got.Body)
	}
	after := v.cookies[cookie]
	if (after != "" && after != kept) || got.Header().Get("set-auth-token") != "" || strings.Contains(got.Body.String(), `"token":"`) {
		t.Errorf("%s %s gives a credential: %d %s %v", op.Method, op.Path, got.Code, got.Body, got.Header())
	}
	check := v.send("GET", "/get-session", nil)
	if check.Code != http.StatusOK || strings.TrimSpace(check.Body.String()) != "null" {
		t.Errorf("after %s %s there is a session: %d %s", op.Method, op.Path, check.Code, check.Body)
	}
	if kept != "" { // the next route is tried with the old session too
		v.cookies[cookie] = kept
	}
}

// TestPendingAndRejectedAreTold why, wherever they prove who they are.
func TestPendingAndRejectedAreTold(t *testing.T) {
	h := newHouse(t)
	for name, want := range map[string]*gatehouse.Error{"pending": approval.ErrPending, "rejected": approval.ErrRejected} {
		v := h.waiting(name + "@example.com")
		if name == "rejected" {
			h.reject(v.email)
		}
		for path, body := range map[string]any{
			"/sign-in/email": map[string]any{"email": v.email, "password": passcode}, "/door": gatehousetest.Knock{Email: v.email},
		} {
			if got := v.send("POST", path, body); got.Code != want.Status || !strings.Contains(got.Body.String(), want.Code) {
				t.Errorf("%s at %s: %d %s", name, path, got.Code, got.Body)
			}
		}
		if got := v.send("GET", "/verify-email?token="+url.QueryEscape(v.tokens["verifyEmail"]), nil); !strings.Contains(got.Body.String(), want.Code) {
			t.Errorf("%s by the mailed link: %d %s", name, got.Code, got.Body)
		}
	}
}
