// Package console is the API of the admin console for what the protocol lacks:
// lists that stay fast at a million people, figures, live sessions, a person's
// panel, bulk actions, the outbox, health, settings, import and export. The
// routes are in docs/reference/console-api.md, and each is a thin layer over a
// typed method. It refuses to know other plugins and the server around it: what
// it needs of them comes in through Sources. Read source.go, then users.go.
package console

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Options bounds what the console's requests may take.
type Options struct {
	// MaxPage is how many rows a page may have. Default 200, from 50 to 1000.
	MaxPage int
	// MaxBulk is how many people one bulk action may name. Default and at most
	// 500.
	MaxBulk int
	// MaxImportBytes is the size of an uploaded file of people. Default 64 MiB,
	// at most 1 GiB; it waits on disk in the system's folder for temporary files.
	MaxImportBytes int64
	// CountTimeout is how long the figures of the overview may be counted in one
	// request; what is missing then is counted by the next. Default 2 seconds, at
	// most 30.
	CountTimeout time.Duration
}

// Console is the feature; New makes one. Safe for concurrent use.
type Console struct {
	options Options
	sources Sources
	app     *gatehouse.App
	started time.Time

	users    *store.Table[gatehouse.User]
	accounts *store.Table[gatehouse.Account]
	sessions *store.Table[gatehouse.Session]
	mails    *store.Table[gatehouse.OutboxMail]

	counts    *counts
	figures   figures
	importing sync.Mutex
}

var _ gatehouse.Plugin = (*Console)(nil)

// New returns the plugin. Sources.Admin is required. Plug it after the plugins
// that the sources speak for.
func New(o Options, sources Sources) *Console {
	setDefault(&o.MaxPage, 200)
	setDefault(&o.MaxBulk, 500)
	setDefault(&o.MaxImportBytes, 64<<20)
	setDefault(&o.CountTimeout, 2*time.Second)
	return &Console{options: o, sources: sources, counts: newCounts()}
}

func setDefault[T comparable](option *T, value T) {
	var zero T
	if *option == zero {
		*option = value
	}
}

func (o *Options) check() error {
	for _, one := range []struct {
		name             string
		value, low, high int64
	}{
		{"maxPage", int64(o.MaxPage), usualPage, 1000}, {"maxBulk", int64(o.MaxBulk), 1, 500}, {"maxImportBytes", o.MaxImportBytes, 1, 1 << 30},
	} {
		if one.value < one.low || one.value > one.high {
			return fmt.Errorf("%s is %d: want %d to %d", one.name, one.value, one.low, one.high)
		}
	}
	if o.CountTimeout < 0 || o.CountTimeout > 30*time.Second {
		return errors.New("countTimeout: want at most 30 seconds")
	}
	return nil
}

// Plug declares the feature.
func (k *Console) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	if err := k.options.check(); err != nil {
		return gatehouse.Parts{}, err
	}
	if k.sources.Admin == nil {
		return gatehouse.Parts{}, errors.New("the console needs plugins/admin: switch it on too")
	}
	k.app, k.started = app, app.Now()
	k.declare(app.DB)
	return gatehouse.Parts{ID: "console", Routes: k.routes()}, nil
}

// declare names the tables and the indexes along which pages are read.
func (k *Console) declare(db *store.DB) {
	k.users = store.Define[gatehouse.User](db, "user")
	k.users.Index("createdAt", "id")
	k.users.Index("name", "id")
	k.accounts = store.Define[gatehouse.Account](db, "account")
	k.sessions = store.Define[gatehouse.Session](db, "session")
	k.sessions.Index("createdAt", "id")
	db.AddIndex("session", "ipAddress", store.Ordered)
	db.AddIndex("session", "impersonatedBy", store.Ordered)
	k.mails = store.Define[gatehouse.OutboxMail](db, "outbox")
	k.mails.Index("state", "createdAt")
}
