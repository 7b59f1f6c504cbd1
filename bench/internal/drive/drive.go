// Package drive sends a bounded load to a server on this machine and counts
// what comes back. It knows HTTP and no protocol above it, and it refuses any
// address that is not a loopback one. Read this file first.
package drive

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Plan is one load: Conns keep-alive connections, each sending its next request
// when the answer to the last has come, for the time of For.
type Plan struct {
	// Addr is host:port on the loopback interface.
	Addr string
	// Conns is the number of connections, 1 to 2000.
	Conns int
	// For is how long new requests are sent, at most five minutes.
	For time.Duration
	// Pause is the time between an answer and the next request. Default none.
	Pause time.Duration
	// Drain is how long the last answers are waited for, so that the next load
	// finds an idle server; they count as late. Default not at all, at most a
	// minute.
	Drain time.Duration
	// Patient connections wait as long as a 503's Retry-After says.
	Patient bool
	// Want is what every body of an answer 200 must contain; one that does not
	// counts as failed. Default anything.
	Want string
	// Request returns the bytes of request n of connection conn.
	Request func(conn, n int) []byte
}

// Result is what a load brought back. Answers that came when the time was over
// are counted in Late alone.
type Result struct {
	Elapsed   time.Duration
	Late      int             // answers 200 while draining
	Status    map[int]int     // answers by status code
	Failed    int             // connections refused or cut, and wrong bodies
	Bare503   int             // answers 503 that do not say when to retry
	Latencies []time.Duration // of the answers with status 200, ascending
}

// Run sends the load and waits for its end.
func Run(ctx context.Context, p Plan) (Result, error) {
	if err := p.check(); err != nil {
		return Result{}, err
	}
	timed, cancel := context.WithTimeout(ctx, p.For)
	defer cancel()
	parts := make([]Result, p.Conns)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() { parts[i] = p.loop(timed, i) })
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return Result{}, fmt.Errorf("load interrupted: %w", err)
	}
	total := Result{Elapsed: p.For, Status: map[int]int{}}
	for _, part := range parts {
		total.add(part)
	}
	slices.Sort(total.Latencies)
	return total, nil
}

func (p Plan) check() error {
	host, _, err := net.SplitHostPort(p.Addr)
	if err != nil {
		return fmt.Errorf("load address: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("load address %s is not a loopback address", p.Addr)
	}
	if p.Conns < 1 || p.Conns > 2000 {
		return fmt.Errorf("%d connections: 1 to 2000 are allowed", p.Conns)
	}
	if p.For <= 0 || p.For > 5*time.Minute || p.Drain < 0 || p.Drain > time.Minute {
		return fmt.Errorf("a load of %v and %v: at most 5m and 1m are allowed", p.For, p.Drain)
	}
	return nil
}

// loop is one connection's share of the load.
func (p Plan) loop(ctx context.Context, conn int) Result {
	r := Result{Status: map[int]int{}}
	c := client{addr: p.Addr, drain: p.Drain, want: []byte(p.Want)}
	defer c.close()
	for n := 0; ctx.Err() == nil; n++ {
		sent := time.Now()
		answer, err := c.do(ctx, p.Request(conn, n))
		if ctx.Err() != nil || timedOut(err) { // the time was over before the answer came
			if err == nil && answer.status == http.StatusOK {
				r.Late++
			}
			break
		}
		wait := p.Pause
		switch {
		case err != nil:
			r.Failed++
			wait = max(wait, 10*time.Millisecond)
		case answer.status == http.StatusServiceUnavailable && answer.retryAfter <= 0:
			r.Bare503++
		case answer.status == http.StatusServiceUnavailable && p.Patient:
			wait = max(wait, answer.retryAfter)
		}
		if err == nil {
			r.Status[answer.status]++
		}
		if answer.status == http.StatusOK {
			r.Latencies = append(r.Latencies, time.Since(sent))
		}
		sleep(ctx, wait)
	}
	return r
}

func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (r *Result) add(part Result) {
	for status, n := range part.Status {
		r.Status[status] += n
	}
	r.Late += part.Late
	r.Failed += part.Failed
	r.Bare503 += part.Bare503
	r.Latencies = append(r.Latencies, part.Latencies...)
}

// OK is the number of answers with status 200.
func (r Result) OK() int { return r.Status[http.StatusOK] }

// PerSecond is the rate of answers with status 200.
func (r Result) PerSecond() float64 { return float64(r.OK()) / r.Elapsed.Seconds() }

// Percentile is the latency that the share q (0 to 1) of the answers with
// status 200 kept within; 0 when there were none.
func (r Result) Percentile(q float64) time.Duration {
	if len(r.Latencies) == 0 {
		return 0
	}
	return r.Latencies[int(q*float64(len(r.Latencies)-1))]
}

// Wrong is the number of requests that ended neither with 200 nor with a 503
// that says when to retry.
func (r Result) Wrong() int {
	wrong := r.Failed + r.Bare503
	for status, n := range r.Status {
		if status != http.StatusOK && status != http.StatusServiceUnavailable {
			wrong += n
		}
	}
	return wrong
}
