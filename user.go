package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/gatehouse-auth/gatehouse/store"
)

// User is a person who can sign in.
type User struct {
	ID            string    `db:"id"`
	Name          string    `db:"name,len=150,loose"`
	Email         string    `db:"email,unique,len=255"` // lower case, one spelling per person
	EmailVerified bool      `db:"emailVerified"`
	Image         *string   `db:"image,len=500,loose"`
	CreatedAt     time.Time `db:"createdAt"`
	UpdatedAt     time.Time `db:"updatedAt"`

	// Extra holds the columns that plugins and options add.
	store.Extra
}

// Users are the verbs on user records. All of them join the transaction in
// ctx if there is one.
type Users struct {
	app     *App
	table   *store.Table[User]
	byID    *store.Query[User]
	byEmail *store.Query[User]
	delete  *store.Query[User]
	lock    *store.Query[User]
}

// ErrUserExists says that the e-mail address has an account.
var ErrUserExists = NewError(422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email.")

func newUsers(app *App) *Users {
	table := store.Define[User](app.DB, "user")
	return &Users{
		app:     app,
		table:   table,
		byID:    table.Select("{id} = ?"),
		byEmail: table.Select("{email} = ?"),
		delete:  table.Take("{id} = ?"),
		lock:    table.UpdateReturning("{updatedAt} = {updatedAt}", "{id} = ?"),
	}
}

// NormalizeEmail gives the one spelling under which an address is stored and
// looked up: lower case, as the protocol has it.
func NormalizeEmail(email string) string { return strings.ToLower(email) }

// ByID returns the user, or store.ErrNotFound.
func (u *Users) ByID(ctx context.Context, id string) (*User, error) { return u.byID.One(ctx, id) }

// ByEmail returns the user of an address in any letter case, or
// store.ErrNotFound. Equality is checked again in Go, so that a database
// whose collation thinks e and é are equal cannot hand one person's account
// to another (PROTOCOL 16.3).
func (u *Users) ByEmail(ctx context.Context, email string) (*User, error) {
	want := NormalizeEmail(email)
	user, err := u.byEmail.One(ctx, want)
	if err != nil {
		return nil, err
	}
	if norm.NFC.String(strings.ToLower(user.Email)) != norm.NFC.String(want) {
		return nil, store.ErrNotFound
	}
	return user, nil
}

// Create stores a new user and gives it an id. It returns ErrUserExists when
// the address is taken; of any number of concurrent callers one succeeds. An id
// and a CreatedAt that are set are kept, for people who come from elsewhere.
func (u *Users) Create(ctx context.Context, user *User) error {
	now := u.app.Now()
	user.Email = NormalizeEmail(user.Email)
	user.UpdatedAt = now
	if user.CreatedAt.IsZero() {
		user.CreatedAt = now
	}
	return u.app.Tx(ctx, func(ctx context.Context) error {
		if err := each(ctx, u.app.hooks, func(h *Hooks) func(context.Context, *User) error { return h.User.BeforeCreate }, user); err != nil {
			return err
		}
		if err := u.table.Insert(ctx, user); err != nil {
			var conflict *store.ConflictError
			if errors.As(err, &conflict) && conflict.Field == "email" {
				return ErrUserExists.Because(err)
			}
			return fmt.Errorf("create user: %w", err)
		}
		origin := OriginOf(ctx)
		if origin.Actor == "" {
			CallFrom(ctx).Acts(user.ID)
		}
		event := Event{Action: "user.create", Actor: origin.Actor, TargetType: "user", Target: user.ID, Details: map[string]any{"method": origin.Method}}
		if err := u.app.Record(ctx, event); err != nil {
			return err
		}
		return each(ctx, u.app.hooks, func(h *Hooks) func(context.Context, *User) error { return h.User.AfterCreate }, user)
	})
}

// Update changes the named fields of a user and returns the user as it then
// is. UpdatedAt is set by it. It returns store.ErrNotFound for no such user
// and ErrUserExists when a new address is taken.
func (u *Users) Update(ctx context.Context, id string, changes ...store.Change) (*User, error) {
	var after *User
	err := u.app.Tx(ctx, func(ctx context.Context) error {
		for _, h := range u.app.hooks {
			if h.UserChanging != nil {
				if err := h.UserChanging(ctx, id, changes); err != nil {
					return err
				}
			}
		}
		before, err := u.byID.One(ctx, id)
		if err != nil {
			return err
		}
		if err := each(ctx, u.app.hooks, func(h *Hooks) func(context.Context, *User) error { return h.User.BeforeUpdate }, before); err != nil {
			return err
		}
		changes = append(changes, store.Change{Field: "updatedAt", Value: u.app.Now()})
		rows, err := u.table.Patch(ctx, changes, "{id} = ?", id)
		var conflict *store.ConflictError
		if errors.As(err, &conflict) && conflict.Field == "email" {
			return ErrUserExists.Because(err)
		}
		if err != nil {
			return fmt.Errorf("update user: %w", err)
		}
		if rows == 0 {
			return store.ErrNotFound
		}
		if changesEmail(changes) {
			// What was mailed to the old address opens nothing now.
			if err := u.app.Verifications.Forget(ctx, "", id); err != nil {
				return fmt.Errorf("forget links: %w", err)
			}
		}
		if after, err = u.byID.One(ctx, id); err != nil {
			return err
		}
		for _, h := range u.app.hooks {
			if h.UserChanged != nil {
				if err := h.UserChanged(ctx, before, after); err != nil {
					return err
				}
			}
		}
		if err := u.app.Record(ctx, Event{Action: updateAction(changes), TargetType: "user", Target: id, Details: map[string]any{"fields": fieldNames(changes)}}); err != nil {
			return err
		}
		return each(ctx, u.app.hooks, func(h *Hooks) func(context.Context, *User) error { return h.User.AfterUpdate }, after)
	})
	return after, err
}

func changesEmail(changes []store.Change) bool {
	return slices.ContainsFunc(changes, func(c store.Change) bool { return c.Field == "email" })
}

// Lock returns the user, or store.ErrNotFound, and makes other transactions
// that lock the same one wait until the one in ctx has ended. Lock before you
// change what belongs to the person, sessions for example: whoever locks
// afterwards risks a deadlock.
func (u *Users) Lock(ctx context.Context, id string) (*User, error) { return u.lock.One(ctx, id) }

// Delete removes a user with all sessions and accounts, or returns
// store.ErrNotFound.
func (u *Users) Delete(ctx context.Context, id string) error {
	return u.app.Tx(ctx, func(ctx context.Context) error {
		user, err := u.byID.One(ctx, id)
		if err != nil {
			return err
		}
		// Hooks first: one may wait for a lock of its own, as a change of the
		// user does before it touches the row. The other order deadlocks.
		if err := each(ctx, u.app.hooks, func(h *Hooks) func(context.Context, *User) error { return h.User.BeforeDelete }, user); err != nil {
			return err
		}
		if user, err = u.Lock(ctx, id); err != nil {
			return err
		}
		// Foreign keys cascade in our own schema; a schema made by someone
		// else may lack them, and an orphaned session would still sign in.
		if _, err := u.app.Sessions.deleteAll.Run(ctx, id); err != nil {
			return fmt.Errorf("delete sessions: %w", err)
		}
		if _, err := u.app.Accounts.deleteAll.Run(ctx, id); err != nil {
			return fmt.Errorf("delete accounts: %w", err)
		}
		if _, err := u.delete.One(ctx, id); err != nil {
			return err
		}
		if err := u.app.Record(ctx, Event{Action: "user.delete", TargetType: "user", Target: id}); err != nil {
			return err
		}
		return each(ctx, u.app.hooks, func(h *Hooks) func(context.Context, *User) error { return h.User.AfterDelete }, user)
	})
}

// updateAction names a change after the field that matters most in it.
func updateAction(changes []store.Change) string {
	action := "user.update"
	for _, change := range changes {
		switch {
		case change.Field == "email":
			return "email.change"
		case change.Field == "emailVerified" && change.Value == true:
			action = "email.verify"
		}
	}
	return action
}

// fieldNames lists what changes touch, without the values.
func fieldNames(changes []store.Change) []string {
	names := make([]string, 0, len(changes))
	for _, change := range changes {
		if change.Field != "updatedAt" {
			names = append(names, change.Field)
		}
	}
	return names
}

// Unsaved gives user the look of one that was stored, additional fields
// included, without storing it: for answers that must not tell whether an
// address is known.
func (u *Users) Unsaved(user *User) *User {
	look := *user
	look.Extra = store.Extra{}
	for _, field := range u.app.DB.AddedFields("user") {
		value, set := user.Get(field.Name)
		if !set {
			value = field.Default
		}
		if !field.Hidden {
			look.Set(field.Name, value)
		}
	}
	return &look
}
