package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	"github.com/gatehouse-auth/gatehouse/bench/internal/fixture"
	"github.com/gatehouse-auth/gatehouse/bench/internal/workload"
)

// The names of the contestants, in the order of the report.
const (
	gatehouse  = "Gatehouse"
	floor      = "floor"
	constant   = "net/http alone"
	argon2     = "Argon2id alone"
	betterAuth = "better-auth"
)

// contestant is one server on one store.
type contestant struct {
	name, store string
	argv        []string
	database    string // its URL; empty for none
	loads       []string
}

const none = "no store"

// lineUp prepares a filled database for everyone who needs one.
func lineUp(ctx context.Context, s settings) ([]contestant, error) {
	scrypt, err := fixture.ScryptHash()
	if err != nil {
		return nil, err
	}
	hashes := map[string]string{gatehouse: fixture.Argon2Hash(), floor: "unused", betterAuth: scrypt}
	list := []contestant{
		{name: constant, store: none, argv: []string{s.floor, "-mode", "constant"}, loads: []string{workload.GetSession}},
		{name: argon2, store: none, argv: []string{s.floor, "-mode", "argon2"}, loads: []string{workload.SignIn}},
	}
	for _, store := range []string{"sqlite", "postgres"} {
		if !s.wants(s.stores, store) || store == "postgres" && s.postgres == "" {
			continue
		}
		list = append(list,
			contestant{name: gatehouse, store: store, argv: []string{s.subject}, loads: workload.Names},
			contestant{name: floor, store: store, argv: []string{s.floor, "-mode", "session"}, loads: []string{workload.GetSession}})
		if s.reference != "" {
			list = append(list, contestant{name: betterAuth, store: store, argv: []string{"node", s.reference}, loads: workload.Names})
		}
	}
	chosen := list[:0]
	for _, c := range list {
		if !s.wants(s.only, c.name) {
			continue
		}
		if c.store != none {
			fmt.Fprintf(os.Stderr, "filling a database for %s on %s\n", c.name, c.store)
			if c.database, err = newDatabase(ctx, s, c.store); err != nil {
				return nil, err
			}
			if err := fixture.Seed(ctx, c.database, s.users, hashes[c.name]); err != nil {
				return nil, err
			}
		}
		chosen = append(chosen, c)
	}
	return chosen, nil
}

func newDatabase(ctx context.Context, s settings, store string) (string, error) {
	name := "bench_" + rand.Text()[:12]
	if store == "sqlite" {
		return "sqlite:" + filepath.Join(s.scratch, name+".db"), nil
	}
	db, err := sql.Open("pgx", s.postgres)
	if err != nil {
		return "", fmt.Errorf("open PostgreSQL: %w", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, `CREATE DATABASE "`+name+`"`); err != nil {
		return "", fmt.Errorf("create database: %w", err)
	}
	address, err := url.Parse(s.postgres)
	if err != nil {
		return "", fmt.Errorf("PostgreSQL URL: %w", err)
	}
	address.Path = "/" + name
	return address.String(), nil
}

// openOutbox takes deliveries and forgets them.
func openOutbox() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
}
