// Command subject is Gatehouse as the conformance suite starts it: it maps a
// profile onto the options that users set, and holds no behaviour of its own.
// The contract is in conformance/README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/postgres"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// exitUnsupported says that a profile needs a feature that does not exist.
const exitUnsupported = 64

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	err := run(ctx)
	switch {
	case errors.Is(err, errUnsupported):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitUnsupported)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	outbox := &outbox{url: os.Getenv("CONFORMANCE_OUTBOX_URL")}
	profile, err := readProfile(os.Getenv("CONFORMANCE_PROFILE"), outbox)
	if err != nil {
		return err
	}
	options := profile.options
	options.Mailer = outbox
	options.Migrate = gatehouse.MigrateApply
	options.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	// The reference believes any X-Forwarded-For, and the suite's clients
	// tell themselves apart by it.
	options.Advanced.IPAddress.InsecureTrustAnyProxy = true
	options.EmailAndPassword.Hash.OwnProcess = true
	options.Outbound.AllowPrivate = true // the suite's providers are on loopback

	dir, err := os.MkdirTemp("", "gatehouse-subject-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	options.DB, err = open(os.Getenv("CONFORMANCE_DATABASE_URL"), dir, options.StoreOptions(store.Options{}))
	if err != nil {
		return err
	}
	defer options.DB.Close()
	app, err := standard.New(ctx, options)
	if err != nil {
		return err
	}
	defer app.Close()
	if err := profile.seed(ctx, app); err != nil {
		return err
	}
	return serve(ctx, app)
}

func open(url, dir string, o store.Options) (*store.DB, error) {
	if strings.HasPrefix(url, "postgres") {
		return postgres.Open(url, o)
	}
	file := strings.TrimPrefix(url, "sqlite:")
	if file == "" || file == ":memory:" {
		file = filepath.Join(dir, "subject.db")
	}
	return sqlite.Open(file, o)
}

func serve(ctx context.Context, app http.Handler) error {
	server := &http.Server{
		Addr: "127.0.0.1:" + os.Getenv("CONFORMANCE_PORT"), Handler: app,
		ReadHeaderTimeout: 10 * time.Second,
	}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
