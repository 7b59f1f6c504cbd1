package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

// product is a running server on a port of its own.
type product struct {
	*server.Server
	t    *testing.T
	URL  string
	Log  *logBuffer
	stop func() error
}

// logBuffer collects a log that several goroutines write.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// options are the defaults on a free port and a folder of the test's own.
func options(t *testing.T, change ...func(*server.Options)) *server.Options {
	t.Helper()
	o := server.Defaults()
	o.Listen, o.Data, o.Log.Level = "127.0.0.1:0", t.TempDir(), "debug"
	o.EmailAndPassword.Hash.OwnProcess = false // the tests share one
	o.Features.Approval.Mode = approval.Open   // most tests are about something else
	for _, c := range change {
		c(o)
	}
	return o
}

// serve starts a server; the test's end stops it.
func serve(t *testing.T, o *server.Options) *product {
	t.Helper()
	log := &logBuffer{}
	running, err := server.New(t.Context(), o, o.NewLogger(log, false))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- running.Serve(ctx) }()
	p := &product{Server: running, t: t, URL: "http://" + running.Started().Listen, Log: log}
	p.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		if t.Failed() {
			text := log.String()
			t.Log(text[max(0, len(text)-4000):])
		}
	})
	return p
}

// onBothStores runs a test on SQLite and, where there is a server, on PostgreSQL.
func onBothStores(t *testing.T, test func(t *testing.T, database func(*server.Options))) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, func(*server.Options) {}) })
	t.Run("postgres", func(t *testing.T) {
		url := storetest.Postgres(t)
		test(t, func(o *server.Options) { o.Database.URL, o.Database.Migrate = url, true })
	})
}

// reply is an answer that was read.
type reply struct {
	Status int
	Header http.Header
	Body   string
}

func (p *product) do(method, path, body string, header map[string]string) reply {
	p.t.Helper()
	return p.with(http.DefaultTransport, method, path, body, header)
}

func (p *product) with(transport http.RoundTripper, method, path, body string, header map[string]string) reply {
	p.t.Helper()
	request, err := http.NewRequest(method, p.URL+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		if name == "Host" {
			request.Host = value
			continue
		}
		request.Header.Set(name, value)
	}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(read)}
}

func (p *product) get(path string) reply { p.t.Helper(); return p.do(http.MethodGet, path, "", nil) }

func (p *product) post(path string, body any) reply {
	p.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.do(http.MethodPost, path, string(raw), nil)
}

// signUp makes an account and returns the cookies of its session.
func (p *product) signUp(email string) string {
	p.t.Helper()
	answer := p.post("/api/auth/sign-up/email", map[string]string{"name": "Ada", "email": email, "password": password})
	if answer.Status != http.StatusOK {
		p.t.Fatalf("sign up: %d %s", answer.Status, answer.Body)
	}
	return cookies(answer)
}

const password = "correct horse battery"

// cookies are those an answer sets, as a request sends them.
func cookies(r reply) string {
	var pairs []string
	for _, line := range r.Header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(line, ";")
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "; ")
}

// eventually waits for what another goroutine is about to do.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never happened: %s", what)
		}
	}
}

func (p *product) expect(got reply, status int, body string) {
	p.t.Helper()
	if got.Status != status || got.Body != body {
		p.t.Errorf("got  %d %q\nwant %d %q", got.Status, got.Body, status, body)
	}
}

func headers(h http.Header, names ...string) map[string]string {
	found := map[string]string{}
	for _, name := range names {
		if v := h.Values(name); len(v) > 0 {
			found[name] = strings.Join(v, "|")
		}
	}
	return found
}

func (p *product) expectHeaders(got reply, want map[string]string, names ...string) {
	p.t.Helper()
	if found := headers(got.Header, names...); !maps.Equal(found, want) {
		p.t.Errorf("headers\ngot  %v\nwant %v", found, want)
	}
}
