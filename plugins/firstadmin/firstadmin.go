// Package firstadmin lets whoever runs the server become its first
// administrator, by a link that works once, and nobody else. It refuses to
// know what an administrator may do: see gatehouse.Roster. Read claim.go next.
package firstadmin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/token"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Options configures the first administrator's link.
type Options struct {
	// Page is where the link leads, with ?token=. Default "/first-admin".
	Page string
	// ExpiresIn is how long the link works if the process runs that long.
	// Default 24 hours, at most 24 hours.
	ExpiresIn time.Duration
}

const maxLife = 24 * time.Hour

// hashNew judges and hashes the password of an account to be.
type hashNew func(ctx context.Context, user *gatehouse.User, password string) (hash string, err error)

// FirstAdmin is the feature; New makes one.
type FirstAdmin struct {
	options Options
	hash    hashNew
	app     *gatehouse.App

	offers *store.Table[offer]
	put    *store.Upsert[offer]
	take   *store.Query[offer]
	drop   *store.Exec

	mu      sync.Mutex
	offered string // the hash of the link that this process gave out
}

var _ gatehouse.Plugin = (*FirstAdmin)(nil)

// New returns the plugin. hash judges and hashes a password:
// password.Passwords.HashNew.
func New(o Options, hash func(ctx context.Context, user *gatehouse.User, password string) (string, error)) *FirstAdmin {
	if o.Page == "" {
		o.Page = "/first-admin"
	}
	if o.ExpiresIn == 0 {
		o.ExpiresIn = maxLife
	}
	return &FirstAdmin{options: o, hash: hash}
}

// offer is the link that works: there is one row at most, so that of two links
// the newer is the only one.
type offer struct {
	ID        string    `db:"id"`
	Key       string    `db:"key,unique,len=32"` // always offerKey
	TokenHash string    `db:"tokenHash,len=64"`  // SHA-256, hex
	ExpiresAt time.Time `db:"expiresAt"`
}

const offerKey = "first-admin"

// Plug declares the feature.
func (f *FirstAdmin) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	if f.options.ExpiresIn < 0 || f.options.ExpiresIn > maxLife {
		return gatehouse.Parts{}, errors.New("expiresIn is more than 0 and at most 24 hours")
	}
	f.app = app
	f.offers = store.Define[offer](app.DB, "firstAdmin")
	f.put = f.offers.Upsert("key", "{tokenHash} = {new.tokenHash}, {expiresAt} = {new.expiresAt}", "")
	f.take = f.offers.Take("{tokenHash} = ? AND {expiresAt} > ?")
	f.drop = f.offers.Delete("{tokenHash} = ?")
	return gatehouse.Parts{
		ID:     "first-admin",
		Routes: []gatehouse.Route{gatehouse.Endpoint(claimOp, f.claim)},
		Limits: []gatehouse.Limit{{
			Match: func(path string) bool { return path == claimOp.Path }, Window: time.Minute, Max: 10,
		}},
		Close: f.withdraw,
	}, nil
}

// ErrNoRoster says that no plugin knows who is an administrator.
var ErrNoRoster = errors.New("firstadmin: no plugin says who is an administrator")

func (f *FirstAdmin) roster() (gatehouse.Roster, error) {
	roster, ok := f.app.Authority().(gatehouse.Roster)
	if !ok {
		return nil, ErrNoRoster
	}
	return roster, nil
}

// Needed reports whether there is no administrator yet.
func (f *FirstAdmin) Needed(ctx context.Context) (bool, error) {
	roster, err := f.roster()
	if err != nil {
		return false, err
	}
	admins, err := roster.Administrators(ctx, 1)
	return len(admins) == 0, err
}

// Offer returns a link that makes one person the first administrator, or ""
// when there is one. It replaces every earlier link, of other processes too,
// and ends with Close. Show it to nobody but who runs the server.
func (f *FirstAdmin) Offer(ctx context.Context) (link string, err error) {
	needed, err := f.Needed(ctx)
	if err != nil || !needed {
		return "", err
	}
	secret := token.Alphanumeric(f.app.Rand, 32)
	row := &offer{Key: offerKey, TokenHash: hashOf(secret), ExpiresAt: f.app.Now().Add(f.options.ExpiresIn)}
	if _, err := f.put.Run(ctx, row); err != nil {
		return "", fmt.Errorf("offer the first administrator's link: %w", err)
	}
	f.mu.Lock()
	f.offered = row.TokenHash
	f.mu.Unlock()
	page := f.options.Page
	if strings.HasPrefix(page, "/") {
		page = f.app.Origin() + page
	}
	return gatehouse.AddQuery(page, "token", secret), nil
}

// withdraw ends the link that this process gave out. If the database is away
// the link ends by itself, by age at the latest.
func (f *FirstAdmin) withdraw() error {
	f.mu.Lock()
	hash := f.offered
	f.offered = ""
	f.mu.Unlock()
	if hash == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := f.drop.Run(ctx, hash)
	if errors.Is(err, store.ErrUnavailable) {
		f.app.Config().Log.Warn("the first administrator's link was not withdrawn", "err", err)
		return nil
	}
	return err
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// ErrLink is one answer for a link that is wrong, old, replaced or used.
var ErrLink = gatehouse.NewError(http.StatusForbidden, "FIRST_ADMIN_LINK_INVALID", "This link is not valid. Start the server again to get a new one.")
