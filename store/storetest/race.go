package storetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
)

// crowd is how many callers race.
const crowd = 50

// race calls try from all at once and counts those that won; any error but
// ErrNotFound and ErrConflict fails the test.
func race(t *testing.T, try func() error) int {
	t.Helper()
	var wins atomic.Int64
	var group sync.WaitGroup
	start := make(chan struct{})
	for range crowd {
		group.Go(func() {
			<-start
			switch err := try(); {
			case err == nil:
				wins.Add(1)
			case !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrConflict):
				t.Errorf("racing: %v", err)
			}
		})
	}
	close(start)
	group.Wait()
	return int(wins.Load())
}

func testRaces(t *testing.T, open Open) {
	h := declare(open(t, store.Options{}))
	take := h.sessions.Take("{token} = ?")
	once := h.users.Update("{emailVerified} = ?", "{id} = ? AND {emailVerified} = ?")
	bump := h.limits.Update("{count} = {count} + 1", "{key} = ?")
	spend := h.limits.Update("{count} = {count} - 1", "{key} = ? AND {count} > 0")
	limit := h.limits.Select("{key} = ?")
	hit := h.limits.Upsert("key",
		"{count} = {rateLimit.count} + 1, {lastRequest} = {new.lastRequest}", "{rateLimit.count} < ?")
	h.build(t)
	ctx := t.Context()
	ada := h.addUser(t, "ada@example.com")

	t.Run("take has one winner", func(t *testing.T) {
		h.addSession(t, ada, "token")
		want(t, race(t, func() error { _, err := take.One(ctx, "token"); return err }), 1)
	})
	t.Run("a guarded update has one winner", func(t *testing.T) {
		want(t, race(t, func() error {
			n, err := once.Run(ctx, true, ada.ID, false)
			if err == nil && n == 0 {
				return store.ErrNotFound
			}
			return err
		}), 1)
	})
	t.Run("no update is lost", func(t *testing.T) {
		if err := h.limits.Insert(ctx, &RateLimit{Key: "sum"}); err != nil {
			t.Fatal(err)
		}
		want(t, race(t, func() error { _, err := bump.Run(ctx, "sum"); return err }), crowd)
		want(t, must(limit.One(ctx, "sum"))(t).Count, crowd)
	})
	t.Run("a quota is not overdrawn", func(t *testing.T) {
		if err := h.limits.Insert(ctx, &RateLimit{Key: "quota", Count: 7}); err != nil {
			t.Fatal(err)
		}
		want(t, race(t, func() error {
			return h.Tx(ctx, func(ctx context.Context) error {
				n, err := spend.Run(ctx, "quota")
				if err == nil && n == 0 {
					return store.ErrNotFound
				}
				return err
			})
		}), 7)
		want(t, must(limit.One(ctx, "quota"))(t).Count, 0)
	})
	t.Run("a unique value has one owner", func(t *testing.T) {
		want(t, race(t, func() error { return h.users.Insert(ctx, newUser("eve@example.com")) }), 1)
	})
	t.Run("an upsert counts to its limit", func(t *testing.T) {
		want(t, race(t, func() error {
			_, err := hit.Run(ctx, &RateLimit{Key: "k", Count: 1, LastRequest: 1795464493138}, 5)
			return err
		}), 5)
		got := must(limit.One(ctx, "k"))(t)
		want(t, got.Count, 5)
		want(t, got.LastRequest, 1795464493138)
	})
}
