package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/server/people"
	"github.com/gatehouse-auth/gatehouse/store"
)

type importUsersCommand struct {
	File         string `arg:"" optional:"" help:"CSV or JSON Lines file; - is stdin."`
	FromDatabase string `placeholder:"URL" env:"GATEHOUSE_FROM_DATABASE" help:"Live better-auth database: sqlite:PATH or postgres://…. It is only read."`
	Naming       string `enum:"camel,snake,snakePlural" default:"camel" help:"Names in that database: camel, snake or snakePlural. Default ${default}."`
	Format       string `enum:"auto,csv,jsonl" default:"auto" help:"csv, jsonl, or auto by the file's name. Default ${default}."`
	DryRun       bool   `help:"Report what would happen, and change nothing."`
	NewIDs       bool   `name:"new-ids" help:"Give everybody a new id instead of the one in the source."`
	Report       string `placeholder:"FILE" help:"Write each row that made nobody, and why, as JSON Lines. Default: the first ten on stderr."`
	JSON         bool   `help:"Print the summary as JSON."`
}

// Run imports people. It fails if a row was refused; the others are stored.
func (i *importUsersCommand) Run(ctx context.Context, c *console) error {
	if (i.File == "") == (i.FromDatabase == "") {
		return errors.New("name a file, or a database with --from-database")
	}
	return c.manage(ctx, func(h *server.House) error {
		in, err := i.source(ctx, c, h)
		if err != nil {
			return err
		}
		summary, err := i.move(ctx, h, in)
		if err = errors.Join(err, in.close()); err != nil {
			return fmt.Errorf("%w\n%d users were created before that; run it again to go on: they are skipped", err, summary.Created)
		}
		if err := i.say(c, summary); err != nil {
			return err
		}
		if summary.Refused > 0 {
			return errSaid
		}
		return nil
	})
}

// incoming is a source, with how far it is read.
type incoming struct {
	people.Source
	name  string
	close func() error
	done  func(people.Summary) int64
	total int64
}

func (i *importUsersCommand) source(ctx context.Context, c *console, h *server.House) (*incoming, error) {
	if i.FromDatabase != "" {
		styles := map[string]store.Style{"camel": store.Camel, "snake": store.Snake, "snakePlural": store.SnakePlural}
		db, err := people.OpenDatabase(ctx, h.House, i.FromDatabase, styles[i.Naming])
		if err != nil {
			return nil, err
		}
		for _, name := range db.Unknown {
			fmt.Fprintf(os.Stderr, "gatehouse: column %s is left behind: declare it under user.additionalFields to take it along\n", printable(name))
		}
		return &incoming{db, "database", db.Close, func(s people.Summary) int64 { return int64(s.Rows) }, db.Total()}, nil
	}
	file, in := c.in, &incoming{name: filepath.Base(i.File), close: func() error { return nil }}
	if i.File != "-" {
		var err error
		if file, err = os.Open(i.File); err != nil {
			return nil, err
		}
		in.close = file.Close
	}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		in.total = info.Size()
	}
	counted := &countingReader{from: file}
	in.done = func(people.Summary) int64 { return counted.bytes }
	var err error
	if i.isLines() {
		in.Source = people.JSONLines(h.House, counted)
	} else if in.Source, err = people.CSV(h.House, counted); err != nil {
		return nil, errors.Join(err, in.close())
	}
	return in, nil
}

func (i *importUsersCommand) isLines() bool {
	switch strings.ToLower(filepath.Ext(i.File)) {
	case ".jsonl", ".ndjson", ".json":
		return i.Format != "csv"
	}
	return i.Format == "jsonl"
}

type countingReader struct {
	from  io.Reader
	bytes int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.bytes += int64(n)
	return n, err
}

// shownRefusals is how many go to stderr without --report.
const shownRefusals = 10

func (i *importUsersCommand) move(ctx context.Context, h *server.House, in *incoming) (people.Summary, error) {
	bar := newProgress("rows")
	o := people.ImportOptions{Name: in.name, DryRun: i.DryRun, NewIDs: i.NewIDs}
	o.Progress = func(s people.Summary) { bar.show(s.Rows, in.done(s), in.total) }
	refused := []people.Outcome{}
	finish := func() error { return nil }
	o.Report = func(r people.Outcome) error {
		if r.Status == people.Refused && len(refused) < shownRefusals {
			refused = append(refused, r)
		}
		return nil
	}
	if i.Report != "" {
		file, err := os.OpenFile(i.Report, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return people.Summary{}, err
		}
		lines := json.NewEncoder(file)
		lines.SetEscapeHTML(false)
		o.Report, finish = func(r people.Outcome) error { return lines.Encode(r) }, file.Close
	}
	summary, err := people.Import(ctx, h.House, in.Source, o)
	bar.end()
	for _, r := range refused {
		fmt.Fprintf(os.Stderr, "gatehouse: row %d (%s): %s\n", r.Row, printable(r.Email), strings.Map(onlyPrint, r.Reason))
	}
	if more := summary.Refused - len(refused); more > 0 && i.Report == "" {
		fmt.Fprintf(os.Stderr, "gatehouse: and %d more rows: see them all with --report FILE\n", more)
	}
	return summary, errors.Join(err, finish())
}

// onlyPrint keeps what a stranger wrote from steering the terminal.
func onlyPrint(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return unicode.ReplacementChar
}

func (i *importUsersCommand) say(c *console, s people.Summary) error {
	if i.JSON {
		return c.json(s)
	}
	verb := "created"
	if i.DryRun {
		verb = "would create"
	}
	_, err := fmt.Fprintf(c.out, "%d rows: %s %d, skipped %d who are already there, refused %d\n", s.Rows, verb, s.Created, s.Skipped, s.Refused)
	return err
}
