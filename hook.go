package gatehouse

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Hooks let a plugin or the embedder look on, and in the before-hooks refuse.
// Before-hooks run inside the transaction of the change where there is one;
// the embedder's run first, then the plugins' in their order.
type Hooks struct {
	// Before runs before an operation's handler, once its input is known to
	// be well-formed. An error ends the request with that answer.
	Before []OpHook
	// After runs after a handler that succeeded.
	After []OpHook

	User         RecordHooks[User]
	Session      RecordHooks[Session]
	Account      RecordHooks[Account]
	Verification RecordHooks[Verification]

	// UserChanging runs at the beginning of a user's change, before the record
	// is read, and UserChanged after it, both in its transaction. An error
	// undoes the change.
	UserChanging func(ctx context.Context, id string, changes []store.Change) error
	UserChanged  func(ctx context.Context, before, after *User) error
	// PasswordSet runs in the transaction that gives a user another password.
	PasswordSet func(ctx context.Context, userID string) error

	// SessionSet runs whenever an answer sets the session cookie.
	SessionSet func(c *Call, s *Session, u *User)
}

// OpHook is tied to operations by their ID; no IDs means every operation.
type OpHook struct {
	Ops []string
	Do  func(*Call) error
}

func (h OpHook) wants(op string) bool {
	for _, id := range h.Ops {
		if id == op {
			return true
		}
	}
	return len(h.Ops) == 0
}

// RecordHooks surround the creation, change and deletion of one kind of
// record. Before-hooks may change the record (BeforeCreate) or refuse.
type RecordHooks[T any] struct {
	BeforeCreate func(context.Context, *T) error
	AfterCreate  func(context.Context, *T) error
	BeforeUpdate func(context.Context, *T) error
	AfterUpdate  func(context.Context, *T) error
	BeforeDelete func(context.Context, *T) error
	AfterDelete  func(context.Context, *T) error
}

// each runs one kind of hook of every plugin, in order.
func each[T any](ctx context.Context, all []Hooks, pick func(*Hooks) func(context.Context, *T) error, record *T) error {
	for i := range all {
		if hook := pick(&all[i]); hook != nil {
			if err := hook(ctx, record); err != nil {
				return err
			}
		}
	}
	return nil
}
