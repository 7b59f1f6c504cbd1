package audit

import (
	"context"
	"iter"
	"time"
)

// Follow returns the entries after a place, in order, and then those that come,
// until ctx is done: it ends then without an error. It looks once per
// Options.Interval, and at once for what this process numbers.
func (l *Log) Follow(ctx context.Context, after int64) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		for ctx.Err() == nil {
			woken := l.numbered.wait()
			page, err := l.After(ctx, after, pageSize)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, entry := range page {
				after = entry.place()
				if !yield(entry, nil) {
					return
				}
			}
			if len(page) == 0 {
				pause(ctx, l.options.Interval, woken)
			}
		}
	}
}

// After returns at most limit entries after a place, in order.
func (l *Log) After(ctx context.Context, seq int64, limit int) ([]*Entry, error) {
	return l.after.All(ctx, seq, min(max(limit, 1), pageSize))
}

// Head is the place of the last entry, 0 when there is none.
func (l *Log) Head(ctx context.Context) (int64, error) {
	head, err := l.read(ctx, headName)
	if err != nil || head == nil {
		return 0, err
	}
	return head.Seq, nil
}

func pause(ctx context.Context, d time.Duration, woken <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-woken:
	}
}
