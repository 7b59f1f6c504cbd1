package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
)

// txKey finds the transaction of one DB in a context, currentKey that of the
// nearest Tx whatever its DB.
type (
	txKey      struct{ db *DB }
	currentKey struct{}
)

type txState struct {
	tx     *sql.Tx
	done   atomic.Bool // committed: the context means no transaction any more
	mu     sync.Mutex
	failed error // what went wrong first; only a rollback can follow
	after  []func()
}

func (s *txState) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = err
	}
}

func (s *txState) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// then adds to what runs after the commit.
func (s *txState) then(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = append(s.after, fn)
}

// Tx runs fn in a transaction, which the context given to fn carries: every
// query made with that context is part of it. A Tx inside a Tx joins it. Any
// failed statement, and any inner Tx whose fn fails, dooms the transaction:
// later statements answer ErrFailed, and it is rolled back even if fn returns
// nil. (ErrNotFound is an answer and no failure.) A panic rolls back.
//
// On SQLite there is one writer at a time, from the first line of fn, so keep
// it short; statements on another context would wait for it for ever.
func (db *DB) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	if outer := db.txOf(ctx); outer != nil {
		err := fn(ctx)
		if err != nil {
			outer.fail(err)
		}
		return err
	}
	tx, err := db.dialect.Begin(ctx, db.writer)
	if err != nil {
		return db.translate(err, nil, "begin")
	}
	state := &txState{tx: tx}
	if err := state.run(ctx, db, fn); err != nil {
		return err
	}
	for _, f := range state.after {
		f()
	}
	return nil
}

func (s *txState) run(ctx context.Context, db *DB, fn func(ctx context.Context) error) error {
	committed := false
	defer func() {
		if !committed {
			s.tx.Rollback() // the error that led here says more than this one
		}
	}()
	inner := context.WithValue(context.WithValue(ctx, currentKey{}, s), txKey{db}, s)
	if err := fn(inner); err != nil {
		return err
	}
	if err := s.failure(); err != nil {
		return fmt.Errorf("%w: %w", ErrFailed, err)
	}
	if err := s.tx.Commit(); err != nil {
		return db.translate(err, nil, "commit")
	}
	committed = true
	s.done.Store(true)
	return nil
}

// AfterCommit runs fn once the outermost transaction has committed, in the
// order of the calls, and not at all if it is rolled back; at once when ctx
// carries no transaction.
func AfterCommit(ctx context.Context, fn func()) {
	if s, ok := ctx.Value(currentKey{}).(*txState); ok && !s.done.Load() {
		s.then(fn)
		return
	}
	fn()
}

// Lock waits until no other transaction, in any process, holds the lock called
// name, and holds it until the transaction in ctx ends: for decisions about
// several rows that no guarded statement can make. Take it before rows are read.
func (db *DB) Lock(ctx context.Context, name string) error {
	state := db.txOf(ctx)
	if state == nil {
		return fmt.Errorf("store: lock %s: there is no transaction", name)
	}
	if err := state.failure(); err != nil {
		return fmt.Errorf("store: lock %s: %w: %w", name, ErrFailed, err)
	}
	if err := db.dialect.Lock(ctx, state.tx, name); err != nil {
		err = db.translate(err, nil, "lock "+name)
		state.fail(err)
		return err
	}
	return nil
}

func (db *DB) txOf(ctx context.Context) *txState {
	if s, ok := ctx.Value(txKey{db}).(*txState); ok && !s.done.Load() {
		return s
	}
	return nil
}
