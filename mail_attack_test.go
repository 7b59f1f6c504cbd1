package gatehouse_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
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

// TestMailBomb: whoever asks and however often, one address gets at most
// twenty mails of a kind per hour, and the answer never tells (row 55).
func TestMailBomb(t *testing.T) {
	house := newHouse(t, nil)
	house.Invite(ada)
	house.Invite(eve)
	ask := func(i int, address string) {
		b := house.Browser()
		b.Address = fmt.Sprintf("198.51.100.%d:1", i)
		b.Post("/request-password-reset", password.RequestReset{Email: address}).
			Expect(gatehousetest.OK(`{"status":true,"message":"If this email exists in our system, check your email for the reset link"}`))
	}
	for i := range 100 {
		ask(i, ada)
	}
	if n := len(house.Mails("reset-password", ada)); n != 20 {
		t.Errorf("Ada got %d mails, want 20", n)
	}
	ask(1, eve)
	if n := len(house.Mails("reset-password", eve)); n != 1 {
		t.Errorf("Eve got %d mails, want 1", n)
	}
	house.Clock.Advance(time.Hour + time.Second)
	ask(1, ada)
	if n := len(house.Mails("reset-password", ada)); n != 21 {
		t.Errorf("an hour later Ada has %d mails, want 21", n)
	}
}

// TestLinksStartWithTheConfiguredAddress: no header of a request gets into a
// mail (row 56).
func TestLinksStartWithTheConfiguredAddress(t *testing.T) {
	house := newHouse(t, mailedDeletion)
	house.AddUser(ada, passcode)
	b := house.Enter(ada)
	for _, request := range []struct {
		kind, path, body string
	}{
		{"reset-password", "/request-password-reset", `{"email":"ada@example.com"}`},
		{"verification-email", "/send-verification-email", `{"email":"ada@example.com"}`},
		{"delete-account", "/delete-user", `{}`},
	} {
		for name, spoof := range map[string]func(*http.Request){
			"Host":               func(r *http.Request) { r.Host = "evil.com" },
			"a Host with a name": func(r *http.Request) { r.Host = "gatehouse.test@evil.com" },
			"X-Forwarded-Host":   func(r *http.Request) { r.Header.Set("X-Forwarded-Host", "evil.com") },
			"X-Forwarded": func(r *http.Request) {
				r.Header.Set("X-Forwarded-Proto", "https")
				r.Header.Set("X-Forwarded-Port", "1")
			},
			"Forwarded":      func(r *http.Request) { r.Header.Set("Forwarded", "host=evil.com;proto=https") },
			"X-Original-URL": func(r *http.Request) { r.Header.Set("X-Original-Url", "https://evil.com/") },
			"an absolute URI": func(r *http.Request) {
				r.URL.Host, r.URL.Scheme, r.RequestURI = "evil.com", "http", "http://evil.com"+r.URL.Path
			},
		} {
			r := httptest.NewRequest("POST", "/api/auth"+request.path, strings.NewReader(request.body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Origin", gatehousetest.BaseURL)
			r.Header.Set("Cookie", sessionCookie+"="+b.Cookie(sessionCookie))
			spoof(r)
			w := httptest.NewRecorder()
			house.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				t.Fatalf("%s with %s answers %d %s", request.path, name, w.Code, w.Body)
			}
			link, _ := house.Mail(request.kind, ada).Data["url"].(string)
			if !strings.HasPrefix(link, gatehousetest.BaseURL+"/api/auth/") || strings.Contains(link, "evil") {
				t.Errorf("with %s the link of %s is %s", name, request.kind, link)
			}
		}
	}
}

// TestMailsCarryWhatWasTypedAsData: names and addresses with line breaks,
// markup or the look of a link reach the mailer as data, never as an address.
func TestMailsCarryWhatWasTypedAsData(t *testing.T) {
	house := newHouse(t, nil)
	for i, name := range []string{"\r\nBcc: evil@example.com", "<script>alert(1)</script>", "https://evil.com click here", "\u202egro.live", "Ada <x@y.z>"} {
		address := fmt.Sprintf("name-%d@example.com", i)
		house.Post("/sign-up/email", map[string]any{"email": address, "password": passcode, "name": name}).ExpectStatus(http.StatusOK)
		house.Post("/request-password-reset", password.RequestReset{Email: address}).ExpectStatus(http.StatusOK)
		if mail := house.Mail("reset-password", address); mail.To != address {
			t.Errorf("the mail goes to %q", mail.To)
		}
	}
	b := house.Enter(ada)
	for _, address := range []string{"a@example.com\r\nBcc: evil@example.com", "a@example.com,evil@example.com", "a@example.com evil@example.com", "<a@example.com>", "A <a@example.com>"} {
		b.Post("/change-email", account.ChangeEmail{NewEmail: address}).ExpectStatus(http.StatusBadRequest)
		house.Post("/request-password-reset", password.RequestReset{Email: address}).ExpectStatus(http.StatusBadRequest)
		house.Post("/send-verification-email", email.Send{Email: address}).ExpectStatus(http.StatusBadRequest)
	}
}

// TestResetTokensDie (row 58).
func TestResetTokensDie(t *testing.T) {
	reset := func(h *gatehousetest.House, secret, to string) *gatehousetest.Answer {
		return h.Post("/reset-password", password.Reset{NewPassword: to, Token: &secret})
	}
	ask := func(t *testing.T, h *gatehousetest.House) string {
		h.Post("/request-password-reset", password.RequestReset{Email: ada}).ExpectStatus(http.StatusOK)
		return tokenIn(t, h, "reset-password", ada)
	}
	for _, tt := range []struct {
		name string
		do   func(*testing.T, *gatehousetest.House, string)
		want *gatehouse.Error
	}{
		{"its use", func(_ *testing.T, h *gatehousetest.House, secret string) {
			reset(h, secret, "another password").ExpectStatus(http.StatusOK)
		}, gatehouse.ErrInvalidToken},
		{"a change of the password", func(_ *testing.T, h *gatehousetest.House, _ string) {
			h.Enter(ada).Post("/change-password", password.Change{CurrentPassword: passcode, NewPassword: "another password"}).ExpectStatus(http.StatusOK)
		}, gatehouse.ErrInvalidToken},
		{"an hour", func(_ *testing.T, h *gatehousetest.House, _ string) { h.Clock.Advance(time.Hour + time.Millisecond) }, gatehouse.ErrInvalidToken},
		{"a change of the address", func(t *testing.T, h *gatehousetest.House, _ string) {
			b := h.Enter(ada)
			b.Post("/change-email", account.ChangeEmail{NewEmail: newAddress}).ExpectStatus(http.StatusOK)
			b.Get(linkIn(t, h, "verification-email", newAddress)).ExpectStatus(http.StatusOK)
		}, gatehouse.ErrInvalidToken},
		{"the user's end", func(t *testing.T, h *gatehousetest.House, _ string) {
			user, _ := h.Users.ByEmail(t.Context(), ada)
			if err := h.Users.Delete(t.Context(), user.ID); err != nil {
				t.Fatal(err)
			}
		}, gatehouse.ErrUserNotFound},
	} {
		for _, identifiers := range []string{"plain", "hashed"} {
			t.Run(tt.name+", "+identifiers, func(t *testing.T) {
				house := newHouse(t, func(o *standard.Options) { o.Verification.StoreIdentifier = identifiers })
				house.AddUser(ada, passcode)
				secret := ask(t, house)
				tt.do(t, house, secret)
				reset(house, secret, "a third password").Expect(gatehousetest.Fails(tt.want))
			})
		}
	}
}

// TestResetTokensAreOnlyThat: a token of another purpose resets nothing, and
// a reset token deletes nothing.
func TestResetTokensAreOnlyThat(t *testing.T) {
	house := newHouse(t, mailedDeletion)
	house.AddUser(ada, passcode)
	b := house.Enter(ada)
	b.Post("/delete-user", account.Delete{}).ExpectStatus(http.StatusOK)
	house.Post("/request-password-reset", password.RequestReset{Email: ada}).ExpectStatus(http.StatusOK)
	deletion, reset := tokenIn(t, house, "delete-account", ada), tokenIn(t, house, "reset-password", ada)
	for _, secret := range []string{deletion, "", "delete-account-" + deletion, "reset-password:" + reset, reset + "x", "%", "\x00", "_%", "'"} {
		house.Post("/reset-password", password.Reset{NewPassword: "another password", Token: &secret}).Expect(gatehousetest.Fails(gatehouse.ErrInvalidToken))
	}
	b.Post("/delete-user", account.Delete{Token: &reset}).Expect(gatehousetest.Fails(account.ErrDeleteToken))
}
