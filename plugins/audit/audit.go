// Package audit keeps the record of security events: who did what to whom,
// from where, and how it ended. An entry commits with its change; entries are
// chained, so that changing, deleting or reordering them is found. It refuses
// to know what the events mean. docs/decisions/0009-audit-chain.md says how
// the chain works. Read entry.go, record.go, then sequence.go.
package audit

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Options configures the audit log.
type Options struct {
	// Routes adds the operations by which admins read and verify the log. They
	// need a plugin that answers for the permission audit:read.
	Routes bool
	// Activity adds the operation by which people read what they did and what
	// happened to their account.
	Activity bool
	// Retention is how long entries are kept. Default 0: for ever; otherwise
	// at least 1 day.
	Retention time.Duration
	// Interval is how often committed entries are numbered. Default 1 second,
	// at most 1 minute: for so long nothing but its writer misses an entry.
	Interval time.Duration
	// CheckpointEntries is how many entries there are between signed
	// checkpoints. Default 1000.
	CheckpointEntries int
	// CheckpointInterval is how long a checkpoint may be due while there are
	// entries. Default 1 hour.
	CheckpointInterval time.Duration
	// Forward hands entries to another system. Default: none.
	Forward ForwardOptions
}

// The permission that the operations need.
const (
	Resource   = "audit"
	ActionRead = "read"
)

// Log is the feature; New makes one. Safe for concurrent use.
type Log struct {
	options Options
	app     *gatehouse.App
	keys    keyring
	ids     ids

	entries   *store.Table[Entry]
	states    *store.Table[state]
	pending   *store.Query[Entry]
	after     *store.Query[Entry]
	last      *store.Query[Entry]
	bySeq     *store.Query[Entry]
	notBefore *store.Query[Entry]
	unordered *store.Scalar
	between   *store.Scalar
	number    *store.Exec
	prefix    *store.Exec
	lock      *store.Query[state]
	state     *store.Query[state]
	setState  *store.Exec

	forward *forwarder

	witness    witness
	sequencing sync.Mutex
	numbered   signal
	reads      reads
}

var (
	_ gatehouse.Plugin  = (*Log)(nil)
	_ gatehouse.Auditor = (*Log)(nil)
)

// New returns the plugin.
func New(o Options) *Log {
	setDefault(&o.Interval, time.Second)
	setDefault(&o.CheckpointEntries, 1000)
	setDefault(&o.CheckpointInterval, time.Hour)
	return &Log{options: o, witness: witness{written: map[string]written{}}}
}

func setDefault[T comparable](at *T, value T) {
	var zero T
	if *at == zero {
		*at = value
	}
}

// check is asked by Plug, before anything is declared.
func (o *Options) check() error {
	switch {
	case o.Retention != 0 && o.Retention < 24*time.Hour:
		return errors.New("retention: at least 1 day, or 0 to keep entries for ever")
	case o.Interval < 0 || o.Interval > time.Minute:
		return errors.New("interval: at most 1 minute")
	case o.CheckpointEntries < 1 || o.CheckpointInterval < time.Second:
		return errors.New("checkpointEntries and checkpointInterval: at least 1, and 1 second")
	}
	return nil
}

// Plug declares the feature.
func (l *Log) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	if err := l.options.check(); err != nil {
		return gatehouse.Parts{}, err
	}
	l.app, l.keys = app, newKeyring(app.Config())
	l.ids.random = app.Rand
	l.declare()
	parts := gatehouse.Parts{
		ID:      "audit",
		Auditor: l,
		Jobs:    []gatehouse.Job{{Name: "number audit entries", Every: l.options.Interval, Run: l.sequenceJob}},
		Close:   l.close,
	}
	if l.options.Retention != 0 {
		parts.Jobs = append(parts.Jobs, gatehouse.Job{Name: "prune the audit log", Every: time.Hour, Run: l.retain})
	}
	if l.options.Forward.URL != "" {
		var err error
		if l.forward, err = newForwarder(l); err != nil {
			return gatehouse.Parts{}, err
		}
		parts.Jobs = append(parts.Jobs, l.forward.job())
	}
	if l.options.Routes {
		parts.Routes = l.routes()
	}
	if l.options.Activity {
		parts.Routes = append(parts.Routes, gatehouse.Endpoint(activityOp, l.activity))
	}
	return parts, nil
}

func (l *Log) declare() {
	l.entries = store.Define[Entry](l.app.DB, "auditEntry")
	for _, field := range []string{"actor", "target", "action"} {
		l.entries.Index(field, "time")
	}
	l.pending = l.entries.Select("{seq} IS NULL ORDER BY {time}, {id} LIMIT ?")
	l.after = l.entries.Select("{seq} > ? ORDER BY {seq} LIMIT ?")
	l.last = l.entries.Select("{seq} IS NOT NULL ORDER BY {seq} DESC LIMIT 1")
	l.bySeq = l.entries.Select("{seq} = ?")
	l.notBefore = l.entries.Select("{seq} > ? AND {time} >= ? ORDER BY {seq} LIMIT 1")
	l.unordered = l.entries.Count("{seq} IS NULL")
	l.between = l.entries.Count("{seq} > ? AND {seq} <= ?")
	l.number = l.entries.Update("{seq} = ?, {chain} = ?, {mac} = ?", "{id} = ? AND {seq} IS NULL")
	l.prefix = l.entries.Delete("{seq} <= ?")

	l.states = store.Define[state](l.app.DB, "auditState")
	l.lock = l.states.UpdateReturning("{marked} = {marked}", "{name} = ?")
	l.state = l.states.Select("{name} = ?")
	l.setState = l.states.Update("{seq} = ?, {chain} = ?, {time} = ?, {marked} = ?, {markedAt} = ?, {mac} = ?", "{name} = ?")
}

// closeWait bounds how long Close numbers what is left.
const closeWait = 5 * time.Second

// close numbers what this process wrote, so that nothing of it is left without
// a neighbour when its writer is gone.
func (l *Log) close() error {
	if l.witness.len() == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	_, err := l.Sequence(ctx)
	if errors.Is(err, store.ErrUnavailable) {
		return nil // they wait for the next process that reaches the database
	}
	if ctx.Err() != nil { // an import makes more of them than fit into closeWait
		l.app.Config().Log.Warn("audit entries wait for their number", "entries", l.witness.len())
		return nil
	}
	return err
}

// signal wakes any number of waiters.
type signal struct {
	mu sync.Mutex
	ch chan struct{}
}

// wait is closed at the next raise.
func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}

func (s *signal) raise() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}
