package admin

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// How many users a list has is counted up to a bound on every page. Beyond the
// bound all are counted, and the number is kept for a minute: so the table is
// read once a minute and list, not on every page.

const (
	countedAlways = 10_000
	// countedFound is the bound where each row has to be looked into.
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
	most := countedAlways
	for _, condition := range where {
		if condition.Op == store.Contains || condition.Op == store.EndsWith {
			most = countedFound
		}
	}
	n, err := a.users.CountUpTo(ctx, where, most+1)
	if err != nil || n <= int64(most) {
		return n, err
	}
	key, err := json.Marshal(where)
	if err != nil {
		return 0, err
	}
	now := a.app.Now()
	if n, ok := a.totals.recent(string(key), now); ok {
		return n, nil
	}
	if n, err = a.users.CountWhere(ctx, where); err == nil {
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
