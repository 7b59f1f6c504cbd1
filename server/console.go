package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/config"
	"github.com/gatehouse-auth/gatehouse/plugins/console"
	"github.com/gatehouse-auth/gatehouse/server/mail"
	"github.com/gatehouse-auth/gatehouse/server/people"
	"github.com/gatehouse-auth/gatehouse/store"
)

// forConsole is what the console shows of this program. The functions are
// called once the house is open.
func (h *House) forConsole(configured *Options) console.Server {
	return console.Server{
		Version:    Version(),
		Migrations: h.ready.pending,
		Findings:   h.findings(configured),
		Settings:   h.settings,
		RenderMail: h.renderer(),
		Import:     h.importPeople,
		Export:     h.exportPeople,
		Data:       h.data,
	}
}

// Version is that of the program, as it was built.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "development"
	}
	return info.Main.Version
}

// pending lists the statements that the database lacks.
func (r *readiness) pending(ctx context.Context) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.probe == nil {
		if err := r.makeProbe(ctx); err != nil {
			return nil, err
		}
	}
	plan, err := r.probe.Plan(ctx)
	if err != nil {
		return nil, err
	}
	return append(plan.Statements, plan.Refused...), nil
}

// findingsAge is how long a look at the configuration holds.
const findingsAge = time.Minute

// findings looks at what was configured, as doctor does, but not at the
// database: health tells of that.
func (h *House) findings(configured *Options) func(context.Context) ([]console.Finding, error) {
	var mu sync.Mutex
	var last []console.Finding
	var at time.Time
	return func(context.Context) ([]console.Finding, error) {
		mu.Lock()
		defer mu.Unlock()
		if last != nil && time.Since(at) < findingsAge {
			return last, nil
		}
		found := []console.Finding{}
		for _, f := range diagnoseConfiguration(&Loaded{Options: configured, File: configured.From.File, Origins: configured.From.Origins}, h.Options.BaseURL) {
			finding := console.Finding{ID: f.Check, Status: string(f.Status), Message: f.Message}
			if f.Fix != "" {
				finding.Fix = &f.Fix
			}
			found = append(found, finding)
		}
		last, at = found, time.Now()
		return found, nil
	}
}

func (h *House) settings() (string, []console.Setting) {
	usual := map[string]any{}
	for _, d := range config.List(Defaults(), nil) {
		usual[d.Path] = d.Value
	}
	var all []console.Setting
	for _, s := range config.List(h.Options, h.Options.From.Origins) {
		setting := console.Setting{Path: s.Path, Value: s.Value, Source: s.Source, Secret: s.Secret}
		if !s.Secret {
			setting.Default = usual[s.Path]
		}
		all = append(all, setting)
	}
	return h.Options.From.File, all
}

// renderer reads the templates at the first mail that is shown.
func (h *House) renderer() func(kind, to string, data map[string]any) (subject, text, html string, err error) {
	read := sync.OnceValues(h.Options.Templates)
	return func(kind, to string, data map[string]any) (string, string, string, error) {
		templates, err := read()
		if err != nil {
			return "", "", "", err
		}
		return templates.Render(mail.Message{Kind: kind, To: to, Data: data})
	}
}

func (h *House) importPeople(ctx context.Context, job console.ImportJob) (console.ImportSummary, error) {
	source := people.JSONLines(h.House, job.File)
	if job.Format == "csv" {
		var err error
		if source, err = people.CSV(h.House, job.File); err != nil {
			return console.ImportSummary{}, console.ErrImportFile.Saying("The file cannot be read: %s", err)
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	summary, err := people.Import(ctx, h.House, source, people.ImportOptions{
		Name: job.Name, DryRun: job.DryRun, NewIDs: job.NewIDs,
		Report: func(o people.Outcome) error {
			return job.Report(console.ImportRow{Type: string(o.Status), Row: o.Row, Email: o.Email, Reason: o.Reason})
		},
		Progress: func(s people.Summary) {
			if err := job.Progress(console.ImportSummary(s)); err != nil {
				cancel(err)
			}
		},
	})
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	var unreadable *people.SourceError
	if errors.As(err, &unreadable) {
		err = console.ErrImportFile.Saying("The file cannot be read on: %s", unreadable)
	}
	return console.ImportSummary(summary), err
}

func (h *House) exportPeople(ctx context.Context, w io.Writer, format string, where []store.Condition, filters map[string]any) error {
	writer := people.NewJSONLines(w)
	if format == "csv" {
		writer = people.NewCSV(w)
	}
	_, err := people.Export(ctx, h.House, writer, people.ExportOptions{Where: where, Filters: filters})
	return err
}

func (h *House) data(ctx context.Context, user *gatehouse.User) ([]byte, error) {
	record, err := people.DataOf(ctx, h.App, user)
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(record, "", "  ")
}
