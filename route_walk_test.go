package gatehouse_test

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
)

// publicAnswers are the documented answers of public operations to somebody
// who is not signed in and sends a sample.
var publicAnswers = map[string]int{
	"GET /ok":                       http.StatusOK,
	"GET /error":                    http.StatusFound,
	"GET /get-session":              http.StatusOK, // null
	"POST /get-session":             http.StatusMethodNotAllowed,
	"POST /sign-out":                http.StatusOK,
	"POST /sign-up/email":           http.StatusUnprocessableEntity, // taken
	"POST /sign-in/email":           http.StatusUnauthorized,
	"POST /sign-in/social":          http.StatusNotFound,
	"POST /request-password-reset":  http.StatusOK,
	"GET /reset-password/:token":    http.StatusFound,
	"POST /reset-password":          http.StatusBadRequest,
	"POST /send-verification-email": http.StatusOK,
	"GET /verify-email":             http.StatusUnauthorized,
	"GET /delete-user/callback":     http.StatusNotFound,
	"GET /callback/:id":             http.StatusFound,
	"POST /callback/:id":            http.StatusFound,
	"POST /get-access-token":        http.StatusUnauthorized,
	"POST /refresh-token":           http.StatusUnauthorized,
	"GET /account-info":             http.StatusBadRequest, // names no account
}

// strangers are browsers that nobody signed in: without a cookie, with a
// forged one, and with that of a user who is gone.
func strangers(t *testing.T, house *gatehousetest.House) map[string]func() *gatehousetest.Browser {
	t.Helper()
	gone := house.Enter("gone@example.com")
	user, err := house.Users.ByEmail(context.Background(), "gone@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if err := house.Users.Delete(context.Background(), user.ID); err != nil {
		t.Fatal(err)
	}
	return map[string]func() *gatehousetest.Browser{
		"nobody": house.Browser,
		"a forged cookie": func() *gatehousetest.Browser {
			b := house.Browser()
			b.SetCookie(sessionCookie, "abcdefghijklmnopqrstuvwxyzABCDEF.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D")
			return b
		},
		"the cookie of a deleted user": gone.Clone,
	}
}

func TestEveryRouteRefusesStrangers(t *testing.T) {
	house := newHouse(t, nil)
	house.Invite("sample@example.com")
	for name, stranger := range strangers(t, house) {
		t.Run(name, func(t *testing.T) {
			for _, route := range house.Routes() {
				if route.Op.ID == "door" {
					continue // of the test house
				}
				want := http.StatusUnauthorized
				if route.Op.Access == gatehouse.Public {
					var listed bool
					if want, listed = publicAnswers[key(route)]; !listed {
						t.Errorf("%s is public: add its answer to publicAnswers", key(route))
						continue
					}
				}
				if key(route) == "POST /send-verification-email" && name != "nobody" {
					continue // takes half a second
				}
				if got := visit(stranger(), route); got.Status != want {
					t.Errorf("%s answers %d %s, want %d", key(route), got.Status, got.Body, want)
				}
			}
		})
	}
}

func TestEveryRouteRefusesWrongTypes(t *testing.T) {
	house := newHouse(t, nil)
	wrong := map[reflect.Kind][]any{
		reflect.String: {[]string{"a"}, map[string]any{"$ne": nil}, 7, true},
		reflect.Bool:   {"true", 1, []bool{true}, map[string]any{}},
	}
	ada := house.Enter(ada)
	for _, route := range house.Routes() {
		if route.Op.Method == "GET" {
			continue
		}
		body := sampleBody(route)
		fields := inputs(route, "json")
		if len(fields) > 0 && !route.Op.Body.Optional && !route.Op.Body.Ignored {
			for _, whole := range []string{`[]`, `"text"`, `7`, `null`} {
				got := ada.Send("POST", samplePath(route), "application/json", whole)
				if got.Status != http.StatusBadRequest {
					t.Errorf("%s with body %s answers %d %s, want 400", key(route), whole, got.Status, got.Body)
				}
			}
		}
		for _, field := range fields {
			for _, value := range wrong[field.kind] {
				confused := map[string]any{}
				for name, v := range body {
					confused[name] = v
				}
				confused[field.name] = value
				if got := ada.Post(samplePath(route), confused); got.Status != http.StatusBadRequest {
					sent, _ := json.Marshal(value)
					t.Errorf("%s with %s=%s answers %d %s, want 400", key(route), field.name, sent, got.Status, got.Body)
				}
			}
		}
	}
}

func TestEveryRouteKnowsItsBodyType(t *testing.T) {
	house := newHouse(t, nil)
	for _, route := range house.Routes() {
		if route.Op.Method == "GET" || route.Op.Body.Ignored {
			continue
		}
		for _, kind := range []string{"text/plain", "multipart/form-data; boundary=x", "application/xml", "application/jsonp", "json", ";"} {
			if got := house.Browser().Send("POST", samplePath(route), kind, `{}`); got.Status != http.StatusUnsupportedMediaType {
				t.Errorf("%s takes %s: %d %s, want 415", key(route), kind, got.Status, got.Body)
			}
		}
		form := house.Browser().Send("POST", samplePath(route), "application/x-www-form-urlencoded", "a=b")
		if taken := form.Status != http.StatusUnsupportedMediaType; taken != route.Op.Body.Form {
			t.Errorf("%s takes a form: %v, its Op says %v", key(route), taken, route.Op.Body.Form)
		}
	}
}

// TestOtherMethodsDoNothing: a state-changing operation answers to POST alone,
// whatever a header or a parameter asks for.
func TestOtherMethodsDoNothing(t *testing.T) {
	house := newHouse(t, nil)
	b := house.Enter(ada)
	for _, route := range house.Routes() {
		if route.Op.Method != "POST" || route.Op.Path == "/get-session" || route.Op.Path == "/callback/:id" {
			continue
		}
		for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "post", "TRACE"} {
			for _, header := range []string{"", "X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"} {
				if header != "" {
					b.Header.Set(header, "POST")
				}
				if got := b.Send(method, samplePath(route)+"?_method=POST", "", ""); got.Status != http.StatusNotFound {
					t.Errorf("%s %s with %q answers %d, want 404", method, route.Op.Path, header, got.Status)
				}
				b.Header.Del(header)
			}
		}
	}
	if nobody(b) {
		t.Error("the session ended")
	}
}
