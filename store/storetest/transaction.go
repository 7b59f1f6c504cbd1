package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
)

var errRefused = errors.New("refused")

func testTransactions(t *testing.T, open Open) {
	h := declare(open(t, store.Options{}))
	count := h.users.Count("")
	rename := h.users.Update("{name} = ?", "{email} = ?")
	h.build(t)
	ctx := t.Context()
	total := func() int64 { t.Helper(); return must(count.Int(ctx))(t) }

	t.Run("commit", func(t *testing.T) {
		before := total()
		err := h.Tx(ctx, func(inner context.Context) error {
			if err := h.users.Insert(inner, newUser("commit@example.com")); err != nil {
				return err
			}
			want(t, must(count.Int(inner))(t), before+1)
			want(t, total(), before) // not yet seen from outside
			return nil
		})
		wantErr(t, err, nil)
		want(t, total(), before+1)
	})
	t.Run("an error rolls back", func(t *testing.T) {
		before := total()
		err := h.Tx(ctx, func(ctx context.Context) error {
			if err := h.users.Insert(ctx, newUser("gone@example.com")); err != nil {
				return err
			}
			return errRefused
		})
		wantErr(t, err, errRefused)
		want(t, total(), before)
	})
	t.Run("a panic rolls back", func(t *testing.T) {
		before := total()
		func() {
			defer func() { want(t, recover(), any("boom")) }()
			h.Tx(ctx, func(ctx context.Context) error {
				if err := h.users.Insert(ctx, newUser("gone@example.com")); err != nil {
					t.Error(err)
				}
				panic("boom")
			})
		}()
		want(t, total(), before)
		wantErr(t, h.Tx(ctx, func(context.Context) error { return nil }), nil) // the writer is free again
	})
	t.Run("nested joins", func(t *testing.T) {
		before := total()
		err := h.Tx(ctx, func(ctx context.Context) error {
			err := h.Tx(ctx, func(ctx context.Context) error { return h.users.Insert(ctx, newUser("in@example.com")) })
			wantErr(t, err, nil)
			return errRefused
		})
		wantErr(t, err, errRefused)
		want(t, total(), before)
	})
	t.Run("a failure inside dooms the whole", func(t *testing.T) {
		before := total()
		err := h.Tx(ctx, func(ctx context.Context) error {
			if err := h.users.Insert(ctx, newUser("doomed@example.com")); err != nil {
				return err
			}
			h.Tx(ctx, func(context.Context) error { return errRefused })
			_, err := count.Int(ctx)
			wantErr(t, err, store.ErrFailed)
			return nil
		})
		wantErr(t, err, store.ErrFailed)
		wantErr(t, err, errRefused)
		want(t, total(), before)
	})
	t.Run("a conflict dooms on every database", func(t *testing.T) {
		before := total()
		err := h.Tx(ctx, func(ctx context.Context) error {
			if err := h.users.Insert(ctx, newUser("first@example.com")); err != nil {
				return err
			}
			wantErr(t, h.users.Insert(ctx, newUser("first@example.com")), store.ErrConflict)
			wantErr(t, h.users.Insert(ctx, newUser("second@example.com")), store.ErrFailed)
			return nil
		})
		wantErr(t, err, store.ErrConflict)
		want(t, total(), before)
	})
	t.Run("absence does not doom", func(t *testing.T) {
		err := h.Tx(ctx, func(ctx context.Context) error {
			_, err := h.byID.One(ctx, "nobody")
			wantErr(t, err, store.ErrNotFound)
			return h.users.Insert(ctx, newUser("after@example.com"))
		})
		wantErr(t, err, nil)
	})
	t.Run("statements made at run time", func(t *testing.T) {
		change := []store.Change{{Field: "name", Value: "Patched"}}
		for range 3 {
			err := h.Tx(ctx, func(ctx context.Context) error {
				n, err := h.users.Patch(ctx, change, "{email} = ?", "after@example.com")
				want(t, n, 1)
				return err
			})
			wantErr(t, err, nil)
		}
		want(t, must(h.byEmail.One(ctx, "after@example.com"))(t).Name, "Patched")
	})
	t.Run("after commit", func(t *testing.T) {
		var order []string
		note := func(s string) func() { return func() { order = append(order, s) } }
		store.AfterCommit(ctx, note("at once"))
		err := h.Tx(ctx, func(ctx context.Context) error {
			store.AfterCommit(ctx, note("first"))
			err := h.Tx(ctx, func(ctx context.Context) error {
				store.AfterCommit(ctx, func() {
					note("second")()
					// The context now means no transaction.
					if _, err := rename.Run(ctx, "Later", "after@example.com"); err != nil {
						t.Error(err)
					}
					store.AfterCommit(ctx, note("third"))
				})
				return nil
			})
			want(t, len(order), 1)
			return err
		})
		wantErr(t, err, nil)
		h.Tx(ctx, func(ctx context.Context) error { store.AfterCommit(ctx, note("never")); return errRefused })
		if got := len(order); got != 4 || order[0] != "at once" || order[1] != "first" || order[3] != "third" {
			t.Errorf("got %q", order)
		}
		want(t, must(h.byEmail.One(ctx, "after@example.com"))(t).Name, "Later")
	})
}
