package sqlite

import (
	"errors"
	"strings"

	"github.com/gatehouse-auth/gatehouse/store"
	"modernc.org/sqlite"
)

// Primary result codes, https://sqlite.org/rescode.html.
const (
	busy     = 5
	locked   = 6
	readOnly = 8
	ioError  = 10
	full     = 13
	cantOpen = 14
)

// Fault goes by the text of constraint errors, which is SQLite's own and so
// the same with every driver.
func (dialect) Fault(err error) store.Fault {
	text := err.Error()
	if _, columns, ok := strings.Cut(text, "UNIQUE constraint failed: "); ok {
		return unique(columns)
	}
	if strings.Contains(text, "FOREIGN KEY constraint failed") {
		return store.Fault{Kind: store.FaultReference}
	}
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case busy, locked, readOnly, ioError, full, cantOpen:
			return store.Fault{Kind: store.FaultUnavailable}
		}
	}
	if strings.Contains(text, "database is locked") {
		return store.Fault{Kind: store.FaultUnavailable}
	}
	return store.Fault{}
}

// unique reads "user.email" or "a.x, a.y", perhaps followed by " (2067)".
func unique(text string) store.Fault {
	text, _, _ = strings.Cut(text, " (")
	f := store.Fault{Kind: store.FaultUnique, Constraint: text}
	for _, part := range strings.Split(text, ", ") {
		table, column, ok := strings.Cut(part, ".")
		if !ok {
			return f // the name of an index over expressions
		}
		f.Table = table
		f.Columns = append(f.Columns, column)
	}
	return f
}
