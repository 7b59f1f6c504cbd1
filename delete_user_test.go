package gatehouse_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

func mailedDeletion(o *standard.Options) { o.User.DeleteUser.SendDeleteAccountVerification = true }

const gone = `{"success":true,"message":"User deleted"}`

func TestDeleteOwnAccount(t *testing.T) {
	later := func(h *gatehousetest.House) { h.Clock.Advance(25 * time.Hour) }
	for _, tt := range []struct {
		name   string
		change func(*standard.Options)
		before func(*gatehousetest.House)
		body   account.Delete
		want   gatehousetest.Reply
	}{
		{"with a fresh session", nil, nil, account.Delete{}, gatehousetest.OK(gone)},
		{"with an old session", nil, later, account.Delete{}, gatehousetest.Fails(account.ErrSessionExpired)},
		{"with the password", nil, later, account.Delete{Password: at(passcode)}, gatehousetest.OK(gone)},
		{"with a wrong password", nil, nil, account.Delete{Password: at("a wrong password")}, gatehousetest.Fails(gatehouse.ErrInvalidPassword)},
		{"with a long password", nil, nil, account.Delete{Password: at(string(make([]byte, 129)))}, gatehousetest.Fails(account.ErrTooLong)},
		{"with a made-up token", nil, nil, account.Delete{Token: at("made-up")}, gatehousetest.Fails(account.ErrDeleteToken)},
		{"by mail", mailedDeletion, nil, account.Delete{}, gatehousetest.OK(`{"success":true,"message":"Verification email sent"}`)},
		{"by mail, with a wrong password", mailedDeletion, nil, account.Delete{Password: at("a wrong password")}, gatehousetest.Fails(gatehouse.ErrInvalidPassword)},
		{"switched off", func(o *standard.Options) { o.User.DeleteUser.Enabled = false }, nil, account.Delete{}, gatehousetest.Fails(gatehouse.ErrNotFound)},
		{"refused by the embedder", func(o *standard.Options) {
			o.User.DeleteUser.BeforeDelete = func(_ context.Context, _ *gatehouse.User) error { return gatehouse.ErrForbidden }
		}, nil, account.Delete{}, gatehousetest.Fails(gatehouse.ErrForbidden)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			house := newHouse(t, tt.change)
			user := house.AddUser(ada, passcode)
			b, other := house.Enter(ada), house.Enter(ada)
			if tt.before != nil {
				tt.before(house)
			}
			got := b.Post("/delete-user", tt.body).Expect(tt.want)
			_, err := house.Users.ByID(t.Context(), user.ID)
			if deleted := string(got.Body) == gone; deleted != errors.Is(err, store.ErrNotFound) || deleted != nobody(other) || deleted != nobody(b) {
				t.Errorf("deleted: %v, but the user is %v, the sessions nobody's: %v %v", deleted, err, nobody(b), nobody(other))
			}
		})
	}
}

// TestDeletionLeavesNothing: no row of the old account is seen by whoever
// registers the address again, and the old cookie opens nothing.
func TestDeletionLeavesNothing(t *testing.T) {
	house := newHouse(t, nil)
	old := house.AddUser(ada, passcode)
	b := house.Enter(ada)
	thief := b.Clone()
	b.Post("/delete-user", account.Delete{}).Expect(gatehousetest.OK(gone))
	if b.Cookie(sessionCookie) != "" {
		t.Error("the session cookie stayed")
	}
	for _, table := range []string{"user", "session", "account", "verification"} {
		if left := rows(t, house, `SELECT * FROM "`+table+`"`); len(left) != 0 {
			t.Errorf("%s keeps %v", table, left)
		}
	}
	again := house.AddUser(ada, "another password")
	if again.ID == old.ID || !nobody(thief) {
		t.Error("the new account has something of the old one")
	}
	house.Post("/sign-in/email", password.SignIn{Email: ada, Password: passcode}).Expect(gatehousetest.Fails(password.ErrInvalidCredentials))
}

func TestMailedDeletion(t *testing.T) {
	house := newHouse(t, mailedDeletion)
	owner, stranger := house.Enter(ada), house.Enter(eve)
	owner.Post("/delete-user", account.Delete{CallbackURL: at("/bye")}).ExpectStatus(http.StatusOK)
	secret := tokenIn(t, house, "delete-account", ada)
	link := "/delete-user/callback?token=" + secret

	house.Get(link).Expect(gatehousetest.Fails(account.ErrNoUserInfo))
	stranger.Get(link).Expect(gatehousetest.Fails(account.ErrDeleteToken)) // and it stays good for its owner
	stranger.Post("/delete-user", account.Delete{Token: &secret}).Expect(gatehousetest.Fails(account.ErrDeleteToken))
	owner.Get(link + "x").Expect(gatehousetest.Fails(account.ErrDeleteToken))
	owner.Get(link + "&callbackURL=/bye").Expect(gatehousetest.Redirects("/bye"))
	owner.Get(link).Expect(gatehousetest.Fails(account.ErrNoUserInfo))

	again := house.Enter(ada)
	again.Get(link).Expect(gatehousetest.Fails(account.ErrDeleteToken))
	again.Post("/delete-user", account.Delete{}).ExpectStatus(http.StatusOK)
	late := tokenIn(t, house, "delete-account", ada)
	house.Clock.Advance(24*time.Hour + time.Second)
	again.Get("/delete-user/callback?token=" + late).Expect(gatehousetest.Fails(account.ErrDeleteToken))
}

// TestDeletingTwiceAtOnceIsNoFault: of any number of deletions one succeeds,
// and the others find nobody; nothing answers 500.
func TestDeletingTwiceAtOnceIsNoFault(t *testing.T) {
	house := newHouse(t, nil)
	b := house.Enter(ada)
	var deletions atomic.Int32
	together(20, func(int) {
		switch got := b.Clone().Post("/delete-user", account.Delete{}); got.Status {
		case http.StatusOK:
			deletions.Add(1)
		case http.StatusUnauthorized:
		default:
			t.Errorf("answers %d %s", got.Status, got.Body)
		}
	})
	if n := deletions.Load(); n != 1 {
		t.Errorf("%d deletions succeeded, want 1", n)
	}
}
