package gatehouse_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/email"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
)

const newAddress = "ada.new@example.com"

func confirming(o *standard.Options) { o.User.ChangeEmail.SendChangeEmailConfirmation = true }

// linkIn is the link of the newest mail of a kind, without its callback.
func linkIn(t *testing.T, house *gatehousetest.House, kind, to string) string {
	t.Helper()
	return "/verify-email?token=" + tokenIn(t, house, kind, to)
}

func addressOf(t *testing.T, house *gatehousetest.House, id string) string {
	t.Helper()
	user, err := house.Users.ByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return user.Email
}

// TestChangeOfAddressAsksOldThenNew: the old address agrees, the new one
// proves itself, and only then anything changes.
func TestChangeOfAddressAsksOldThenNew(t *testing.T) {
	house := newHouse(t, confirming)
	b := house.Enter(ada)
	user, _ := house.Users.ByEmail(t.Context(), ada)

	b.Post("/change-email", account.ChangeEmail{NewEmail: newAddress}).Expect(gatehousetest.OK(`{"status":true}`))
	if n := len(house.Mails("", newAddress)); n != 0 {
		t.Fatalf("the new address got %d mails before the old one agreed", n)
	}
	first := house.Mail("change-email", ada)
	if first.Data["newEmail"] != newAddress {
		t.Errorf("the mail to the old address names %v", first.Data["newEmail"])
	}
	b.Get(linkIn(t, house, "change-email", ada)).Expect(gatehousetest.OK(`{"status":true}`))
	if got := addressOf(t, house, user.ID); got != ada {
		t.Fatalf("the address became %s after the first step", got)
	}
	b.Get(linkIn(t, house, "verification-email", newAddress)).ExpectStatus(http.StatusOK)
	if got := addressOf(t, house, user.ID); got != newAddress {
		t.Errorf("the address is %s", got)
	}
	// The old link names an address that the user no longer has.
	b.Get("/verify-email?token=" + first.Data["token"].(string)).Expect(gatehousetest.Fails(email.ErrLinkInvalid))
}

// TestChangeLinkIsBoundToItsRequester: Eve asks for the address of a friend
// of hers; whoever else follows the link changes nothing.
func TestChangeLinkIsBoundToItsRequester(t *testing.T) {
	house := newHouse(t, nil)
	requester, other := house.Enter(eve), house.Enter(ada)
	requester.Post("/change-email", account.ChangeEmail{NewEmail: "friend@example.com"}).ExpectStatus(http.StatusOK)
	link := linkIn(t, house, "verification-email", "friend@example.com")
	other.Get(link).Expect(gatehousetest.Fails(email.ErrWrongUser))
	other.Get(link + "&callbackURL=/done").Expect(gatehousetest.Redirects("/done?error=INVALID_USER"))
	requester.Get(link).ExpectStatus(http.StatusOK)
	if nobody(other) || nobody(requester) {
		t.Error("a session ended")
	}
}

// TestKnownAddressGetsNoChangeMail: asking for a victim's address mails nobody.
func TestKnownAddressGetsNoChangeMail(t *testing.T) {
	house := newHouse(t, confirming)
	house.Invite(ada)
	house.Enter(eve).Post("/change-email", account.ChangeEmail{NewEmail: "ADA@example.com"}).Expect(gatehousetest.OK(`{"status":true}`))
	if mails := house.Mails("", ""); len(mails) != 0 {
		t.Errorf("mails were sent: %v", mails)
	}
}

// TestChangeLinksDie: a link is worth nothing after whatever could mean that
// its requester should not have it any more.
func TestChangeLinksDie(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*testing.T, *gatehousetest.House, *gatehousetest.Browser)
		want *gatehouse.Error
	}{
		{"an hour later", func(_ *testing.T, h *gatehousetest.House, _ *gatehousetest.Browser) {
			h.Clock.Advance(time.Hour + time.Second)
		}, gatehouse.ErrTokenExpired},
		{"another change", func(t *testing.T, h *gatehousetest.House, b *gatehousetest.Browser) {
			b.Post("/change-email", account.ChangeEmail{NewEmail: "third@example.com"}).ExpectStatus(http.StatusOK)
			b.Get(linkIn(t, h, "verification-email", "third@example.com")).ExpectStatus(http.StatusOK)
		}, email.ErrLinkInvalid},
		{"a reset of the password", func(t *testing.T, h *gatehousetest.House, _ *gatehousetest.Browser) {
			h.Clock.Advance(2 * time.Second)
			h.Post("/request-password-reset", password.RequestReset{Email: ada}).ExpectStatus(http.StatusOK)
			secret := tokenIn(t, h, "reset-password", ada)
			h.Post("/reset-password", password.Reset{NewPassword: "another password", Token: &secret}).ExpectStatus(http.StatusOK)
		}, email.ErrLinkInvalid},
		{"a change of the password", func(_ *testing.T, h *gatehousetest.House, b *gatehousetest.Browser) {
			h.Clock.Advance(2 * time.Second)
			b.Post("/change-password", password.Change{NewPassword: "another password", CurrentPassword: passcode}).ExpectStatus(http.StatusOK)
		}, email.ErrLinkInvalid},
		{"the user's end", func(t *testing.T, h *gatehousetest.House, _ *gatehousetest.Browser) {
			user, _ := h.Users.ByEmail(t.Context(), ada)
			if err := h.Users.Delete(t.Context(), user.ID); err != nil {
				t.Fatal(err)
			}
		}, email.ErrLinkNoUser},
		{"the address was taken meanwhile", func(_ *testing.T, h *gatehousetest.House, _ *gatehousetest.Browser) { h.Invite(newAddress) }, email.ErrAddressTaken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			house := newHouse(t, nil)
			house.AddUser(ada, passcode)
			b := house.Enter(ada)
			b.Post("/change-email", account.ChangeEmail{NewEmail: newAddress}).ExpectStatus(http.StatusOK)
			link := linkIn(t, house, "verification-email", newAddress)
			tt.do(t, house, b)
			house.Get(link).Expect(gatehousetest.Fails(tt.want))
		})
	}
}

// TestForgedEmailProofs: a link is a signed statement; none of these is.
func TestForgedEmailProofs(t *testing.T) {
	house := newHouse(t, nil)
	user := house.Invite(ada)
	good, err := house.SignEmailProof(gatehouse.EmailProof{Email: ada, UserID: user.ID})
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	other := newHouse(t, func(o *standard.Options) { o.Secret = "another-secret-0123456789-ABCDEFGHIJKLMNOP" })
	foreign, _ := other.SignEmailProof(gatehouse.EmailProof{Email: ada, UserID: user.ID})
	wrongPurpose, _ := house.SignEmailProof(gatehouse.EmailProof{Email: ada, UserID: user.ID, UpdateTo: eve, RequestType: "else"})
	unbound, _ := house.SignEmailProof(gatehouse.EmailProof{Email: ada, UpdateTo: eve, RequestType: gatehouse.ProofVerifiesChange})
	stranger, _ := house.SignEmailProof(gatehouse.EmailProof{Email: ada, UserID: "somebody else"})
	for name, token := range map[string]string{
		"empty": "", "no token": "x", "dots": "..", "alg none": "eyJhbGciOiJub25lIn0." + parts[1] + ".",
		"no signature": parts[0] + "." + parts[1] + ".", "cut": good[:len(good)-1], "longer": good + "A",
		"signature of another": parts[0] + "." + parts[1] + "." + strings.Split(foreign, ".")[2],
		"another secret":       foreign, "another purpose": wrongPurpose, "no user": unbound, "another user": stranger,
		"padded": good + "==", "four parts": good + ".x", "spaces": " " + good, "NUL": good + "\x00", "huge": strings.Repeat("A", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			house.Get("/verify-email?token=" + url.QueryEscape(token)).Expect(gatehousetest.Fails(email.ErrLinkInvalid))
			house.Get("/verify-email?callbackURL=/x&token=" + url.QueryEscape(token)).Expect(gatehousetest.Redirects("/x?error=INVALID_TOKEN"))
		})
	}
	if got := addressOf(t, house, user.ID); got != ada {
		t.Errorf("the address is %s", got)
	}
}

// TestScannersConsumeNothing: HEAD requests and early GETs of mailed links.
func TestScannersConsumeNothing(t *testing.T) {
	house := newHouse(t, nil)
	house.AddUser(ada, passcode)
	house.Post("/request-password-reset", password.RequestReset{Email: ada, RedirectTo: at("/reset")}).ExpectStatus(http.StatusOK)
	secret := tokenIn(t, house, "reset-password", ada)
	for _, method := range []string{"HEAD", "GET", "GET", "OPTIONS"} {
		house.Browser().Send(method, "/reset-password/"+secret+"?callbackURL=%2Freset", "", "")
	}
	house.Get("/reset-password/" + secret + "?callbackURL=%2Freset").
		Expect(gatehousetest.Redirects(fmt.Sprintf("%s/reset?token=%s", gatehousetest.BaseURL, secret)))
	house.Post("/reset-password", password.Reset{NewPassword: "another password", Token: &secret}).ExpectStatus(http.StatusOK)
}

// TestChangeOfAddressAtOnce: where the options allow it, an address that was
// never proved changes at once, and the session's cookies with it.
func TestChangeOfAddressAtOnce(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.User.ChangeEmail.UpdateEmailWithoutVerification = true })
	user := house.AddUser(ada, passcode)
	b := house.Enter(ada)
	b.Post("/change-email", account.ChangeEmail{NewEmail: "ADA@example.com"}).Expect(gatehousetest.Fails(account.ErrSameEmail))
	b.Post("/change-email", account.ChangeEmail{NewEmail: "Ada.New@Example.com"}).Expect(gatehousetest.OK(`{"status":true}`))
	if got := addressOf(t, house, user.ID); got != newAddress {
		t.Errorf("the address is %s", got)
	}
	house.Mail("verification-email", newAddress)
	house.Get(linkIn(t, house, "verification-email", newAddress)).Expect(gatehousetest.OK(`{"status":true,"user":null}`))
	house.Enter(eve).Post("/change-email", account.ChangeEmail{NewEmail: "eve.new@example.com"}).ExpectStatus(http.StatusOK)
	if _, err := house.Users.ByEmail(t.Context(), eve); err != nil {
		t.Errorf("a proved address changed at once: %v", err)
	}
}

func TestChangeOfAddressSwitchedOff(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.User.ChangeEmail.Enabled = false })
	house.Enter(ada).Post("/change-email", account.ChangeEmail{NewEmail: newAddress}).Expect(gatehousetest.Fails(account.ErrChangeEmailDisabled))
	house = newHouse(t, func(o *standard.Options) { o.EmailVerification.SendVerificationEmail = false })
	house.Enter(ada).Post("/change-email", account.ChangeEmail{NewEmail: newAddress}).Expect(gatehousetest.Fails(account.ErrNoVerification))
}
