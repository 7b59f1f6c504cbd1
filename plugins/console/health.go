package console

import (
	"context"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
)

var healthOp = gatehouse.Op{
	ID: "consoleHealth", Method: http.MethodGet, Path: "/console/health",
	Doc:    "Tells how this process and its database are doing.",
	Access: gatehouse.Can("system", "read"), OwnerOnly: true,
}

var settingsOp = gatehouse.Op{
	ID: "consoleSettings", Method: http.MethodGet, Path: "/console/settings",
	Doc:    "Lists every option in force and where it comes from. Secrets are not told.",
	Access: gatehouse.Can("system", "read"), OwnerOnly: true,
}

// Health is how a process is doing.
type Health struct {
	At         time.Time   `json:"at"`
	Status     string      `json:"status"` // "ok" or "degraded"
	Version    *string     `json:"version"`
	StartedAt  time.Time   `json:"startedAt"`
	Store      StoreHealth `json:"store"`
	Hashing    *Hashing    `json:"hashing"`
	Jobs       []JobHealth `json:"jobs"`
	Mail       *MailCounts `json:"mail"`
	Migrations *Migrations `json:"migrations"`
}

// StoreHealth is how the database answers.
type StoreHealth struct {
	Kind      string   `json:"kind"`
	LatencyMs *float64 `json:"latencyMs"`
	Error     *string  `json:"error"`
	Notes     []string `json:"notes"`
}

// JobHealth is how a background job is doing.
type JobHealth struct {
	Name        string     `json:"name"`
	Every       float64    `json:"every"` // seconds
	Runs        int64      `json:"runs"`
	Running     bool       `json:"running"`
	LastRun     *time.Time `json:"lastRun"`
	LastTookMs  *float64   `json:"lastTookMs"`
	Failures    int64      `json:"failures"`
	LastError   *string    `json:"lastError"`
	LastErrorAt *time.Time `json:"lastErrorAt"`
}

// Migrations are the statements that the database lacks.
type Migrations struct {
	Pending []string `json:"pending"`
}

// pingTimeout bounds one look at the database.
const pingTimeout = 2 * time.Second

func (k *Console) health(c *gatehouse.Call, _ struct{}) (Health, error) { return k.Health(c), nil }

// Health looks at this process and the database. What does not answer is in it.
func (k *Console) Health(ctx context.Context) Health {
	now := k.app.Now()
	h := Health{At: now, Status: "ok", StartedAt: k.started, Store: k.storeHealth(ctx), Jobs: []JobHealth{}}
	if v := k.sources.Server.Version; v != "" {
		h.Version = &v
	}
	if k.sources.Hashing != nil {
		pool := k.sources.Hashing()
		h.Hashing = &pool
	}
	for _, job := range k.app.JobStatuses() {
		shown := showJob(job)
		if shown.LastErrorAt != nil && shown.LastErrorAt.Equal(job.LastRun) {
			h.Status = "degraded"
		}
		h.Jobs = append(h.Jobs, shown)
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if counts, err := k.mailCounts(ctx); err == nil {
		h.Mail = &counts
	}
	if ask := k.sources.Server.Migrations; ask != nil {
		if pending, err := ask(ctx); err == nil {
			h.Migrations = &Migrations{Pending: append([]string{}, pending...)}
		}
	}
	if h.Store.Error != nil || h.Mail == nil {
		h.Status = "degraded"
	}
	return h
}

func (k *Console) storeHealth(ctx context.Context) StoreHealth {
	s := StoreHealth{Kind: k.app.DB.Kind(), Notes: append([]string{}, k.app.DB.Notes()...)}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	begin := time.Now()
	if err := k.app.DB.Ping(ctx); err != nil {
		k.app.Config().Log.WarnContext(ctx, "database does not answer", "err", err)
		text := "the database does not answer: the server's log says why"
		s.Error = &text
		return s
	}
	took := milliseconds(time.Since(begin))
	s.LatencyMs = &took
	return s
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func showJob(job gatehouse.JobStatus) JobHealth {
	shown := JobHealth{Name: job.Name, Every: job.Every.Seconds(), Runs: job.Runs, Running: job.Running, Failures: job.Failures}
	if !job.LastRun.IsZero() {
		took := milliseconds(job.LastTook)
		shown.LastRun, shown.LastTookMs = &job.LastRun, &took
	}
	if job.LastError != nil {
		text := job.LastError.Error()
		text = text[:min(len(text), 500)]
		shown.LastError, shown.LastErrorAt = &text, &job.LastErrorAt
	}
	return shown
}

// Settings are the options in force.
type Settings struct {
	File     *string   `json:"file"`
	Settings []Setting `json:"settings"`
}

func (k *Console) settings(c *gatehouse.Call, _ struct{}) (Settings, error) {
	return k.Settings(), k.record(c, gatehouse.Event{Action: "settings.read", TargetType: "settings"})
}

// Settings lists the options in force; none where the library is embedded
// without the server.
func (k *Console) Settings() Settings {
	list := Settings{Settings: []Setting{}}
	if k.sources.Server.Settings == nil {
		return list
	}
	file, all := k.sources.Server.Settings()
	if file != "" {
		list.File = &file
	}
	list.Settings = append(list.Settings, all...)
	return list
}
