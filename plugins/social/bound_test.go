package social_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
)

// TestWhatIsKeptIsBounded: neither a row nor a cookie grows with the request.
func TestWhatIsKeptIsBounded(t *testing.T) {
	for strategy, length := range map[string]int{"database": 20_000, "cookie": 3_000} {
		h := newHouse(t, setup{config: func(c *gatehouse.Config) { c.Account.StoreStateStrategy = strategy }})
		b := h.Browser()
		got := b.Post("/sign-in/social", map[string]any{"provider": "acme", "callbackURL": "/" + strings.Repeat("a", length)})
		if got.Status != http.StatusBadRequest || got.Text("code") != "FIELD_TOO_LONG" || len(got.Cookies) != 0 {
			t.Errorf("%s: %d %s, cookies %v", strategy, got.Status, got.Body, got.Cookies)
		}
		h.begin(b, map[string]any{"callbackURL": "/" + strings.Repeat("a", 500)})
	}
}

// TestStrangersTextIsNotRecorded: the path of a callback is anybody's.
func TestStrangersTextIsNotRecorded(t *testing.T) {
	book := &ledger{}
	h := newHouse(t, setup{plugins: []gatehouse.Plugin{book}})
	book.since()
	wantError(t, h.Get("/callback/"+strings.Repeat("x", 5000)+"?state=guessed"), "state_mismatch")
	if got := book.since(); !slices.Equal(got, []string{"sign-in.fail state_mismatch"}) || strings.Contains(strings.Join(book.details, ""), "xxx") {
		t.Errorf("recorded %q %q", got, book.details)
	}
}
