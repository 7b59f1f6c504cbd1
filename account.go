package gatehouse

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// CredentialProvider is the providerId of accounts that sign in by password.
const CredentialProvider = "credential"

// Account is one way a user signs in: a password or an identity elsewhere.
// ProviderID and AccountID together name it.
type Account struct {
	ID                    string     `db:"id"`
	AccountID             string     `db:"accountId"`
	ProviderID            string     `db:"providerId"`
	UserID                string     `db:"userId,references=user.id,index"`
	AccessToken           *string    `db:"accessToken"`
	RefreshToken          *string    `db:"refreshToken"`
	IDToken               *string    `db:"idToken"`
	AccessTokenExpiresAt  *time.Time `db:"accessTokenExpiresAt"`
	RefreshTokenExpiresAt *time.Time `db:"refreshTokenExpiresAt"`
	Scope                 *string    `db:"scope"`
	PasswordHash          *string    `db:"password"`
	CreatedAt             time.Time  `db:"createdAt"`
	UpdatedAt             time.Time  `db:"updatedAt"`

	store.Extra
}

// Accounts are the verbs on account records.
type Accounts struct {
	app         *App
	table       *store.Table[Account]
	credential  *store.Query[Account]
	byUser      *store.Query[Account]
	setPassword *store.Query[Account]
	rehash      *store.Exec
	deleteOne   *store.Query[Account]
	deleteAll   *store.Exec
	byID        *store.Query[Account]
	byIdentity  *store.Query[Account]
}

func newAccounts(app *App) *Accounts {
	table := store.Define[Account](app.DB, "account")
	table.Index("accountId", "providerId")
	return &Accounts{
		app:   app,
		table: table,
		// Both columns, so that an identity elsewhere that happens to be called
		// "credential" is never taken for a password (PROTOCOL 8.2).
		credential:  table.Select("{userId} = ? AND {providerId} = ? AND {accountId} = ?"),
		byUser:      table.Select("{userId} = ? ORDER BY {createdAt}"),
		setPassword: table.UpdateReturning("{password} = ?, {updatedAt} = ?", "{id} = ?"),
		rehash:      table.Update("{password} = ?", "{id} = ? AND {password} = ?"),
		deleteOne:   table.Take("{id} = ? AND {userId} = ?"),
		deleteAll:   table.Delete("{userId} = ?"),
		byID:        table.Select("{id} = ?"),
		byIdentity:  table.Select("{accountId} = ? AND {providerId} = ? LIMIT 2"),
	}
}

// Credential returns the user's password account, or store.ErrNotFound.
func (a *Accounts) Credential(ctx context.Context, userID string) (*Account, error) {
	return a.credential.One(ctx, userID, CredentialProvider, userID)
}

// OfUser lists a user's accounts, oldest first.
func (a *Accounts) OfUser(ctx context.Context, userID string) ([]*Account, error) {
	return a.byUser.All(ctx, userID)
}

// ByIdentity returns the account of an identity at a provider, or
// store.ErrNotFound. An identity that stands twice in the table is an error:
// whose it is cannot be told.
func (a *Accounts) ByIdentity(ctx context.Context, providerID, accountID string) (*Account, error) {
	found, err := a.byIdentity.All(ctx, accountID, providerID)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, store.ErrNotFound
	case len(found) > 1:
		return nil, fmt.Errorf("the identity %q at %s belongs to more than one account: delete the wrong one", accountID, providerID)
	}
	return found[0], nil
}

// LockIdentity makes other transactions that lock the same identity wait
// until the one in ctx has ended: the table has no key that keeps two of them
// from making its account twice.
func (a *Accounts) LockIdentity(ctx context.Context, providerID, accountID string) error {
	return a.app.DB.Lock(ctx, "account:"+providerID+":"+accountID)
}

// Update changes the named fields of an account and returns it as it then is,
// or store.ErrNotFound. UpdatedAt is set by it.
func (a *Accounts) Update(ctx context.Context, id string, changes ...store.Change) (*Account, error) {
	var after *Account
	err := a.app.Tx(ctx, func(ctx context.Context) error {
		before, err := a.byID.One(ctx, id)
		if err != nil {
			return err
		}
		if err := each(ctx, a.app.hooks, func(h *Hooks) func(context.Context, *Account) error { return h.Account.BeforeUpdate }, before); err != nil {
			return err
		}
		changes = append(changes, store.Change{Field: "updatedAt", Value: a.app.Now()})
		if _, err := a.table.Patch(ctx, changes, "{id} = ?", id); err != nil {
			return fmt.Errorf("update account: %w", err)
		}
		if after, err = a.byID.One(ctx, id); err != nil {
			return err
		}
		event := accountEvent("account.update", after.UserID, after.ProviderID)
		event.Details["fields"] = fieldNames(changes)
		if err := a.app.Record(ctx, event); err != nil {
			return err
		}
		return each(ctx, a.app.hooks, func(h *Hooks) func(context.Context, *Account) error { return h.Account.AfterUpdate }, after)
	})
	return after, err
}

// Create stores a new account and gives it an id. A CreatedAt that is set is
// kept.
func (a *Accounts) Create(ctx context.Context, account *Account) error {
	now := a.app.Now()
	account.UpdatedAt = now
	if account.CreatedAt.IsZero() {
		account.CreatedAt = now
	}
	return a.app.Tx(ctx, func(ctx context.Context) error {
		if err := each(ctx, a.app.hooks, func(h *Hooks) func(context.Context, *Account) error { return h.Account.BeforeCreate }, account); err != nil {
			return err
		}
		if err := a.table.Insert(ctx, account); err != nil {
			return fmt.Errorf("create account: %w", err)
		}
		if err := a.app.Record(ctx, accountEvent("account.create", account.UserID, account.ProviderID)); err != nil {
			return err
		}
		return each(ctx, a.app.hooks, func(h *Hooks) func(context.Context, *Account) error { return h.Account.AfterCreate }, account)
	})
}

// SetPasswordHash stores hash as the user's password, making the password
// account when there is none. Hash the password before; never in here.
func (a *Accounts) SetPasswordHash(ctx context.Context, userID, hash string) error {
	return a.app.Tx(ctx, func(ctx context.Context) error {
		if err := a.app.Record(ctx, Event{Action: "password.set", TargetType: "user", Target: userID}); err != nil {
			return err
		}
		if err := a.replacePassword(ctx, userID, hash); err != nil {
			return err
		}
		for i := range a.app.hooks {
			if hook := a.app.hooks[i].PasswordSet; hook != nil {
				if err := hook(ctx, userID); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Rehash replaces the hash of account's password by another of the same
// password. Where the password was changed meanwhile, it stays changed.
func (a *Accounts) Rehash(ctx context.Context, account *Account, hash string) error {
	return a.app.Tx(ctx, func(ctx context.Context) error {
		rows, err := a.rehash.Run(ctx, hash, account.ID, account.PasswordHash)
		if err != nil || rows == 0 {
			return err
		}
		return a.app.Record(ctx, Event{Action: "password.rehash", Actor: account.UserID, TargetType: "user", Target: account.UserID})
	})
}

func (a *Accounts) replacePassword(ctx context.Context, userID, hash string) error {
	account, err := a.Credential(ctx, userID)
	if isNotFound(err) {
		return a.Create(ctx, &Account{UserID: userID, AccountID: userID, ProviderID: CredentialProvider, PasswordHash: &hash})
	}
	if err != nil {
		return err
	}
	if err := each(ctx, a.app.hooks, func(h *Hooks) func(context.Context, *Account) error { return h.Account.BeforeUpdate }, account); err != nil {
		return err
	}
	after, err := a.setPassword.One(ctx, hash, a.app.Now(), account.ID)
	if err != nil {
		return err
	}
	return each(ctx, a.app.hooks, func(h *Hooks) func(context.Context, *Account) error { return h.Account.AfterUpdate }, after)
}

// Delete removes one account of a user; an account of someone else, or none,
// is store.ErrNotFound.
func (a *Accounts) Delete(ctx context.Context, userID, id string) error {
	return a.app.Tx(ctx, func(ctx context.Context) error {
		account, err := a.deleteOne.One(ctx, id, userID)
		if err != nil {
			return err
		}
		return a.app.Record(ctx, accountEvent("account.delete", userID, account.ProviderID))
	})
}

func accountEvent(action, userID, provider string) Event {
	return Event{Action: action, TargetType: "user", Target: userID, Details: map[string]any{"provider": provider}}
}

// Scopes are what the provider granted, from the comma-separated column.
func (a *Account) Scopes() []string {
	scopes := []string{}
	if a.Scope == nil {
		return scopes
	}
	for _, scope := range strings.Split(*a.Scope, ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}
