package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// TamperedError is returned by Prune when what it was to remove does not
// verify: removing it would remove the evidence.
type TamperedError struct{ Report *Report }

func (e *TamperedError) Error() string {
	return fmt.Sprintf("audit: not pruned, because the log was tampered with: %s", e.Report.Problems[0])
}

// retain prunes by Options.Retention.
func (l *Log) retain(ctx context.Context) error {
	_, err := l.Prune(ctx, l.app.Now().Add(-l.options.Retention), nil)
	return err
}

// Prune removes the entries before a time and returns how many. It removes a
// prefix of the chain: up to the first entry that is not before the time, and
// not past what is still to be forwarded. What is removed is verified first;
// if that finds a problem nothing is removed and the error is a TamperedError.
// A signed record stands for the removed prefix, and an entry says who asked.
func (l *Log) Prune(ctx context.Context, before time.Time, progress Progress) (int64, error) {
	through, err := l.removable(ctx, before)
	if err != nil {
		return 0, err
	}
	base, err := l.read(ctx, baseName)
	if err != nil {
		return 0, err
	}
	from := int64(0)
	if base != nil {
		from = base.Seq
	}
	if through <= from {
		return 0, nil
	}
	report, err := l.verify(ctx, nil, nil, through)
	if err != nil {
		return 0, err
	}
	if problems := report.beyondAlarms(); len(problems) > 0 {
		return 0, &TamperedError{&Report{From: report.From, To: report.To, Entries: report.Entries, Problems: problems}}
	}
	event := gatehouse.Event{Action: pruneAction, TargetType: "audit", Details: map[string]any{
		"before": before.UTC().Format(time.RFC3339), "from": from + 1, "through": through,
	}}
	removed := int64(0)
	for from < through {
		to := min(from+pageSize, through)
		rows, err := l.removePrefix(ctx, from, to, event)
		if err != nil {
			return removed, fmt.Errorf("prune: %w", err)
		}
		event = gatehouse.Event{}
		removed += rows
		from = to
		progress.tell(removed, report.Entries)
	}
	return removed, nil
}

// beyondAlarms are the problems of the entries themselves. Alarms are entries
// like others: they were sounded, logged and forwarded, and grow old.
func (r *Report) beyondAlarms() (problems []Problem) {
	for _, p := range r.Problems {
		if p.Kind != Alarm {
			problems = append(problems, p)
		}
	}
	return problems
}

// removable is the last place that may go.
func (l *Log) removable(ctx context.Context, before time.Time) (int64, error) {
	through, err := l.Head(ctx)
	if err != nil {
		return 0, err
	}
	kept, err := l.notBefore.One(ctx, 0, before)
	if err == nil {
		through = kept.place() - 1
	} else if !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	if l.forward == nil {
		return through, nil
	}
	forwarded, err := l.forward.position(ctx)
	return min(through, forwarded), err
}

// errMoved: another node prunes at the same time.
var errMoved = errors.New("another process is pruning")

// removePrefix removes the places after from up to to, in one transaction with
// the record that stands for them, and with the event if there is one.
func (l *Log) removePrefix(ctx context.Context, from, to int64, event gatehouse.Event) (removed int64, err error) {
	err = l.app.Tx(ctx, func(ctx context.Context) error {
		last, err := l.bySeq.One(ctx, to)
		if err != nil {
			return err
		}
		base, err := l.lock.One(ctx, baseName)
		if errors.Is(err, store.ErrNotFound) && from == 0 {
			base, err = &state{Name: baseName}, nil
		}
		if err != nil {
			return err
		}
		if base.Seq != from {
			return errMoved
		}
		base.Seq, base.Chain, base.MarkedAt = to, last.Chain, l.app.Now()
		if err := l.save(ctx, base); err != nil {
			return err
		}
		if event.Action != "" {
			if err := l.app.Record(ctx, event); err != nil {
				return err
			}
		}
		removed, err = l.prefix.Run(ctx, to)
		return err
	})
	return removed, err
}
