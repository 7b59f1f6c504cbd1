package social_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
)

// ledger keeps what is recorded.
type ledger struct {
	mu      sync.Mutex
	entries []string
	details []string
}

func (l *ledger) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	return gatehouse.Parts{ID: "ledger", Auditor: l}, nil
}

func (l *ledger) Record(_ context.Context, e gatehouse.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, e.Action+" "+e.Outcome)
	l.details = append(l.details, fmt.Sprint(e.Details))
	return nil
}

// since returns what was recorded, and forgets it.
func (l *ledger) since() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.entries
	l.entries = nil
	return taken
}

// TestEverythingIsRecorded: how a sign-in by a provider went, and why not.
func TestEverythingIsRecorded(t *testing.T) {
	book := &ledger{}
	h := newHouse(t, setup{plugins: []gatehouse.Plugin{book}})
	expect := func(want ...string) {
		t.Helper()
		got := book.since()
		for _, line := range want {
			if !slices.Contains(got, line) {
				t.Errorf("recorded %q, want %q among them", got, line)
			}
		}
	}
	b, _ := h.arrive()
	expect("user.create success", "account.create success", "session.create success")
	h.arrive()
	expect("account.update success", "session.create success")
	stranger := h.Browser()
	wantError(t, stranger.Get("/callback/acme?code=x&state=guessed"), "state_mismatch")
	expect("sign-in.fail state_mismatch")
	back := h.acme.Approve(h.begin(stranger, map[string]any{}))
	stranger.Get("/callback/acme?error=access_denied&state=" + back.Get("state"))
	expect("sign-in.fail provider_refused")
	h.Post("/sign-in/social", map[string]any{"provider": "acme", "idToken": map[string]any{"token": "a.b.c"}}).
		Expect(gatehousetest.Fails(social.ErrInvalidIDToken))
	expect("sign-in.fail INVALID_TOKEN")
	h.acme.Misbehave(func(o *oauthtest.Behaviour) {
		o.Replace = map[string]http.Handler{oauthtest.Token: oauthtest.Answer(http.StatusBadRequest, `{"error":"invalid_grant"}`)}
	})
	b.Post("/refresh-token", map[string]any{"accountId": h.accountID(b)}).Expect(gatehousetest.Fails(social.ErrRefreshAccessToken))
	expect("account.refresh.fail grant_refused")
}
