// Package sqlite opens a store on a SQLite file.
//
// It is the only room that imports a SQLite driver. It refuses databases in
// memory: readers and the writer have connections of their own.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"

	"github.com/gatehouse-auth/gatehouse/store"
	_ "modernc.org/sqlite" // registers "sqlite"
)

// Open opens or creates the database file at path, for its owner only (0600).
// Readers do not wait for the one writer; a writer waits at most 5 s for
// another process and then answers store.ErrUnavailable.
func Open(path string, o store.Options) (*store.DB, error) {
	if path == "" || path == ":memory:" {
		return nil, errors.New("sqlite: a database needs a file")
	}
	if err := touch(path); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	writer, err := sql.Open("sqlite", dsn(path, "_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	// One writer queues here, in Go, rather than in SQLite's busy loop.
	writer.SetMaxOpenConns(1)
	reader, err := sql.Open("sqlite", dsn(path, "_pragma=query_only(1)"))
	if err != nil {
		writer.Close()
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	readers := max(4, runtime.NumCPU())
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)
	// The first connection turns the file to WAL, which a reader may not.
	if err := writer.PingContext(context.Background()); err != nil {
		writer.Close()
		reader.Close()
		return nil, fmt.Errorf("sqlite: open %s: %w: %w", path, store.ErrUnavailable, err)
	}
	return store.Open(&owner{dialect{immediate: true}, reader, writer}, reader, writer, o), nil
}

// Wrap makes a store of the embedder's own pool, of any SQLite driver for
// database/sql. The embedder sets the pragmas (foreign_keys and busy_timeout
// are needed, WAL is wise) and closes the pool.
func Wrap(db *sql.DB, o store.Options) *store.DB {
	return store.Open(dialect{}, db, db, o)
}

// owner closes the pools that Open made.
type owner struct {
	dialect
	reader, writer *sql.DB
}

// Close closes the readers first: the last connection folds the WAL into the file.
func (o *owner) Close() error { return errors.Join(o.reader.Close(), o.writer.Close()) }

func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func dsn(path, more string) string {
	// In a URI, ? # and % of the path would end it or change it.
	name := (&url.URL{Path: path}).EscapedPath()
	return "file:" + name + "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)" +
		"&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&" + more
}
