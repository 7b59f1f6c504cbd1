package lockout

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// counter is what failed under one key. Times are Unix milliseconds, so that
// every database can reckon with them.
type counter struct {
	ID  string `db:"id"`
	Key string `db:"key,unique,len=64"` // of a name, a known browser or an address; see keyOf
	// Kind says of what.
	Kind   string `db:"kind,len=16"`
	Method string `db:"method,len=32"` // of the attempt; "" for addresses
	// UserID is whose name or browser it is, if anybody's. No foreign key: the
	// counters of nobody must cost the same.
	UserID  *string `db:"userId,index,len=255"`
	Address *string `db:"address,len=45"`
	Tries   int64   `db:"tries,bigint"`
	LastAt  int64   `db:"lastAt,bigint,index"`
	OpensAt int64   `db:"opensAt,bigint"` // when the next try may be made; 0: at once
	Locks   int64   `db:"locks,bigint"`   // so far, in a row
	State   string  `db:"state,index,len=16"`
}

// The kinds of counter. One of password counts nothing: it says since when the
// password is in force, and with it which browsers are known.
const (
	kindName     = "account"
	kindDevice   = "device"
	kindAddress  = "address"
	kindPassword = "password"
)

// The states of a counter: below the bound, at it, and at it with everybody
// told who should be.
const (
	counting = "counting"
	locked   = "locked"
	told     = "told"
)

// counters are the statements.
type counters struct {
	names, addresses rule
	deviceTTL        time.Duration

	find           *store.Query[counter]
	countName      *store.Upsert[counter]
	countAddress   *store.Upsert[counter]
	uncountName    *store.Exec
	uncountAddress *store.Exec
	setPassword    *store.Upsert[counter]
	drop           *store.Exec

	untold  *store.Query[counter]
	tell    *store.Exec
	listing *store.Query[counter]
	ofUser  *store.Query[counter]

	takeID     *store.Query[counter]
	takeKey    *store.Query[counter]
	takeUser   *store.Query[counter]
	takeMethod *store.Query[counter]
	dropUser   *store.Exec
	sweep      *store.Exec
}

func newCounters(db *store.DB, o Options) counters {
	table := store.Define[counter](db, "lockout")
	names := rule{max: int64(o.MaxFailures), window: o.Window, lockFor: o.LockFor, maxLockFor: o.MaxLockFor, delayAfter: int64(max(o.DelayAfter, 0)), delay: o.Delay}
	addresses := rule{max: int64(o.MaxFailuresPerAddress), window: o.Window, lockFor: o.LockFor, maxLockFor: o.LockFor}
	return counters{
		names: names, addresses: addresses, deviceTTL: o.DeviceTTL,

		find:           table.Select("{key} IN (?, ?, ?, ?)"),
		countName:      names.count(table),
		countAddress:   addresses.count(table),
		uncountName:    names.uncount(table),
		uncountAddress: addresses.uncount(table),
		setPassword:    table.Upsert("key", "{lastAt} = {new.lastAt}", ""),
		drop:           table.Delete("{key} = ?"),

		untold:  table.Select("{state} = '" + locked + "' AND {lastAt} < ? ORDER BY {lastAt} LIMIT 100"),
		tell:    table.Update("{state} = '"+told+"'", "{id} = ? AND {state} = '"+locked+"' AND {lastAt} = ?"),
		listing: table.Select("{state} <> '" + counting + "' AND {opensAt} > ? AND {lastAt} <= ? ORDER BY {lastAt} DESC LIMIT ?"),
		ofUser:  table.Select("{userId} = ? AND {state} <> '" + counting + "' AND {opensAt} > ? AND {lastAt} <= ? ORDER BY {lastAt} DESC LIMIT ?"),

		takeID:     table.Take("{id} = ? AND {kind} <> '" + kindPassword + "'"),
		takeKey:    table.Take("{key} = ?"),
		takeUser:   table.Take("({userId} = ? OR {key} = ?) AND {kind} <> '" + kindPassword + "'"),
		takeMethod: table.Take("({userId} = ? OR {key} = ?) AND {kind} <> '" + kindPassword + "' AND {method} = ?"),
		dropUser:   table.Delete("{userId} = ?"),
		sweep: table.Delete("({kind} <> '" + kindPassword + "' AND ({locks} = 0 AND {opensAt} < ? AND {lastAt} < ? OR {lastAt} < ?))" +
			" OR ({kind} = '" + kindPassword + "' AND {lastAt} < ?)"),
	}
}

// Sweep removes what has no say any more: a counter whose window is over, one
// with locks when those are forgotten. A job runs it.
func (l *Lockouts) Sweep(ctx context.Context) error {
	now := l.app.Now()
	before := func(d time.Duration) int64 { return now.Add(-d).UnixMilli() }
	_, err := l.sweep.Run(ctx, now.UnixMilli(), before(l.names.window), before(l.names.forgets()), before(l.deviceTTL))
	return err
}

// deriveKey gives the lockout a key of its own, so that nothing stored here
// is the value of a cookie elsewhere.
func deriveKey(secret string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("gatehouse lockout"))
	return mac.Sum(nil)
}

// keyOf stands for names in the table and in cookies: whoever reads them
// learns nothing of what people typed. It is 43 characters, base64 of an
// HMAC-SHA256.
func (l *Lockouts) keyOf(kind string, parts ...string) string {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte(kind + "\x00" + strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
