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
		running.Go(func() { a.repeat(ctx, job) })
	}
	go func() {
		running.Wait()
		close(a.jobsDone)
	}()
}

func (a *App) repeat(ctx context.Context, job Job) {
	ticker := time.NewTicker(job.Every)
	defer ticker.Stop()
	for {
		if err := a.runJob(ctx, job); err != nil && ctx.Err() == nil {
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
		}
	}()
	return job.Run(ctx)
}
