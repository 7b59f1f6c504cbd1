package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/gatehouse-auth/gatehouse/store"
)

// dialect is what SQLite does in its own way.
type dialect struct {
	immediate bool // the pool begins transactions as BEGIN IMMEDIATE by itself
}

var _ store.Dialect = dialect{}

func (dialect) Kind() string { return "sqlite" }

func (dialect) Traits() store.Traits {
	return store.Traits{FoldCase: true, FoldLike: "LIKE", KeepPrepared: true, DynamicTypes: true}
}

func (dialect) Placeholder(int, string) string { return "?" }

// Begin takes the write lock at once: a transaction that reads first and
// writes later could not wait for it (SQLITE_BUSY_SNAPSHOT).
func (d dialect) Begin(ctx context.Context, writer *sql.DB) (*sql.Tx, error) {
	tx, err := writer.BeginTx(ctx, nil)
	if err != nil || d.immediate {
		return tx, err
	}
	for _, text := range []string{"COMMIT", "BEGIN IMMEDIATE"} {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			tx.Rollback()
			return nil, fmt.Errorf("%s: %w", text, err)
		}
	}
	return tx, nil
}

// LockSchema has nothing to do: Begin has the only write lock.
func (dialect) LockSchema(context.Context, *sql.Tx) error { return nil }

// Lock has nothing to do either.
func (dialect) Lock(context.Context, *sql.Tx, string) error { return nil }

// Index collates without letter case for prefixes, as LIKE compares
// (https://sqlite.org/optoverview.html §4).
func (dialect) Index(kind store.IndexKind, column, _ string, _ *store.Live) store.IndexDDL {
	switch kind {
	case store.Prefix:
		return store.IndexDDL{Method: "(" + column + " COLLATE NOCASE)"}
	case store.Substring:
		return store.IndexDDL{}
	}
	return store.IndexDDL{Method: "(" + column + ")"}
}

func (dialect) ColumnType(c store.ColumnSpec) string {
	switch {
	case c.Primary && c.ID == store.IDSerial:
		return "integer PRIMARY KEY AUTOINCREMENT" // a deleted user's id is not given again
	case c.Primary && c.ID == store.IDDatabase:
		return "text PRIMARY KEY DEFAULT (lower(hex(randomblob(16))))"
	case c.Primary:
		return "text PRIMARY KEY"
	case c.ID == store.IDSerial:
		return "integer"
	}
	switch c.Type {
	case store.Boolean:
		return "integer"
	case store.Date:
		return "date"
	case store.Number:
		if c.Float {
			return "real"
		}
		if c.BigInt {
			return "bigint"
		}
		return "integer"
	}
	return "text"
}

// classOf follows https://sqlite.org/datatype3.html §3.1, with the names that
// better-auth's adapters use before it.
func classOf(declared string) (class store.Class, length int) {
	t := strings.ToUpper(declared)
	switch {
	case strings.Contains(t, "INT"):
		return store.ClassInt64, 0
	case t == "DATE", t == "DATETIME", strings.HasPrefix(t, "TIMESTAMP"):
		return store.ClassTimeText, 0
	case strings.HasPrefix(t, "BOOL"):
		return store.ClassBool, 0
	case strings.Contains(t, "CHAR"), strings.Contains(t, "CLOB"), strings.Contains(t, "TEXT"):
		var n int
		if i := strings.IndexByte(t, '('); i >= 0 {
			_, _ = fmt.Sscanf(t[i:], "(%d)", &n) // no number, no limit
		}
		return store.ClassText, n
	case strings.HasPrefix(t, "JSON"):
		return store.ClassJSON, 0
	case t == "UUID":
		return store.ClassUUID, 0
	case strings.Contains(t, "REAL"), strings.Contains(t, "FLOA"), strings.Contains(t, "DOUB"):
		return store.ClassFloat, 0
	case t == "":
		return store.ClassText, 0
	case strings.HasPrefix(t, "NUMERIC"), strings.HasPrefix(t, "DECIMAL"):
		return store.ClassNumeric, 0
	}
	return store.ClassOther, 0
}
