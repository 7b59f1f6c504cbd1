package lockout

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// try is an attempt and the counters that it belongs to.
type try struct {
	gatehouse.Attempt
	userID                           string
	nameKey, passwordKey, addressKey string
	address                          string
	device                           device // zero: the browser brings none for this person
	deviceKey                        string
	known                            bool // counted on the device, not on name and address
	rowDevice, rowName, rowAddress   *counter
}

// triedKey finds the try of a method in the request; passedKey the person who
// passed one.
type (
	triedKey  struct{ method string }
	passedKey struct{}
)

func (l *Lockouts) tryOf(c *gatehouse.Call, a gatehouse.Attempt) *try {
	t := &try{Attempt: a, nameKey: l.keyOf(kindName, a.Method, a.Identifier)}
	if a.User != nil {
		t.userID = a.User.ID
	}
	t.passwordKey = l.keyOf(kindPassword, t.userID)
	if t.address = c.ClientIP(); t.address != "" && l.options.MaxFailuresPerAddress > 0 {
		t.addressKey = l.keyOf(kindAddress, t.address)
	}
	if t.device = l.deviceOf(c, t.userID); t.device.id != "" {
		t.deviceKey = l.keyOf(kindDevice, a.Method, t.userID, t.device.id)
	}
	return t
}

// Begin counts the try as failed, or refuses it with ErrLocked or ErrTooSoon.
// A browser that the person signed in with before has a counter of its own;
// everybody else shares that of the name, and that of their address.
func (l *Lockouts) Begin(c *gatehouse.Call, a gatehouse.Attempt) error {
	t := l.tryOf(c, a)
	// Whoever loses a race against other tries looks again at what they left.
	for range 3 {
		if err := l.read(c, t); err != nil {
			return err
		}
		if refusal := t.refusal(l.app.Now()); refusal != nil {
			return refusal
		}
		err := l.count(c, t)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("count attempt: %w", err)
		}
		c.Context = context.WithValue(c.Context, triedKey{a.Method}, t)
		return nil
	}
	return waiting(ErrTooSoon, time.Second)
}

// read finds the try's counters, and with them whether its browser is known.
// For a name that nobody has it asks as much.
func (l *Lockouts) read(c *gatehouse.Call, t *try) error {
	rows, err := l.find.All(c, t.nameKey, t.passwordKey, t.addressKey, t.deviceKey)
	if err != nil {
		return fmt.Errorf("read attempts: %w", err)
	}
	t.rowDevice, t.rowName, t.rowAddress = nil, nil, nil
	t.known = t.device.id != ""
	for _, row := range rows {
		switch row.Key {
		case t.nameKey:
			t.rowName = row
		case t.addressKey:
			t.rowAddress = row
		case t.deviceKey:
			t.rowDevice = row
		case t.passwordKey:
			// Known under another password is not known.
			t.known = t.known && t.device.issuedAt >= row.LastAt
		}
	}
	t.known = t.known && !t.rowDevice.isLocked(l.app.Now())
	return nil
}

// refusal is the answer that the counters call for, nil when the try may be
// made. It spares them the writing under an attack; count decides.
func (t *try) refusal(now time.Time) error {
	switch {
	case t.known && t.rowDevice.wait(now) > 0:
		return waiting(ErrTooSoon, t.rowDevice.wait(now))
	case t.known:
		return nil
	case t.rowName.isLocked(now):
		return waiting(ErrLocked, t.rowName.wait(now))
	}
	if wait := max(t.rowAddress.wait(now), t.rowName.wait(now)); wait > 0 {
		return waiting(ErrTooSoon, wait)
	}
	return nil
}

// waiting is an answer that says when to come back.
func waiting(answer *gatehouse.Error, wait time.Duration) error {
	seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
	return answer.WithHeader("Retry-After", seconds).WithHeader("X-Retry-After", seconds)
}

// count counts the try, or returns store.ErrNotFound when another came first
// and none may be made now. The address comes first in every transaction, so
// that no two wait for each other.
func (l *Lockouts) count(c *gatehouse.Call, t *try) error {
	now := l.app.Now()
	fill := func(r rule, key, kind string) *counter {
		row := r.first(&counter{Key: key, Kind: kind, Method: t.Method}, now)
		if t.userID != "" {
			row.UserID = &t.userID
		}
		return row
	}
	if t.known {
		_, err := l.countName.Run(c, fill(l.names, t.deviceKey, kindDevice))
		return err
	}
	name := fill(l.names, t.nameKey, kindName)
	if t.addressKey == "" {
		_, err := l.countName.Run(c, name)
		return err
	}
	return l.app.Tx(c, func(ctx context.Context) error {
		row := l.addresses.first(&counter{Key: t.addressKey, Kind: kindAddress, Address: &t.address}, now)
		if _, err := l.countAddress.Run(ctx, row); err != nil {
			return err
		}
		_, err := l.countName.Run(ctx, name)
		return err
	})
}

// tried is the try that Begin counted in this request.
func tried(c *gatehouse.Call, method string) *try {
	t, _ := c.Value(triedKey{method}).(*try)
	return t
}

// Passed clears the counter that the try was on, and takes it back from the
// address's, which other names have filled as well. Success in a known browser
// leaves the name's counter alone: what strangers tried stays tried.
func (l *Lockouts) Passed(c *gatehouse.Call, a gatehouse.Attempt) error {
	t := tried(c, a.Method)
	if t == nil {
		return nil
	}
	if a.User != nil {
		c.Context = context.WithValue(c.Context, passedKey{}, a.User.ID)
	}
	if t.known {
		_, err := l.drop.Run(c, t.deviceKey)
		return wrapped("clear attempts", err)
	}
	return wrapped("clear attempts", l.takeBack(c, t, func(ctx context.Context) error {
		_, err := l.drop.Run(ctx, t.nameKey)
		return err
	}))
}

// Void takes back what Begin counted.
func (l *Lockouts) Void(c *gatehouse.Call, a gatehouse.Attempt) error {
	t := tried(c, a.Method)
	if t == nil {
		return nil
	}
	if t.known {
		_, err := l.uncountName.Run(c, t.deviceKey)
		return err
	}
	return l.takeBack(c, t, func(ctx context.Context) error {
		_, err := l.uncountName.Run(ctx, t.nameKey)
		return err
	})
}

// takeBack takes the try back from its address and runs name, as one change.
func (l *Lockouts) takeBack(c *gatehouse.Call, t *try, name func(context.Context) error) error {
	if t.addressKey == "" {
		return name(c)
	}
	return l.app.Tx(c, func(ctx context.Context) error {
		if _, err := l.uncountAddress.Run(ctx, t.addressKey); err != nil {
			return err
		}
		return name(ctx)
	})
}

func wrapped(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
