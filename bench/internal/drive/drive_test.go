package drive_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/bench/internal/drive"
)

func TestRunCountsAnswersByStatus(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		switch asked.Add(1) % 4 {
		case 1:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 3:
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer server.Close()

	result, err := drive.Run(t.Context(), drive.Plan{
		Addr: strings.TrimPrefix(server.URL, "http://"), Conns: 1, For: 50 * time.Millisecond,
		Request: func(int, int) []byte { return []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") },
	})
	if err != nil {
		t.Fatal(err)
	}
	if result.OK() == 0 || result.OK() != len(result.Latencies) {
		t.Errorf("%d answers 200 and %d latencies, want the same and some", result.OK(), len(result.Latencies))
	}
	if result.Failed != 0 {
		t.Errorf("%d failed, want 0", result.Failed)
	}
	if want := result.Status[http.StatusTeapot] + result.Bare503; result.Wrong() != want {
		t.Errorf("%d wrong, want %d", result.Wrong(), want)
	}
}

func TestRunWaitsForTheLastAnswers(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	time.AfterFunc(100*time.Millisecond, func() { close(release) })

	result, err := drive.Run(t.Context(), drive.Plan{
		Addr: strings.TrimPrefix(server.URL, "http://"), Conns: 3, For: 10 * time.Millisecond, Drain: 30 * time.Second,
		Request: func(int, int) []byte { return []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") },
	})
	if err != nil {
		t.Fatal(err)
	}
	if result.Late != 3 || result.OK() != 0 || result.Wrong() != 0 {
		t.Errorf("late %d, in time %d, wrong %d: want 3, 0, 0", result.Late, result.OK(), result.Wrong())
	}
}

func TestRunLooksIntoTheBody(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "null")
	}))
	defer server.Close()
	for want, ok := range map[string]bool{"": true, "nul": true, "session": false} {
		result, err := drive.Run(t.Context(), drive.Plan{
			Addr: strings.TrimPrefix(server.URL, "http://"), Conns: 1, For: 20 * time.Millisecond, Want: want,
			Request: func(int, int) []byte { return []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") },
		})
		if err != nil {
			t.Fatal(err)
		}
		if (result.OK() > 0) != ok || (result.Failed == 0) != ok {
			t.Errorf("want %q: %d answers 200, %d failed", want, result.OK(), result.Failed)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	valid := drive.Plan{Addr: "127.0.0.1:1", Conns: 1, For: time.Second}
	for name, change := range map[string]func(*drive.Plan){
		"another machine":      func(p *drive.Plan) { p.Addr = "192.0.2.1:80" },
		"a name":               func(p *drive.Plan) { p.Addr = "example.test:80" },
		"no port":              func(p *drive.Plan) { p.Addr = "127.0.0.1" },
		"no connection":        func(p *drive.Plan) { p.Conns = 0 },
		"too many connections": func(p *drive.Plan) { p.Conns = 2001 },
		"no end":               func(p *drive.Plan) { p.For = time.Hour },
		"endless drain":        func(p *drive.Plan) { p.Drain = time.Hour },
	} {
		t.Run(name, func(t *testing.T) {
			plan := valid
			change(&plan)
			if _, err := drive.Run(t.Context(), plan); err == nil {
				t.Errorf("%+v was accepted", plan)
			}
		})
	}
}

func TestPercentile(t *testing.T) {
	var result drive.Result
	for i := 1; i <= 101; i++ {
		result.Latencies = append(result.Latencies, time.Duration(i))
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 51, 0.99: 100, 1: 101} {
		t.Run(fmt.Sprint(q), func(t *testing.T) {
			if got := result.Percentile(q); got != want {
				t.Errorf("got %d, want %d", got, want)
			}
		})
	}
	if got := (drive.Result{}).Percentile(0.5); got != 0 {
		t.Errorf("of nothing: got %d, want 0", got)
	}
}
