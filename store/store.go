// Package store keeps typed records in SQL tables whose names are decided at
// run time.
//
// A table is a struct ([Define]); a column on somebody else's table is a typed
// key ([Extend]); a statement is SQL in which {field} stands for a column. All
// names are resolved and all statements prepared by [DB.Load], so that a typo
// stops the start. The columns of the live database decide how values are
// written and read, so that a database made by better-auth with any of its
// adapters is used as it is.
//
// The package imports no driver and knows no users: store/sqlite and
// store/postgres open a [DB]. It never changes or drops what exists: see
// [DB.Plan]. Read define.go first, then query.go.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"sync"
)

// IDKind is how a new row gets its id.
type IDKind int

const (
	IDText     IDKind = iota // 32 of a-zA-Z0-9 (protocol §3); a random UUID when the live column is uuid
	IDUUID                   // UUID version 4, RFC 9562 §5.4
	IDSerial                 // identity column of the database
	IDDatabase               // whatever default the database has
)

// Options configures a [DB]. The zero value is what better-auth does by default.
type Options struct {
	Naming Naming
	// IDs is how new rows get their id. Default IDText, with Naming.Style
	// SnakePlural IDUUID.
	IDs IDKind
	// Rand is the source of ids. Default crypto/rand.
	Rand io.Reader
	// Observe is called with the text of each statement before it runs, from
	// the goroutine that runs it. Reading the schema, begin and commit are left out.
	Observe func(sql string)
}

// DB is a database with the tables declared on it. Declare, then Load, then
// query: queries may run concurrently, declaring and loading may not.
type DB struct {
	dialect Dialect
	traits  Traits
	reader  *sql.DB
	writer  *sql.DB
	options Options

	mu         sync.Mutex // guards what follows while declaring
	tables     map[string]*table
	order      []*table
	statements []*statement
	errs       []error
	notes      []string
	loaded     bool
	live       *Live
}

// Open makes a DB over the embedder's own pools. On a database without
// concurrent writers reader and writer may be the same pool. Most callers use
// the Open or Wrap of store/sqlite or store/postgres.
func Open(d Dialect, reader, writer *sql.DB, o Options) *DB {
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Naming.Style == SnakePlural && o.IDs == IDText {
		o.IDs = IDUUID
	}
	return &DB{
		dialect: d, traits: d.Traits(), reader: reader, writer: writer, options: o,
		tables: map[string]*table{},
	}
}

// Sibling is another DB over the same connections, with nothing declared and
// options of its own. Closing the first closes both.
func (db *DB) Sibling(o Options) *DB { return Open(db.dialect, db.reader, db.writer, o) }

// SQL is the pool that may write, for what this package cannot say. Statements
// run on it are outside the transactions of [DB.Tx].
func (db *DB) SQL() *sql.DB { return db.writer }

// Close releases the prepared statements, and the connections if the room that
// opened the DB made them.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	var errs []error
	for _, s := range db.statements {
		errs = append(errs, s.close())
	}
	for _, t := range db.order {
		errs = append(errs, t.closeCached())
	}
	if c, ok := db.dialect.(io.Closer); ok {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Kind is "sqlite" or "postgres".
func (db *DB) Kind() string { return db.dialect.Kind() }

// Ping reports whether the database answers; if not the error is an ErrUnavailable.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.reader.PingContext(ctx); err != nil {
		return fmt.Errorf("store: ping: %w: %w", ErrUnavailable, err)
	}
	return nil
}

// refuse keeps a mistake of the caller until Load, which names them all.
func (db *DB) refuse(format string, args ...any) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.errs = append(db.errs, fmt.Errorf("store: "+format, args...))
}
