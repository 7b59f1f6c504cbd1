package main

import (
	"bufio"
	"bytes"
	"context"
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

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

// The scripts of testdata run the command as people do. Besides the commands
// of testscript they have:
//
//	start [ARG…]            runs gatehouse serve on a free port; $URL is its base URL
//	shutdown                sends SIGTERM and expects an orderly end
//	http STATUS METHOD PATH [BODY]   calls $URL; the answer's body is stdout;
//	                        cookies are kept from call to call
//	capture NAME FILE KEY   sets $NAME to the first value of KEY in JSON (or stdout)
//	cursor FILE             sets $CURSOR to what a list says comes after it
//	waitfor STATE           until no mail is in that state
//	mode FILE MODE          checks the permissions of a file
//	postgres                makes an empty database for all that follows
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gatehouse": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Values[stateKey{}] = &state{t: t, cookies: map[string]string{}}
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "postgres" {
				return os.Getenv(storetest.PostgresEnv) != "", nil
			}
			return false, fmt.Errorf("unknown condition %s", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start": start, "shutdown": stop, "http": call, "mode": mode, "postgres": makePostgres, "capture": capture, "waitfor": waitFor, "cursor": nextCursor,
		},
	})
}

type stateKey struct{}

// state is what commands of one script share.
type state struct {
	t       *testing.T
	server  *exec.Cmd
	log     *bytes.Buffer
	logged  sync.WaitGroup
	cookies map[string]string
}

func stateOf(ts *testscript.TestScript) *state { return ts.Value(stateKey{}).(*state) }

// start waits until the server says where it listens.
func start(ts *testscript.TestScript, neg bool, args []string) {
	s := stateOf(ts)
	self, err := exec.LookPath("gatehouse")
	if err != nil || neg {
		ts.Fatalf("start: %v", err)
	}
	s.server = exec.CommandContext(context.Background(), self, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	s.server.Dir = ts.MkAbs(".")
	s.server.Env = os.Environ()
	for _, name := range []string{"GATEHOUSE_DATABASE_URL", "GATEHOUSE_SECRET"} {
		s.server.Env = append(s.server.Env, name+"="+ts.Getenv(name))
	}
	lines, err := s.server.StderrPipe()
	ts.Check(err)
	ts.Check(s.server.Start())
	ts.Defer(func() { _ = s.server.Process.Kill() })
	s.log = &bytes.Buffer{}
	read := bufio.NewReader(lines)
	for {
		line, err := read.ReadString('\n')
		s.log.WriteString(line)
		var said struct{ Msg, BaseURL string }
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "serving" {
			ts.Setenv("URL", said.BaseURL)
			break
		}
		if err != nil {
			_ = s.server.Wait()
			ts.Fatalf("the server did not start:\n%s", s.log)
		}
	}
	s.logged.Go(func() { _, _ = io.Copy(s.log, read) })
}

func stop(ts *testscript.TestScript, neg bool, _ []string) {
	s := stateOf(ts)
	ts.Check(s.server.Process.Signal(syscall.SIGTERM))
	s.logged.Wait()
	if err := s.server.Wait(); err != nil || neg {
		ts.Fatalf("stop: %v\n%s", err, s.log)
	}
	ts.Check(os.WriteFile(ts.MkAbs("log"), s.log.Bytes(), 0o600))
}

func call(ts *testscript.TestScript, neg bool, args []string) {
	s := stateOf(ts)
	if len(args) < 3 || neg {
		ts.Fatalf("usage: http STATUS METHOD PATH [BODY]")
	}
	body := strings.Join(args[3:], " ")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, args[1], ts.Getenv("URL")+args[2], strings.NewReader(body))
	ts.Check(err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Origin", ts.Getenv("URL"))
	}
	for name, value := range s.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	ts.Check(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	for _, cookie := range answer.Cookies() {
		s.cookies[cookie.Name] = cookie.Value
	}
	fmt.Fprintf(ts.Stdout(), "%s\n", text)
	if got := fmt.Sprint(answer.StatusCode); got != args[0] {
		ts.Fatalf("%s %s: %s, want %s\n%s", args[1], args[2], got, args[0], text)
	}
}

func mode(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[1] || neg {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}

func makePostgres(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Setenv("GATEHOUSE_DATABASE_URL", storetest.Postgres(stateOf(ts).t))
}

// capture sets a variable to the first value of a key in indented JSON.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	name, file, key := args[0], args[1], `"`+args[2]+`": "`
	_, after, found := strings.Cut(ts.ReadFile(file), key)
	if !found {
		ts.Fatalf("no %s in %s", args[2], file)
	}
	value, _, _ := strings.Cut(after, `"`)
	ts.Setenv(name, value)
}

// nextCursor sets $CURSOR to what follows --after.
func nextCursor(ts *testscript.TestScript, _ bool, args []string) {
	_, after, found := strings.Cut(ts.ReadFile(args[0]), "--after ")
	if !found {
		ts.Fatalf("no cursor in %s", args[0])
	}
	ts.Setenv("CURSOR", strings.TrimSpace(after))
}

// waitFor asks the command until no mail is in a state.
func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	for range 500 {
		command := exec.CommandContext(context.Background(), "gatehouse", "mail", "list", "--json", "--state", args[0])
		command.Dir = ts.MkAbs(".")
		command.Env = append(os.Environ(), "GATEHOUSE_SECRET="+ts.Getenv("GATEHOUSE_SECRET"))
		out, err := command.Output()
		ts.Check(err)
		if strings.TrimSpace(string(out)) == "[]" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("mails stay %s", args[0])
}
