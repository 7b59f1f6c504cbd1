package passwordpolicy

import (
	"context"
	"crypto/sha1" //nolint:gosec // the form in which breached passwords are published
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse"
)

// BreachOptions say where stolen passwords are looked up. At most one place is
// set; without any nothing is looked up.
type BreachOptions struct {
	// RangeURL is a service that answers range requests, such as
	// "https://api.pwnedpasswords.com". It learns the first 5 of 40 digits of
	// the password's SHA-1, which hundreds of passwords share.
	RangeURL string
	// File is a list of SHA-1 hashes, sorted, one "HASH" or "HASH:COUNT" a line.
	// It is searched where it lies, however long. Nothing leaves this machine.
	File string
	// Timeout bounds one look-up. Default 2 seconds; 100 milliseconds to 10 seconds.
	Timeout time.Duration
	// FailClosed refuses new passwords (503 PASSWORD_CHECK_UNAVAILABLE) while the
	// look-up fails. Without it they pass, and the log says so.
	FailClosed bool

	// Source is another place.
	Source BreachSource `option:"-"`
}

// BreachSource knows the passwords that were stolen.
type BreachSource interface {
	// Breached reports whether a password with this SHA-1 is among them. An
	// error means that it cannot tell, and says nothing of the hash.
	Breached(ctx context.Context, hash [sha1.Size]byte) (bool, error)
}

// breachCheck asks a source and decides what its failure means.
type breachCheck struct {
	app     *gatehouse.App
	options BreachOptions
	source  BreachSource

	mu     sync.Mutex
	warned time.Time
}

func newBreachCheck(app *gatehouse.App, o BreachOptions) (*breachCheck, error) {
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	if o.Timeout < 100*time.Millisecond || o.Timeout > 10*time.Second {
		return nil, errors.New("breaches.timeout: want 100 milliseconds to 10 seconds")
	}
	b := &breachCheck{app: app, options: o, source: o.Source}
	places := 0
	if o.Source != nil {
		places++
	}
	var err error
	if o.RangeURL != "" {
		places++
		if b.source, err = NewRange(o.RangeURL); err != nil {
			return nil, fmt.Errorf("breaches.rangeURL: %w", err)
		}
	}
	if o.File != "" {
		places++
		if b.source, err = OpenHashFile(o.File); err != nil {
			return nil, fmt.Errorf("breaches.file: %w", err)
		}
	}
	if places > 1 {
		return nil, errors.New("breaches: set one of rangeURL, file and Source")
	}
	return b, nil
}

func (b *breachCheck) check(ctx context.Context, password string) error {
	if b.source == nil {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, b.options.Timeout)
	defer cancel()
	breached, err := b.source.Breached(bounded, sha1.Sum([]byte(password))) //nolint:gosec // see above
	switch {
	case err == nil && breached:
		return ErrCompromised
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // who asked is gone
	case b.options.FailClosed:
		return ErrCheckUnavailable.Because(err)
	}
	b.warn(ctx, err)
	return nil
}

// warn says once a minute that passwords pass unchecked.
func (b *breachCheck) warn(ctx context.Context, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := b.app.Now(); b.warned.IsZero() || now.Sub(b.warned) >= time.Minute {
		b.warned = now
		b.app.Config().Log.WarnContext(ctx, "new passwords pass without a look-up among breached ones", "err", err)
	}
}

func (b *breachCheck) close() error {
	if closer, ok := b.source.(io.Closer); ok && b.options.Source == nil {
		return closer.Close()
	}
	return nil
}
