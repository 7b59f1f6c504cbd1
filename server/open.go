package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/server/people"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/postgres"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// House is an open Gatehouse without a listener: what commands work on.
type House struct {
	*standard.House
	// Options are those in force, with address and secret filled in.
	Options *Options
	// Kind is "sqlite" or "postgres", Place where that is, without a password.
	Kind, Place string

	scratch string // a folder to remove
	ready   *readiness
}

// Purpose is what a House is opened for.
type Purpose int

const (
	// ToServe makes the data folder, database and secret, brings the schema up
	// to date where that is allowed, and runs the background jobs.
	ToServe Purpose = iota
	// ToManage is ToServe without background jobs: mails are delivered by the
	// server.
	ToManage
	// ToMigrate is ToManage with the schema left as it is, for DB.Apply.
	ToMigrate
	// ToPlan changes nothing, neither files nor schema. A SQLite file that does
	// not exist is taken for an empty one.
	ToPlan
)

// Open opens the database and builds the App. Options are copied. A
// PostgreSQL database that is not up to date is refused unless it may be
// migrated; the error is a store.ErrOutdated.
func Open(ctx context.Context, o *Options, purpose Purpose, log *slog.Logger) (*House, error) {
	_, port, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return open(ctx, o, purpose, log, o.publicURL(port), nil)
}

func open(ctx context.Context, o *Options, purpose Purpose, log *slog.Logger, baseURL string, mailer gatehouse.Mailer) (_ *House, err error) {
	settled := *o
	settled.BaseURL = baseURL
	settled.ZeroMeansOff()
	settled.usePages(hostsPages(basePathOf(&settled)))
	h := &House{Options: &settled}
	h.ready = &readiness{house: h}
	if err := h.settleSecret(purpose); err != nil {
		return nil, err
	}
	db, err := h.openDatabase(purpose)
	if err != nil {
		return nil, err
	}
	options := settled.Options
	options.Plugins = append(slices.Clone(options.Plugins), people.NewOwn())
	options.DB, options.Mailer, options.Config.Log = db, mailer, log
	options.Server = h.forConsole(o)
	if purpose != ToServe {
		options.Migrate = gatehouse.MigrateSkip
	} else if h.mayMigrate() {
		options.Migrate = gatehouse.MigrateApply
	}
	if h.House, err = standard.New(ctx, options); err == nil && purpose == ToManage {
		err = h.load(ctx)
	}
	if err != nil {
		return nil, errors.Join(h.explain(err), h.closeAll(db))
	}
	return h, nil
}

// load brings a House that skipped migrating to where one can work with it.
func (h *House) load(ctx context.Context) error {
	if !h.mayMigrate() {
		return h.DB.Load(ctx)
	}
	_, err := h.DB.Apply(ctx)
	return err
}

// mayMigrate: our own SQLite file always, PostgreSQL when told to.
func (h *House) mayMigrate() bool { return h.Kind == "sqlite" || h.Options.Database.Migrate }

// explain adds the command that mends an outdated database.
func (h *House) explain(err error) error {
	var outdated *store.OutdatedError
	switch {
	case !errors.As(err, &outdated):
		return err
	case len(outdated.Plan.Refused) > 0:
		return fmt.Errorf("%w; see `gatehouse migrate plan`", err)
	}
	return fmt.Errorf("%w; run `gatehouse migrate apply`, or serve with --migrate", err)
}

func (h *House) settleSecret(purpose Purpose) (err error) {
	o := h.Options
	given := o.Secret != "" || len(o.Secrets) > 0
	if purpose != ToPlan && (!given || o.Database.URL == "") {
		if err := makeData(o.Data); err != nil {
			return err
		}
	}
	switch {
	case given:
	case purpose != ToPlan:
		o.Secret, err = ensureSecret(o.Data)
	default:
		if o.Secret, err = readSecret(o.Data); err != nil {
			o.Secret, err = rand.Text()+rand.Text(), nil // nothing is signed with it
		}
	}
	return err
}

func (h *House) openDatabase(purpose Purpose) (*store.DB, error) {
	o, names := h.Options, h.names()
	if o.Database.isPostgres() {
		h.Kind, h.Place = "postgres", withoutPassword(o.Database.URL)
		return postgres.Open(o.Database.URL, names)
	}
	file := strings.TrimPrefix(o.Database.URL, "sqlite:")
	if file == "" {
		file = filepath.Join(o.Data, "gatehouse.db")
	}
	h.Kind, h.Place = "sqlite", file
	if _, err := os.Stat(file); purpose == ToPlan && errors.Is(err, fs.ErrNotExist) {
		folder, err := os.MkdirTemp("", "gatehouse-plan-")
		if err != nil {
			return nil, err
		}
		h.scratch, file = folder, filepath.Join(folder, "empty.db")
	}
	return sqlite.Open(file, names)
}

// names are the names and ids that the options ask of the database.
func (h *House) names() store.Options {
	return h.Options.StoreOptions(store.Options{Naming: store.Naming{Style: h.Options.Database.Naming.style()}})
}

func (s NamingStyle) style() store.Style {
	switch s {
	case "snake":
		return store.Snake
	case "snakePlural":
		return store.SnakePlural
	}
	return store.Camel
}

func withoutPassword(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "postgres"
	}
	return u.Host + u.Path
}

// origin is an address without its path.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host
}

// Close stops background jobs and closes the database.
func (h *House) Close() error { return errors.Join(h.House.Close(), h.closeAll(h.DB)) }

func (h *House) closeAll(db *store.DB) error {
	err := db.Close()
	if h.scratch != "" {
		err = errors.Join(err, os.RemoveAll(h.scratch))
	}
	return err
}
