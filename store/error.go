package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

var (
	// ErrNotFound: no row matches. It is never a nil record.
	ErrNotFound = errors.New("store: not found")
	// ErrConflict: another row has the value already; see [ConflictError].
	ErrConflict = errors.New("store: conflict")
	// ErrReference: a foreign key points at no row.
	ErrReference = errors.New("store: reference to a row that does not exist")
	// ErrOutdated: the database lacks something declared; see [OutdatedError].
	ErrOutdated = errors.New("store: database is outdated")
	// ErrUnavailable: the database was lost, is busy or refuses. It says
	// nothing about whether a row exists, and the caller may try again.
	ErrUnavailable = errors.New("store: database is unavailable")
	// ErrTooLong: a text is longer than its column; see [TooLongError].
	ErrTooLong = errors.New("store: text too long")
	// ErrInvalidText: a text no column can hold; see [InvalidTextError].
	ErrInvalidText = errors.New("store: invalid text")
	// ErrFailed: an earlier statement of this transaction failed, so it can
	// only be rolled back.
	ErrFailed = errors.New("store: transaction has failed")
)

// ConflictError is a violated unique constraint. Field is the declared name, or
// that of the constraint when several or unknown columns are concerned.
type ConflictError struct {
	Table, Field string
	cause        error
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("store: %s.%s is taken", e.Table, e.Field)
}
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }
func (e *ConflictError) Unwrap() error        { return e.cause }

// TooLongError is a text of more than Max characters (Unicode code points),
// found before the statement ran.
type TooLongError struct {
	Table, Field string
	Max          int
}

func (e *TooLongError) Error() string {
	return fmt.Sprintf("store: %s.%s holds at most %d characters", e.Table, e.Field, e.Max)
}
func (e *TooLongError) Is(target error) bool { return target == ErrTooLong }

// InvalidTextError is a text with a NUL or with bytes that are not UTF-8, which
// PostgreSQL cannot store, found before the statement ran.
type InvalidTextError struct{ Table, Field string }

func (e *InvalidTextError) Error() string {
	return fmt.Sprintf("store: %s.%s: NUL and invalid UTF-8 cannot be stored", e.Table, e.Field)
}
func (e *InvalidTextError) Is(target error) bool { return target == ErrInvalidText }

// OutdatedError says what the live database lacks. [DB.Apply] adds what
// Plan.Statements lists; Plan.Refused needs a human.
type OutdatedError struct{ Plan *Plan }

func (e *OutdatedError) Error() string {
	switch p := e.Plan; {
	case len(p.Refused) > 0:
		return fmt.Sprintf("store: the database does not fit: %s (%d such, %d statements to apply)",
			p.Refused[0], len(p.Refused), len(p.Statements))
	default:
		return fmt.Sprintf("store: the database is outdated: %d statements to apply, the first: %s",
			len(p.Statements), firstLine(p.Statements))
	}
}
func (e *OutdatedError) Is(target error) bool { return target == ErrOutdated }

// translate gives a driver's error its meaning; doing names the statement.
func (db *DB) translate(err error, t *table, doing string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("store: %s: %w", doing, err)
	}
	switch f := db.dialect.Fault(err); f.Kind {
	case FaultUnique:
		return db.conflict(f, t, err)
	case FaultReference:
		return fmt.Errorf("store: %s: %w: %w", doing, ErrReference, err)
	case FaultUnavailable:
		return fmt.Errorf("store: %s: %w: %w", doing, ErrUnavailable, err)
	}
	if lostConnection(err) {
		return fmt.Errorf("store: %s: %w: %w", doing, ErrUnavailable, err)
	}
	return fmt.Errorf("store: %s: %w", doing, err)
}

func lostConnection(err error) bool {
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, &network) ||
		strings.HasSuffix(err.Error(), "sql: database is closed") // database/sql does not export it
}

// conflict names the declared field behind a unique violation.
func (db *DB) conflict(f Fault, t *table, cause error) error {
	if named := db.tableByName(f.Table); named != nil {
		t = named
	}
	e := &ConflictError{Field: f.Constraint, cause: cause}
	if t == nil {
		e.Table = f.Table
		return e
	}
	e.Table = t.name
	columns := f.Columns
	if columns == nil && t.live != nil {
		columns = t.live.index(f.Constraint)
	}
	if len(columns) == 1 {
		if c := t.byPhysical(db.fold(columns[0])); c != nil {
			e.Field = c.name
		}
	}
	return e
}
