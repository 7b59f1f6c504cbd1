package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/server/people"
	"github.com/gatehouse-auth/gatehouse/store"
)

type exportUsersCommand struct {
	Output     string `short:"o" placeholder:"FILE" help:"File to write, readable by its owner only. Default stdout."`
	Format     string `enum:"auto,csv,jsonl" default:"auto" help:"csv, jsonl, or auto by the file's name. Default ${default}: jsonl."`
	WithHashes bool   `help:"Add the password hashes. Whoever has them can guess at the passwords."`
}

// Run exports every user.
func (e *exportUsersCommand) Run(ctx context.Context, c *console) error {
	if e.WithHashes {
		fmt.Fprintln(os.Stderr, "gatehouse: the export holds password hashes: keep it as you keep the database")
	}
	return c.manage(ctx, func(h *server.House) error {
		return c.writeTo(e.Output, func(w io.Writer) error {
			total, err := store.Define[gatehouse.User](h.DB, "user").CountWhere(ctx, nil)
			if err != nil {
				return err
			}
			bar := newProgress("users")
			defer bar.end()
			n, err := people.Export(ctx, h.House, e.writer(w), people.ExportOptions{
				WithHashes: e.WithHashes,
				Progress:   func(users int) { bar.show(users, int64(users), total) },
			})
			if err == nil && e.Output != "" {
				fmt.Fprintf(c.out, "exported %d users\n", n)
			}
			return err
		})
	})
}

func (e *exportUsersCommand) writer(w io.Writer) people.Writer {
	if e.Format == "csv" || e.Format == "auto" && strings.EqualFold(filepath.Ext(e.Output), ".csv") {
		return people.NewCSV(w)
	}
	return people.NewJSONLines(w)
}

// writeTo hands do a file of its owner's, or stdout. A file that is there is
// not replaced.
func (c *console) writeTo(path string, do func(io.Writer) error) error {
	if path == "" || path == "-" {
		return do(c.out)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already", path)
	}
	if err != nil {
		return err
	}
	return errors.Join(do(file), file.Close())
}

type dataCommand struct {
	Email  string `arg:"" help:"E-mail address."`
	Output string `short:"o" placeholder:"FILE" help:"File to write, readable by its owner only. Default stdout."`
}

// Run writes everything that is kept about one person.
func (d *dataCommand) Run(ctx context.Context, c *console) error {
	return c.manage(ctx, func(h *server.House) error {
		record, err := people.Data(ctx, h.House, d.Email)
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("there is no user %q", d.Email)
		}
		if err != nil {
			return err
		}
		return c.writeTo(d.Output, func(w io.Writer) error {
			to := *c
			to.out = w
			return to.json(record)
		})
	})
}
