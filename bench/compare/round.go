package main

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/bench/internal/fixture"
	"github.com/gatehouse-auth/gatehouse/bench/internal/process"
	"github.com/gatehouse-auth/gatehouse/bench/internal/workload"
)

// The figures of one contestant that belong to no load.
const (
	start    = "start"
	overConn = 500
)

// row names one line of the report.
type row struct{ store, load, name string }

// sample is one round's figures of one row.
type sample struct {
	workload.Measure
	ready        time.Duration // start: to the first answer 200
	idleRSSBytes int64         // start: a second after it
}

type table map[row][]sample

func (t table) add(c contestant, load string, s sample) {
	key := row{c.store, load, c.name}
	t[key] = append(t[key], s)
}

// measure starts the contestant, takes it through its loads and stops it.
func measure(ctx context.Context, s settings, c contestant, outbox string, samples table) error {
	server, err := process.Start(ctx, c.argv, []string{
		"CONFORMANCE_PROFILE=" + s.profile,
		"CONFORMANCE_SECRET=" + fixture.Secret,
		"CONFORMANCE_OUTBOX_URL=" + outbox,
		"CONFORMANCE_DATABASE_URL=" + c.database,
	}, fixture.BasePath+"/ok")
	if err != nil {
		return err
	}
	defer server.Stop()
	time.Sleep(time.Second)
	memory, err := process.RSS(server.PID())
	if err != nil {
		return err
	}
	samples.add(c, start, sample{ready: server.Ready, idleRSSBytes: memory.NowBytes})
	for _, load := range c.loads {
		if load == workload.Overload && s.overload <= 0 {
			continue
		}
		m, err := oneLoad(ctx, s, server, load)
		if err != nil {
			return err
		}
		samples.add(c, load, sample{Measure: m})
	}
	return nil
}

// oneLoad warms the server up for a fifth of the time and then measures.
func oneLoad(ctx context.Context, s settings, server *process.Server, load string) (workload.Measure, error) {
	job := workload.Job{Name: load, Addr: server.Addr, PID: server.PID(), Users: s.users, Conns: s.conns, For: s.seconds}
	if load == workload.Overload {
		job.Conns, job.For, job.Patient = overConn, s.overload, s.patient
		return workload.Run(ctx, job)
	}
	warm := job
	warm.For = s.seconds / 5
	if _, err := workload.Run(ctx, warm); err != nil {
		return workload.Measure{}, err
	}
	return workload.Run(ctx, job)
}
