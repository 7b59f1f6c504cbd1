package lockout

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var listOp = gatehouse.Op{
	ID: "listLocks", Method: http.MethodGet, Path: "/lockout/list",
	Doc:    "Lists the locks in force, the newest first.",
	Access: gatehouse.Can("user", "list"), OwnerOnly: true,
}

var clearOp = gatehouse.Op{
	ID: "clearLocks", Method: http.MethodPost, Path: "/lockout/clear",
	Doc:    "Ends the locks of a user, an address people sign in with, or a client address, or one lock.",
	Access: gatehouse.Can("user", "update"), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrTarget},
}

// ErrTarget answers a request to clear that does not say what.
var ErrTarget = gatehouse.NewError(http.StatusBadRequest, "INVALID_LOCK_TARGET", "Name exactly one of id, userId, identifier and address")

// Lock is a lock in force.
type Lock struct {
	ID string `json:"id"`
	// Kind is "account", "device" (a browser that its owner has used before)
	// or "address" (a client address).
	Kind string `json:"kind"`
	// Method is what was tried; "" for addresses.
	Method string `json:"method"`
	// UserID is whose account it is; nil when nobody's.
	UserID *string `json:"userId"`
	// Address is the client address of that kind.
	Address  *string   `json:"address"`
	Failures int64     `json:"failures"`
	LastAt   time.Time `json:"lastAt"`
	Until    time.Time `json:"until"`
}

// maxListed bounds a list of locks.
const maxListed = 1000

// Locks lists the locks in force, the newest first, at most 1000.
func (l *Lockouts) Locks(ctx context.Context) ([]Lock, error) {
	now := l.app.Now()
	rows, err := l.listing.All(ctx, now.UnixMilli(), now.Add(skew).UnixMilli(), maxListed)
	if err != nil {
		return nil, wrapped("list locks", err)
	}
	return locksOf(rows), nil
}

// LocksOf lists the locks in force on a user's account and known browsers, the
// newest first, at most 1000.
func (l *Lockouts) LocksOf(ctx context.Context, userID string) ([]Lock, error) {
	now := l.app.Now()
	rows, err := l.ofUser.All(ctx, userID, now.UnixMilli(), now.Add(skew).UnixMilli(), maxListed)
	if err != nil {
		return nil, wrapped("list locks", err)
	}
	return locksOf(rows), nil
}

func locksOf(rows []*counter) []Lock {
	all := make([]Lock, len(rows))
	for i, r := range rows {
		all[i] = Lock{
			ID: r.ID, Kind: r.Kind, Method: r.Method, UserID: r.UserID, Address: r.Address, Failures: r.Tries,
			LastAt: time.UnixMilli(r.LastAt).UTC(), Until: time.UnixMilli(r.OpensAt).UTC(),
		}
	}
	return all
}

// Target says which counters Clear clears: exactly one field is set.
type Target struct {
	// ID is that of one Lock.
	ID string
	// UserID is whose name and browsers are meant, for every method.
	UserID string
	// Identifier is what people type: an e-mail address, of somebody or nobody.
	Identifier string
	// Address is a client address as Lock gives it.
	Address string
}

// Clear forgets the failures counted for a target, and with them its locks. It
// reports how many locks it ended, 0 when there was none. A Target that is not
// one is ErrTarget.
func (l *Lockouts) Clear(ctx context.Context, t Target) (ended int, err error) {
	set := 0
	for _, field := range []string{t.ID, t.UserID, t.Identifier, t.Address} {
		if field != "" {
			set++
		}
	}
	if set != 1 {
		return 0, ErrTarget
	}
	const reason = "admin"
	switch {
	case t.ID != "":
		return l.end(ctx, reason, l.takeID, t.ID)
	case t.Address != "":
		return l.end(ctx, reason, l.takeKey, l.keyOf(kindAddress, t.Address))
	case t.Identifier != "":
		return l.end(ctx, reason, l.takeKey, l.nameKey(gatehouse.NormalizeEmail(t.Identifier)))
	}
	name := ""
	user, err := l.app.Users.ByID(ctx, t.UserID)
	switch {
	case err == nil:
		name = l.nameKey(user.Email)
	case !errors.Is(err, store.ErrNotFound):
		return 0, wrapped("read user", err)
	}
	return l.end(ctx, reason, l.takeUser, t.UserID, name)
}

func (l *Lockouts) nameKey(identifier string) string {
	return l.keyOf(kindName, passwordMethod, identifier)
}

// clearPassword forgets what was counted against a user's password.
func (l *Lockouts) clearPassword(ctx context.Context, user *gatehouse.User, reason string) error {
	_, err := l.end(ctx, reason, l.takeMethod, user.ID, l.nameKey(gatehouse.NormalizeEmail(user.Email)), passwordMethod)
	return err
}

// end takes counters away and records the locks among them.
func (l *Lockouts) end(ctx context.Context, reason string, take *store.Query[counter], args ...any) (ended int, err error) {
	now := l.app.Now()
	err = l.app.Tx(ctx, func(ctx context.Context) error {
		rows, err := take.All(ctx, args...)
		if err != nil {
			return wrapped("clear attempts", err)
		}
		for _, row := range rows {
			if !row.isLocked(now) {
				continue
			}
			ended++
			if err := l.app.Record(ctx, row.event("lock.clear", reason)); err != nil {
				return err
			}
		}
		return nil
	})
	return ended, err
}

// Listed is the answer of GET /lockout/list.
type Listed struct {
	Locks []Lock `json:"locks"`
}

func (l *Lockouts) list(c *gatehouse.Call, _ struct{}) (Listed, error) {
	locks, err := l.Locks(c)
	return Listed{locks}, err
}

// Clear is the body of POST /lockout/clear: exactly one member.
type Clear struct {
	ID         string `json:"id,omitempty" check:"optional,max=255"`
	UserID     string `json:"userId,omitempty" check:"optional,max=255"`
	Identifier string `json:"identifier,omitempty" check:"optional,max=320" doc:"An e-mail address."`
	Address    string `json:"address,omitempty" check:"optional,max=64" doc:"A client address as listed."`
}

// Cleared is the answer: how many locks ended.
type Cleared struct {
	Ended int `json:"ended"`
}

func (l *Lockouts) clear(c *gatehouse.Call, in Clear) (Cleared, error) {
	ended, err := l.Clear(c, Target(in))
	return Cleared{ended}, err
}
