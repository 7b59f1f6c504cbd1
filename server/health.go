package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	// readyTimeout bounds one look at the database.
	readyTimeout = 2 * time.Second
	// schemaAge is how long a look at the schema holds; the database itself is
	// asked every time.
	schemaAge = 10 * time.Second
)

// serveHealth says that the process answers; it asks nobody.
func serveHealth(w http.ResponseWriter, _ *http.Request) { answerText(w, http.StatusOK, "ok\n") }

// serveReady says whether requests should be sent here: the database answers
// and holds what this version needs, and the server is not about to stop.
func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		answerText(w, http.StatusServiceUnavailable, "stopping\n")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	switch err := s.House.ready.check(ctx); {
	case err == nil:
		answerText(w, http.StatusOK, "ready\n")
	case errors.Is(err, store.ErrOutdated):
		s.log.WarnContext(r.Context(), "not ready", "err", err)
		answerText(w, http.StatusServiceUnavailable, "the database is not up to date: run `gatehouse migrate apply`\n")
	default:
		s.log.WarnContext(r.Context(), "not ready", "err", err)
		answerText(w, http.StatusServiceUnavailable, "the database does not answer\n")
	}
}

// answerText is a plain answer that nobody keeps; the cause stays in the log.
func answerText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the client is gone: nobody to tell
}

// readiness looks at the schema with an App of its own, for the serving one
// must not compare while it is queried.
type readiness struct {
	house *House

	mu      sync.Mutex
	probe   *store.DB // made at the first question
	checked time.Time
	last    error
}

func (r *readiness) check(ctx context.Context) error {
	if err := r.house.DB.Ping(ctx); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.checked.IsZero() && time.Since(r.checked) < schemaAge && r.last == nil {
		return nil
	}
	if r.probe == nil {
		if err := r.makeProbe(ctx); err != nil {
			return err
		}
	}
	r.last, r.checked = r.probe.Load(ctx), time.Now()
	return r.last
}

func (r *readiness) makeProbe(ctx context.Context) error {
	o := r.house.Options.Options
	o.DB = r.house.DB.Sibling(r.house.names())
	o.Migrate, o.Mailer, o.Log = gatehouse.MigrateSkip, nil, slog.New(slog.DiscardHandler)
	probe, err := standard.New(ctx, o)
	if err != nil {
		return err
	}
	r.probe = probe.DB
	return probe.Close() // its tables are all we want
}

func (r *readiness) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	// The connections belong to the house: its Close ends the probe's
	// statements with them.
	r.probe = nil
	return nil
}
