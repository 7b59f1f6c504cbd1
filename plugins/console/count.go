package console

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Count is how many rows a list has on all pages.
type Count struct {
	Value int64 `json:"value"`
	Exact bool  `json:"exact"`
}

const (
	// exactUpTo is up to how many rows are counted whatever the database.
	exactUpTo = 10_000
	// countedUpTo is that where the database cannot guess.
	countedUpTo = 1_000_000
	countsKept  = 256
	countAge    = time.Minute
)

// counts keeps large ones for a minute: a table is read once a minute and
// list, not on every page.
type counts struct {
	mu    sync.Mutex
	known map[string]knownCount
}

type knownCount struct {
	Count
	at time.Time
}

func newCounts() *counts { return &counts{known: map[string]knownCount{}} }

func (c *counts) recent(key string, now time.Time) (Count, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.known[key]
	return known.Count, ok && now.Sub(known.at) < countAge
}

func (c *counts) keep(key string, n Count, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= countsKept {
		clear(c.known)
	}
	c.known[key] = knownCount{n, now}
}

// guesser is a table that can be counted.
type guesser interface {
	CountUpTo(ctx context.Context, where []store.Condition, most int64) (int64, error)
	Estimate(ctx context.Context, where []store.Condition) (int64, bool, error)
}

// count counts the rows of a list that name and query describe. later: it is
// not the first page, so a small number may be as old as a large one.
func (k *Console) count(ctx context.Context, name string, query any, table guesser, where []store.Condition, later bool) (Count, error) {
	key, err := json.Marshal([]any{name, query})
	if err != nil {
		return Count{}, err
	}
	now := k.app.Now()
	if n, ok := k.counts.recent(string(key), now); ok && (later || n.Value > exactUpTo) {
		return n, nil
	}
	n, err := countOf(ctx, table, where)
	if err == nil {
		k.counts.keep(string(key), n, now)
	}
	return n, err
}

func countOf(ctx context.Context, table guesser, where []store.Condition) (Count, error) {
	guess, guesses, err := table.Estimate(ctx, where)
	if err != nil {
		return Count{}, err
	}
	most := int64(exactUpTo)
	if !guesses {
		most = countedUpTo
	}
	n, err := table.CountUpTo(ctx, where, most+1)
	switch {
	case err != nil:
		return Count{}, err
	case n <= most:
		return Count{n, true}, nil
	}
	return Count{max(n, guess), false}, nil
}
