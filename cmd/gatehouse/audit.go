package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/config"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/server"
)

type auditCommand struct {
	Verify verifyAuditCommand `cmd:"" help:"Verify the chain; exit code 1 and the places when it was tampered with."`
	List   listAuditCommand   `cmd:"" help:"List entries, the newest first."`
	Follow followAuditCommand `cmd:"" help:"Print entries as they come, until interrupted."`
	Export exportAuditCommand `cmd:"" help:"Write entries as JSON Lines or CSV, the oldest first."`
	Prune  pruneAuditCommand  `cmd:"" help:"Remove old entries; the chain stays verifiable."`
}

// audited runs do with the log of a house that keeps one.
func (c *console) audited(ctx context.Context, do func(*server.House, *audit.Log) error) error {
	return c.manage(ctx, func(h *server.House) error {
		if h.Audit == nil {
			return errors.New("the audit log is off: switch it on with plugins.audit in the configuration, or --set plugins.audit.routes=false")
		}
		return do(h, h.Audit)
	})
}

type verifyAuditCommand struct {
	Anchor []string `placeholder:"CHECKPOINT" help:"Checkpoint kept outside of the database, from the server's log. May be repeated."`
	JSON   bool     `help:"Print JSON."`
}

// Run verifies the whole log.
func (v *verifyAuditCommand) Run(ctx context.Context, c *console) error {
	var anchors []audit.Checkpoint
	for _, line := range v.Anchor {
		anchor, err := audit.ParseCheckpoint(line)
		if err != nil {
			return err
		}
		anchors = append(anchors, anchor)
	}
	return c.audited(ctx, func(_ *server.House, log *audit.Log) error {
		bar := newBar(os.Stderr, "verifying")
		report, err := log.Verify(ctx, bar.tell, anchors...)
		bar.end()
		if err != nil {
			return err
		}
		if v.JSON {
			err = c.json(report)
		} else {
			err = c.tell(report)
		}
		if err == nil && !report.OK() {
			err = errSaid
		}
		return err
	})
}

func (c *console) tell(r *audit.Report) error {
	for _, p := range r.Problems {
		fmt.Fprintf(c.out, "%s\n", p) // ids in it come from the database: the log keeps them printable
	}
	if r.Truncated {
		fmt.Fprintln(c.out, "and more")
	}
	verdict := "verified"
	if !r.OK() {
		verdict = fmt.Sprintf("%d problems in", len(r.Problems))
	}
	fmt.Fprintf(c.out, "%s %d entries (seq %d to %d, %d checkpoints), %d waiting for their number\n",
		verdict, r.Entries, r.From, r.To, r.Checkpoints, r.Pending)
	if r.AnchorsBelow > 0 {
		fmt.Fprintf(c.out, "%d of the checkpoints saw entries that were removed since, and could not be compared\n", r.AnchorsBelow)
	}
	if r.Checkpoint != "" {
		fmt.Fprintf(c.out, "checkpoint %s\n", r.Checkpoint)
	}
	return nil
}

// auditFilter are the flags that select entries.
type auditFilter struct {
	Actor      string `placeholder:"ID" help:"Only by this user."`
	TargetType string `placeholder:"TYPE" help:"Only to things of this type, such as user or session."`
	Target     string `placeholder:"ID" help:"Only to this user, session or other thing."`
	Action     string `help:"Only this action, such as sign-in.fail."`
	Outcome    string `help:"Only this outcome: success, or a code."`
	From       string `placeholder:"TIME" help:"From this time on: RFC 3339, or an age such as 7d."`
	To         string `placeholder:"TIME" help:"Before this time: RFC 3339, or an age."`
}

func (f *auditFilter) query() (q audit.Query, err error) {
	q = audit.Query{Actor: f.Actor, TargetType: f.TargetType, Target: f.Target, Action: f.Action, Outcome: f.Outcome}
	if q.From, err = pointInTime(f.From); err != nil {
		return q, fmt.Errorf("from: %w", err)
	}
	if q.To, err = pointInTime(f.To); err != nil {
		return q, fmt.Errorf("to: %w", err)
	}
	return q, nil
}

type listAuditCommand struct {
	auditFilter
	Limit int    `default:"100" help:"At most this many, up to 500. Default ${default}."`
	After string `placeholder:"CURSOR" help:"Go on after a page: its next."`
	JSON  bool   `help:"Print JSON, with the next cursor."`
}

// Run lists entries.
func (l *listAuditCommand) Run(ctx context.Context, c *console) error {
	q, err := l.query()
	if err != nil {
		return err
	}
	q.Limit, q.After = l.Limit, l.After
	return c.audited(ctx, func(h *server.House, log *audit.Log) error {
		page, err := log.Find(ctx, q)
		if err != nil {
			return err
		}
		if err := readAtTerminal(ctx, h); err != nil {
			return err
		}
		if l.JSON {
			return c.json(page)
		}
		rows := make([][]string, len(page.Entries))
		for i, e := range page.Entries {
			rows[i] = auditRow(e)
		}
		return c.table([]string{"SEQ", "TIME", "ACTOR", "ACTION", "TARGET", "OUTCOME", "ADDRESS", "DETAILS"}, rows)
	})
}

// readAtTerminal records that somebody looked.
func readAtTerminal(ctx context.Context, h *server.House) error {
	return h.Record(ctx, gatehouse.Event{Action: "audit.read", TargetType: "audit", Details: map[string]any{"by": "command line"}})
}

func auditRow(e *audit.Entry) []string {
	seq, target := "-", e.Target
	if e.Seq != nil {
		seq = strconv.FormatInt(*e.Seq, 10)
	}
	if e.TargetType != "" {
		target = e.TargetType + ":" + target
	}
	row := []string{seq, moment(e.Time), e.Actor, e.Action, target, e.Outcome, e.Address, e.Details}
	for i := range row {
		row[i] = orDash(&row[i])
	}
	return row
}

type followAuditCommand struct {
	After int64 `default:"-1" placeholder:"SEQ" help:"Begin after this entry. Default: with what comes next."`
	JSON  bool  `help:"Print JSON Lines."`
}

// Run prints entries until it is interrupted.
func (f *followAuditCommand) Run(ctx context.Context, c *console) error {
	return c.audited(ctx, func(h *server.House, log *audit.Log) error {
		after := f.After
		if after < 0 {
			head, err := log.Head(ctx)
			if err != nil {
				return err
			}
			after = head
		}
		if err := readAtTerminal(ctx, h); err != nil {
			return err
		}
		for entry, err := range log.Follow(ctx, after) {
			if err != nil {
				return err
			}
			if err := f.print(c, entry); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *followAuditCommand) print(c *console, e *audit.Entry) error {
	if f.JSON {
		return json.NewEncoder(c.out).Encode(e)
	}
	row := auditRow(e)
	for i := range row {
		row[i] = printable(row[i])
	}
	_, err := fmt.Fprintln(c.out, strings.Join(row, "  "))
	return err
}

type exportAuditCommand struct {
	auditFilter
	Format string `enum:"jsonl,csv" default:"jsonl" help:"jsonl or csv. Default ${default}."`
	Output string `short:"o" placeholder:"FILE" help:"File to write, readable by its owner only; it must not exist. Default: stdout."`
}

// Run exports the log.
func (e *exportAuditCommand) Run(ctx context.Context, c *console) error {
	q, err := e.query()
	if err != nil {
		return err
	}
	return c.audited(ctx, func(_ *server.House, log *audit.Log) (err error) {
		out := c.out
		if e.Output != "" {
			file, err := os.OpenFile(e.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, file.Close()) }()
			out = file
		}
		bar := newBar(os.Stderr, "exporting")
		n, err := log.Export(ctx, out, audit.ExportOptions{Format: audit.Format(e.Format), Query: q, Progress: bar.tell})
		bar.end()
		if err == nil && e.Output != "" {
			_, err = fmt.Fprintf(c.out, "exported %d entries to %s\n", n, e.Output)
		}
		return err
	})
}

type pruneAuditCommand struct {
	OlderThan string `required:"" placeholder:"AGE" help:"Remove entries older than this: an age such as 365d, or a time (RFC 3339)."`
	Yes       bool   `short:"y" help:"Do not ask."`
	JSON      bool   `help:"Print JSON."`
}

// Run removes old entries after asking.
func (p *pruneAuditCommand) Run(ctx context.Context, c *console) error {
	before, err := pointInTime(p.OlderThan)
	if err != nil {
		return fmt.Errorf("older-than: %w", err)
	}
	return c.audited(ctx, func(_ *server.House, log *audit.Log) error {
		if err := c.confirm(p.Yes, fmt.Sprintf("Remove all audit entries before %s for ever?", moment(before))); err != nil {
			return err
		}
		bar := newBar(os.Stderr, "removing")
		n, err := log.Prune(ctx, before, bar.tell)
		bar.end()
		if err != nil {
			return err
		}
		return c.did(p.JSON, map[string]int64{"removed": n}, "removed %d entries", n)
	})
}

// pointInTime reads a time, or an age counted from now. "" is the zero time.
func pointInTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	age, err := config.ParseDuration(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither a time such as 2026-01-31T00:00:00Z nor an age such as 30d", text)
	}
	return time.Now().Add(-age), nil
}

// bar shows progress on a terminal, and nothing elsewhere.
type bar struct {
	w     io.Writer
	what  string
	shown time.Time
	drawn bool
}

func newBar(f *os.File, what string) *bar {
	if !isTerminal(f) {
		return &bar{w: io.Discard, what: what}
	}
	return &bar{w: f, what: what}
}

const barWidth = 30

// tell draws at most ten times a second, and the end always.
func (b *bar) tell(done, total int64) {
	if now := time.Now(); done < total && now.Sub(b.shown) < 100*time.Millisecond {
		return
	} else {
		b.shown = now
	}
	full := barWidth
	if total > 0 {
		full = int(done * barWidth / total)
	}
	b.drawn = true
	fmt.Fprintf(b.w, "\r%s [%s%s] %d of %d", b.what, strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), done, total)
}

func (b *bar) end() {
	if b.drawn {
		fmt.Fprintln(b.w)
	}
}
