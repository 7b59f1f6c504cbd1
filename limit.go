package gatehouse

import (
	"context"
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/ratelimit"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Rate limits are the protocol's: a count per client address and path, in a
// window that slides until there is a pause (PROTOCOL 10).

// limiter counts one request and says whether it passes; if not, how long to wait.
type limiter interface {
	Allow(ctx context.Context, key string, window time.Duration, max int, now time.Time) (retry time.Duration, ok bool, err error)
}

// maxLimitKeys bounds the memory that strangers can make us use.
const maxLimitKeys = 100_000

type memoryLimiter struct{ counts *ratelimit.Memory }

func (m memoryLimiter) Allow(_ context.Context, key string, window time.Duration, max int, now time.Time) (time.Duration, bool, error) {
	retry, ok := m.counts.Allow(key, window, max, now)
	return retry, ok, nil
}

// limitRow is one counter shared by all nodes.
type limitRow struct {
	ID          string `db:"id"`
	Key         string `db:"key,unique"`
	Count       int64  `db:"count"`
	LastRequest int64  `db:"lastRequest,bigint"` // milliseconds
}

type databaseLimiter struct {
	table *store.Table[limitRow]
	byKey *store.Query[limitRow]
	fresh *store.Exec
	again *store.Exec
	sweep *store.Exec
}

func newDatabaseLimiter(db *store.DB) *databaseLimiter {
	table := store.Define[limitRow](db, "rateLimit")
	return &databaseLimiter{
		table: table,
		byKey: table.Select("{key} = ?"),
		fresh: table.Update("{count} = 1, {lastRequest} = ?", "{key} = ? AND {lastRequest} <= ?"),
		again: table.Update("{count} = {count} + 1, {lastRequest} = ?", "{key} = ? AND {lastRequest} > ? AND {count} < ?"),
		sweep: table.Delete("{lastRequest} < ?"),
	}
}

// Allow counts by guarded updates, so that parallel requests on many nodes
// never pass more than max.
func (d *databaseLimiter) Allow(ctx context.Context, key string, window time.Duration, limit int, now time.Time) (time.Duration, bool, error) {
	ms, edge := now.UnixMilli(), now.Add(-window).UnixMilli()
	for range 3 {
		if rows, err := d.again.Run(ctx, ms, key, edge, limit); err != nil || rows == 1 {
			return 0, err == nil, err
		}
		if rows, err := d.fresh.Run(ctx, ms, key, edge); err != nil || rows == 1 {
			return 0, err == nil, err
		}
		row, err := d.byKey.One(ctx, key)
		if err == nil && row.Count >= int64(limit) && row.LastRequest > edge {
			return time.Duration(row.LastRequest-edge) * time.Millisecond, false, nil
		}
		if isNotFound(err) {
			err = d.table.Insert(ctx, &limitRow{Key: key, Count: 1, LastRequest: ms})
			if err == nil {
				return 0, true, nil
			}
			if isConflict(err) {
				continue
			}
		}
		if err != nil {
			return 0, false, err
		}
	}
	return window, false, nil
}

// builtInLimits are the protocol's own rules for costly paths.
var builtInLimits = []Limit{
	{Window: 10 * time.Second, Max: 3, Match: func(p string) bool {
		return hasAnyPrefix(p, "/sign-in", "/sign-up", "/change-password", "/change-email")
	}},
	{Window: time.Minute, Max: 3, Match: func(p string) bool {
		return p == "/request-password-reset" || p == "/send-verification-email" ||
			hasAnyPrefix(p, "/forget-password") || p == "/email-otp/send-verification-otp" || p == "/email-otp/request-password-reset"
	}},
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// limitFor picks the rule of a path; later kinds of rule win over earlier.
func (a *App) limitFor(p string) (window time.Duration, limit int, ok bool) {
	o := &a.config.RateLimit
	window, limit = o.Window, o.Max
	for _, rules := range [][]Limit{builtInLimits, a.limits} {
		for _, rule := range rules {
			if rule.Match(p) {
				window, limit = rule.Window, rule.Max
				break
			}
		}
	}
	rule, custom := a.customRule(p)
	if custom && rule == nil {
		return 0, 0, false
	}
	if custom {
		return rule.Window, rule.Max, true
	}
	return window, limit, true
}

// customRule finds the operator's rule for a path: the exact one, else that
// of the longest pattern that matches.
func (a *App) customRule(p string) (rule *RateLimitRule, ok bool) {
	rules := a.config.RateLimit.CustomRules
	if rule, ok = rules[p]; ok {
		return rule, true
	}
	longest := ""
	for pattern, candidate := range rules {
		matched, _ := path.Match(pattern, p)
		better := len(pattern) > len(longest) || (len(pattern) == len(longest) && pattern > longest)
		if matched && better && strings.Contains(pattern, "*") {
			rule, ok, longest = candidate, true, pattern
		}
	}
	return rule, ok
}

// limit refuses a request over its rate. The key is the path the router sees,
// so no spelling of a path has a bucket of its own.
func (c *Call) limit() error {
	a := c.app
	if a.limiter == nil {
		return nil
	}
	window, limit, ok := a.limitFor(c.path)
	if !ok {
		return nil
	}
	address := c.ClientIP()
	if address == "" {
		if a.config.Advanced.IPAddress.DisableIPTracking {
			return nil
		}
		address = "no-trusted-ip"
	}
	retry, ok, err := a.limiter.Allow(c, address+"|"+c.path, window, limit, a.Now())
	if err != nil {
		return fmt.Errorf("count request: %w", unavailable(err))
	}
	if ok {
		return nil
	}
	seconds := strconv.Itoa(int(math.Ceil(retry.Seconds())))
	return ErrTooManyRequests.WithHeader("X-Retry-After", seconds)
}
