package mail_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-auth/gatehouse/server/mail"
)

const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" // of the Standard Webhooks documentation

func hook(t *testing.T, url string, timeout time.Duration) *mail.Webhook {
	t.Helper()
	w, err := mail.NewWebhook(mail.WebhookOptions{URL: url, Secret: hookSecret, Timeout: timeout, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWebhookRequest(t *testing.T) {
	var got *http.Request
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		got, body = r, string(raw)
	}))
	defer server.Close()
	m := mail.Message{ID: "outbox7", Kind: "reset-password", To: "ada@example.com", Data: map[string]any{"token": "abc"}}
	if err := hook(t, server.URL+"/hook", 0).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if want := `{"id":"outbox7","kind":"reset-password","to":"ada@example.com","data":{"token":"abc"}}`; body != want {
		t.Errorf("body %s\nwant %s", body, want)
	}
	headers := map[string]string{}
	for _, name := range []string{"Content-Type", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
		headers[name] = got.Header.Get(name)
	}
	want := map[string]string{
		"Content-Type": "application/json", "Webhook-Id": "outbox7", "Webhook-Timestamp": "1777863721",
		// computed with OpenSSL from the decoded secret
		"Webhook-Signature": "v1,SMu18mykP9WKhxn/PdCyPXi79s4hqzSoijOA8qgcpmw=",
	}
	if diff := cmp.Diff(want, headers); diff != "" || got.Method != "POST" || got.URL.Path != "/hook" {
		t.Errorf("%s %s (-want +got)\n%s", got.Method, got.URL, diff)
	}
}

func TestWebhookAnswers(t *testing.T) {
	for _, tt := range []struct {
		status    int
		want      string
		permanent bool
	}{
		{200, "", false}, {202, "", false}, {204, "", false},
		{301, "mail webhook: answered 301", false}, {307, "mail webhook: answered 307", false},
		{400, "permanent failure: mail webhook: answered 400", true}, {401, "permanent failure: mail webhook: answered 401", true},
		{404, "permanent failure: mail webhook: answered 404", true}, {410, "permanent failure: mail webhook: answered 410", true},
		{408, "mail webhook: answered 408", false}, {425, "mail webhook: answered 425", false}, {429, "mail webhook: answered 429", false},
		{500, "mail webhook: answered 500", false}, {503, "mail webhook: answered 503", false},
	} {
		t.Run(http.StatusText(tt.status), func(t *testing.T) {
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls++
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
			}))
			defer server.Close()
			err := hook(t, server.URL, 0).Send(t.Context(), reset("Ada", "ada@example.com"))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want || errors.Is(err, mail.ErrPermanent) != tt.permanent || calls != 1 {
				t.Errorf("after %d calls got %q\nwant %q (permanent %t)", calls, got, tt.want, tt.permanent)
			}
		})
	}
}

func TestWebhookThatHangs(t *testing.T) {
	wait := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-wait }))
	defer server.Close()
	defer close(wait)
	err := hook(t, server.URL, 50*time.Millisecond).Send(t.Context(), reset("Ada", "ada@example.com"))
	if err == nil || errors.Is(err, mail.ErrPermanent) || !strings.Contains(err.Error(), "Client.Timeout exceeded") {
		t.Errorf("got %v, want a timeout that may pass", err)
	}
}

func TestWebhookEndlessAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 1<<12)); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	if err := hook(t, server.URL, 0).Send(t.Context(), reset("Ada", "ada@example.com")); err != nil {
		t.Errorf("got %v, want success: only the status counts", err)
	}
}

func TestWebhookRefusesMessages(t *testing.T) {
	w := hook(t, "http://127.0.0.1:1", 0)
	for _, m := range []mail.Message{
		{Kind: "x"}, {ID: "a.b"}, {ID: "a\r\nX: y"}, {ID: "é"},
		{ID: "1", Data: map[string]any{"x": make(chan int)}}, {ID: "1", Data: map[string]any{"x": strings.Repeat("a", 256<<10)}},
	} {
		if err := w.Send(t.Context(), m); !errors.Is(err, mail.ErrPermanent) {
			t.Errorf("message %.30q: got %v, want a permanent failure", m.ID, err)
		}
	}
}

func TestNewWebhookRefuses(t *testing.T) {
	for _, tt := range []struct {
		options mail.WebhookOptions
		want    string
	}{
		{mail.WebhookOptions{Secret: hookSecret}, "mail webhook: url must be an https address"},
		{mail.WebhookOptions{URL: "ftp://a.test", Secret: hookSecret}, "mail webhook: url must be an https address"},
		{mail.WebhookOptions{URL: "http://a.test", Secret: hookSecret}, "mail webhook: url must begin with https:// (http only on loopback)"},
		{mail.WebhookOptions{URL: "http://127.0.0.1.a.test", Secret: hookSecret}, "mail webhook: url must begin with https:// (http only on loopback)"},
		{mail.WebhookOptions{URL: "https://u:p@a.test", Secret: hookSecret}, "mail webhook: url must not hold a password: calls are signed"},
		{mail.WebhookOptions{URL: "https://a.test"}, "mail webhook: secret must be at least 24 bytes long"},
		{mail.WebhookOptions{URL: "https://a.test", Secret: "whsec_AAAA"}, "mail webhook: secret must be at least 24 bytes long"},
		{mail.WebhookOptions{URL: "https://a.test", Secret: "whsec_!"}, "mail webhook: secret must be base64 after whsec_"},
		{mail.WebhookOptions{URL: "https://a.test", Secret: hookSecret, Timeout: time.Hour}, "mail webhook: timeout must be at most 1 minute"},
	} {
		if _, err := mail.NewWebhook(tt.options); err == nil || err.Error() != tt.want {
			t.Errorf("%+v: got %v\nwant %s", tt.options, err, tt.want)
		}
	}
	for _, o := range []mail.WebhookOptions{
		{URL: "https://a.test", Secret: hookSecret}, {URL: "http://[::1]:5/x", Secret: strings.Repeat("s", 24)},
		{URL: "http://a.test", Secret: hookSecret, InsecurePlain: true},
	} {
		if _, err := mail.NewWebhook(o); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
