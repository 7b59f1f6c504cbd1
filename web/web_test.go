//go:build !noui

package web_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-auth/gatehouse/web"
)

func handler(t *testing.T, change ...func(*web.Options)) http.Handler {
	t.Helper()
	o := web.Options{AppName: "Acme", BasePath: "/api/auth", Plain: "/sign-in"}
	for _, c := range change {
		c(&o)
	}
	h, err := web.Handler(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// ask sends one request; header is name, value, name, value.
func ask(t *testing.T, h http.Handler, method, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, answer *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestPathsAndTheirStatus(t *testing.T) {
	h := handler(t)
	for _, tt := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/auth/sign-in", 200}, {"HEAD", "/auth/sign-in", 200}, {"GET", "/auth/verify-email?token=x", 200},
		{"GET", "/auth", 302}, {"GET", "/auth/", 302}, {"GET", "/auth/nothing", 404}, {"GET", "/auth/sign-in/", 404},
		{"GET", "/auth/../etc/passwd", 404}, {"GET", "/auth/%2e%2e/shell.json", 404}, {"GET", "/auth/shell.json", 404},
		{"GET", "/auth/assets/nothing.js", 404}, {"GET", "/auth/assets/", 404}, {"GET", "/auth/assets/../shell.json", 404},
		{"GET", "/account", 200}, {"GET", "/account/sessions", 200},
		{"GET", "/admin", 200}, {"GET", "/admin/users/1", 200}, {"GET", "/admin/assets/nothing.js", 404},
		{"POST", "/auth/sign-in", 405}, {"DELETE", "/admin", 405},
	} {
		if got := ask(t, h, tt.method, tt.path); got.StatusCode != tt.status {
			t.Errorf("%s %s answers %d, want %d", tt.method, tt.path, got.StatusCode, tt.status)
		}
	}
	for path, want := range map[string]bool{
		"/auth": true, "/auth/x": true, "/account": true, "/admin/users": true, "/": false, "/authx": false, "/api/auth/ok": false,
	} {
		if web.Serves(path) != want {
			t.Errorf("Serves(%q) = %v", path, !want)
		}
	}
}

var nonce = regexp.MustCompile(`'nonce-([A-Z2-7]{26})'`)

func TestPagesAllowTheirOwnFilesAndNothingElse(t *testing.T) {
	h := handler(t, func(o *web.Options) { o.Brand.Accent = "#067f3f" })
	seen := map[string]bool{}
	for _, path := range []string{"/auth/sign-in", "/auth/nothing", "/account", "/admin"} {
		answer := ask(t, h, "GET", path)
		body := text(t, answer)
		policy := answer.Header.Get("Content-Security-Policy")
		found := nonce.FindStringSubmatch(policy)
		if found == nil || seen[found[1]] {
			t.Fatalf("%s: no new nonce in %s", path, policy)
		}
		seen[found[1]] = true
		want := "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + found[1] + "'; img-src 'self' data:" +
			"; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" +
			"; require-trusted-types-for 'script'; trusted-types 'none'"
		if path == "/admin" {
			want += "; frame-src 'self'" // the preview of a mail
		}
		if policy != want {
			t.Errorf("%s: policy\n%s, want\n%s", path, policy, want)
		}
		for name, value := range map[string]string{
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		} {
			if got := answer.Header.Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", path, name, got, value)
			}
		}
		if !strings.Contains(body, `<style nonce="`+found[1]+`">:root{--accent:#067f3f;--accent-dark:#`) || !strings.Contains(body, `<meta name="csp-nonce" nonce="`+found[1]+`">`) {
			t.Errorf("%s: the nonce is not where it is needed:\n%s", path, body)
		}
	}
}

// TestFilesThatAPageNamesAreThere, in every language.
func TestFilesThatAPageNamesAreThere(t *testing.T) {
	h := handler(t)
	named := regexp.MustCompile(`(?:href|src)="(/[^"]+/assets/[^"]+)"`)
	for _, page := range []string{"/auth/sign-in", "/auth/reset-password", "/account", "/admin"} {
		for _, language := range web.Languages {
			files := named.FindAllStringSubmatch(text(t, ask(t, h, "GET", page, "Accept-Language", language)), -1)
			if len(files) < 4 {
				t.Errorf("%s names %d files", page, len(files))
			}
			for _, file := range files {
				answer := ask(t, h, "GET", file[1])
				if answer.StatusCode != 200 || answer.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
					t.Errorf("%s: %s answers %d %v", page, file[1], answer.StatusCode, answer.Header)
				}
			}
		}
	}
}

func TestFilesAreCompressedAsTheClientReads(t *testing.T) {
	h := handler(t)
	script := regexp.MustCompile(`src="(/auth/assets/[^"]+\.js)"`).FindStringSubmatch(text(t, ask(t, h, "GET", "/auth/sign-in")))[1]
	plain := text(t, ask(t, h, "GET", script))
	for _, tt := range []struct{ accepts, want string }{
		{"", ""}, {"identity", ""}, {"gzip", "gzip"}, {"gzip, deflate, br, zstd", "br"}, {"BR", "br"}, {"br;q=0, gzip;q=0.5", "gzip"},
		{"br;q=0,gzip; q=0.000", ""}, {"brotli", ""}, {"br;q=nonsense", ""},
	} {
		answer := ask(t, h, "GET", script, "Accept-Encoding", tt.accepts)
		if got := answer.Header.Get("Content-Encoding"); got != tt.want || answer.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: got %q, want %q", tt.accepts, got, tt.want)
		}
		if tt.want != "gzip" {
			continue
		}
		unpacked, err := gzip.NewReader(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(unpacked); err != nil || string(got) != plain {
			t.Errorf("gzip holds something else (%v)", err)
		}
	}
}

var bootData = regexp.MustCompile(`(?s)<script type="application/json" id="boot">(.*?)</script>`)

// TestBootHoldsWhatIsPublic: exactly these members; a new one is looked at.
func TestBootHoldsWhatIsPublic(t *testing.T) {
	h := handler(t, func(o *web.Options) {
		o.Brand = web.Brand{Name: `</script><script>alert(1)</script>`, Support: "mailto:help@example.com"}
		o.Methods = web.Methods{Password: true, Social: []web.Choice{{ID: "google", Name: "Google"}}}
		o.Password = web.PasswordRule{Min: 8, Max: 128, Revokes: true}
		o.Registration = func(context.Context) (web.Registration, error) { return web.Registration{Mode: "approval"}, nil }
	})
	page := text(t, ask(t, h, "GET", "/auth/sign-in?callbackURL=javascript:alert(1)", "Cookie", "gatehouse-theme=dark; session=secret"))
	var got map[string]any
	found := bootData.FindStringSubmatch(page)
	if found == nil || json.Unmarshal([]byte(html.UnescapeString(found[1])), &got) != nil {
		t.Fatalf("no boot data:\n%s", page)
	}
	want := map[string]any{
		"account": map[string]any{"changeEmail": false, "agreeFirst": false, "delete": false, "activity": false, "data": false},
		"app":     "Acme", "base": "/api/auth", "locale": "en", "theme": "dark",
		"locales":      []any{"en", "de", "es", "fr", "ar", "ja"},
		"methods":      map[string]any{"password": true, "reset": false, "verification": false, "passkey": false, "social": []any{map[string]any{"id": "google", "name": "Google"}}},
		"registration": map[string]any{"mode": "approval", "requireReason": false, "questions": []any{}},
		"password":     map[string]any{"min": 8.0, "max": 128.0, "revokes": true},
		"acting":       false,
		"brand":        map[string]any{"name": `</script><script>alert(1)</script>`, "support": "mailto:help@example.com"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(page, "alert(1)</script>") || strings.Contains(page, "javascript:") || strings.Contains(page, "secret") {
		t.Errorf("the page shows what it should not:\n%s", page)
	}
}

func TestLanguageAndTheme(t *testing.T) {
	h := handler(t)
	for _, tt := range []struct{ accepts, cookie, want string }{
		{"", "", `<html lang="en" dir="ltr">`},
		{"de-AT,de;q=0.9,en;q=0.8", "", `<html lang="de" dir="ltr">`},
		{"pt-BR, fr;q=0.3, es;q=0.7", "", `<html lang="es" dir="ltr">`},
		{"ar-EG", "", `<html lang="ar" dir="rtl">`},
		{"de;q=0, ja;q=0.1", "", `<html lang="ja" dir="ltr">`},
		{`"><script>;q=1`, "", `<html lang="en" dir="ltr">`},
		{"de", "gatehouse-language=fr", `<html lang="fr" dir="ltr">`},
		{"de", "gatehouse-language=xx", `<html lang="de" dir="ltr">`},
		{"", "gatehouse-theme=dark", `<html lang="en" dir="ltr" data-theme="dark">`},
		{"", "gatehouse-theme=pink", `<html lang="en" dir="ltr">`},
	} {
		if page := text(t, ask(t, h, "GET", "/auth/sign-in", "Accept-Language", tt.accepts, "Cookie", tt.cookie)); !strings.Contains(page, tt.want) {
			t.Errorf("%+v:\n%s", tt, page[:120])
		}
	}
}

// TestGoingOnLeadsToTrustedAddressesOnly: the pages judge no address.
func TestGoingOnLeadsToTrustedAddressesOnly(t *testing.T) {
	trusting := handler(t, func(o *web.Options) {
		o.Trusts = func(_ *http.Request, target string) bool { return target == "/app?x=1" }
	})
	for _, tt := range []struct {
		h             http.Handler
		query, target string
	}{
		{trusting, "", "/account"},
		{trusting, "?callbackURL=%2Fapp%3Fx%3D1", "/app?x=1"},
		{trusting, "?callbackURL=https://evil.com", "/auth/error?error=INVALID_CALLBACK_URL"},
		{trusting, "?callbackURL=//evil.com", "/auth/error?error=INVALID_CALLBACK_URL"},
		{handler(t), "?callbackURL=/app", "/auth/error?error=INVALID_CALLBACK_URL"},
	} {
		answer := ask(t, tt.h, "GET", "/auth/continue"+tt.query)
		if answer.StatusCode != http.StatusFound || answer.Header.Get("Location") != tt.target || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q leads to %q, want %q", tt.query, answer.Header.Get("Location"), tt.target)
		}
	}
}
