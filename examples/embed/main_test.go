package main_test

import (
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMembersOnly builds the program, runs it in a folder of its own, and
// signs a person up.
func TestMembersOnly(t *testing.T) {
	base := start(t)
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

	answer, err := client.Get(base + "/members")
	expect(http.StatusUnauthorized, "UNAUTHORIZED", answer, err)
	answer, err = client.Post(base+"/api/auth/sign-up/email", "application/json",
		strings.NewReader(`{"name":"Ada","email":"ada@example.com","password":"correct horse"}`))
	expect(http.StatusOK, `"email":"ada@example.com"`, answer, err)
	answer, err = client.Get(base + "/members")
	expect(http.StatusOK, "Hello Ada\n", answer, err)
}

func start(t *testing.T) (base string) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "embed")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	free, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := "localhost:" + free.Addr().String()[strings.LastIndex(free.Addr().String(), ":")+1:]
	free.Close()
	run := exec.Command(program)
	run.Dir, run.Stderr = dir, os.Stderr
	run.Env = append(os.Environ(), "ADDR="+addr, "GATEHOUSE_SECRET=for-tests-only-0123456789-abcdefghijkl")
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Kill()
		_ = run.Wait()
	})
	for range 200 {
		answer, err := http.Get("http://" + addr + "/api/auth/ok")
		if err == nil {
			answer.Body.Close()
			return "http://" + addr
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("the program does not answer")
	return ""
}
