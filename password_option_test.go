package gatehouse_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/email"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// TestSignUpOptions: who is signed in by signing up, and who gets which mail.
func TestSignUpOptions(t *testing.T) {
	for _, tt := range []struct {
		name     string
		change   func(*standard.Options)
		status   int
		signedIn bool
		mails    int
		canSign  bool
	}{
		{"by default", nil, 200, true, 0, true},
		{"without signing in", func(o *standard.Options) { o.EmailAndPassword.AutoSignIn = at(false) }, 200, false, 0, true},
		{"with a proof required", func(o *standard.Options) { o.EmailAndPassword.RequireEmailVerification = true }, 200, false, 1, false},
		{"with a proof required, without a mail", func(o *standard.Options) {
			o.EmailAndPassword.RequireEmailVerification, o.EmailVerification.SendOnSignUp = true, at(false)
		}, 200, false, 0, false},
		{"with a mail", func(o *standard.Options) { o.EmailVerification.SendOnSignUp = at(true) }, 200, true, 1, true},
		{"with mails switched off", func(o *standard.Options) {
			o.EmailVerification.SendVerificationEmail, o.EmailVerification.SendOnSignUp = false, at(true)
		}, 200, true, 0, true},
		{"closed", func(o *standard.Options) { o.EmailAndPassword.DisableSignUp = true }, 400, false, 0, false},
		{"switched off", func(o *standard.Options) { o.EmailAndPassword.Enabled = false }, 400, false, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			house := newHouse(t, tt.change)
			b := house.Browser()
			b.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "Ada", "callbackURL": "/welcome"}).ExpectStatus(tt.status)
			if nobody(b) == tt.signedIn {
				t.Errorf("signed in: %v, want %v", !tt.signedIn, tt.signedIn)
			}
			if n := len(house.Mails("verification-email", ada)); n != tt.mails {
				t.Errorf("%d mails, want %d", n, tt.mails)
			}
			got := house.Post("/sign-in/email", password.SignIn{Email: ada, Password: passcode})
			if (got.Status == http.StatusOK) != tt.canSign {
				t.Errorf("signing in answers %d %s", got.Status, got.Body)
			}
		})
	}
}

// TestVerification: the link proves the address, once for all, and signs in
// where the options say so.
func TestVerification(t *testing.T) {
	var hooks []string
	note := func(what string) func(context.Context, *gatehouse.User) error {
		return func(_ context.Context, u *gatehouse.User) error {
			hooks = append(hooks, what)
			return nil
		}
	}
	house := newHouse(t, func(o *standard.Options) {
		o.EmailAndPassword.RequireEmailVerification = true
		o.EmailVerification.SendOnSignIn = true
		o.EmailVerification.AutoSignInAfterVerification = true
		o.EmailVerification.BeforeEmailVerification, o.EmailVerification.AfterEmailVerification = note("before"), note("after")
	})
	user := house.AddUser(ada, passcode)
	house.Clock.Advance(time.Second)
	house.Post("/sign-in/email", password.SignIn{Email: ada, Password: passcode}).Expect(gatehousetest.Fails(password.ErrEmailNotVerified))
	if n := len(house.Mails("verification-email", ada)); n != 2 {
		t.Fatalf("%d mails, want that of sign-up and that of sign-in", n)
	}
	link := linkIn(t, house, "verification-email", ada)
	b := house.Browser()
	b.Get(link + "&callbackURL=/in").Expect(gatehousetest.Redirects("/in"))
	if nobody(b) {
		t.Error("the link signed nobody in")
	}
	again := house.Browser()
	again.Get(link).Expect(gatehousetest.OK(`{"status":true,"user":null}`))
	if !nobody(again) {
		t.Error("a used link signs in")
	}
	if len(hooks) != 2 || hooks[0] != "before" || hooks[1] != "after" {
		t.Errorf("the hooks ran as %v", hooks)
	}
	if now, _ := house.Users.ByID(t.Context(), user.ID); !now.EmailVerified {
		t.Error("the address is not proved")
	}
	house.SignIn(ada, passcode)
	house.Clock.Advance(time.Hour)
	house.Get(link).Expect(gatehousetest.Fails(gatehouse.ErrTokenExpired))
	b.Post("/send-verification-email", email.Send{Email: ada}).Expect(gatehousetest.Fails(email.ErrAlreadyVerified))
	b.Post("/send-verification-email", email.Send{Email: eve}).Expect(gatehousetest.Fails(email.ErrMismatch))
}

// TestResetOptions: what a reset ends and whom it tells.
func TestResetOptions(t *testing.T) {
	for _, tt := range []struct {
		name         string
		change       func(*standard.Options)
		kept         bool
		notification int
	}{
		{"by default", nil, true, 0},
		{"revoking", func(o *standard.Options) { o.EmailAndPassword.RevokeSessionsOnPasswordReset = true }, false, 0},
		{"notifying", func(o *standard.Options) { o.EmailAndPassword.NotifyOnPasswordReset = true }, true, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			house := newHouse(t, tt.change)
			house.Invite(ada) // has no password yet: the reset makes one
			b := house.Enter(ada)
			house.Post("/request-password-reset", password.RequestReset{Email: ada}).ExpectStatus(http.StatusOK)
			secret := tokenIn(t, house, "reset-password", ada)
			house.Post("/reset-password", password.Reset{NewPassword: "short", Token: &secret}).Expect(gatehousetest.Fails(password.ErrTooShort))
			got := house.Post("/reset-password?token="+secret, map[string]string{"newPassword": passcode}).Expect(gatehousetest.OK(`{"status":true}`))
			if len(got.Cookies) != 0 {
				t.Error("a reset signs in")
			}
			if nobody(b) == tt.kept {
				t.Errorf("the session was kept: %v, want %v", !tt.kept, tt.kept)
			}
			if n := len(house.Mails("password-was-reset", ada)); n != tt.notification {
				t.Errorf("%d notifications, want %d", n, tt.notification)
			}
			house.SignIn(ada, passcode)
		})
	}
	house := newHouse(t, func(o *standard.Options) { o.EmailAndPassword.SendResetPassword = false })
	house.Post("/request-password-reset", password.RequestReset{Email: ada}).Expect(gatehousetest.Fails(password.ErrResetDisabled))
}

// TestSignInLeadsOn: a trusted callback is where the browser goes next.
func TestSignInLeadsOn(t *testing.T) {
	house := newHouse(t, nil)
	house.AddUser(ada, passcode)
	got := house.Post("/sign-in/email", password.SignIn{Email: "ADA@Example.com", Password: passcode, CallbackURL: at("/inside")}).
		Expect(gatehousetest.OK(`{"redirect":true,"token":"…","url":"/inside","user":{"email":"ada@example.com",…}}`))
	if got.Header.Get("Location") != "/inside" {
		t.Errorf("Location is %q", got.Header.Get("Location"))
	}
}

// TestFirstPassword: the verbs for embedders, which have no route.
func TestFirstPassword(t *testing.T) {
	var passwords *password.Passwords
	house := gatehousetest.New(t, func() gatehouse.Plugin {
		passwords = password.New(password.Options{Enabled: true})
		return passwords
	}())
	user := house.Invite(ada)
	ctx := t.Context()
	for _, step := range []struct {
		do   func() error
		want error
	}{
		{func() error { return passwords.CheckPassword(ctx, user.ID, passcode) }, password.ErrNoCredential},
		{func() error { return passwords.SetPassword(ctx, user.ID, "short") }, password.ErrTooShort},
		{func() error { return passwords.SetPassword(ctx, user.ID, passcode) }, nil},
		{func() error { return passwords.SetPassword(ctx, user.ID, passcode) }, password.ErrAlreadySet},
		{func() error { return passwords.CheckPassword(ctx, user.ID, passcode) }, nil},
		{func() error { return passwords.Reset(ctx, user.ID, "another password") }, nil},
		{func() error { return passwords.CheckPassword(ctx, user.ID, passcode) }, gatehouse.ErrInvalidPassword},
	} {
		if err := step.do(); !errors.Is(err, step.want) {
			t.Errorf("got %v, want %v", err, step.want)
		}
	}
}
