package mail_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-auth/gatehouse/server/mail"
)

const pageURL = "http://localhost:3000/mailbox"

func mailbox(t *testing.T, log *bytes.Buffer) *mail.Mailbox {
	t.Helper()
	o := mail.MailboxOptions{PageURL: pageURL, Now: clock}
	if log != nil {
		o.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
	}
	return mail.NewMailbox(o, templates(t))
}

// visitPage asks as a browser on the same machine would.
func visitPage(b *mail.Mailbox, query string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", pageURL+query, nil)
	r.RemoteAddr = "127.0.0.1:50000"
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

func TestMailboxLogNamesNoSecret(t *testing.T) {
	var log bytes.Buffer
	b := mailbox(t, &log)
	if err := b.Send(t.Context(), reset("Ada", "ada@example.com")); err != nil {
		t.Fatal(err)
	}
	want := `level=INFO msg="mail is in the mailbox" kind=reset-password to=ada@example.com page="http://localhost:3000/mailbox?mail=1"` + "\n"
	if log.String() != want {
		t.Errorf("got  %s\nwant %s", log.String(), want)
	}
}

func TestMailboxKeepsTheLastHundred(t *testing.T) {
	b := mailbox(t, nil)
	var wait sync.WaitGroup
	for range 130 {
		wait.Go(func() {
			if err := b.Send(t.Context(), reset("Ada", "ada@example.com")); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	letters := b.Letters()
	if len(letters) != 100 || letters[0].Number != 130 || letters[99].Number != 31 {
		t.Errorf("%d letters from %d to %d", len(letters), letters[0].Number, letters[len(letters)-1].Number)
	}
	if _, ok := b.Letter(30); ok {
		t.Error("letter 30 is still there")
	}
	if letter, ok := b.Letter(31); !ok || letter.Number != 31 {
		t.Error("letter 31 is gone")
	}
	if err := b.Send(t.Context(), mail.Message{Kind: "lottery"}); !errors.Is(err, mail.ErrPermanent) || len(b.Letters()) != 100 {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestMailboxPages(t *testing.T) {
	b := mailbox(t, nil)
	if got := visitPage(b, "", nil).Body.String(); !strings.Contains(got, "<p>No mail yet.</p>") {
		t.Errorf("empty mailbox\n%s", got)
	}
	message := reset("Ada <b>", "ada@example.com")
	if err := b.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	list := visitPage(b, "", nil).Body.String()
	row := `<tr><td>03:02:01</td><td>ada@example.com</td><td><a href="?mail=1">Reset your password for Shop</a></td><td>reset-password</td></tr>`
	if !strings.Contains(list, row) {
		t.Errorf("list\n%s\nwant %s", list, row)
	}
	single := visitPage(b, "?mail=1", nil).Body.String()
	link := `<a href="https://shop.test/reset/abc?callbackURL=%2F" rel="noreferrer noopener">https://shop.test/reset/abc?callbackURL=%2F</a>`
	if strings.Count(single, link) != 1 || strings.Contains(single, "<b>") {
		t.Errorf("single view\n%s\nwant %s", single, link)
	}
	_, _, html, _ := templates(t).Render(message)
	preview := visitPage(b, "?mail=1&format=html", nil)
	policy := "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-popups"
	if preview.Body.String() != html || preview.Header().Get("Content-Security-Policy") != policy {
		t.Errorf("preview %v\n%s", preview.Header(), preview.Body)
	}
	for _, query := range []string{"?mail=2", "?mail=x", "?mail=", "?mail=-1"} {
		if got := visitPage(b, query, nil); got.Code != 404 {
			t.Errorf("%s: status %d, want 404", query, got.Code)
		}
	}
}

func TestMailboxJSON(t *testing.T) {
	b := mailbox(t, nil)
	if got := visitPage(b, "?format=json", nil).Body.String(); got != "[]\n" {
		t.Errorf("empty mailbox: %s", got)
	}
	if err := b.Send(t.Context(), reset("Ada", "ada@example.com")); err != nil {
		t.Fatal(err)
	}
	got := visitPage(b, "?format=json", nil)
	var letters []map[string]any
	if err := json.Unmarshal(got.Body.Bytes(), &letters); err != nil {
		t.Fatal(err)
	}
	_, text, _, _ := templates(t).Render(reset("Ada", "ada@example.com"))
	want := []map[string]any{{
		"number": 1.0, "id": "outbox7", "kind": "reset-password", "to": "ada@example.com", "at": "2026-05-04T03:02:01Z",
		"subject": "Reset your password for Shop", "text": text,
		"data": map[string]any{"user": map[string]any{"name": "Ada", "email": "ada@example.com"},
			"url": "https://shop.test/reset/abc?callbackURL=%2F", "token": "abc", "expiresIn": 3600.0},
	}}
	if diff := cmp.Diff(want, letters); diff != "" || got.Header().Get("Content-Type") != "application/json" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var one map[string]any
	if err := json.Unmarshal(visitPage(b, "?mail=1&format=json", nil).Body.Bytes(), &one); err != nil || !cmp.Equal(want[0], one) {
		t.Errorf("one letter: %v, %v", err, one)
	}
}

func TestMailboxAnswersThisMachineOnly(t *testing.T) {
	b := mailbox(t, nil)
	if err := b.Send(t.Context(), reset("Ada", "ada@example.com")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"localhost", nil, 200},
		{"IPv6", func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:5", "[::1]:3000" }, 200},
		{"IPv6 without port", func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:5", "[::1]" }, 200},
		{"address as host", func(r *http.Request) { r.Host = "127.0.0.1" }, 200},
		{"another machine", func(r *http.Request) { r.RemoteAddr = "192.0.2.1:5" }, 403},
		{"private network", func(r *http.Request) { r.RemoteAddr = "10.0.0.5:5" }, 403},
		{"no peer", func(r *http.Request) { r.RemoteAddr = "@" }, 403},
		{"peer by name", func(r *http.Request) { r.RemoteAddr = "localhost:5" }, 403},
		{"rebound name", func(r *http.Request) { r.Host = "evil.test:3000" }, 403},
		{"name that begins well", func(r *http.Request) { r.Host = "localhost.evil.test" }, 403},
		{"address that begins well", func(r *http.Request) { r.Host = "127.0.0.1.evil.test" }, 403},
		{"no host", func(r *http.Request) { r.Host = "" }, 403},
		{"any address", func(r *http.Request) { r.Host = "0.0.0.0" }, 403},
		{"behind a proxy", func(r *http.Request) { r.Header.Set("X-Forwarded-For", "127.0.0.1") }, 403},
		{"behind another", func(r *http.Request) { r.Header.Set("Forwarded", "for=127.0.0.1") }, 403},
		{"post", func(r *http.Request) { r.Method = "POST" }, 405},
		{"head", func(r *http.Request) { r.Method = "HEAD" }, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := visitPage(b, "?mail=1", tt.change)
			if got.Code != tt.want || tt.want != 200 && strings.Contains(got.Body.String(), "abc") {
				t.Errorf("status %d, want %d\n%s", got.Code, tt.want, got.Body)
			}
		})
	}
}

func TestMailboxHeaders(t *testing.T) {
	got := visitPage(mailbox(t, nil), "", nil)
	_, rest, _ := strings.Cut(got.Body.String(), "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	want := http.Header{
		"Content-Security-Policy": {fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			base64.StdEncoding.EncodeToString(sum[:]))},
		"Content-Type": {"text/html; charset=utf-8"}, "Cache-Control": {"no-store"}, "Referrer-Policy": {"no-referrer"},
		"X-Content-Type-Options": {"nosniff"}, "X-Frame-Options": {"DENY"},
		"Cross-Origin-Resource-Policy": {"same-origin"}, "Cross-Origin-Opener-Policy": {"same-origin"},
	}
	if diff := cmp.Diff(want, got.Header()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if strings.Contains(got.Body.String(), "<script") {
		t.Error("the page has a script")
	}
}
