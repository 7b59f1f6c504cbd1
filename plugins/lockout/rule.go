package lockout

import (
	"fmt"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// rule says when a counter lets the next try through. Its SQL and its Go agree:
// the SQL counts, in one statement, and the Go reads what was counted.
type rule struct {
	max        int64
	window     time.Duration
	lockFor    time.Duration
	maxLockFor time.Duration
	delayAfter int64 // 0: never
	delay      time.Duration
}

// skew is how far the clocks of nodes may differ. A counter that was written
// further in the future tells of a clock that was wrong, and counts for nothing:
// otherwise a clock that jumped ahead and back would lock everybody out.
const skew = 5 * time.Minute

// forgets is after how long without a try a counter with locks is as good as
// new: a lock of any length is over by then.
func (r rule) forgets() time.Duration { return r.maxLockFor + 24*time.Hour }

// first is a counter after its first try.
func (r rule) first(c *counter, now time.Time) *counter {
	c.Tries, c.LastAt, c.State = 1, now.UnixMilli(), counting
	if r.delayAfter == 1 {
		c.OpensAt = c.LastAt + r.delay.Milliseconds()
	}
	return c
}

// count is the statement that counts a try if one may be made now, and gives
// the counter as it then is; store.ErrNotFound says that none may. The record
// it is run with is that of a first try, so that {new.…} holds now.
func (r rule) count(table *store.Table[counter]) *store.Upsert[counter] {
	const tries, locks = "{lockout.tries} + 1", "{lockout.locks}"
	future := fmt.Sprintf("{lockout.lastAt} > {new.lastAt} + %d", skew.Milliseconds())
	older := func(d time.Duration) string {
		return fmt.Sprintf("{lockout.lastAt} <= {new.lastAt} - %d", d.Milliseconds())
	}
	// Where the statement runs at all, a full counter's lock is over.
	fresh := fmt.Sprintf("(%s OR %s OR {lockout.tries} >= %d)", older(r.window), future, r.max)
	full := fmt.Sprintf("%s >= %d", tries, r.max)
	set := []string{
		"{tries} = CASE WHEN " + fresh + " THEN 1 ELSE " + tries + " END",
		"{locks} = CASE WHEN " + older(r.forgets()) + " OR " + future + " THEN 0 WHEN " + fresh + " THEN " + locks +
			" WHEN " + full + " THEN " + locks + " + 1 ELSE " + locks + " END",
		"{opensAt} = CASE WHEN " + fresh + " THEN {new.opensAt} WHEN " + full +
			" THEN {new.lastAt} + " + steps(locks, 0, r.lockFor, r.maxLockFor) + r.distance(tries) + " END",
		"{state} = CASE WHEN " + fresh + " THEN '" + counting + "' WHEN " + full + " THEN '" + locked + "' ELSE '" + counting + "' END",
		"{lastAt} = {new.lastAt}", "{userId} = {new.userId}",
	}
	return table.Upsert("key", strings.Join(set, ", "), "{lockout.opensAt} <= {new.lastAt} OR "+future)
}

// distance is the part of a CASE that sets when the next try may be made.
func (r rule) distance(tries string) string {
	if r.delayAfter == 0 {
		return " ELSE 0"
	}
	return fmt.Sprintf(" WHEN %s >= %d THEN {new.lastAt} + %s ELSE 0", tries, r.delayAfter, steps(tries, r.delayAfter, r.delay, longDelay))
}

// steps is a CASE that doubles d with each step of n beyond from, up to most.
func steps(n string, from int64, d, most time.Duration) string {
	var b strings.Builder
	b.WriteString("CASE")
	for ; d < most; d, from = 2*d, from+1 {
		fmt.Fprintf(&b, " WHEN %s <= %d THEN %d", n, from, d.Milliseconds())
	}
	// The first arm is there even where there is one step only.
	fmt.Fprintf(&b, " WHEN 1 = 1 THEN %d END", most.Milliseconds())
	return b.String()
}

// uncount takes one try back, with the lock that it set. Its parameter is the
// key.
func (r rule) uncount(table *store.Table[counter]) *store.Exec {
	return table.Update(fmt.Sprintf("{tries} = {tries} - 1, {opensAt} = 0, {state} = '%s', "+
		"{locks} = CASE WHEN {tries} >= %d AND {locks} > 0 THEN {locks} - 1 ELSE {locks} END", counting, r.max),
		"{key} = ? AND {tries} > 0")
}

// wait is how long until a counter lets a try through; nil is one that never
// counted.
func (c *counter) wait(now time.Time) time.Duration {
	if c == nil || c.LastAt > now.Add(skew).UnixMilli() {
		return 0
	}
	return max(0, time.UnixMilli(c.OpensAt).Sub(now))
}

// isLocked: c waits because of too many failures, and not for a distance.
func (c *counter) isLocked(now time.Time) bool {
	return c != nil && c.State != counting && c.wait(now) > 0
}
