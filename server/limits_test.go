package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/server"
)

func TestSizesAreBounded(t *testing.T) {
	p := serve(t, options(t, func(o *server.Options) { o.Limits.MaxBodyBytes, o.Limits.MaxHeaderBytes = 1000, 2000 }))
	body := `{"email":"ada@example.com","password":"` + strings.Repeat("a", 1000) + `"}`
	if got := p.do(http.MethodPost, "/api/auth/sign-in/email", body, nil); got.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("body: %d %s", got.Status, got.Body)
	}
	chunked := "POST /api/auth/sign-in/email HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
		"7d0\r\n" + strings.Repeat(" ", 2000) + "\r\n0\r\n\r\n"
	if got := p.raw(chunked); got != http.StatusRequestEntityTooLarge {
		t.Errorf("chunked body: %d", got)
	}
	if got := p.raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("a", 8000) + "\r\n\r\n"); got != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("head: %d", got)
	}
	p.expect(p.get("/healthz"), http.StatusOK, healthy)
}

// TestSmuggledRequestsAreRefused: two lengths, or a length that is no number.
func TestSmuggledRequestsAreRefused(t *testing.T) {
	p := serve(t, options(t))
	const start = "POST /api/auth/sign-in/email HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
	for _, request := range []string{
		start + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
		start + "Content-Length: +3\r\n\r\nabc",
		start + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		start + " folded: yes\r\n\r\n",
		"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", // no Host
	} {
		if got := p.raw(request); got < 400 || got > 501 {
			t.Errorf("%q: %d", request, got)
		}
	}
}

func TestSlowClientsAreCutOff(t *testing.T) {
	short := func(change func(*server.LimitOptions)) func(*server.Options) {
		return func(o *server.Options) { change(&o.Limits) }
	}
	const soon = 50 * time.Millisecond
	for _, tt := range []struct {
		name   string
		limits func(*server.Options)
		sent   string
		want   int // 0: closed without an answer
	}{
		{"slow head", short(func(l *server.LimitOptions) { l.ReadHeaderTimeout = soon }), "GET / HTTP/1.1\r\nHost: loc", 0},
		{"slow body", short(func(l *server.LimitOptions) { l.ReadTimeout = soon }), partial, http.StatusBadRequest},
		{"idle", short(func(l *server.LimitOptions) { l.IdleTimeout = soon }), "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", http.StatusOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := serve(t, options(t, tt.limits))
			conn := p.dial(tt.sent)
			defer conn.Close()
			if got := status(conn); got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
			if _, err := io.Copy(io.Discard, conn); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Logf("closed with %v", err) // a reset is as good as an end
			}
		})
	}
}

// partial is a sign-in whose body has not arrived. The server asks for the
// body when it begins to read it.
const (
	partial = "POST /api/auth/sign-in/email HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 47\r\n\r\n"
	rest    = `{"email":"ada@example.com","password":"wrong!"}`
)

// held is a request that the server is busy with until it is finished.
type held struct {
	net.Conn
	read *bufio.Reader
}

func (p *product) hold() *held {
	p.t.Helper()
	conn := p.dial(strings.Replace(partial, "\r\n", "\r\nExpect: 100-continue\r\n", 1))
	p.t.Cleanup(func() { conn.Close() })
	h := &held{conn, bufio.NewReader(conn)}
	if got := h.status(p.t); got != http.StatusContinue {
		p.t.Fatalf("status %d instead of 100", got)
	}
	return h
}

func (h *held) status(t *testing.T) int {
	t.Helper()
	answer, err := http.ReadResponse(h.read, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// finish sends the body and returns the answer's status.
func (h *held) finish(t *testing.T) int {
	t.Helper()
	if _, err := h.Write([]byte(rest)); err != nil {
		t.Fatal(err)
	}
	return h.status(t)
}

func TestMoreRequestsThanAllowedAreTurnedAway(t *testing.T) {
	p := serve(t, options(t, func(o *server.Options) { o.Limits.MaxRequests = 1 }))
	running := p.hold()
	turned := p.get("/healthz")
	p.expect(turned, http.StatusServiceUnavailable, "the server is busy\n")
	p.expectHeaders(turned, map[string]string{"Retry-After": "1"}, "Retry-After")
	if got := running.finish(t); got != http.StatusUnauthorized {
		t.Errorf("the first request: %d", got)
	}
	eventually(t, "the place is free", func() bool { return p.get("/healthz").Status == http.StatusOK })
}

func TestStopLetsRunningRequestsFinish(t *testing.T) {
	p := serve(t, options(t))
	running := p.hold()
	ended := make(chan error, 1)
	go func() { ended <- p.stop() }()
	eventually(t, "nothing listens", func() bool {
		other, err := new(net.Dialer).DialContext(context.Background(), "tcp", strings.TrimPrefix(p.URL, "http://"))
		if err == nil {
			other.Close()
		}
		return err != nil
	})
	select {
	case err := <-ended:
		t.Fatalf("stopped before the request was answered: %v", err)
	default:
	}
	if got := running.finish(t); got != http.StatusUnauthorized {
		t.Errorf("the running request: %d", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestStopDoesNotWaitForEver(t *testing.T) {
	p := serve(t, options(t, func(o *server.Options) { o.Limits.ShutdownTimeout = 50 * time.Millisecond }))
	p.hold()
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(p.Log.String(), "requests were cut off") {
		t.Error("the log does not say that requests were cut off")
	}
}
