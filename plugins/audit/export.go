package audit

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
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

// Export writes every numbered entry, in order, and records that it did. It
// returns how many it wrote.
func (l *Log) Export(ctx context.Context, w io.Writer, format Format, progress Progress) (int64, error) {
	buffered := bufio.NewWriterSize(w, 64<<10)
	write, err := format.writer(buffered)
	if err != nil {
		return 0, err
	}
	head, err := l.Head(ctx)
	if err != nil {
		return 0, err
	}
	event := gatehouse.Event{Action: exportAction, TargetType: "audit", Details: map[string]any{"format": string(format), "through": head}}
	if err := l.app.Record(ctx, event); err != nil {
		return 0, err
	}
	total, err := l.between.Int(ctx, 0, head)
	if err != nil {
		return 0, err
	}
	var written, at int64
	progress.tell(0, total)
	for at < head {
		page, err := l.After(ctx, at, pageSize)
		if err != nil {
			return written, fmt.Errorf("export: %w", err)
		}
		for _, entry := range page {
			if at = entry.place(); at > head {
				break
			}
			if err := write(entry); err != nil {
				return written, fmt.Errorf("export: %w", err)
			}
			written++
		}
		progress.tell(written, total)
		if len(page) == 0 {
			break
		}
	}
	if err := buffered.Flush(); err != nil {
		return written, fmt.Errorf("export: %w", err)
	}
	return written, nil
}

func (f Format) writer(w io.Writer) (func(*Entry) error, error) {
	switch f {
	case JSONL:
		return func(e *Entry) error {
			line, err := e.MarshalJSON()
			if err != nil {
				return err
			}
			_, err = w.Write(append(line, '\n'))
			return err
		}, nil
	case CSV:
		table := csv.NewWriter(w)
		header := table.Write(csvHeader)
		return func(e *Entry) error {
			err := table.Write(e.csv())
			table.Flush()
			return errors.Join(header, err, table.Error())
		}, nil
	}
	return nil, ErrFormat
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
