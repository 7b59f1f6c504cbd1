package audit

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/gatehouse-auth/gatehouse/store"
)

// witness is what this process remembers: the entries it committed, until they
// have a place in the chain, and how far it has seen the chain reach. It finds
// what the database alone cannot tell: an entry deleted before it was numbered,
// and a chain set back to an earlier state.
type witness struct {
	mu      sync.Mutex
	written map[string]written
	round   int64
	seen    place
}

type written struct {
	digest [sha256.Size]byte
	round  int64
}

type place struct {
	Seq   int64
	Chain string
}

// maxWritten bounds the memory where the sequencer cannot keep up: about 20 MB.
const maxWritten = 100_000

func (w *witness) wrote(id string, digest [sha256.Size]byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.written) < maxWritten {
		w.written[id] = written{digest, w.round}
	}
}

func (w *witness) saw(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.written, id)
}

func (w *witness) len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.written)
}

// begin starts a round: what was written before it, it must meet.
func (w *witness) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.round++
}

func (w *witness) head() place {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

func (w *witness) reached(seq int64, chain string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if seq > w.seen.Seq {
		w.seen = place{seq, chain}
	}
}

// overdue are the entries of earlier rounds that this process did not number.
func (w *witness) overdue() map[string]written {
	w.mu.Lock()
	defer w.mu.Unlock()
	due := map[string]written{}
	for id, entry := range w.written {
		if entry.round < w.round {
			due[id] = entry
		}
	}
	return due
}

// chunk is how many ids one search names; it is filled up, so that there is
// one statement for all.
const chunk = 100

// missed looks for what this process wrote and another may have numbered, and
// sounds the alarm for what is gone or changed.
func (l *Log) missed(ctx context.Context) error {
	due := l.witness.overdue()
	ids := make([]string, 0, chunk)
	for id := range due {
		if ids = append(ids, id); len(ids) == chunk {
			if err := l.lookFor(ctx, ids, due); err != nil {
				return err
			}
			ids = ids[:0]
		}
	}
	if len(ids) == 0 {
		return nil
	}
	for len(ids) < chunk {
		ids = append(ids, ids[0])
	}
	return l.lookFor(ctx, ids, due)
}

func (l *Log) lookFor(ctx context.Context, ids []string, due map[string]written) error {
	rows, err := l.entries.Find(ctx, store.Search{Where: []store.Condition{{Field: "id", Op: store.In, Value: ids}}, Limit: chunk})
	if err != nil {
		return fmt.Errorf("look for entries written here: %w", err)
	}
	found := map[string]*Entry{}
	for _, row := range rows {
		found[row.ID] = row
	}
	for _, id := range ids {
		entry, wanted := due[id]
		if !wanted {
			continue
		}
		delete(due, id)
		row := found[id]
		switch {
		case row == nil:
			l.sound(ctx, alarm{problem: "deleted", id: id})
		case row.digest() != entry.digest:
			l.sound(ctx, alarm{problem: "changed", id: id, seq: row.place()})
		case row.Seq == nil:
			continue // committed after this round looked
		}
		l.witness.saw(id)
	}
	return nil
}
