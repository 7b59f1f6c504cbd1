package main

import (
	"bufio"
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestSignInAtAcme runs the program and signs in as a person with a browser
// would: page, provider, callback.
func TestSignInAtAcme(t *testing.T) {
	page := start(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	read := func(answer *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s (%v)", answer.Request.URL, answer.StatusCode, body, err)
		}
		return string(body)
	}
	if shown := read(browser.Get(page)); !strings.Contains(shown, "Continue with Acme") {
		t.Fatalf("the page has no button:\n%s", shown)
	}
	pressed := read(browser.PostForm(page, url.Values{"form": {"acme"}, "provider": {"acme"}, "callbackURL": {"/api/auth/get-session"}}))
	next := regexp.MustCompile(`<a href="([^"]+)">Go on`).FindStringSubmatch(pressed)
	if next == nil {
		t.Fatalf("the button leads nowhere:\n%s", pressed)
	}
	target := html.UnescapeString(next[1])
	if shown := read(browser.Get(target)); !strings.Contains(shown, "Ada Lovelace") {
		t.Fatalf("the provider shows %s", shown)
	}
	session := read(browser.PostForm(target, url.Values{"id": {"1815"}}))
	if !strings.Contains(session, `"email":"ada@acme.example"`) {
		t.Errorf("signed in as %s", session)
	}
}

func start(t *testing.T) (page string) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "social")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	run := exec.CommandContext(ctx, program)
	run.Env = append(os.Environ(), "ADDR=127.0.0.1:0", "DATA="+filepath.Join(dir, "data"))
	run.Stderr = os.Stderr
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Process.Kill(); _ = run.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, after, ok := strings.Cut(lines.Text(), "Sign in at "); ok {
			// The page without script, which a test can press the buttons of.
			return strings.Replace(after, "/auth/sign-in", "/sign-in", 1)
		}
	}
	t.Fatal("the program says no address")
	return ""
}
