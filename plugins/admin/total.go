package admin

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// How many users a list has is counted on every page while they are few. A
// larger number is kept for a minute: so a table is read once a minute and list,
// not on every page.

const (
	// countedAlways is up to how many a list is counted on every page.
	countedAlways = 10_000
	// countedFound is that where each row has to be looked into.
	countedFound = 1_000
	totalsKept   = 256
	totalAge     = time.Minute
)

type totals struct {
	mu    sync.Mutex
	known map[string]knownTotal
}

type knownTotal struct {
	n  int64
	at time.Time
}

func newTotals() *totals { return &totals{known: map[string]knownTotal{}} }

func (a *Admin) total(ctx context.Context, where []store.Condition) (int64, error) {
	most := int64(countedAlways)
	for _, condition := range where {
		if condition.Op == store.Contains || condition.Op == store.EndsWith {
			most = countedFound
		}
	}
	key, err := json.Marshal(where)
	if err != nil {
		return 0, err
	}
	now := a.app.Now()
	if n, ok := a.totals.recent(string(key), now); ok {
		return n, nil
	}
	n, err := a.users.CountWhere(ctx, where)
	if err == nil && n > most {
		a.totals.keep(string(key), knownTotal{n, now})
	}
	return n, err
}

func (t *totals) recent(key string, now time.Time) (int64, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.known[key]
	return known.n, ok && now.Sub(known.at) < totalAge
}

func (t *totals) keep(key string, total knownTotal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) >= totalsKept {
		clear(t.known)
	}
	t.known[key] = total
}
