package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestHelloIsForPeopleWhoSignedUp(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	baseURL := "http://" + server.Listener.Addr().String()
	handler, err := open(filepath.Join(t.TempDir(), "embed.db"), baseURL, "for-tests-only-0123456789-abcdefghijkl")
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = handler
	server.Start()
	defer server.Close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	expect := func(want int, wantBody string, answer *http.Response, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != want || !strings.Contains(string(body), wantBody) {
			t.Fatalf("got %d %s (%v), want %d %s", answer.StatusCode, body, err, want, wantBody)
		}
	}

	answer, err := client.Get(baseURL + "/hello")
	expect(http.StatusUnauthorized, "UNAUTHORIZED", answer, err)
	answer, err = client.Post(baseURL+"/api/auth/sign-up/email", "application/json",
		strings.NewReader(`{"name":"Ada","email":"ada@example.com","password":"correct horse"}`))
	expect(http.StatusOK, `"email":"ada@example.com"`, answer, err)
	answer, err = client.Get(baseURL + "/hello")
	expect(http.StatusOK, "Hello Ada\n", answer, err)
}
