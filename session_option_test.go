package gatehouse_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/standard"
)

const day = 24 * time.Hour

// TestRefresh: when a session check moves the session's end, and the cookie
// with it.
func TestRefresh(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*standard.Options)
		after  time.Duration
		moved  bool
	}{
		{"a young session", nil, day - time.Second, false},
		{"a day old", nil, day, true},
		{"always", func(o *standard.Options) { o.Session.UpdateAge = -1 }, time.Second, true},
		{"an update age of its own", func(o *standard.Options) { o.Session.UpdateAge = time.Hour }, time.Hour, true},
		{"before an update age of its own", func(o *standard.Options) { o.Session.UpdateAge = time.Hour }, time.Hour - time.Second, false},
		{"a short life", func(o *standard.Options) { o.Session.ExpiresIn, o.Session.UpdateAge = time.Hour, 30*time.Minute }, 30 * time.Minute, true},
		{"switched off", func(o *standard.Options) { o.Session.DisableSessionRefresh = true }, 6 * day, false},
		{"left to POST", func(o *standard.Options) { o.Session.DeferSessionRefresh = true }, 2 * day, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			house := newHouse(t, tt.change)
			b := house.Enter(ada)
			before, _, _ := house.Sessions.ByToken(t.Context(), tokenOf(b))
			house.Clock.Advance(tt.after)
			got := b.Get("/get-session?disableRefresh=true").ExpectStatus(http.StatusOK)
			if len(got.Cookies) != 0 {
				t.Error("disableRefresh refreshed")
			}
			got = b.Get("/get-session").ExpectStatus(http.StatusOK)
			after, _, err := house.Sessions.ByToken(t.Context(), tokenOf(b))
			if err != nil {
				t.Fatal(err)
			}
			want := before.ExpiresAt
			if tt.moved {
				want = house.Now().Add(house.Config().Session.ExpiresIn)
			}
			if !after.ExpiresAt.Equal(want) {
				t.Errorf("the session ends %v, want %v", after.ExpiresAt, want)
			}
			if (got.Cookies[sessionCookie] != nil) != tt.moved {
				t.Errorf("the cookie was sent: %v, want %v", !tt.moved, tt.moved)
			}
		})
	}
}

// TestDeferredRefresh: GET says that it is time, POST does it.
func TestDeferredRefresh(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.Session.DeferSessionRefresh = true })
	b := house.Enter(ada)
	b.Get("/get-session").Expect(gatehousetest.OK(`{"session":"…","user":"…","needsRefresh":false}`))
	house.Clock.Advance(2 * day)
	b.Get("/get-session").Expect(gatehousetest.OK(`{"session":"…","user":"…","needsRefresh":true}`))
	got := b.Post("/get-session", struct{}{}).Expect(gatehousetest.OK(`{"session":{"expiresAt":"2026-01-11T03:04:05.678Z",…},"user":"…"}`))
	if got.Cookies[sessionCookie] == nil {
		t.Error("POST did not send the cookie")
	}
	b.Get("/get-session").Expect(gatehousetest.OK(`{"session":"…","user":"…","needsRefresh":false}`))
	if string(house.Post("/get-session", struct{}{}).Body) != "null" {
		t.Error("POST without a session is not null")
	}
	other := newHouse(t, nil)
	other.Enter(ada).Post("/get-session", struct{}{}).Expect(gatehousetest.Fails(sessions.ErrPostNeedsDefer))
}

// TestFreshAge: how young a session must be for a sensitive operation.
func TestFreshAge(t *testing.T) {
	for _, tt := range []struct {
		name  string
		age   time.Duration
		after time.Duration
		fresh bool
	}{
		{"by default, a day less a moment", 0, day - time.Millisecond, true},
		{"by default, a day", 0, day, false},
		{"an hour", time.Hour, time.Hour, false},
		{"for ever", -1, 6 * day, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			house := newHouse(t, func(o *standard.Options) {
				o.Session.FreshAge = tt.age
				o.Account.AccountLinking.AllowUnlinkingAll = true
			})
			b := house.Enter(ada)
			house.Clock.Advance(tt.after)
			for name, got := range map[string]*gatehousetest.Answer{
				"list": b.Get("/list-sessions"), "unlink": b.Post("/unlink-account", account.Unlink{AccountID: "none"}),
			} {
				if refused := got.Text("code") == "SESSION_NOT_FRESH"; refused == tt.fresh {
					t.Errorf("%s answers %d %s", name, got.Status, got.Body)
				}
			}
			// An extended session does not become fresh again.
			b.Get("/get-session")
			if got := b.Get("/list-sessions"); (got.Status == http.StatusForbidden) == tt.fresh {
				t.Errorf("after a refresh: %d %s", got.Status, got.Body)
			}
		})
	}
}

// TestListSessions: one's own that live, oldest first, and nobody else's.
func TestListSessions(t *testing.T) {
	house := newHouse(t, nil)
	first := house.Enter(ada)
	house.Enter(eve)
	house.Clock.Advance(time.Hour)
	second := house.Enter(ada)
	var tokens []struct{ Token string }
	second.Get("/list-sessions").ExpectStatus(http.StatusOK).JSON(&tokens)
	if len(tokens) != 2 || tokens[0].Token != tokenOf(first) || tokens[1].Token != tokenOf(second) {
		t.Errorf("the sessions are %v", tokens)
	}
	if _, err := house.DB.SQL().Exec(`UPDATE "session" SET "expiresAt" = '2020-01-01T00:00:00.000Z' WHERE "token" = '` + tokenOf(first) + `'`); err != nil {
		t.Fatal(err)
	}
	second.Get("/list-sessions").JSON(&tokens)
	if len(tokens) != 1 {
		t.Errorf("a dead session is listed: %v", tokens)
	}
}

// TestUnlink: one's own account, and not the last one.
func TestUnlink(t *testing.T) {
	house := newHouse(t, nil)
	user := house.AddUser(ada, passcode)
	other := house.AddUser(eve, passcode)
	b := house.Enter(ada)
	accounts, _ := house.Accounts.OfUser(t.Context(), user.ID)
	others, _ := house.Accounts.OfUser(t.Context(), other.ID)
	b.Post("/unlink-account", account.Unlink{AccountID: accounts[0].ID}).Expect(gatehousetest.Fails(account.ErrLastAccount))
	if err := house.Accounts.Create(t.Context(), &gatehouse.Account{UserID: user.ID, ProviderID: "google", AccountID: "g-1", Scope: at("openid, email")}); err != nil {
		t.Fatal(err)
	}
	b.Post("/unlink-account", account.Unlink{AccountID: others[0].ID}).Expect(gatehousetest.Fails(account.ErrAccountNotFound))
	b.Post("/unlink-account", account.Unlink{AccountID: "google"}).Expect(gatehousetest.Fails(account.ErrAccountNotFound))
	b.Get("/list-accounts").Expect(gatehousetest.OK(`[{"providerId":"credential","accountId":"…","userId":"…","createdAt":"…","updatedAt":"…","id":"…","scopes":[]},
		{"providerId":"google","accountId":"g-1","userId":"…","createdAt":"…","updatedAt":"…","id":"…","scopes":["openid","email"]}]`))
	accounts, _ = house.Accounts.OfUser(t.Context(), user.ID)
	b.Post("/unlink-account", account.Unlink{AccountID: accounts[1].ID}).Expect(gatehousetest.OK(`{"status":true}`))
	if left, _ := house.Accounts.OfUser(t.Context(), other.ID); len(left) != 1 {
		t.Error("somebody else's account went")
	}
}
