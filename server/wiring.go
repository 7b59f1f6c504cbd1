package server

import (
	"context"
	_ "embed" // the schema
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/postgres"
)

//go:generate go run ./configdoc/generate

//go:embed schema.json
var schema []byte

// Schema is a JSON Schema of the configuration file, made from the Go structs.
func Schema() []byte { return schema }

// CheckWiring finds the mistakes that show only when everything is put
// together, on an empty database of its own: the configured one is not
// touched.
func CheckWiring(ctx context.Context, o *Options) (err error) {
	if o.Database.isPostgres() {
		db, err := postgres.Open(o.Database.URL, store.Options{})
		if err != nil {
			return err
		}
		if err := db.Close(); err != nil {
			return err
		}
	}
	folder, err := os.MkdirTemp("", "gatehouse-check-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	trial := *o
	trial.Database.URL, trial.Data = "", filepath.Join(folder, "none")
	if trial.BaseURL == "" {
		trial.BaseURL = "http://localhost"
	}
	if _, err := newPost(&trial, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	house, err := Open(ctx, &trial, ToPlan, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return house.Close()
}
