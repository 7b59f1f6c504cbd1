package approval_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/store"
)

func storeOptions() store.Options { return store.Options{} }

func (h *house) inviteWith(t testing.TB, n approval.NewInvitation) approval.Invited {
	t.Helper()
	invited, err := h.approvals.Invite(context.Background(), gatehouse.System, n)
	if err != nil {
		t.Fatal(err)
	}
	return invited
}

func TestInvitations(t *testing.T) {
	for _, tt := range []struct {
		name   string
		n      approval.NewInvitation
		spoil  func(*testing.T, *house, approval.Invited)
		secret func(string) string
		as     string
		want   *gatehouse.Error
	}{
		{name: "link"},
		{name: "its address", n: approval.NewInvitation{Email: "Ada@Example.com"}},
		{name: "its address in other letters", n: approval.NewInvitation{Email: ada}, as: "ADA@example.com"},
		{name: "another address", n: approval.NewInvitation{Email: eve}, want: approval.ErrInvitationInvalid},
		{name: "an unknown secret", secret: func(string) string { return strings.Repeat("a", 32) }, want: approval.ErrInvitationInvalid},
		{name: "no secret", secret: func(string) string { return "" }, want: approval.ErrInvitationRequired},
		{name: "expired", spoil: func(_ *testing.T, h *house, _ approval.Invited) { h.Clock.Advance(7 * 24 * time.Hour) }, want: approval.ErrInvitationInvalid},
		{name: "about to expire", spoil: func(_ *testing.T, h *house, _ approval.Invited) { h.Clock.Advance(7*24*time.Hour - time.Second) }},
		{name: "revoked", spoil: func(t *testing.T, h *house, i approval.Invited) {
			if err := h.approvals.Revoke(context.Background(), gatehouse.System, i.Invitation.ID); err != nil {
				t.Fatal(err)
			}
		}, want: approval.ErrInvitationInvalid},
		{name: "used", spoil: func(_ *testing.T, h *house, i approval.Invited) {
			h.Post("/test/register", map[string]string{"email": eve, "invitationToken": *i.Token}).ExpectStatus(http.StatusOK)
		}, want: approval.ErrInvitationInvalid},
		{name: "used once of twice", n: approval.NewInvitation{MaxUses: 2}, spoil: func(_ *testing.T, h *house, i approval.Invited) {
			h.Post("/test/register", map[string]string{"email": eve, "invitationToken": *i.Token}).ExpectStatus(http.StatusOK)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t, approval.Options{Mode: approval.Invite})
			invited := h.inviteWith(t, tt.n)
			secret := *invited.Token
			if tt.spoil != nil {
				tt.spoil(t, h, invited)
			}
			if tt.secret != nil {
				secret = tt.secret(secret)
			}
			address := ada
			if tt.as != "" {
				address = tt.as
			}
			answer := h.Post("/sign-up/email", signUp(address, "invitationToken", secret))
			if tt.want == nil {
				answer.ExpectStatus(http.StatusOK)
				if answer.Text("token") == "" || h.user(t, ada).EmailVerified {
					t.Errorf("want a session and an unproved address: %s", answer.Body)
				}
				if n := h.roles.recorded("invitation.accept", gatehouse.Succeeded); n < 1 {
					t.Error("accepting is not recorded")
				}
				return
			}
			answer.Expect(gatehousetest.Fails(tt.want))
			noCredential(t, answer)
			if h.user(t, ada) != nil {
				t.Error("an account was made")
			}
			if n := h.roles.recorded("registration.refuse", tt.want.Code); n != 1 {
				t.Errorf("the refusal is recorded %d times", n)
			}
		})
	}
}

// ATTACKS 57: 50 who use a link of one use at once, in two processes, make one
// account; one of three uses makes three.
func TestInvitationCannotBeUsedMoreOften(t *testing.T) {
	o := approval.Options{Mode: approval.Invite}
	h := open(t, o)
	nodes := []*house{h, h.twin(t, o)}
	for _, uses := range []int64{1, 3} {
		secret := *h.inviteWith(t, approval.NewInvitation{MaxUses: uses}).Token
		var made atomic.Int64
		together(50, func(i int) {
			address := fmt.Sprintf("p%d-%d@example.com", uses, i)
			a := nodes[i%2].Post("/test/register", map[string]string{"email": address, "invitationToken": secret})
			switch {
			case a.Status == http.StatusOK:
				made.Add(1)
			case a.Text("code") != approval.ErrInvitationInvalid.Code:
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
		if made.Load() != uses {
			t.Errorf("%d accounts with %d uses", made.Load(), uses)
		}
	}
	page, err := h.approvals.Invitations(context.Background(), approval.Page{})
	if err != nil || len(page.Invitations) != 2 {
		t.Fatal(err)
	}
	for _, i := range page.Invitations {
		if i.Uses != i.MaxUses {
			t.Errorf("%d uses of %d are counted", i.Uses, i.MaxUses)
		}
	}
}

func TestRefusedSignUpUsesNoInvitation(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Invite})
	secret := *h.inviteWith(t, approval.NewInvitation{}).Token
	h.Post("/sign-up/email", signUp(root, "invitationToken", secret)).Expect(gatehousetest.Fails(gatehouse.ErrUserExists))
	h.Post("/test/register", map[string]string{"email": root, "invitationToken": secret}).Expect(gatehousetest.Fails(gatehouse.ErrUserExists))
	h.Post("/sign-up/email", signUp(ada, "invitationToken", secret)).ExpectStatus(http.StatusOK)
}

// ATTACKS 12: the mail of an invitation proves the address it went to, to who
// used it with that address, and to no account that somebody made before.
func TestOnlyAMailedInvitationProvesItsAddress(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Invite})
	invited := h.inviteWith(t, approval.NewInvitation{Email: ada, SendEmail: true})
	if invited.Token != nil || invited.URL != nil {
		t.Error("the secret of a mailed invitation was told to who invites")
	}
	mail := h.Mail("invitation", ada)
	secret := mail.Data["token"].(string)
	if mail.Data["url"] != gatehousetest.BaseURL+"/sign-up?invitationToken="+secret {
		t.Errorf("%v", mail.Data)
	}
	h.Post("/sign-up/email", signUp(eve, "invitationToken", secret)).Expect(gatehousetest.Fails(approval.ErrInvitationInvalid))
	h.Post("/sign-up/email", signUp(ada, "invitationToken", secret)).Expect(gatehousetest.OK(`{"token":…,"user":{"emailVerified":true,…}}`))

	// Eve made an account with Grace's address before Grace was invited.
	const grace = "grace@example.com"
	squatted := h.inviteWith(t, approval.NewInvitation{MaxUses: 5})
	h.Post("/sign-up/email", signUp(grace, "invitationToken", *squatted.Token)).ExpectStatus(http.StatusOK)
	h.inviteWith(t, approval.NewInvitation{Email: grace, SendEmail: true})
	secret = h.Mail("invitation", grace).Data["token"].(string)
	h.Post("/sign-up/email", signUp(grace, "invitationToken", secret)).Expect(gatehousetest.Fails(gatehouse.ErrUserExists))
	if h.user(t, grace).EmailVerified {
		t.Error("the squatter's account is taken for proved")
	}
}

func TestInvitationIsStoredAsHash(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Invite})
	invited := h.inviteWith(t, approval.NewInvitation{})
	found, err := store.Define[approval.Invitation](h.DB, "registrationInvitation").Find(context.Background(), store.Search{})
	if err != nil || len(found) != 1 {
		t.Fatal(err)
	}
	if found[0].TokenHash == *invited.Token || len(found[0].TokenHash) != 64 || strings.Contains(fmt.Sprint(found[0]), *invited.Token) {
		t.Errorf("stored: %+v", found[0])
	}
	h.Post("/sign-up/email", signUp(ada, "invitationToken", found[0].TokenHash)).Expect(gatehousetest.Fails(approval.ErrInvitationInvalid))
	list := h.Enter(root).Get("/registration/invitations").ExpectStatus(http.StatusOK)
	if strings.Contains(string(list.Body), found[0].TokenHash) || strings.Contains(string(list.Body), *invited.Token) {
		t.Error("the list shows a secret")
	}
}

func TestInvitationsOverHTTP(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Invite, EmailDomains: approval.DomainOptions{Deny: []string{"evil.test"}}})
	admin := h.Enter(root)
	for body, want := range map[string]*gatehouse.Error{
		`{"sendEmail":true}`:                  approval.ErrInvitationEmail,
		`{"maxUses":10001}`:                   approval.ErrInvitationLimits,
		`{"email":"a@b.example","maxUses":2}`: approval.ErrInvitationLimits,
		`{"email":"a@evil.test"}`:             approval.ErrDomain,
	} {
		admin.Send(http.MethodPost, "/registration/invite", "application/json", body).Expect(gatehousetest.Fails(want))
	}
	for _, body := range []string{`{"maxUses":0}`, `{"expiresIn":0}`, `{"expiresIn":31536001}`, `{"email":"x"}`, `{"role":""}`} {
		admin.Send(http.MethodPost, "/registration/invite", "application/json", body).ExpectStatus(http.StatusBadRequest)
	}
	h.Enter(mod).Post("/registration/invite", map[string]any{}).Expect(gatehousetest.Fails(gatehouse.ErrForbidden))
	h.Post("/registration/invite", map[string]any{}).Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))

	var made struct {
		Invitation struct{ ID string }
		Token, URL string
	}
	admin.Post("/registration/invite", map[string]any{"role": "moderator", "maxUses": 2, "expiresIn": 60}).Expect(gatehousetest.OK(
		`{"invitation":{"id":…,"email":null,"mailed":false,"role":"moderator","maxUses":2,"uses":0,"expiresAt":"2026-01-02T03:05:05.678Z",
		"revokedAt":null,"createdAt":"2026-01-02T03:04:05.678Z","createdBy":"` + h.user(t, root).ID + `"},"token":…,"url":…}`)).JSON(&made)
	if made.URL != gatehousetest.BaseURL+"/sign-up?invitationToken="+url.QueryEscape(made.Token) {
		t.Error(made.URL)
	}
	h.Post("/sign-up/email", signUp(ada, "invitationToken", made.Token)).ExpectStatus(http.StatusOK)
	if role, _ := h.user(t, ada).Get("role"); role != "moderator" {
		t.Errorf("role %v", role)
	}
	revoke := map[string]string{"id": made.Invitation.ID}
	h.Enter(mod).Post("/registration/revoke-invitation", revoke).Expect(gatehousetest.Fails(gatehouse.ErrForbidden))
	admin.Post("/registration/revoke-invitation", revoke).Expect(gatehousetest.OK(`{"status":true}`))
	admin.Post("/registration/revoke-invitation", revoke).Expect(gatehousetest.Fails(approval.ErrNoInvitation))
	h.Post("/sign-up/email", signUp(eve, "invitationToken", made.Token)).Expect(gatehousetest.Fails(approval.ErrInvitationInvalid))
	h.Enter(ada) // who accepted stays

	admin.Post("/registration/invite", map[string]any{"email": eve}).Expect(gatehousetest.OK(`{"invitation":{"mailed":true,…},"token":null,"url":null}`))
	for range 3 {
		h.Clock.Advance(time.Second)
		h.inviteWith(t, approval.NewInvitation{})
	}
	seen := 0
	for cursor := ""; ; {
		page, err := h.approvals.Invitations(context.Background(), approval.Page{Cursor: cursor, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		seen += len(page.Invitations)
		if page.Next == nil {
			break
		}
		cursor = *page.Next
	}
	if seen != 5 {
		t.Errorf("%d invitations are listed, want 5", seen)
	}
}

// An invitation with a role is a way to that role, so who may create users and
// not set roles may not make one.
func TestRoleNeedsThePermissionToSetRoles(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Invite})
	h.roles.deny = "set-role"
	h.Enter(root).Post("/registration/invite", map[string]any{"role": "admin"}).Expect(gatehousetest.Fails(gatehouse.ErrForbidden))
	h.Enter(root).Post("/registration/invite", map[string]any{}).ExpectStatus(http.StatusOK)
}
