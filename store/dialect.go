package store

import (
	"context"
	"database/sql"
	"slices"
)

// Dialect is all in which databases differ: the seam to store/sqlite and
// store/postgres. It is called concurrently. If it is an io.Closer, [DB.Close]
// closes it.
type Dialect interface {
	Kind() string
	Traits() Traits
	// Placeholder writes the n-th parameter, counted from 1. Cast is the type
	// of the column it meets, "" where there is none.
	Placeholder(n int, cast string) string
	// ColumnType is the DDL for a new column's type, identity included.
	ColumnType(c ColumnSpec) string
	// Begin starts a transaction that may write.
	Begin(ctx context.Context, writer *sql.DB) (*sql.Tx, error)
	// LockSchema makes other callers wait until tx ends.
	LockSchema(ctx context.Context, tx *sql.Tx) error
	// Lock makes other callers with the same name wait until tx ends.
	Lock(ctx context.Context, tx *sql.Tx, name string) error
	// Index is how to make an index of a kind on a quoted column. Cast is the
	// live column's, "" if that is to be made.
	Index(kind IndexKind, column, cast string, live *Live) IndexDDL
	// Inspect reads those of the named tables that exist.
	Inspect(ctx context.Context, q Querier, tables []string) (*Live, error)
	// Fault says what a driver's error means.
	Fault(err error) Fault
}

// Traits are the constant differences.
type Traits struct {
	FoldCase     bool // names match in any letter case
	KeepPrepared bool // text is parsed each time unless kept as *sql.Stmt
	StrictText   bool // NUL and invalid UTF-8 cannot be stored
	AddUnique    bool // ADD COLUMN may say UNIQUE
	DynamicTypes bool // a column holds values of any type
	// PlanByValue goes before the arguments of a statement whose best plan
	// depends on them; nil: none.
	PlanByValue any
	// Explain goes before a SELECT to get its plan as JSON with a member "Plan
	// Rows"; "" where the database does not guess.
	Explain string
	// FoldLike is LIKE in any letter case.
	FoldLike string
}

// Querier is a pool, a connection or a transaction.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// ColumnSpec is a column to be made.
type ColumnSpec struct {
	Field
	Float   bool   // a Number with a fraction
	ID      IDKind // for the primary key and for columns that refer to one
	Primary bool
	Limited bool // MaxLen counts
}

// FaultKind is what went wrong.
type FaultKind int

const (
	FaultOther FaultKind = iota
	FaultUnique
	FaultReference
	FaultUnavailable
)

// Fault is the meaning of a driver's error. Table, Constraint and Columns are
// names in the database, as far as the driver says.
type Fault struct {
	Kind       FaultKind
	Table      string
	Constraint string
	Columns    []string
}

// Live is what the database has.
type Live struct {
	Schema   string                // where new tables go; "" when there are no schemas
	Tables   map[string]*LiveTable // by name, in lower case with Traits.FoldCase
	Trigrams Trigrams              // of PostgreSQL
}

// Trigrams says how far the extension is there that indexes substrings.
type Trigrams struct {
	Schema    string // where it is installed; "" if it is not
	Creatable bool   // it could be installed by us
}

// LiveTable is a table as it is.
type LiveTable struct {
	Schema, Name string
	Columns      []LiveColumn
	Indexes      []LiveIndex
}

// LiveColumn is a column as it is.
type LiveColumn struct {
	Name       string
	Type       string // as DDL, with its length
	Cast       string // as a cast, without its length; "" where casts are not needed
	Class      Class
	MaxLen     int // characters; 0: no limit
	NotNull    bool
	HasDefault bool // a default, an identity or a generated value
	Always     bool // the database gives the value and takes none
}

// LiveIndex is an index over whole columns and all rows.
type LiveIndex struct {
	Name    string
	Unique  bool
	Kind    IndexKind
	Columns []string
}

// Class is how a column keeps values, as far as codecs care.
type Class int

const (
	ClassOther       Class = iota // nothing we can use
	ClassText                     // text, varchar, enum; also times as ISO 8601 text
	ClassUUID                     //
	ClassInt16                    //
	ClassInt32                    //
	ClassInt64                    // also times in milliseconds since 1970
	ClassFloat                    //
	ClassNumeric                  // exact decimal
	ClassBool                     //
	ClassTimestamp                // without zone, holding UTC
	ClassTimestampTZ              //
	ClassTimeText                 // a SQLite date column: ISO 8601 text, perhaps milliseconds
	ClassJSON                     // json, jsonb
)

func (t *LiveTable) index(name string) []string {
	for _, i := range t.Indexes {
		if i.Name == name {
			return i.Columns
		}
	}
	return nil
}

func (t *LiveTable) indexed(column string, unique bool) bool {
	return slices.ContainsFunc(t.Indexes, func(i LiveIndex) bool {
		if unique {
			return i.Unique && len(i.Columns) == 1 && i.Columns[0] == column
		}
		return i.Kind == Ordered && len(i.Columns) > 0 && i.Columns[0] == column
	})
}
