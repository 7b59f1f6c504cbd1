package storetest

import (
	"context"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
)

func testOutages(t *testing.T, open Open) {
	t.Run("a lost database is not an absent row", func(t *testing.T) {
		h := newHouse(t, open, store.Options{})
		if err := h.SQL().Close(); err != nil {
			t.Fatal(err)
		}
		wantErr(t, h.users.Insert(t.Context(), newUser("ada@example.com")), store.ErrUnavailable)
		wantErr(t, h.Tx(t.Context(), func(context.Context) error { return nil }), store.ErrUnavailable)
	})
	t.Run("a caller who left", func(t *testing.T) {
		h := newHouse(t, open, store.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := h.byID.One(ctx, "x")
		wantErr(t, err, context.Canceled)
		wantErr(t, h.Ping(t.Context()), nil)
	})
}
