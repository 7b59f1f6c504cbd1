package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// usable reports why the statement cannot run.
func (s *statement) usable(state *txState) error {
	switch {
	case s.err != nil:
		return s.err
	case !s.ready:
		return fmt.Errorf("store: %s: the database is not loaded: %w", s, ErrOutdated)
	case state != nil && state.failure() != nil:
		return fmt.Errorf("store: %s: %w: %w", s, ErrFailed, state.failure())
	}
	return nil
}

// errNoMatch: a value to compare with that no row can have.
var errNoMatch = errors.New("matches nothing")

// bind turns the caller's arguments into the driver's.
func (s *statement) bind(args []any, first int) ([]any, error) {
	params := s.params[first:]
	if len(args) != len(params) {
		return nil, fmt.Errorf("store: %s: got %d arguments for %d parameters", s, len(args), len(params))
	}
	if len(args) == 0 {
		return nil, nil
	}
	values := make([]any, len(args))
	for i, p := range params {
		value, err := s.db.encode(p, args[i])
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}

// query runs the statement; values are the driver's. The caller closes rows.
func (s *statement) query(ctx context.Context, state *txState, values []any) (*sql.Rows, error) {
	if s.db.options.Observe != nil {
		s.db.options.Observe(s.text)
	}
	var rows *sql.Rows
	var err error
	stmt := s.prepared(ctx, state)
	if s.byValue && s.db.traits.PlanByValue != nil && stmt == nil {
		values = append([]any{s.db.traits.PlanByValue}, values...)
	}
	switch {
	case state != nil && stmt != nil:
		rows, err = state.tx.StmtContext(ctx, stmt).QueryContext(ctx, values...)
	case state != nil:
		rows, err = state.tx.QueryContext(ctx, s.text, values...)
	case stmt != nil:
		rows, err = stmt.QueryContext(ctx, values...)
	case s.reads():
		rows, err = s.db.reader.QueryContext(ctx, s.text, values...)
	default:
		rows, err = s.db.writer.QueryContext(ctx, s.text, values...)
	}
	if err != nil {
		return nil, s.failed(state, err)
	}
	return rows, nil
}

// prepared finds the kept form for where the statement is to run, or nil. One
// that was made after Load is kept from its first use on; inside a transaction
// only when that is over, because the writer's connection is taken.
func (s *statement) prepared(ctx context.Context, state *txState) *sql.Stmt {
	if !s.db.traits.KeepPrepared {
		return nil
	}
	if s.writer.Load() == nil {
		if state != nil {
			state.then(func() {
				if s.writer.Load() == nil {
					_ = s.keep(context.WithoutCancel(ctx)) // if it fails, so will the next use
				}
			})
			return nil
		}
		if s.keep(ctx) != nil {
			return nil // running the text gives the error its place
		}
	}
	if state == nil && s.reads() {
		if stmt := s.reader.Load(); stmt != nil {
			return stmt
		}
	}
	return s.writer.Load()
}

// failed gives an error its meaning and dooms the transaction.
func (s *statement) failed(state *txState, err error) error {
	err = s.db.translate(err, s.table, s.String())
	if state != nil && !errors.Is(err, ErrNotFound) {
		state.fail(err)
	}
	return err
}

// exec runs a statement without rows and counts those it changed.
func (s *statement) exec(ctx context.Context, args []any) (int64, error) {
	state := s.db.txOf(ctx)
	if err := s.usable(state); err != nil {
		return 0, err
	}
	values, err := s.bind(args, 0)
	if err != nil {
		return 0, unless(err, errNoMatch)
	}
	return s.execBound(ctx, state, values)
}

func (s *statement) execBound(ctx context.Context, state *txState, values []any) (int64, error) {
	if s.db.options.Observe != nil {
		s.db.options.Observe(s.text)
	}
	var result sql.Result
	var err error
	stmt := s.prepared(ctx, state)
	switch {
	case state != nil && stmt != nil:
		result, err = state.tx.StmtContext(ctx, stmt).ExecContext(ctx, values...)
	case state != nil:
		result, err = state.tx.ExecContext(ctx, s.text, values...)
	case stmt != nil:
		result, err = stmt.ExecContext(ctx, values...)
	default:
		result, err = s.db.writer.ExecContext(ctx, s.text, values...)
	}
	if err != nil {
		return 0, s.failed(state, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, s.failed(state, err)
	}
	return n, nil
}

// each runs a statement and calls read on every row; read scans.
func (s *statement) each(ctx context.Context, args []any, read func(*sql.Rows) (more bool, err error)) error {
	state := s.db.txOf(ctx)
	if err := s.usable(state); err != nil {
		return err
	}
	values, err := s.bind(args, 0)
	if err != nil {
		return unless(err, errNoMatch)
	}
	return s.eachBound(ctx, state, values, read)
}

// eachBound reads on to the end after a change even if read has enough: only
// then has the database said that the change is done.
func (s *statement) eachBound(ctx context.Context, state *txState, values []any, read func(*sql.Rows) (bool, error)) error {
	rows, err := s.query(ctx, state, values)
	if err != nil {
		return err
	}
	defer rows.Close()
	more := true
	for rows.Next() {
		if !more {
			continue
		}
		if more, err = read(rows); err != nil {
			return fmt.Errorf("store: %s: %w", s, err)
		}
		if !more && s.reads() {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return s.failed(state, err)
	}
	return nil
}

func (s *statement) count(ctx context.Context, args []any) (n int64, err error) {
	err = s.each(ctx, args, func(rows *sql.Rows) (bool, error) { return false, rows.Scan(&n) })
	return n, err
}

func unless(err, exception error) error {
	if errors.Is(err, exception) {
		return nil
	}
	return err
}
