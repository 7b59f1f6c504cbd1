package gatehouse

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ownJobs deliver mails and sweep what has expired. Each is safe on any
// number of nodes at once.
func (a *App) ownJobs() []Job {
	return []Job{
		{Name: "deliver mail", Every: 10 * time.Second, Wake: a.Outbox.arrived, Run: func(ctx context.Context) error {
			_, err := a.Outbox.Deliver(ctx)
			return err
		}},
		{Name: "sweep", Every: time.Hour, Run: a.sweep},
	}
}

func (a *App) sweep(ctx context.Context) error {
	now := a.Now()
	_, sessions := a.Sessions.sweepExpired.Run(ctx, now)
	_, verifications := a.Verifications.sweep.Run(ctx, now)
	_, mails := a.Outbox.sweep.Run(ctx, now.Add(-sentMailsKept), now.Add(-decoysKept))
	var limits error
	if d, ok := a.limiter.(*databaseLimiter); ok {
		_, limits = d.sweep.Run(ctx, now.Add(-24*time.Hour).UnixMilli())
	}
	return errors.Join(sessions, verifications, mails, limits)
}

func (a *App) startJobs() {
	ctx, stop := context.WithCancel(context.Background())
	a.stopJobs, a.jobsDone = stop, make(chan struct{})
	var running sync.WaitGroup
	for _, job := range append(a.ownJobs(), a.jobs...) {
		seen := &jobRecord{status: JobStatus{Name: job.Name, Every: job.Every}}
		a.jobRecords = append(a.jobRecords, seen)
		running.Go(func() { a.repeat(ctx, job, seen) })
	}
	go func() {
		running.Wait()
		close(a.jobsDone)
	}()
}

func (a *App) repeat(ctx context.Context, job Job, seen *jobRecord) {
	ticker := time.NewTicker(job.Every)
	defer ticker.Stop()
	for {
		begin := time.Now()
		seen.begin()
		err := a.runJob(ctx, job)
		if ctx.Err() != nil {
			return
		}
		seen.end(a.Now(), time.Since(begin), err)
		if err != nil && !errors.Is(err, errPanicked) {
			a.config.Log.ErrorContext(ctx, "job failed", "job", job.Name, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-job.Wake:
		}
	}
}

// runJob keeps a panic in one job from ending the process.
func (a *App) runJob(ctx context.Context, job Job) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			a.config.Log.ErrorContext(ctx, "job panicked", "job", job.Name, "fault", fault)
			err = errPanicked
		}
	}()
	return job.Run(ctx)
}

// errPanicked stands for a panic, which was logged.
var errPanicked = errors.New("panicked: see the log")

// JobStatus is how a background job of this process is doing.
type JobStatus struct {
	Name        string
	Every       time.Duration
	Runs        int64
	Running     bool
	LastRun     time.Time // its end; zero: it has not ended yet
	LastTook    time.Duration
	Failures    int64
	LastError   error // nil: it never failed
	LastErrorAt time.Time
}

// JobStatuses tells how each background job is doing, in the order in which
// plugins declared them; empty where none are run.
func (a *App) JobStatuses() []JobStatus {
	all := make([]JobStatus, len(a.jobRecords))
	for i, seen := range a.jobRecords {
		seen.mu.Lock()
		all[i] = seen.status
		seen.mu.Unlock()
	}
	return all
}

// jobRecord is a status that its job writes.
type jobRecord struct {
	mu     sync.Mutex
	status JobStatus
}

func (r *jobRecord) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status.Running = true
}

func (r *jobRecord) end(now time.Time, took time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &r.status
	s.Running, s.LastRun, s.LastTook = false, now, took
	s.Runs++
	if err != nil {
		s.Failures++
		s.LastError, s.LastErrorAt = err, now
	}
}
