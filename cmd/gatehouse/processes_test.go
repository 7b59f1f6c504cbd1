package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

// Two servers, each a process of its own with nothing in common but the
// database: what must hold over nodes is shown here from outside.

const (
	rightPassword = "correct horse battery"
	wrongPassword = "a wrong password"
)

// nodes are the two servers.
type nodes struct {
	t    *testing.T
	env  []string
	db   *sql.DB
	urls [2]string
}

func startNodes(t *testing.T) *nodes {
	t.Helper()
	address := storetest.Postgres(t)
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	n := &nodes{t: t, db: db, env: append(os.Environ(),
		"GATEHOUSE_DATABASE_URL="+address, "GATEHOUSE_SECRET=two-processes-share-this-secret-0123456789",
		"GATEHOUSE_RATE_LIMIT_ENABLED=false", "GATEHOUSE_LOG_FORMAT=json",
		"GATEHOUSE_PLUGINS_APPROVAL_MODE=invite",
		// One count at a time is looked at: that of the name.
		"GATEHOUSE_PLUGINS_LOCKOUT_DELAY_AFTER=-1", "GATEHOUSE_PLUGINS_LOCKOUT_MAX_FAILURES_PER_ADDRESS=-1",
	)}
	n.run("", "migrate", "apply")
	for i := range n.urls {
		n.urls[i] = n.serve()
	}
	t.Cleanup(func() { _ = db.Close() })
	return n
}

// command is gatehouse in a folder of its own; the test's program is it.
func (n *nodes) command(args ...string) *exec.Cmd {
	n.t.Helper()
	self, err := exec.LookPath("gatehouse")
	if err != nil {
		n.t.Fatal(err)
	}
	command := exec.CommandContext(context.Background(), self, args...)
	command.Dir, command.Env = n.t.TempDir(), n.env
	return command
}

func (n *nodes) run(input string, args ...string) string {
	n.t.Helper()
	var failed bytes.Buffer
	command := n.command(args...)
	command.Stdin, command.Stderr = strings.NewReader(input), &failed
	out, err := command.Output()
	if err != nil {
		n.t.Fatalf("gatehouse %s: %v\n%s%s", strings.Join(args, " "), err, out, &failed)
	}
	return string(out)
}

// serve starts a server on a free port and returns its base URL.
func (n *nodes) serve() string {
	t := n.t
	t.Helper()
	server := n.command("serve", "--addr", "127.0.0.1:0")
	lines, err := server.StderrPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	log, read := &bytes.Buffer{}, bufio.NewReader(lines)
	var rest sync.WaitGroup
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		rest.Wait()
		if err := server.Wait(); err != nil || strings.Contains(log.String(), "DATA RACE") {
			t.Errorf("a server ended with %v\n%s", err, log)
		}
	})
	for {
		line, err := read.ReadString('\n')
		log.WriteString(line)
		var said struct{ Msg, BaseURL string }
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "serving" {
			rest.Go(func() { _, _ = io.Copy(log, read) })
			return said.BaseURL
		}
		if err != nil {
			t.Fatalf("a server did not start:\n%s", log)
		}
	}
}

// said is an answer.
type said struct {
	status int
	code   string
	body   string
	cookie string // of the session
}

// post calls one of the two, with the cookie of a session or "".
func (n *nodes) post(node int, path, cookie string, body map[string]any) said {
	text, err := json.Marshal(body)
	if err != nil {
		n.t.Error(err)
		return said{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, n.urls[node]+"/api/auth"+path, bytes.NewReader(text))
	if err != nil {
		n.t.Error(err)
		return said{}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Origin", n.urls[node])
	if cookie != "" {
		request.Header.Set("Cookie", cookie)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		n.t.Error(err)
		return said{}
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		n.t.Error(err)
	}
	got := said{status: answer.StatusCode, body: string(raw)}
	var members struct{ Code string }
	if json.Unmarshal(raw, &members) == nil {
		got.code = members.Code
	}
	for _, c := range answer.Cookies() {
		if strings.HasSuffix(c.Name, "session_token") {
			got.cookie = c.Name + "=" + c.Value
		}
	}
	return got
}

// atOnce runs fn on many goroutines that start together, half of them for each
// server, and counts the answers by code, or by status where there is none.
func (n *nodes) atOnce(many int, fn func(i, node int) said) map[string]int {
	begin := make(chan struct{})
	var mu sync.Mutex
	var done sync.WaitGroup
	counts := map[string]int{}
	for i := range many {
		done.Go(func() {
			<-begin
			got := fn(i, i%2)
			mu.Lock()
			defer mu.Unlock()
			if got.code == "" {
				got.code = fmt.Sprint(got.status)
			}
			counts[got.code]++
		})
	}
	close(begin)
	done.Wait()
	return counts
}

// number is the one number that a query finds.
func (n *nodes) number(query string, args ...any) int {
	n.t.Helper()
	var found int
	if err := n.db.QueryRowContext(n.t.Context(), query, args...).Scan(&found); err != nil {
		n.t.Fatalf("%s: %v", query, err)
	}
	return found
}

func (n *nodes) signIn(node int, email string) string {
	n.t.Helper()
	got := n.post(node, "/sign-in/email", "", map[string]any{"email": email, "password": rightPassword})
	if got.status != http.StatusOK || got.cookie == "" {
		n.t.Fatalf("sign in %s: %d %s", email, got.status, got.body)
	}
	return got.cookie
}

func TestTwoProcesses(t *testing.T) {
	n := startNodes(t)
	for address, role := range map[string]string{"root@example.com": "admin", "peer@example.com": "admin", "ada@example.com": "user"} {
		n.run(rightPassword, "user", "create", address, "--role", role, "--verified", "--password-stdin")
	}
	t.Run("lockout", n.testLockout)
	t.Run("stolen session", n.testStolenSession)
	t.Run("invitations", n.testInvitations)
	t.Run("last admin", n.testLastAdmin)
	n.run("", "audit", "verify") // what both wrote is one unbroken log
}

// testLockout: of 500 guesses at once five are compared with the hash, and the
// audit log has every one of the 500 (row 45).
func (n *nodes) testLockout(t *testing.T) {
	for _, email := range []string{"ada@example.com", "nobody@example.com"} {
		const recorded = `SELECT count(*) FROM "auditEntry" WHERE "action" = 'sign-in.fail' AND "outcome" = $1`
		hashed, locked := n.number(recorded, "INVALID_EMAIL_OR_PASSWORD"), n.number(recorded, "ACCOUNT_LOCKED")
		got := n.atOnce(500, func(_, node int) said {
			return n.post(node, "/sign-in/email", "", map[string]any{"email": email, "password": wrongPassword})
		})
		// A crowded machine may answer 503 to some; those were not compared either.
		if got["INVALID_EMAIL_OR_PASSWORD"] != 5 || got["ACCOUNT_LOCKED"]+got["SERVICE_UNAVAILABLE"] != 495 {
			t.Errorf("%s: answered %v, want 5 wrong passwords and 495 times locked", email, got)
		}
		hashed, locked = n.number(recorded, "INVALID_EMAIL_OR_PASSWORD")-hashed, n.number(recorded, "ACCOUNT_LOCKED")-locked
		if hashed != 5 || locked != got["ACCOUNT_LOCKED"] {
			t.Errorf("%s: recorded %d wrong passwords and %d refusals of %v", email, hashed, locked, got)
		}
		for node := range n.urls {
			if got := n.post(node, "/sign-in/email", "", map[string]any{"email": email, "password": rightPassword}); got.code != "ACCOUNT_LOCKED" {
				t.Errorf("%s: the right password is answered %d %s", email, got.status, got.body)
			}
		}
	}
	n.run("", "lock", "clear", "ada@example.com")
}

// testStolenSession: whoever has a session but not the browser guesses its
// password no more often.
func (n *nodes) testStolenSession(t *testing.T) {
	session := n.signIn(0, "ada@example.com")
	got := n.atOnce(100, func(i, node int) said {
		if i%4 < 2 {
			return n.post(node, "/change-password", session, map[string]any{"currentPassword": wrongPassword, "newPassword": "another passcode"})
		}
		return n.post(node, "/verify-password", session, map[string]any{"password": wrongPassword})
	})
	if got["INVALID_PASSWORD"] != 5 || got["ACCOUNT_LOCKED"] != 95 {
		t.Errorf("answered %v, want 5 wrong passwords and 95 times locked", got)
	}
	if got := n.post(1, "/change-password", session, map[string]any{"currentPassword": rightPassword, "newPassword": "another passcode"}); got.code != "ACCOUNT_LOCKED" {
		t.Errorf("the right password is answered %d %s", got.status, got.body)
	}
	n.run("", "lock", "clear", "ada@example.com")
}

// testInvitations: three uses are three, however many come at once.
func (n *nodes) testInvitations(t *testing.T) {
	var made struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal([]byte(n.run("", "invite", "create", "--uses", "3", "--json")), &made); err != nil || made.Token == "" {
		t.Fatalf("no invitation: %v", err)
	}
	got := n.atOnce(16, func(i, node int) said {
		return n.post(node, "/sign-up/email", "", map[string]any{
			"name": "Guest", "email": fmt.Sprintf("guest%d@example.com", i), "password": rightPassword, "invitationToken": made.Token,
		})
	})
	if got["200"] != 3 || got["INVITATION_INVALID"] != 13 {
		t.Errorf("answered %v, want 3 accepted and 13 refused", got)
	}
	if uses := n.number(`SELECT "uses" FROM "registrationInvitation"`); uses != 3 {
		t.Errorf("the invitation was used %d times", uses)
	}
	if people := n.number(`SELECT count(*) FROM "user" WHERE "email" LIKE 'guest%'`); people != 3 {
		t.Errorf("%d people came in", people)
	}
}

// testLastAdmin: two admins take the role from each other at once; one keeps it,
// and gives it back for the next round.
func (n *nodes) testLastAdmin(t *testing.T) {
	admins := [2]string{"root@example.com", "peer@example.com"}
	var sessions, ids [2]string
	for i, address := range admins {
		sessions[i] = n.signIn(i, address)
		if err := n.db.QueryRowContext(t.Context(), `SELECT "id" FROM "user" WHERE "email" = $1`, address).Scan(&ids[i]); err != nil {
			t.Fatal(err)
		}
	}
	set := func(by, whose int, role string) said {
		return n.post(by, "/admin/set-role", sessions[by], map[string]any{"userId": ids[whose], "role": role})
	}
	for range 40 {
		got := n.atOnce(2, func(_, node int) said { return set(node, 1-node, "user") })
		if left := n.number(`SELECT count(*) FROM "user" WHERE "role" = 'admin'`); got["200"] != 1 || left != 1 {
			t.Fatalf("answered %v, %d admins are left; want 1 and 1", got, left)
		}
		keeper := n.number(`SELECT CASE WHEN "id" = $1 THEN 0 ELSE 1 END FROM "user" WHERE "role" = 'admin'`, ids[0])
		if got := set(keeper, 1-keeper, "admin"); got.status != http.StatusOK {
			t.Fatalf("give it back: %d %s", got.status, got.body)
		}
	}
}
