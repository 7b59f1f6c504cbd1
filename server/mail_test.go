package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/server"
)

// letters reads the mailbox as its owner does.
func (p *product) letters() []map[string]any {
	p.t.Helper()
	got := p.do(http.MethodGet, "/dev/mailbox?format=json", "", map[string]string{"Host": "localhost"})
	var all []map[string]any
	if err := json.Unmarshal([]byte(got.Body), &all); err != nil {
		p.t.Fatalf("%d %s", got.Status, got.Body)
	}
	return all
}

func TestMailboxIsShownOnThisMachineOnly(t *testing.T) {
	p := serve(t, options(t))
	p.signUp("ada@example.com")
	eventually(t, "the mail arrives", func() bool { return len(p.letters()) == 1 })
	for _, header := range []map[string]string{
		{"Host": "auth.example.com"},
		{"Host": "localhost", "X-Forwarded-For": "127.0.0.1"},
		{"Host": "localhost", "Forwarded": "for=127.0.0.1"},
		{"Host": "localhost", "Via": "1.1 proxy"},
		{"Host": "localhost", "X-Real-Ip": "127.0.0.1"},
		{"Host": "localhost.evil.example"},
	} {
		got := p.do(http.MethodGet, "/dev/mailbox", "", header)
		if got.Status != http.StatusForbidden || strings.Contains(got.Body, "ada@") {
			t.Errorf("%v: %d %s", header, got.Status, got.Body)
		}
	}
}

// TestPublicServerHasNoMailbox: its mail waits instead.
func TestPublicServerHasNoMailbox(t *testing.T) {
	p := serve(t, options(t, func(o *server.Options) { o.BaseURL = "https://auth.example.com" }))
	p.signUp("ada@example.com")
	if got := p.do(http.MethodGet, "/dev/mailbox", "", map[string]string{"Host": "localhost"}); got.Status != http.StatusNotFound {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	waiting, err := p.House.Outbox.List(t.Context(), gatehouse.MailPending, 10)
	if err != nil || len(waiting) != 1 || waiting[0].Attempts != 0 {
		t.Errorf("outbox: %v %v", waiting, err)
	}
}

func TestWebhookGetsTheMail(t *testing.T) {
	var mu sync.Mutex
	var bodies []string
	status := http.StatusNoContent
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		bodies = append(bodies, string(body))
		w.WriteHeader(status)
	}))
	defer hook.Close()
	p := serve(t, options(t, func(o *server.Options) {
		o.Mail.Webhook.URL, o.Mail.Webhook.Secret = hook.URL+"/mail?key=hunter2", strings.Repeat("s", 32)
	}))
	if want := "webhook " + hook.URL + "/mail"; p.Started().Mail != want {
		t.Errorf("mail goes to %q, want %q", p.Started().Mail, want)
	}
	p.signUp("ada@example.com")
	eventually(t, "the webhook is called", func() bool { mu.Lock(); defer mu.Unlock(); return len(bodies) == 1 })
	if !strings.Contains(bodies[0], `"kind":"verification-email"`) || !strings.Contains(bodies[0], `"to":"ada@example.com"`) {
		t.Error(bodies[0])
	}

	mu.Lock()
	status = http.StatusGone // never to be tried again
	mu.Unlock()
	p.signUp("bob@example.com")
	eventually(t, "the mail is dead", func() bool {
		dead, err := p.House.Outbox.List(t.Context(), gatehouse.MailDead, 10)
		return err == nil && len(dead) == 1 && dead[0].Recipient == "bob@example.com"
	})
}

// TestLogHoldsNoSecret walks the flows that handle secrets, with the log at
// its loudest, and looks for each secret in it.
func TestLogHoldsNoSecret(t *testing.T) {
	p := serve(t, options(t))
	cookie := p.signUp("ada@example.com")
	secrets := []string{password, "another horse entirely", p.House.Options.Secret}
	signedIn := p.post("/api/auth/sign-in/email", map[string]string{"email": "ada@example.com", "password": password})
	p.post("/api/auth/sign-in/email", map[string]string{"email": "ada@example.com", "password": "another horse entirely"})
	p.do(http.MethodGet, "/api/auth/get-session?token=in-the-query", "", map[string]string{"Cookie": cookie, "Authorization": "Bearer in-the-header"})
	p.post("/api/auth/request-password-reset", map[string]string{"email": "ada@example.com", "redirectTo": "/reset"})
	eventually(t, "the mails arrive", func() bool { return len(p.letters()) == 2 })
	for _, letter := range p.letters() {
		data := letter["data"].(map[string]any)
		secrets = append(secrets, data["token"].(string))
		link := strings.TrimPrefix(data["url"].(string), p.Started().BaseURL)
		if got := p.get(link); got.Status != http.StatusFound && got.Status != http.StatusOK {
			t.Errorf("link: %d %s", got.Status, got.Body)
		}
	}
	reset := p.letters()[0]["data"].(map[string]any)["token"].(string)
	if got := p.post("/api/auth/reset-password", map[string]string{"newPassword": "another horse entirely", "token": reset}); got.Status != http.StatusOK {
		t.Errorf("reset: %d %s", got.Status, got.Body)
	}
	for _, answer := range regexp.MustCompile(`"token":"([^"]+)"`).FindAllStringSubmatch(signedIn.Body, -1) {
		secrets = append(secrets, answer[1])
	}
	for _, pair := range strings.Split(cookie+"; "+cookies(signedIn), "; ") {
		_, value, _ := strings.Cut(pair, "=")
		secrets = append(secrets, value, strings.Split(value, ".")[0])
	}
	secrets = append(secrets, "in-the-query", "in-the-header", "$argon2id")
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(p.Log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if !strings.Contains(p.Log.String(), `"path":"/api/auth/reset-password/*"`) {
		t.Error("the access log has no line for the reset link")
	}
}

func TestLogLineCannotBeForged(t *testing.T) {
	p := serve(t, options(t, func(o *server.Options) { o.Log.Format = "text" }))
	p.raw("GET /x%0alevel=ERROR%20msg=forged HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nUser-Agent: \x1b[31m\"}\r\n\r\n")
	p.get("/" + strings.Repeat("a", 5000))
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(p.Log.String()) {
		if !strings.HasPrefix(line, "time=") || strings.Contains(line, "\x1b") || len(line) > 1000 {
			t.Errorf("line %q", line)
		}
	}
}
