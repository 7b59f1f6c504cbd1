package audit

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Format is that of an export.
type Format string

// The formats: one JSON object per line, or RFC 4180 with a header line.
const (
	JSONL Format = "jsonl"
	CSV   Format = "csv"
)

// ErrFormat is returned for a format that there is not.
var ErrFormat = errors.New("audit: the format is jsonl or csv")

// ExportOptions say what an export holds.
type ExportOptions struct {
	Format Format
	// Query selects entries; its After and Limit are not looked at. The zero
	// value takes all of them, in the order of the chain; any other takes what
	// it selects by time, oldest first.
	Query Query
	// Progress is told how far it is; nil spares the counting.
	Progress Progress
}

// Export writes numbered entries, and records that it did before the first of
// them. It returns how many it wrote, and holds a page of them at a time.
func (l *Log) Export(ctx context.Context, w io.Writer, o ExportOptions) (int64, error) {
	head, err := l.beginExport(ctx, &o)
	if err != nil {
		return 0, err
	}
	return l.export(ctx, w, o, head)
}

// beginExport checks and records an export, and returns the place that it ends
// at: what comes later, the record of it too, is not part of it.
func (l *Log) beginExport(ctx context.Context, o *ExportOptions) (head int64, err error) {
	if o.Format != JSONL && o.Format != CSV {
		return 0, ErrFormat
	}
	o.Query.After, o.Query.Limit = "", 0
	if head, err = l.Head(ctx); err != nil {
		return 0, err
	}
	details := o.Query.details()
	details["format"], details["through"] = string(o.Format), head
	return head, l.app.Record(ctx, gatehouse.Event{Action: exportAction, TargetType: "audit", Details: details})
}

func (l *Log) export(ctx context.Context, w io.Writer, o ExportOptions, head int64) (written int64, err error) {
	where := append(o.Query.conditions(), store.Condition{Field: "seq", Op: store.LessOrEqual, Value: head})
	entries, total := l.selected(ctx, o.Query, head), int64(0)
	if o.Query == (Query{}) {
		entries = l.upTo(ctx, head)
	}
	if o.Progress != nil {
		if total, err = l.entries.CountWhere(ctx, where); err != nil {
			return 0, fmt.Errorf("export: %w", err)
		}
	}
	o.Progress.tell(0, total)
	buffered := bufio.NewWriterSize(w, 64<<10)
	write := o.Format.writer(buffered)
	for entry, err := range entries {
		if err == nil {
			err = write(entry)
		}
		if err != nil {
			return written, fmt.Errorf("export: %w", err)
		}
		if written++; written%pageSize == 0 {
			o.Progress.tell(written, total)
		}
	}
	if err := write(nil); err != nil {
		return written, fmt.Errorf("export: %w", err)
	}
	if err := buffered.Flush(); err != nil {
		return written, fmt.Errorf("export: %w", err)
	}
	o.Progress.tell(written, total)
	return written, nil
}

// upTo are the entries of the chain up to head, in its order.
func (l *Log) upTo(ctx context.Context, head int64) iter.Seq2[*Entry, error] {
	return pages(func(last *Entry) ([]*Entry, error) {
		at := int64(0)
		if last != nil {
			at = last.place()
		}
		page, err := l.After(ctx, at, pageSize)
		for i, entry := range page {
			if entry.place() > head {
				return page[:i], err
			}
		}
		return page, err
	})
}

// selected are those of them that q selects, by time. Each page begins its
// search where the one before ended.
func (l *Log) selected(ctx context.Context, q Query, head int64) iter.Seq2[*Entry, error] {
	return pages(func(last *Entry) ([]*Entry, error) {
		search := store.Search{OrderBy: "time", Limit: pageSize}
		if last != nil {
			q.From = last.Time
			search.After = &store.Place{Value: last.Time, ID: last.ID}
		}
		search.Where = append(q.conditions(), store.Condition{Field: "seq", Op: store.LessOrEqual, Value: head})
		return l.entries.Find(ctx, search)
	})
}

// pages asks for a page after the last entry of the one before, nil at first,
// until there is none.
func pages(next func(last *Entry) ([]*Entry, error)) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		var last *Entry
		for {
			page, err := next(last)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, entry := range page {
				if !yield(entry, nil) {
					return
				}
			}
			if len(page) == 0 {
				return
			}
			last = page[len(page)-1]
		}
	}
}

// writer writes entries one by one, and with nil what is left to write.
func (f Format) writer(w io.Writer) func(*Entry) error {
	if f == JSONL {
		return func(e *Entry) error {
			if e == nil {
				return nil
			}
			line, err := e.MarshalJSON()
			if err != nil {
				return err
			}
			_, err = w.Write(append(line, '\n'))
			return err
		}
	}
	table := csv.NewWriter(w)
	header := table.Write(csvHeader)
	return func(e *Entry) error {
		err := header
		if e != nil {
			err = errors.Join(header, table.Write(e.csv()))
		}
		table.Flush()
		return errors.Join(err, table.Error())
	}
}

var csvHeader = []string{
	"seq", "id", "time", "actor", "impersonator", "action", "targetType", "target",
	"outcome", "address", "userAgent", "requestId", "details", "chain", "mac",
}

func (e *Entry) csv() []string {
	cells := []string{
		strconv.FormatInt(e.place(), 10), e.ID, e.Time.UTC().Format("2006-01-02T15:04:05.000Z"), e.Actor, e.Impersonator, e.Action, e.TargetType, e.Target,
		e.Outcome, e.Address, e.UserAgent, e.RequestID, e.Details, e.Chain, e.MAC,
	}
	for i, cell := range cells {
		cells[i] = harmless(cell)
	}
	return cells
}

// harmless puts an apostrophe before what a spreadsheet would run as a formula
// (OWASP, CSV injection).
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r'", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
