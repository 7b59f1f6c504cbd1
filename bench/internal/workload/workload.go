// Package workload says what each benchmark sends: the requests of a session
// check, a sign-in and a sign-up, and how a load of them is measured together
// with the server's processor time and memory. Read this file first.
package workload

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/bench/internal/drive"
	"github.com/gatehouse-auth/gatehouse/bench/internal/fixture"
	"github.com/gatehouse-auth/gatehouse/bench/internal/process"
)

// The names of the loads.
const (
	GetSession = "get-session"
	SignIn     = "sign-in"
	SignUp     = "sign-up"
	Overload   = "overload"
)

// Names lists the loads in the order in which they are measured.
var Names = []string{GetSession, SignIn, SignUp, Overload}

// Job is one measurement of a server.
type Job struct {
	Name    string // one of Names
	Addr    string // host:port, loopback
	PID     int    // of the server
	Users   int    // how many the fixture has
	Conns   int    // connections
	For     time.Duration
	Patient bool // overload: wait as long as Retry-After says
}

// Measure is what a server did and what it cost.
type Measure struct {
	PerSecond    float64
	P50, P99     time.Duration
	CPU          time.Duration // of the server process, per answer 200
	OK           int
	Refused      int // 503 with Retry-After
	Wrong        int
	Status       map[int]int
	PeakRSSBytes int64
	Check        *drive.Result // overload: the session checks on the connection beside it
}

// Run carries out the job.
func Run(ctx context.Context, job Job) (Measure, error) {
	if !slices.Contains(Names, job.Name) {
		return Measure{}, fmt.Errorf("no load %q: %s", job.Name, strings.Join(Names, ", "))
	}
	before, err := process.CPU(job.PID)
	if err != nil {
		return Measure{}, err
	}
	result, check, err := send(ctx, job)
	if err != nil {
		return Measure{}, err
	}
	after, err := process.CPU(job.PID)
	if err != nil {
		return Measure{}, err
	}
	memory, err := process.RSS(job.PID)
	if err != nil {
		return Measure{}, err
	}
	m := Measure{
		PerSecond: result.PerSecond(), P50: result.Percentile(0.5), P99: result.Percentile(0.99),
		OK: result.OK(), Wrong: result.Wrong(), Status: result.Status,
		Refused:      result.Status[503] - result.Bare503,
		PeakRSSBytes: memory.PeakBytes, Check: check,
	}
	if done := m.OK + result.Late; done > 0 {
		m.CPU = (after - before) / time.Duration(done)
	}
	return m, nil
}

func send(ctx context.Context, job Job) (drive.Result, *drive.Result, error) {
	plan := drive.Plan{Addr: job.Addr, Conns: job.Conns, For: job.For, Patient: job.Patient}
	switch job.Name {
	case GetSession:
		plan.Request, plan.Want = sessionChecks(job.Users), aSession
	case SignIn, Overload:
		plan.Request = signIns(job.Users)
	case SignUp:
		plan.Request = signUps(time.Now())
	}
	if job.Name != Overload {
		plan.Drain = 10 * time.Second
		result, err := drive.Run(ctx, plan)
		return result, nil, err
	}
	return overload(ctx, job, plan)
}

// overload runs the plan and, on one more connection, a session check every
// five milliseconds.
func overload(ctx context.Context, job Job, plan drive.Plan) (drive.Result, *drive.Result, error) {
	var check drive.Result
	var checkErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		check, checkErr = drive.Run(ctx, drive.Plan{
			Addr: job.Addr, Conns: 1, For: job.For, Pause: 5 * time.Millisecond,
			Request: sessionChecks(job.Users), Want: aSession,
		})
	}()
	result, err := drive.Run(ctx, plan)
	<-done
	if err == nil {
		err = checkErr
	}
	return result, &check, err
}

// pick spreads the requests of all connections over n users, without a random
// source, so that every server gets the same ones.
func pick(conn, k, n int) int { return (conn*7919 + k*104729) % n }

// aSession is in every answer to a session check but that to a stranger, which
// is a 200 too.
const aSession = `"session":{`

func sessionChecks(users int) func(conn, n int) []byte {
	prepared := make([][]byte, users)
	for i := range prepared {
		prepared[i] = fmt.Appendf(nil, "GET %s/get-session HTTP/1.1\r\nHost: localhost\r\nCookie: %s\r\n\r\n",
			fixture.BasePath, fixture.Cookie(i))
	}
	return func(conn, n int) []byte { return prepared[pick(conn, n, users)] }
}

func signIns(users int) func(conn, n int) []byte {
	return func(conn, n int) []byte {
		return post("/sign-in/email", map[string]string{
			"email": fixture.Email(pick(conn, n, users)), "password": fixture.Password,
		})
	}
}

// signUps makes addresses that are new in every run, which began at start.
func signUps(start time.Time) func(conn, n int) []byte {
	run := start.UnixNano()
	return func(conn, n int) []byte {
		return post("/sign-up/email", map[string]string{
			"email": fmt.Sprintf("new-%x-%d-%d@example.test", run, conn, n), "password": fixture.Password, "name": "New User",
		})
	}
}

func post(path string, fields map[string]string) []byte {
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err) // strings always encode
	}
	return fmt.Appendf(nil, "POST %s%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		fixture.BasePath, path, len(body), body)
}
