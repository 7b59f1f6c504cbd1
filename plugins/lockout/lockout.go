// Package lockout bounds how often a password, or anything else that can be
// guessed, may be tried: per name, per client address, and per browser that
// its owner has used before, so that nobody locks out somebody else. Counts
// are in the database and hold on every node. It refuses to know how a
// password is checked: see gatehouse.AttemptGuard. Read guard.go first.
package lockout

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
)

// Options configures the lockout. The zero value is five failures within 15
// minutes, then 15 minutes of rest.
type Options struct {
	// MaxFailures is how many wrong tries lock a name, or a known browser,
	// where each comes within Window of the one before. Default 5, from 2 to 100.
	MaxFailures int
	// Window is how long a failure is remembered. Default 15 minutes, from 1
	// minute to 24 hours.
	Window time.Duration
	// LockFor is how long the first lock lasts; each further one lasts twice
	// as long as the one before, up to MaxLockFor, until somebody gets in.
	// Default 15 minutes, from 1 minute to 24 hours.
	LockFor time.Duration
	// MaxLockFor is the longest lock. Default 24 hours, from LockFor to 7 days.
	MaxLockFor time.Duration
	// DelayAfter is after how many failures tries must keep a distance.
	// Default 3, at most 100; -1 never asks for one.
	DelayAfter int
	// Delay is the first distance; each further failure doubles it, up to 1
	// minute. Default 1 second, at most 1 minute.
	Delay time.Duration
	// MaxFailuresPerAddress is how many wrong tries, over all names, lock a
	// client address (an IPv6 network as advanced.ipAddress has it) for
	// LockFor. Many people may share one. Default 50, from 5 to 100000; -1
	// does not count addresses.
	MaxFailuresPerAddress int
	// DeviceTTL is how long a browser stays known after a sign-in. Default 180
	// days, from 1 day to 400 days.
	DeviceTTL time.Duration
	// UnlockURL is the page that a mailed unlock link ends at: it gets a token,
	// which it sends to POST /lockout/unlock, or an error. A path below the
	// origin or a whole address. Default "/unlock", which the server has.
	UnlockURL string
	// UnlockTTL is how long an unlock link works. Default 24 hours, from 1
	// minute to 7 days.
	UnlockTTL time.Duration
	// DisableMail keeps owners from being told of a lock.
	DisableMail bool
	// AdminRoutes adds operations that list and clear locks, for people whom
	// the authority lets list and update users.
	AdminRoutes bool
}

// Lockouts is the feature; New makes one.
type Lockouts struct {
	options Options
	app     *gatehouse.App
	key     []byte // of everything that is stored in place of a name
	device  gatehouse.CookieSpec
	counters
}

var (
	_ gatehouse.Plugin       = (*Lockouts)(nil)
	_ gatehouse.AttemptGuard = (*Lockouts)(nil)
)

// The errors of this package. Both carry Retry-After, and X-Retry-After as the
// protocol's rate limit does, in seconds.
var (
	// ErrLocked answers tries at a name that is locked, whether or not it has
	// an account.
	ErrLocked = gatehouse.NewError(http.StatusTooManyRequests, "ACCOUNT_LOCKED", "Too many failed attempts. Please try again later.")
	// ErrTooSoon answers a try that comes too soon after the one before, or
	// from an address that failed too often.
	ErrTooSoon = gatehouse.NewError(http.StatusTooManyRequests, "TOO_MANY_ATTEMPTS", "Too many attempts. Please wait before trying again.")
)

// New returns the plugin.
func New(o Options) *Lockouts { return &Lockouts{options: o.WithDefaults()} }

// WithDefaults are the options as they are in force.
func (o Options) WithDefaults() Options {
	setDefault(&o.MaxFailures, 5)
	setDefault(&o.Window, 15*time.Minute)
	setDefault(&o.LockFor, 15*time.Minute)
	setDefault(&o.MaxLockFor, max(24*time.Hour, o.LockFor))
	setDefault(&o.DelayAfter, 3)
	setDefault(&o.Delay, time.Second)
	setDefault(&o.MaxFailuresPerAddress, 50)
	setDefault(&o.DeviceTTL, 180*24*time.Hour)
	setDefault(&o.UnlockURL, "/unlock")
	setDefault(&o.UnlockTTL, 24*time.Hour)
	return o
}

func setDefault[T comparable](option *T, value T) {
	var zero T
	if *option == zero {
		*option = value
	}
}

// Plug declares the feature.
func (l *Lockouts) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	if err := l.options.check(); err != nil {
		return gatehouse.Parts{}, err
	}
	l.app = app
	l.key = deriveKey(app.Secret())
	l.device = app.Cookie("known_device", &l.options.DeviceTTL)
	l.counters = newCounters(app.DB, l.options)
	routes := []gatehouse.Route{
		gatehouse.Endpoint(openOp, l.open),
		gatehouse.Endpoint(unlockOp, l.unlock),
	}
	if l.options.AdminRoutes {
		routes = append(routes, gatehouse.Endpoint(listOp, l.list), gatehouse.Endpoint(clearOp, l.clear))
	}
	return gatehouse.Parts{
		ID:       "lockout",
		Routes:   routes,
		Attempts: []gatehouse.AttemptGuard{l},
		Errors:   []*gatehouse.Error{ErrLocked, ErrTooSoon},
		Hooks: gatehouse.Hooks{
			SessionSet:  l.rememberBrowser,
			PasswordSet: l.passwordSet,
			User:        gatehouse.RecordHooks[gatehouse.User]{AfterDelete: l.forgetUser},
		},
		Jobs: []gatehouse.Job{
			{Name: "tell of locks", Every: 10 * time.Second, Run: l.Notify},
			{Name: "sweep lockout", Every: 10 * time.Minute, Run: l.Sweep},
		},
	}, nil
}

const (
	day       = 24 * time.Hour
	longDelay = time.Minute
)

func (o *Options) check() error {
	for _, one := range []struct {
		name             string
		value, low, high time.Duration
	}{
		{"window", o.Window, time.Minute, day}, {"lockFor", o.LockFor, time.Minute, day},
		{"maxLockFor", o.MaxLockFor, o.LockFor, 7 * day}, {"delay", o.Delay, time.Millisecond, longDelay},
		{"deviceTTL", o.DeviceTTL, day, 400 * day}, {"unlockTTL", o.UnlockTTL, time.Minute, 7 * day},
	} {
		if one.value < one.low || one.value > one.high {
			return fmt.Errorf("%s is %s: want %s to %s", one.name, one.value, one.low, one.high)
		}
	}
	for _, one := range []struct {
		name             string
		value, low, high int
		off              bool
	}{
		{"maxFailures", o.MaxFailures, 2, 100, false}, {"delayAfter", o.DelayAfter, 1, 100, true},
		{"maxFailuresPerAddress", o.MaxFailuresPerAddress, 5, 100_000, true},
	} {
		if (one.value < one.low || one.value > one.high) && !(one.off && one.value == -1) {
			return fmt.Errorf("%s is %d: want %d to %d", one.name, one.value, one.low, one.high)
		}
	}
	page, err := url.Parse(o.UnlockURL)
	path := err == nil && page.Scheme == "" && page.Host == "" && strings.HasPrefix(o.UnlockURL, "/") && !strings.HasPrefix(o.UnlockURL, "//")
	whole := err == nil && (page.Scheme == "http" || page.Scheme == "https") && page.Host != ""
	if !path && !whole {
		return errors.New("unlockURL: want a path such as /unlock, or an http or https address")
	}
	return nil
}
