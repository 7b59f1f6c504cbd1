package gatehouse_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// hostileTargets must not be redirected to when https://trusted.com,
// *.wild.com, myapp://callback and deep://host/cb are trusted.
var hostileTargets = []string{
	"//evil.com", "///evil.com", "/\\evil.com", "\\\\evil.com", "\\/evil.com", "/%5cevil.com", "/%5Cevil.com",
	"/%2f%2fevil.com", "/%2Fevil.com", "/a/%2f/evil.com", "/\t/evil.com", "/\n/evil.com", "\t//evil.com",
	" //evil.com", " https://evil.com", "\u0000//evil.com", "\u0000/", "/\u0085/evil.com", "/ok\r\nLocation: https://evil.com",
	"http://evil.com", "https://evil.com", "HTTPS://EVIL.COM", "https:evil.com", "https:/evil.com", "https:\\\\evil.com",
	"https://trusted.com.evil.com", "https://eviltrusted.com", "https://trusted.com@evil.com",
	"https://trusted.com%40evil.com", "https://trusted.com:443@evil.com", "https://trusted.com:pw@evil.com",
	"https://evil.com#trusted.com", "https://evil.com?trusted.com", "https://evil.com/https://trusted.com",
	"https://evil.com\\@trusted.com", "https://evil.com\\.trusted.com", "http://trusted.com", "https://trusted.com:8443",
	"https://trusted.com.", "https://trusted.com%2eevil.com", "https://xn--trsted-4va.com", "https://trustеd.com",
	"javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>alert(1)</script>",
	"vbscript:x", "blob:https://trusted.com/1", "file:///etc/passwd", "about:blank", "ftp://trusted.com",
	"https://a.wild.com.evil", "https://wild.com", "https://evilwild.com", "https://a.wild.com@evil.com", "https://evil.com/.wild.com",
	"myapp://callback.attacker.tld", "myapp://evil", "myapp:callback", "myapp2://callback", "myapp://callback@evil",
	"deep://host/cb/../evil", "deep://host/cb/%2e%2e/evil", "deep://host/cbevil", "deep://host", "trusted.com", "evil.com", "..//evil.com", "?//evil.com", "@evil.com",
}

// friendlyTargets must pass: every one is documented.
var friendlyTargets = []string{
	"/", "/dashboard", "/a/b-c_d.html?x=1&y=https://evil.com#part", gatehousetest.BaseURL + "/welcome",
	"https://trusted.com", "https://trusted.com/deep/path?x=1", "HTTPS://TRUSTED.COM/", "https://a.wild.com/x", "https://a.b.wild.com",
	"myapp://callback", "myapp://callback/done?x=1", "deep://host/cb/x",
}

func trusting(o *standard.Options) {
	o.TrustedOrigins = []string{"https://trusted.com", "*.wild.com", "myapp://callback", "deep://host/cb"}
}

// urlRefusals are the body members that carry addresses, and their errors.
var urlRefusals = map[string]*gatehouse.Error{
	"callbackURL": gatehouse.ErrCallbackURL, "redirectTo": gatehouse.ErrRedirectURL,
	"errorCallbackURL": gatehouse.ErrErrorCallback, "newUserCallbackURL": gatehouse.ErrNewUserCallback,
}

// TestBodyAddressesMustBeTrusted sends every hostile address in every member
// that takes one, to every route: also where the operation does not know the
// member, since a client may rely on the check.
func TestBodyAddressesMustBeTrusted(t *testing.T) {
	house := newHouse(t, trusting)
	before := rows(t, house, `SELECT "identifier" FROM "verification"`)
	for _, route := range house.Routes() {
		if route.Op.Method != "POST" || route.Op.Body.Ignored {
			continue
		}
		for member, refusal := range urlRefusals {
			for _, target := range hostileTargets {
				body := sampleBody(route)
				body[member] = target
				got := house.Post(samplePath(route), body)
				if got.Status != refusal.Status || got.Text("code") != refusal.Code {
					t.Errorf("%s with %s=%q answers %d %s, want %s", key(route), member, target, got.Status, got.Body, refusal.Code)
				}
			}
			for _, confused := range []any{7, true, []string{"/"}, map[string]string{"a": "/"}} {
				body := sampleBody(route)
				body[member] = confused
				house.Post(samplePath(route), body).ExpectStatus(http.StatusBadRequest)
			}
		}
	}
	if after := rows(t, house, `SELECT "identifier" FROM "verification"`); len(after) != len(before) {
		t.Errorf("verifications were made: %v", after)
	}
	if mails := house.Mails("", ""); len(mails) != 0 {
		t.Errorf("%d mails were sent", len(mails))
	}
}

// TestQueryAddressesMustBeTrusted is the same for links that are followed,
// and for callbackURL in the query of a POST.
func TestQueryAddressesMustBeTrusted(t *testing.T) {
	house := newHouse(t, trusting)
	walked := 0
	for _, route := range house.Routes() {
		for _, in := range inputs(route, "query") {
			if _, isURL := urlRefusals[in.name]; !isURL || route.Op.Method != "GET" {
				continue
			}
			walked++
			for _, target := range hostileTargets {
				got := house.Get(withQuery(samplePath(route), in.name, target))
				if got.Status != http.StatusForbidden || got.Text("code") != "INVALID_CALLBACK_URL" {
					t.Errorf("%s with %s=%q answers %d %s", key(route), in.name, target, got.Status, got.Header.Get("Location"))
				}
			}
			for _, target := range friendlyTargets {
				if got := house.Get(withQuery(samplePath(route), in.name, target)); got.Status == http.StatusForbidden {
					t.Errorf("%s refuses %q", key(route), target)
				}
			}
		}
	}
	if walked != 3 {
		t.Errorf("%d links take a callbackURL, want 3: verify-email, reset-password, delete-user", walked)
	}
	for _, target := range hostileTargets {
		got := house.Post(withQuery("/sign-in/email", "callbackURL", target), map[string]any{"email": ada, "password": passcode})
		got.Expect(gatehousetest.Fails(gatehouse.ErrCallbackURL))
	}
}

func withQuery(path, name, value string) string {
	path, query, _ := strings.Cut(path, "?")
	values, _ := url.ParseQuery(query)
	values.Set(name, value)
	return path + "?" + values.Encode()
}

func TestTrustedAddressesPass(t *testing.T) {
	house := newHouse(t, trusting)
	for member := range urlRefusals {
		for _, target := range append(friendlyTargets, "") {
			body := map[string]any{member: target}
			house.Post("/sign-out", body).ExpectStatus(http.StatusOK)
		}
	}
}

// TestAnAddressGivenTwiceIsRefused: two readers of a query could take
// different ones.
func TestAnAddressGivenTwiceIsRefused(t *testing.T) {
	house := newHouse(t, nil)
	for _, link := range []string{"/verify-email?token=x", "/reset-password/x?a=b"} {
		house.Get(link + "&callbackURL=%2Fok&callbackURL=https%3A%2F%2Fevil.com").ExpectStatus(http.StatusBadRequest)
	}
}

// TestOriginsAreMatchedWhole: what is trusted as the sender of a request.
func TestOriginsAreMatchedWhole(t *testing.T) {
	house := newHouse(t, trusting)
	b := house.Enter(ada)
	for _, tt := range []struct {
		origin string
		want   *gatehouse.Error
	}{
		{gatehousetest.BaseURL, nil},
		{"https://trusted.com", nil},
		{"https://a.wild.com", nil},
		{"https://trusted.com.evil.com", gatehouse.ErrInvalidOrigin},
		{"https://trusted.com:8443", gatehouse.ErrInvalidOrigin},
		{"http://trusted.com", gatehouse.ErrInvalidOrigin},
		{"https://sub.trusted.com", gatehouse.ErrInvalidOrigin},
		{"https://wild.com", gatehouse.ErrInvalidOrigin},
		{"https://a.wild.com.evil", gatehouse.ErrInvalidOrigin},
		{"https://gatehouse.test", gatehouse.ErrInvalidOrigin},
		{"http://gatehouse.test:8080", gatehouse.ErrInvalidOrigin},
		{"/", gatehouse.ErrInvalidOrigin},
		{"null", gatehouse.ErrMissingOrigin},
		{"", gatehouse.ErrMissingOrigin},
	} {
		t.Run(tt.origin, func(t *testing.T) {
			b.Header.Set("Origin", tt.origin)
			got := b.Post("/update-user", map[string]any{"name": "Ada"})
			if tt.want == nil {
				got.Expect(gatehousetest.OK(`{"status":true}`))
			} else {
				got.Expect(gatehousetest.Fails(tt.want))
			}
		})
	}
}

// TestPathsHaveOneSpelling: no other spelling of a path reaches a handler, so
// none has a rate limit of its own or comes round a disabled path.
func TestPathsHaveOneSpelling(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.DisabledPaths = []string{"/update-user"} })
	for _, path := range []string{
		"//api/auth/ok", "/api//auth/ok", "/api/auth//ok", "/api/auth/./ok", "/api/auth/x/../ok", "/api/auth/%2e%2e/auth/ok",
		"/api/auth/ok/", "/api/auth/OK", "/API/auth/ok", "/api/auth/ok;jsessionid=1", "/api/auth/o%6b", "/api/auth/%6fk",
		"/api/auth/ok%2f", "/api/auth/ok%00", "/api/auth/ok%20", "/api/auth", "/api/auth/", "/ok", "/api/authok", "/",
		"/api/auth/update-user", "/api/auth/update-user/", "/api/auth/update%2duser", "/api/auth/UPDATE-USER",
		"/api/auth/reset-password//", "/api/auth/reset-password/a/b", "/api/auth/reset-password/",
	} {
		for _, method := range []string{"GET", "POST"} {
			b := house.Browser()
			if got := b.Send(method, gatehousetest.BaseURL+path, "", ""); got.Status != http.StatusNotFound {
				t.Errorf("%s %s answers %d %s, want 404", method, path, got.Status, got.Body)
			}
		}
	}
	house.Get("/ok?x=1&y=2").Expect(gatehousetest.OK(`{"ok":true}`))
}

// TestErrorPageShowsNoStrangersText: the code must look like a code, and the
// description stays one escaped parameter.
func TestErrorPageShowsNoStrangersText(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.OnAPIError.ErrorURL = "https://app.example.com/oops?lang=en#top" })
	for _, tt := range []struct{ query, want string }{
		{"error=state_mismatch", "error=state_mismatch"},
		{"error=<svg onload=alert(1)>", "error=UNKNOWN"},
		{"error=a%0d%0aSet-Cookie:x=1", "error=UNKNOWN"},
		{"error=", "error=UNKNOWN"},
		{"", "error=UNKNOWN"},
		{"error=x&error_description=<b>%26redirect=//evil.com", "error=x&error_description=%3Cb%3E%26redirect%3D%2F%2Fevil.com"},
	} {
		request := "/error?" + strings.ReplaceAll(tt.query, " ", "%20")
		house.Get(request).Expect(gatehousetest.Redirects("https://app.example.com/oops?lang=en&" + tt.want + "#top"))
	}
}

// TestImagesAreShownNotRun: a picture's address is http(s) or a path.
func TestImagesAreShownNotRun(t *testing.T) {
	house := newHouse(t, nil)
	b := house.Enter(ada)
	for _, image := range []string{
		"javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
		"data:image/svg+xml,<svg/>", "vbscript:x", "blob:x", "file:///x", "//evil.com/x.png", "/\\evil.com/x.png",
	} {
		b.Post("/update-user", map[string]any{"image": image}).Expect(gatehousetest.Fails(gatehouse.ErrImage))
		house.Post("/sign-up/email", map[string]any{"email": eve, "password": passcode, "name": "Eve", "image": image}).
			Expect(gatehousetest.Fails(gatehouse.ErrImage))
	}
	for _, image := range []string{"https://example.com/a.png", "http://example.com/a.png", "/a.png", "a.png", ""} {
		b.Post("/update-user", map[string]any{"image": image}).Expect(gatehousetest.OK(`{"status":true}`))
	}
	if got := rows(t, house, `SELECT count(*) FROM "user"`); got[0] != "1" {
		t.Errorf("%s users, want 1", got[0])
	}
}

func TestAddQuery(t *testing.T) {
	for target, want := range map[string]string{
		"/oops":                    "/oops?error=a+b%26c",
		"/oops?":                   "/oops?error=a+b%26c",
		"/oops?x=a%20b":            "/oops?x=a%20b&error=a+b%26c",
		"/oops?x=1&#part":          "/oops?x=1&error=a+b%26c#part",
		"https://app.com":          "https://app.com/?error=a+b%26c",
		"https://app.com?x=/":      "https://app.com/?x=/&error=a+b%26c",
		"https://app.com/in#a?b":   "https://app.com/in?error=a+b%26c#a?b",
		"myapp://callback":         "myapp://callback?error=a+b%26c",
		"HTTP://localhost:3000#in": "HTTP://localhost:3000/?error=a+b%26c#in",
	} {
		if got := gatehouse.AddQuery(target, "error", "a b&c"); got != want {
			t.Errorf("AddQuery(%q) is %q, want %q", target, got, want)
		}
	}
	if got, want := gatehouse.AddQuery("/", "a", "-._~*'()!"), "/?a=-._%7E*%27%28%29%21"; got != want {
		t.Errorf("signs become %q, want %q", got, want)
	}
}
