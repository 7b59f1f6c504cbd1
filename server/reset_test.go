package server_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/server"
)

// invite makes a user without a password and returns the mailed link.
func (p *product) invite(email string) string {
	p.t.Helper()
	user := &gatehouse.User{Email: email, Name: "Bob"}
	if err := p.House.Users.Create(p.t.Context(), user); err != nil {
		p.t.Fatal(err)
	}
	if err := p.House.Passwords.MailReset(p.t.Context(), user, server.ResetPath); err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, "the mail arrives", func() bool { return len(p.letters()) == 1 })
	link := p.letters()[0]["data"].(map[string]any)["url"].(string)
	return strings.TrimPrefix(link, p.Started().BaseURL)
}

func (p *product) submit(fields url.Values, header map[string]string) reply {
	p.t.Helper()
	all := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for name, value := range header {
		all[name] = value
	}
	return p.do(http.MethodPost, server.ResetPath, fields.Encode(), all)
}

var tokenField = regexp.MustCompile(`name="token" value="([^"]+)"`)

// TestMailedLinkLeadsToAPassword walks from the mail to the sign-in.
func TestMailedLinkLeadsToAPassword(t *testing.T) {
	p := serve(t, options(t))
	opened := p.get(p.invite("bob@example.com"))
	target, err := url.Parse(opened.Header.Get("Location"))
	if err != nil || opened.Status != http.StatusFound || target.Path != server.ResetPath {
		t.Fatalf("the link leads to %q (%d, %v)", target, opened.Status, err)
	}
	page := p.get(target.RequestURI())
	found := tokenField.FindStringSubmatch(page.Body)
	if found == nil {
		t.Fatalf("no form:\n%s", page.Body)
	}
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self'") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("policy %q", policy)
	}
	token := html.UnescapeString(found[1])

	short := p.submit(url.Values{"token": {token}, "newPassword": {"short"}}, nil)
	if short.Status != http.StatusBadRequest || !strings.Contains(short.Body, "Password too short.") || !tokenField.MatchString(short.Body) {
		t.Errorf("short password: %d\n%s", short.Status, short.Body)
	}
	set := p.submit(url.Values{"token": {token}, "newPassword": {password}}, map[string]string{"Cookie": "a=b", "Origin": "null"})
	if set.Status != http.StatusOK || !strings.Contains(set.Body, "Your password is set") || strings.Contains(set.Body, token) {
		t.Errorf("set: %d\n%s", set.Status, set.Body)
	}
	again := p.submit(url.Values{"token": {token}, "newPassword": {password}}, nil)
	if again.Status != http.StatusBadRequest || !strings.Contains(again.Body, "Invalid token.") {
		t.Errorf("used twice: %d\n%s", again.Status, again.Body)
	}
	if got := p.post("/api/auth/sign-in/email", map[string]string{"email": "bob@example.com", "password": password}); got.Status != http.StatusOK {
		t.Errorf("sign in: %d %s", got.Status, got.Body)
	}
}

func TestResetPageTakesNothingElse(t *testing.T) {
	p := serve(t, options(t))
	for _, query := range []string{"", "?error=INVALID_TOKEN", "?token="} {
		if got := p.get(server.ResetPath + query); got.Status != http.StatusOK || strings.Contains(got.Body, "<form") || !strings.Contains(got.Body, "does not work") {
			t.Errorf("%q: %d\n%s", query, got.Status, got.Body)
		}
	}
	if got := p.get(server.ResetPath + `?token="><script>alert(1)</script>`); strings.Contains(got.Body, "<script") {
		t.Errorf("markup is not escaped:\n%s", got.Body)
	}
	if got := p.do(http.MethodPut, server.ResetPath, "{}", nil); got.Status != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", got.Status)
	}
	if got := p.submit(url.Values{}, nil); got.Status != http.StatusBadRequest {
		t.Errorf("empty form: %d\n%s", got.Status, got.Body)
	}
	// In the address a token would reach histories and logs.
	if got := p.do(http.MethodPost, server.ResetPath+"?token=x&newPassword="+url.QueryEscape(password), "", nil); got.Status != http.StatusBadRequest {
		t.Errorf("password in the address: %d", got.Status)
	}
}
