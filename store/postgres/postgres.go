// Package postgres opens a store on PostgreSQL 13 or later.
//
// It is the only room that imports a PostgreSQL driver. Tables are found along
// the search_path; new ones go to its first schema.
package postgres

import (
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Open takes a URL or a key=value string of libpq. Besides libpq's parameters:
//
//   - pool_max_conns: most connections at a time, at least 2. Default: four
//     times the cores and at least 10, where short reads measured fastest: a
//     quarter slower with 4 and with 32 on two cores.
//   - default_query_exec_mode: pgx's; exec or cache_describe behind PgBouncer
//     in transaction mode.
//
// It does not connect: see DB.Ping.
func Open(url string, o store.Options) (*store.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("postgres: the URL is malformed") // err may hold the password
	}
	most, err := poolSize(config)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(time.Hour) // so that a fail-over or new certificate is met in time
	return store.Open(owner{pool: db}, db, db, o), nil
}

// Wrap makes a store of the embedder's own pool of pgx (stdlib). The embedder
// closes it.
func Wrap(db *sql.DB, o store.Options) *store.DB {
	return store.Open(dialect{}, db, db, o)
}

func poolSize(config *pgx.ConnConfig) (int, error) {
	const name = "pool_max_conns"
	text, ok := config.RuntimeParams[name]
	if !ok {
		return max(10, 4*runtime.NumCPU()), nil
	}
	delete(config.RuntimeParams, name) // the server does not know it
	n, err := strconv.Atoi(text)
	if err != nil || n < 2 {
		return 0, fmt.Errorf("postgres: %s is %q, not a number of at least 2", name, text)
	}
	return n, nil
}

// owner closes the pool that Open made.
type owner struct {
	dialect
	pool *sql.DB
}

func (o owner) Close() error { return o.pool.Close() }
