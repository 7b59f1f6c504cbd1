package gatehouse_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/bearer"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// FuzzServeHTTP throws whatever net/http lets through at the house. No request
// of a client is a fault of ours: nothing answers 5xx, but for 503 from a full
// queue and two answers that the protocol's conformance suite wants: the one
// for an unreadable cache, and the bare 500 for null in a required field.
func FuzzServeHTTP(f *testing.F) {
	const json = "application/json"
	for _, seed := range []struct{ method, target, kind, cookie, authorization, body string }{
		{"POST", "/sign-in/email", json, "", "", `{"email":"ada@example.com","password":"x"}`},
		{"POST", "/sign-in/email", "application/x-www-form-urlencoded", "", "", "email=a%00@b.co&password=%ff"},
		{"POST", "/update-user", json, "good", "", `{"name":"\u0000"}`},
		{"POST", "/update-user", json, "good", "", "{\"name\":\"\xff\xfe\"}"},
		{"POST", "/update-user", json, "good", "", `{"image":"\u0000","name":{"a":1}}`},
		{"POST", "/update-user", json, "good", "", `{"name":null,"image":7}`},
		{"POST", "/update-session", json, "good", "", `{"theme":"\u0000"}`},
		{"POST", "/revoke-session", json, "good", "", `{"token":"\u0000\ud800"}`},
		{"POST", "/unlink-account", json, "good", "", `{"accountId":"\u0000"}`},
		{"POST", "/reset-password", json, "", "", `{"newPassword":"12345678","token":"\u0000%"}`},
		{"GET", "/reset-password/%00%ff?callbackURL=/%2e", "", "", "", ""},
		{"GET", "/verify-email?token=%00&callbackURL=/x?y#z", "", "", "", ""},
		{"GET", "/delete-user/callback?token=%00%ff", "", "good", "", ""},
		{"POST", "/delete-user", json, "good", "", `{"token":"\u0000"}`},
		{"GET", "/get-session", "", "better-auth.session_token=%00.%ff; better-auth.session_data=AAAA", "Bearer \x00\xff", ""},
		{"GET", "/get-session?disableCookieCache=%00", "", "better-auth.session_data.0=e30; better-auth.session_data.9=e30", "", ""},
		{"GET", "/account-info?accountId=%00%ff", "", "good", "", ""},
		{"POST", "/callback/%00%2f", json, "", "", `{"state":"\u0000","code":"\r\n"}`},
		{"GET", "/callback/google?state=%00", "", "", "", ""},
		{"GET", "/error?error=%00&error_description=%0d%0a", "", "", "", ""},
		{"POST", "/send-verification-email", json, "good", "", `{"email":"a@b.co"}`},
		{"POST", "/change-email", json, "good", "", `{"newEmail":"a@b.co","callbackURL":"\u0000"}`},
		{"POST", "/request-password-reset", json, "", "", `{"email":"ada@example.com","redirectTo":"/\u00e9?a=%"}`},
		{"PUT", "/%zz", "\x00", ";;=;", "\x7f", "\x00"},
	} {
		f.Add(seed.method, seed.target, seed.kind, seed.cookie, seed.authorization, seed.body)
	}
	house := newHouse(f, func(o *standard.Options) {
		guarded(o)
		o.Features.Bearer = &bearer.Options{}
		o.Session.CookieCache.Enabled = true
		o.EmailAndPassword.Hash = password.HashOptions{Workers: 1}
	})
	f.Fuzz(func(t *testing.T, method, target, kind, cookies, authorization, body string) {
		if cookies == "good" {
			cookies = freshCookies(t, house)
		}
		u, err := url.ParseRequestURI("/api/auth" + target)
		if err != nil || strings.Contains(target, "send-verification-email") && !strings.Contains(cookies, sessionCookie) {
			return // half a second each
		}
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Method, r.URL, r.RequestURI = method, u, u.RequestURI()
		for name, value := range map[string]string{"Content-Type": kind, "Cookie": cookies, "Authorization": authorization, "Origin": house.Origin(), "User-Agent": body} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		house.ServeHTTP(w, r)
		known := strings.Contains(w.Body.String(), "FAILED_TO_GET_SESSION") ||
			w.Code == http.StatusInternalServerError && strings.HasSuffix(lastLine(house.Log()), ` is required"`)
		if w.Code >= 500 && !known && w.Code != http.StatusServiceUnavailable {
			t.Errorf("%q %q answers %d %s\nbody %q\nlog %s", method, target, w.Code, w.Body, body, lastLine(house.Log()))
		}
		for name, values := range w.Header() {
			for _, value := range values {
				if strings.ContainsAny(value, "\r\n\x00") {
					t.Errorf("the header %s is %q", name, value)
				}
			}
		}
	})
}

// freshCookies are a new session's. The input before may have ended the last
// one, or its user; and inside a fuzz target the house cannot report.
func freshCookies(t *testing.T, house *gatehousetest.House) string {
	t.Helper()
	if _, err := house.Users.ByEmail(t.Context(), ada); err != nil {
		if err := house.Users.Create(t.Context(), &gatehouse.User{Email: ada, Name: "Ada"}); err != nil {
			t.Fatal(err)
		}
	}
	r := httptest.NewRequest("POST", "/api/auth/door", strings.NewReader(`{"email":"`+ada+`"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	house.ServeHTTP(w, r)
	var pairs []string
	for _, c := range w.Result().Cookies() {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return strings.Join(pairs, "; ")
}

func lastLine(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return lines[len(lines)-1]
}
