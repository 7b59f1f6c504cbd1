package social_test

import (
	"net/http"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/plugins/social"

	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

// underControl is a house with administrators and a registration mode.
func underControl(t *testing.T, o approval.Options) (*house, *admin.Admin, *approval.Approvals) {
	t.Helper()
	h := &house{t: t, acme: oauthtest.New(t)}
	passwords := password.New(password.Options{Enabled: true})
	administration, approvals := admin.New(admin.Options{}, passwords), approval.New(o)
	h.social = social.New(social.Options{Providers: []*oauth.Provider{h.acme.Provider("acme")}, Client: oauth.Options{AllowPrivate: true}})
	h.House = gatehousetest.New(t, passwords, sessions.New(), account.New(passwords.CheckPassword), h.social, administration, approvals)
	h.acme.Now = h.Clock.Now
	return h, administration, approvals
}

// TestRegistrationModesHold: a provider's word makes no account and opens no
// session where the mode does not let it.
func TestRegistrationModesHold(t *testing.T) {
	t.Run("closed", func(t *testing.T) {
		h, _, _ := underControl(t, approval.Options{Mode: approval.Closed})
		_, answer := h.arrive()
		wantError(t, answer, "REGISTRATION_CLOSED")
		if _, err := h.Users.ByEmail(t.Context(), ada); err == nil {
			t.Error("an account was made")
		}
	})
	t.Run("approval", func(t *testing.T) {
		h, _, approvals := underControl(t, approval.Options{Mode: approval.Approval})
		b := h.Browser()
		answer := h.comeBack(b, h.begin(b, map[string]any{"errorCallbackURL": "/oops", "additionalData": map[string]any{"reason": "I work here"}}))
		wantError(t, answer, "ACCOUNT_PENDING_APPROVAL")
		_, again := h.arrive()
		wantError(t, again, "ACCOUNT_PENDING_APPROVAL")
		brought := map[string]any{"provider": "acme", "idToken": map[string]any{"token": h.acme.Sign(h.acme.Claims())}}
		h.Post("/sign-in/social", brought).Expect(gatehousetest.Fails(approval.ErrPending))
		user, err := h.Users.ByEmail(t.Context(), ada)
		if err != nil {
			t.Fatal(err)
		}
		asked, err := approvals.RequestOf(t.Context(), user.ID)
		if err != nil || asked.Reason != "I work here" {
			t.Errorf("the request is %+v, %v", asked, err)
		}
		if _, err := approvals.Approve(t.Context(), gatehouse.System, asked.ID); err != nil {
			t.Fatal(err)
		}
		if b, _ := h.arrive(); !signedIn(b) {
			t.Error("an approved person is not signed in")
		}
	})
	t.Run("invite", func(t *testing.T) {
		h, _, approvals := underControl(t, approval.Options{Mode: approval.Invite})
		_, answer := h.arrive()
		wantError(t, answer, "INVITATION_REQUIRED")
		invited, err := approvals.Invite(t.Context(), gatehouse.System, approval.NewInvitation{})
		if err != nil {
			t.Fatal(err)
		}
		b := h.Browser()
		answer = h.comeBack(b, h.begin(b, map[string]any{"callbackURL": "/home", "additionalData": map[string]any{"invitationToken": invited.Token}}))
		answer.Expect(gatehousetest.Redirects("/home"))
		if !signedIn(b) {
			t.Error("an invited person is not signed in")
		}
	})
}

// TestBannedPersonGetsNoSession: neither by redirect nor by an ID token.
func TestBannedPersonGetsNoSession(t *testing.T) {
	h, administration, _ := underControl(t, approval.Options{Mode: approval.Open})
	b, _ := h.arrive()
	if _, err := administration.Ban(t.Context(), h.user(b), admin.Ban{}); err != nil {
		t.Fatal(err)
	}
	_, answer := h.arrive()
	wantError(t, answer, "BANNED_USER")
	brought := map[string]any{"provider": "acme", "idToken": map[string]any{"token": h.acme.Sign(h.acme.Claims())}}
	if got := h.Post("/sign-in/social", brought); got.Status != http.StatusForbidden || got.Cookies[token] != nil {
		t.Errorf("an ID token of a banned person answers %d %s", got.Status, got.Body)
	}
}
