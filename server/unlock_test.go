package server_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/web"
)

// locking switches the lockout on, and the clock into the test's hand.
func locking(ahead *atomic.Int64) func(*server.Options) {
	return func(o *server.Options) {
		off := false
		o.RateLimit.Enabled = &off
		o.Features.Lockout = &lockout.Options{DelayAfter: -1}
		o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	}
}

// TestMailedLinkUnlocks walks from a lock over the mail and the page to the
// sign-in.
func TestMailedLinkUnlocks(t *testing.T) {
	var ahead atomic.Int64
	p := serve(t, options(t, locking(&ahead)))
	const email = "ada@example.com"
	if got := p.post("/api/auth/sign-up/email", map[string]string{"email": email, "password": password, "name": "Ada"}); got.Status != http.StatusOK {
		t.Fatalf("sign up: %d %s", got.Status, got.Body)
	}
	signIn := func(secret, cookies string) reply {
		return p.do(http.MethodPost, "/api/auth/sign-in/email", `{"email":"`+email+`","password":"`+secret+`"}`,
			map[string]string{"Origin": p.Started().BaseURL, "Cookie": cookies})
	}
	for range 5 {
		signIn("a wrong password", "")
	}
	if got := signIn(password, ""); got.Status != http.StatusTooManyRequests || !strings.Contains(got.Body, "ACCOUNT_LOCKED") || got.Header.Get("Retry-After") == "" {
		t.Fatalf("after five failures: %d %s", got.Status, got.Body)
	}
	ahead.Store(int64(time.Minute))
	if err := p.House.Lockouts.Notify(t.Context()); err != nil {
		t.Fatal(err)
	}
	link := ""
	eventually(t, "the mail arrives", func() bool {
		if _, err := p.House.Outbox.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, letter := range p.letters() {
			if letter["kind"] == lockout.MailKind {
				link, _ = letter["data"].(map[string]any)["url"].(string)
			}
		}
		return link != ""
	})

	opened := p.get(strings.TrimPrefix(link, p.Started().BaseURL))
	target, err := url.Parse(opened.Header.Get("Location"))
	if err != nil || opened.Status != http.StatusFound || target.Path != web.UnlockPath && target.Path != server.UnlockPath {
		t.Fatalf("the link leads to %q (%d, %v)", target, opened.Status, err)
	}
	target.Path = server.UnlockPath // the same page without script
	page := p.get(target.RequestURI())
	found := tokenField.FindStringSubmatch(page.Body)
	if found == nil {
		t.Fatalf("no form:\n%s", page.Body)
	}
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self'") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("policy %q", policy)
	}
	if got := signIn(password, ""); got.Status != http.StatusTooManyRequests {
		t.Fatalf("opening the page unlocked: %d", got.Status)
	}
	submit := func() reply {
		return p.do(http.MethodPost, server.UnlockPath, url.Values{"token": {html.UnescapeString(found[1])}}.Encode(),
			map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Cookie": "a=b", "Origin": "null"})
	}
	done := submit()
	known, _, _ := strings.Cut(done.Header.Get("Set-Cookie"), ";")
	if done.Status != http.StatusOK || !strings.Contains(done.Body, "Your account is unlocked") || !strings.Contains(known, "known_device=") {
		t.Fatalf("unlock: %d, cookie %q\n%s", done.Status, known, done.Body)
	}
	for range 5 {
		signIn("a wrong password", "")
	}
	if got := signIn(password, known); got.Status != http.StatusOK {
		t.Errorf("sign in: %d %s", got.Status, got.Body)
	}
	if again := submit(); again.Status != http.StatusBadRequest || strings.Contains(again.Body, "<form") || !strings.Contains(again.Body, "does not work") {
		t.Errorf("used twice: %d\n%s", again.Status, again.Body)
	}
}

func TestUnlockPageTakesNothingElse(t *testing.T) {
	p := serve(t, options(t, locking(&atomic.Int64{})))
	for _, query := range []string{"", "?error=INVALID_TOKEN", "?token="} {
		if got := p.get(server.UnlockPath + query); got.Status != http.StatusOK || strings.Contains(got.Body, "<form") || !strings.Contains(got.Body, "does not work") {
			t.Errorf("%q: %d\n%s", query, got.Status, got.Body)
		}
	}
	if got := p.get(server.UnlockPath + `?token="><script>alert(1)</script>`); strings.Contains(got.Body, "<script") {
		t.Errorf("markup is not escaped:\n%s", got.Body)
	}
	if got := p.do(http.MethodPut, server.UnlockPath, "{}", nil); got.Status != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", got.Status)
	}
	if got := p.do(http.MethodPost, server.UnlockPath+"?token=x", "", nil); got.Status != http.StatusBadRequest {
		t.Errorf("token in the address: %d\n%s", got.Status, got.Body)
	}
	if got := serve(t, options(t, func(o *server.Options) { o.Features.Lockout = nil })).get(server.UnlockPath); got.Status != http.StatusNotFound {
		t.Errorf("without the feature: %d", got.Status)
	}
}
