package gatehouse

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Verification is a short-lived proof that somebody was told a secret: the
// identifier holds it ("reset-password:<token>"), the value says for whom.
type Verification struct {
	ID         string    `db:"id"`
	Identifier string    `db:"identifier,index"`
	Value      string    `db:"value"`
	ExpiresAt  time.Time `db:"expiresAt"`
	CreatedAt  time.Time `db:"createdAt"`
	UpdatedAt  time.Time `db:"updatedAt"`
}

// Verifications are the verbs on verification records.
type Verifications struct {
	app    *App
	table  *store.Table[Verification]
	find   *store.Query[Verification]
	take   *store.Query[Verification]
	sweep  *store.Exec
	ofUser *store.Exec
	takeUp *store.Exec
	giveUp *store.Exec
}

func newVerifications(app *App) *Verifications {
	table := store.Define[Verification](app.DB, "verification")
	return &Verifications{
		app:    app,
		table:  table,
		find:   table.Select("{identifier} = ? ORDER BY {createdAt} DESC LIMIT 1"),
		take:   table.Take("{identifier} = ?"),
		sweep:  table.Delete("{expiresAt} < ?"),
		ofUser: table.Delete("{value} = ? AND {identifier} LIKE ?"),
		takeUp: table.Update("{value} = ?, {expiresAt} = ?, {updatedAt} = ?", "{id} = ? AND {expiresAt} < ?"),
		giveUp: table.Delete("{id} = ? AND {value} = ?"),
	}
}

// stored is the identifier as it stands in the table.
func (v *Verifications) stored(identifier string) string {
	if v.app.config.Verification.StoreIdentifier != "hashed" {
		return identifier
	}
	sum := sha256.Sum256([]byte(identifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Create stores value under identifier for ttl.
func (v *Verifications) Create(ctx context.Context, identifier, value string, ttl time.Duration) error {
	now := v.app.Now()
	record := &Verification{Identifier: v.stored(identifier), Value: value, ExpiresAt: now.Add(ttl), CreatedAt: now, UpdatedAt: now}
	if err := v.table.Insert(ctx, record); err != nil {
		return fmt.Errorf("create verification: %w", err)
	}
	return nil
}

// Find returns the newest live record of identifier without consuming it, or
// store.ErrNotFound.
func (v *Verifications) Find(ctx context.Context, identifier string) (*Verification, error) {
	record, err := v.find.One(ctx, v.stored(identifier))
	if isNotFound(err) && v.stored(identifier) != identifier {
		record, err = v.find.One(ctx, identifier) // written before hashing was switched on
	}
	if err != nil {
		return nil, err
	}
	if record.ExpiresAt.Before(v.app.Now()) {
		return nil, store.ErrNotFound
	}
	return record, nil
}

// Consume deletes every record of identifier and returns the newest, so that
// of any number of concurrent callers exactly one succeeds. An expired or
// missing record is store.ErrNotFound.
func (v *Verifications) Consume(ctx context.Context, identifier string) (*Verification, error) {
	records, err := v.take.All(ctx, v.stored(identifier))
	if err == nil && len(records) == 0 && v.stored(identifier) != identifier {
		records, err = v.take.All(ctx, identifier)
	}
	if err != nil {
		return nil, err
	}
	var newest *Verification
	for _, r := range records {
		if newest == nil || r.CreatedAt.After(newest.CreatedAt) {
			newest = r
		}
	}
	if newest == nil || newest.ExpiresAt.Before(v.app.Now()) {
		return nil, store.ErrNotFound
	}
	return newest, nil
}

// Forget deletes the records of one purpose that were made for value (a user
// id); purpose "" is any. A hashed identifier does not tell its purpose: then
// everything that was made for value goes.
func (v *Verifications) Forget(ctx context.Context, purpose, value string) error {
	if v.app.config.Verification.StoreIdentifier == "hashed" {
		purpose = ""
	}
	_, err := v.ofUser.Run(ctx, value, purpose+"%")
	return err
}
