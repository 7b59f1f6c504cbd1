package gatehouse_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// TestCookieTossing: a sibling domain can add a cookie of the same name, but
// not one with our signature, and not the __Secure- name over http.
func TestCookieTossing(t *testing.T) {
	secure := newHouse(t, func(o *standard.Options) { o.BaseURL = "https://gatehouse.test" })
	b := secure.Browser()
	b.Header.Set("Origin", "https://gatehouse.test")
	secure.Invite(ada)
	b.Post("/door", gatehousetest.Knock{Email: ada}).ExpectStatus(http.StatusOK)
	good := b.Cookie("__Secure-" + sessionCookie)
	for _, tt := range []struct {
		name, header string
		found        bool
	}{
		{"ours", "__Secure-" + sessionCookie + "=" + good, true},
		{"without the prefix", sessionCookie + "=" + good, false},
		{"another prefix", "__Host-" + sessionCookie + "=" + good, false},
		{"in lower case", "__secure-" + sessionCookie + "=" + good, false},
		{"a tossed one without the prefix beside it", sessionCookie + "=x; __Secure-" + sessionCookie + "=" + good, true},
		{"a tossed one after it", "__Secure-" + sessionCookie + "=" + good + "; __Secure-" + sessionCookie + "=evil.AAAA", true},
		{"a name with a space", "__Secure-" + sessionCookie + " =" + good, true},
		{"inside another value", "x=\"__Secure-" + sessionCookie + "=" + good + "\"", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := serve(secure, "GET", "/api/auth/get-session", http.Header{"Cookie": {tt.header}})
			if got.Code != http.StatusOK || (got.Body.String() != "null") != tt.found {
				t.Errorf("answers %d %s, want a session: %v", got.Code, got.Body, tt.found)
			}
		})
	}
}

// TestBoundlessCookieHeaders: any Cookie header that net/http lets through is
// answered, and the good cookie among the others is found.
func TestBoundlessCookieHeaders(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.Session.CookieCache.Enabled = true })
	b := house.Enter(ada)
	good := sessionCookie + "=" + b.Cookie(sessionCookie)
	var many []string
	for i := range 200 {
		many = append(many, fmt.Sprintf("c%d=%d", i, i))
	}
	var chunks []string
	for i := range 300 {
		chunks = append(chunks, fmt.Sprintf("%s.%d=x", cacheCookie, i))
	}
	for name, header := range map[string][]string{
		"200 cookies":         {strings.Join(many, "; ") + "; " + good},
		"16 KB":               {"a=" + strings.Repeat("x", 16<<10) + "; " + good},
		"many lines":          {"a=b", "c=d", good},
		"separators only":     {";;; ; ;;" + good},
		"a pair without =":    {"alone; " + good},
		"names of bytes":      {"\xff\xfe=\xff; " + good},
		"control characters":  {"a\x00b=c\x01; " + good},
		"equals signs":        {"===; =; a==b; " + good},
		"quotes":              {`a="b; ` + good},
		"300 cache chunks":    {strings.Join(chunks, "; ") + "; " + good},
		"a chunk of no order": {cacheCookie + ".99999999999999999999=x; " + cacheCookie + ".-1=y; " + good},
	} {
		t.Run(name, func(t *testing.T) {
			got := serve(house, "GET", "/api/auth/get-session", http.Header{"Cookie": header})
			if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), ada) {
				t.Errorf("answers %d %.200s", got.Code, got.Body)
			}
		})
	}
}

// TestCookieAttributes: what browsers are told about the session cookie.
func TestCookieAttributes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*standard.Options)
		knock  gatehousetest.Knock
		want   string // after the value
	}{
		{"over http", nil, gatehousetest.Knock{}, "better-auth.session_token=V; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"},
		{"over https", func(o *standard.Options) { o.BaseURL = "https://gatehouse.test" }, gatehousetest.Knock{},
			"__Secure-better-auth.session_token=V; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax"},
		{"https without secure cookies", func(o *standard.Options) {
			o.BaseURL, o.Advanced.UseSecureCookies = "https://gatehouse.test", at(false)
		}, gatehousetest.Knock{}, "better-auth.session_token=V; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"},
		{"forgotten with the browser", nil, gatehousetest.Knock{Remember: at(false)},
			"better-auth.session_token=V; Path=/; HttpOnly; SameSite=Lax"},
		{"a prefix", func(o *standard.Options) { o.Advanced.CookiePrefix = "app" }, gatehousetest.Knock{},
			"app.session_token=V; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"},
		{"shared over subdomains", func(o *standard.Options) { o.Advanced.CrossSubDomainCookies.Enabled = true }, gatehousetest.Knock{},
			"better-auth.session_token=V; Max-Age=604800; Domain=gatehouse.test; Path=/; HttpOnly; SameSite=Lax"},
		{"shared over a parent's subdomains", func(o *standard.Options) {
			o.Advanced.CrossSubDomainCookies = gatehouse.CrossSubDomainOptions{Enabled: true, Domain: ".example.com"}
		}, gatehousetest.Knock{}, "better-auth.session_token=V; Max-Age=604800; Domain=.example.com; Path=/; HttpOnly; SameSite=Lax"},
		{"attributes for all", func(o *standard.Options) {
			o.Advanced.DefaultCookieAttributes = gatehouse.CookieAttributes{SameSite: "none", Path: "/auth", Partitioned: at(true), HTTPOnly: at(false)}
		}, gatehousetest.Knock{}, "better-auth.session_token=V; Max-Age=604800; Path=/auth; Secure; SameSite=None; Partitioned"},
		{"a cookie of its own", func(o *standard.Options) {
			o.Advanced.Cookies = map[string]gatehouse.CookieOptions{"session_token": {Name: "sid", Attributes: gatehouse.CookieAttributes{SameSite: "strict", MaxAge: at(time.Hour)}}}
		}, gatehousetest.Knock{}, "sid=V; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			house := newHouse(t, tt.change)
			house.Invite(ada)
			b := house.Browser()
			b.Header.Set("Origin", house.Origin())
			header := b.Post("/door", tt.knock.For(ada)).ExpectStatus(http.StatusOK).Header["Set-Cookie"]
			name, rest, _ := strings.Cut(header[0], "=")
			_, attributes, _ := strings.Cut(rest, ";")
			if got := name + "=V;" + attributes; got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestRememberMe: the session of a browser that should forget lives a day, is
// never extended, and the choice outlasts other changes of the cookie.
func TestRememberMe(t *testing.T) {
	house := newHouse(t, nil)
	house.AddUser(ada, passcode)
	for _, tt := range []struct {
		remember *bool
		life     time.Duration
		maxAge   int
	}{{nil, 7 * 24 * time.Hour, 604800}, {at(true), 7 * 24 * time.Hour, 604800}, {at(false), 24 * time.Hour, 0}} {
		b := house.Browser()
		got := b.Post("/sign-in/email", password.SignIn{Email: ada, Password: passcode, Remember: tt.remember}).ExpectStatus(http.StatusOK)
		if c := got.Cookies[sessionCookie]; c.MaxAge != tt.maxAge {
			t.Errorf("Max-Age is %d, want %d", c.MaxAge, tt.maxAge)
		}
		session, _, err := house.Sessions.ByToken(t.Context(), tokenOf(b))
		if err != nil || session.ExpiresAt.Sub(session.CreatedAt) != tt.life {
			t.Errorf("the session lives %v, want %v", session.ExpiresAt.Sub(session.CreatedAt), tt.life)
		}
		if kept := b.Cookie("better-auth.dont_remember") != ""; kept != (tt.maxAge == 0) {
			t.Errorf("the choice is kept: %v", kept)
		}
		again := b.Post("/update-user", map[string]any{"name": "Ada"}).ExpectStatus(http.StatusOK)
		if c := again.Cookies[sessionCookie]; c.MaxAge != tt.maxAge {
			t.Errorf("after an update Max-Age is %d, want %d", c.MaxAge, tt.maxAge)
		}
	}
}

// TestAnswersWithSecretsAreNotStored: no cache keeps a session or a token.
func TestAnswersWithSecretsAreNotStored(t *testing.T) {
	house := newHouse(t, nil)
	b := house.Enter(ada)
	for _, browser := range []*gatehousetest.Browser{b, house.Browser()} {
		got := browser.Get("/get-session")
		if got.Header.Get("Cache-Control") != "no-store" || !strings.Contains(got.Header.Get("Vary"), "Cookie") {
			t.Errorf("Cache-Control %q, Vary %q", got.Header.Get("Cache-Control"), got.Header.Get("Vary"))
		}
	}
}
