package gatehouse_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// TestCrossSiteRequestsChangeNothing sends every state-changing operation with
// the victim's cookies as a hostile page could.
func TestCrossSiteRequestsChangeNothing(t *testing.T) {
	house := newHouse(t, nil)
	victim := house.Enter(ada)
	before := append(rows(t, house, `SELECT * FROM "user"`), rows(t, house, `SELECT * FROM "session"`)...)
	for _, page := range []struct {
		name   string
		header map[string]string
	}{
		{"another origin", map[string]string{"Origin": "https://evil.com"}},
		{"a sandboxed frame", map[string]string{"Origin": "null"}},
		{"a sandboxed frame that says same-site", map[string]string{"Origin": "null", "Sec-Fetch-Site": "same-site"}},
		{"no origin at all", map[string]string{"Origin": ""}},
		{"a hostile referrer", map[string]string{"Origin": "", "Referer": "https://evil.com/gatehouse.test"}},
		{"a sibling subdomain", map[string]string{"Origin": "http://evil.gatehouse.test"}},
		{"https for http", map[string]string{"Origin": "https://gatehouse.test"}},
		{"a look-alike", map[string]string{"Origin": "http://gatehouse.test.evil.com"}},
		{"another port", map[string]string{"Origin": "http://gatehouse.test:81"}},
		{"a navigation", map[string]string{"Origin": "https://evil.com", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}},
	} {
		for _, route := range house.Routes() {
			if route.Op.Method != "POST" {
				continue
			}
			for _, kind := range []string{"application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""} {
				b := victim.Clone()
				for name, value := range page.header {
					b.Header.Set(name, value)
				}
				body := `{"email":"ada@example.com","password":"correct horse battery","name":"Evil"}`
				if kind == "application/x-www-form-urlencoded" {
					body = "email=ada%40example.com&password=correct+horse+battery&name=Evil"
				}
				got := b.Send("POST", samplePath(route), kind, body)
				if got.Status != http.StatusForbidden && got.Status != http.StatusUnsupportedMediaType {
					t.Errorf("%s of %s as %q answers %d %s", key(route), page.name, kind, got.Status, got.Body)
				}
			}
		}
	}
	if after := append(rows(t, house, `SELECT * FROM "user"`), rows(t, house, `SELECT * FROM "session"`)...); !slices.Equal(after, before) {
		t.Errorf("something changed:\n got %v\nwant %v", after, before)
	}
}

// TestLoginCSRF: a hostile page cannot sign its visitor in as somebody else,
// though no cookie is needed for that.
func TestLoginCSRF(t *testing.T) {
	house := newHouse(t, nil)
	house.AddUser(eve, passcode)
	for _, tt := range []struct {
		name   string
		header map[string]string
		want   *gatehouse.Error
	}{
		{"a cross-site form", map[string]string{"Origin": "https://evil.com", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, gatehouse.ErrCrossSiteLogin},
		{"a cross-site form of our own origin's name", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, gatehouse.ErrCrossSiteLogin},
		{"a cross-site fetch", map[string]string{"Origin": "https://evil.com", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, gatehouse.ErrInvalidOrigin},
		{"an old browser", map[string]string{"Origin": "https://evil.com"}, gatehouse.ErrInvalidOrigin},
		{"only a referrer", map[string]string{"Origin": "", "Referer": "https://evil.com/"}, gatehouse.ErrInvalidOrigin},
		{"fetch metadata without an origin", map[string]string{"Origin": "", "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, gatehouse.ErrMissingOrigin},
		{"our own page", map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, nil},
		{"our own form", map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}, nil},
		{"a server, with no header of a browser", map[string]string{"Origin": ""}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := house.Browser()
			for name, value := range tt.header {
				b.Header.Set(name, value)
			}
			for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
				body := `{"email":"eve@example.com","password":"correct horse battery"}`
				if kind != "application/json" {
					body = "email=eve%40example.com&password=correct+horse+battery"
				}
				stranger := b.Clone()
				got := stranger.Send("POST", "/sign-in/email", kind, body)
				if tt.want == nil {
					got.ExpectStatus(http.StatusOK)
					continue
				}
				got.Expect(gatehousetest.Fails(tt.want))
				if len(got.Cookies) != 0 {
					t.Errorf("cookies were set: %v", got.Cookies)
				}
			}
		})
	}
}

// TestServersNeedNoOrigin: who sends no cookie has nothing to be abused.
func TestServersNeedNoOrigin(t *testing.T) {
	house := newHouse(t, nil)
	b := house.Browser()
	b.Header = http.Header{}
	b.Post("/sign-out", struct{}{}).ExpectStatus(http.StatusOK)
	b.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "Ada"}).ExpectStatus(http.StatusOK)
	// Now it has a cookie, and must say where it comes from.
	b.Post("/sign-out", struct{}{}).Expect(gatehousetest.Fails(gatehouse.ErrMissingOrigin))
}

// TestChecksCanBeSwitchedOff: what their names promise, and no more.
func TestChecksCanBeSwitchedOff(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.Advanced.DisableCSRFCheck = true })
	b := house.Enter(ada)
	b.Header.Set("Origin", "https://evil.com")
	b.Post("/update-user", map[string]any{"name": "Evil"}).ExpectStatus(http.StatusOK)
	b.Post("/sign-out", map[string]any{"callbackURL": "https://evil.com"}).Expect(gatehousetest.Fails(gatehouse.ErrCallbackURL))
	house = newHouse(t, func(o *standard.Options) { o.Advanced.DisableOriginCheck = true })
	house.Post("/sign-out", map[string]any{"callbackURL": "https://evil.com"}).ExpectStatus(http.StatusOK)
	house.Get("/verify-email?token=x&callbackURL=https%3A%2F%2Fevil.com").Expect(gatehousetest.Redirects("https://evil.com/?error=INVALID_TOKEN"))
}

// TestOriginsPerRequest: a tenant's origin is trusted for its requests only.
func TestOriginsPerRequest(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) {
		o.TrustedOriginsFunc = func(r *http.Request) []string {
			if r.Header.Get("X-Tenant") == "a" {
				return []string{"https://a.example.com"}
			}
			return nil
		}
	})
	b := house.Enter(ada)
	b.Header.Set("Origin", "https://a.example.com")
	b.Post("/update-user", map[string]any{"name": "A"}).Expect(gatehousetest.Fails(gatehouse.ErrInvalidOrigin))
	b.Header.Set("X-Tenant", "a")
	b.Post("/update-user", map[string]any{"name": "A"}).ExpectStatus(http.StatusOK)
}

func TestCORS(t *testing.T) {
	house := newHouse(t, trusting)
	handler := house.CORS(house)
	for _, tt := range []struct {
		name, method, origin, asks, headers string
		status                              int
		want                                map[string]string
	}{
		{"a trusted preflight", "OPTIONS", "https://trusted.com", "POST", "content-type, authorization, x-evil", 204, map[string]string{
			"Access-Control-Allow-Origin": "https://trusted.com", "Access-Control-Allow-Credentials": "true",
			"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "content-type, authorization", "Vary": "Origin",
		}},
		{"a wildcard's preflight", "OPTIONS", "https://a.wild.com", "POST", "", 204, map[string]string{"Access-Control-Allow-Origin": "https://a.wild.com"}},
		{"a stranger's preflight", "OPTIONS", "https://evil.com", "POST", "content-type", 403, map[string]string{"Vary": "Origin"}},
		{"a look-alike's preflight", "OPTIONS", "https://trusted.com.evil.com", "POST", "", 403, nil},
		{"a sandbox's preflight", "OPTIONS", "null", "POST", "", 403, nil},
		{"a path for an origin", "OPTIONS", "/", "POST", "", 403, nil},
		{"a trusted request", "GET", "https://trusted.com", "", "", 200, map[string]string{
			"Access-Control-Allow-Origin": "https://trusted.com", "Access-Control-Allow-Credentials": "true",
		}},
		{"a stranger's request", "GET", "https://evil.com", "", "", 200, nil},
		{"our own", "GET", gatehousetest.BaseURL, "", "", 200, nil},
		{"no origin", "GET", "", "", "", 200, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			header := http.Header{}
			for name, value := range map[string]string{
				"Origin": tt.origin, "Access-Control-Request-Method": tt.asks, "Access-Control-Request-Headers": tt.headers,
			} {
				if value != "" {
					header.Set(name, value)
				}
			}
			got := serve(handler, tt.method, "/api/auth/ok", header)
			if got.Code != tt.status {
				t.Errorf("status %d, want %d", got.Code, tt.status)
			}
			for name, value := range tt.want {
				if got.Header().Get(name) != value {
					t.Errorf("%s: %q, want %q", name, got.Header().Get(name), value)
				}
			}
			for name, values := range got.Header() {
				allowed := strings.HasPrefix(name, "Access-Control-Allow-")
				if allowed && tt.want["Access-Control-Allow-Origin"] == "" || strings.Contains(values[0], "*") {
					t.Errorf("answers nobody, but sets %s: %s", name, values[0])
				}
			}
		})
	}
}

// TestWithoutTrustedOriginsCORSAnswersNobody (row 127).
func TestWithoutTrustedOriginsCORSAnswersNobody(t *testing.T) {
	house := newHouse(t, nil)
	for _, origin := range []string{"https://example.com", "http://localhost:3000", "http://gatehouse.test:8080", "null"} {
		got := serve(house.CORS(house), "OPTIONS", "/api/auth/ok", http.Header{"Origin": {origin}, "Access-Control-Request-Method": {"POST"}})
		if got.Code != http.StatusForbidden || got.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s is answered %d %v", origin, got.Code, got.Header())
		}
	}
}
