package approval_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
)

// ways are all ways to an account that a plugin can go.
var ways = map[string]func(h *house, secret string) *gatehousetest.Answer{
	"password": func(h *house, secret string) *gatehousetest.Answer {
		body := signUp(ada)
		if secret != "" {
			body["invitationToken"] = secret
		}
		return h.Post("/sign-up/email", body)
	},
	"a form": func(h *house, secret string) *gatehousetest.Answer {
		body := "name=Ada&email=ada%40example.com&password=correct+horse+battery"
		if secret != "" {
			body += "&invitationToken=" + secret
		}
		return h.Browser().Send(http.MethodPost, "/sign-up/email", "application/x-www-form-urlencoded", body)
	},
	"a method that forgot to ask": func(h *house, secret string) *gatehousetest.Answer {
		body := map[string]any{"email": ada}
		if secret != "" {
			body["invitationToken"] = secret
		}
		return h.Post("/test/register", body)
	},
}

func TestModesHoldOnEveryWay(t *testing.T) {
	for _, tt := range []struct {
		name    string
		mode    approval.Mode
		invited bool
		refusal *gatehouse.Error // nil: an account is made
		waits   bool
	}{
		{"open", approval.Open, false, nil, false},
		{"open with an invitation", approval.Open, true, nil, false},
		{"approval", approval.Approval, false, nil, true},
		{"approval with an invitation", approval.Approval, true, nil, false},
		{"invite without one", approval.Invite, false, approval.ErrInvitationRequired, false},
		{"invite", approval.Invite, true, nil, false},
		{"closed", approval.Closed, false, approval.ErrClosed, false},
		{"closed with an invitation", approval.Closed, true, approval.ErrClosed, false},
	} {
		for way, enter := range ways {
			t.Run(tt.name+"/"+way, func(t *testing.T) {
				h := open(t, approval.Options{Mode: tt.mode})
				secret := ""
				if tt.invited {
					secret = *h.inviteWith(t, approval.NewInvitation{}).Token
				}
				answer := enter(h, secret)
				if tt.refusal != nil {
					answer.Expect(gatehousetest.Fails(tt.refusal))
					noCredential(t, answer)
					if h.user(t, ada) != nil {
						t.Error("an account was made")
					}
					return
				}
				answer.ExpectStatus(http.StatusOK)
				entered := h.Post("/door", gatehousetest.Knock{Email: ada})
				if tt.waits {
					noCredential(t, answer)
					entered.Expect(gatehousetest.Fails(approval.ErrPending))
					noCredential(t, entered)
				} else {
					entered.ExpectStatus(http.StatusOK)
				}
			})
		}
	}
}

func TestAdministratorsAndTheProgramCreateInEveryMode(t *testing.T) {
	for _, mode := range []approval.Mode{approval.Open, approval.Approval, approval.Invite, approval.Closed} {
		t.Run(string(mode), func(t *testing.T) {
			h := open(t, approval.Options{Mode: mode})
			h.Enter(root).Post("/test/create", map[string]string{"email": ada}).ExpectStatus(http.StatusOK)
			h.Enter(mod).Post("/test/create", map[string]string{"email": eve}).Expect(gatehousetest.Fails(gatehouse.ErrForbidden))
			h.Invite("seeded@example.com") // as a program does
			imported := gatehouse.WithOrigin(context.Background(), gatehouse.Origin{Method: "import", Actor: gatehouse.System})
			if err := h.Users.Create(imported, &gatehouse.User{Name: "Imported", Email: "imported@example.com"}); err != nil {
				t.Fatal(err)
			}
			for _, address := range []string{ada, "seeded@example.com", "imported@example.com"} {
				h.Post("/door", gatehousetest.Knock{Email: address}).ExpectStatus(http.StatusOK)
			}
			// Somebody who registers from a program of one's own says so.
			registers := gatehouse.WithOrigin(context.Background(), gatehouse.Origin{Method: "shop"})
			err := h.Users.Create(registers, &gatehouse.User{Name: "Eve", Email: eve})
			if refused := err != nil; refused != (mode == approval.Invite || mode == approval.Closed) {
				t.Errorf("registering by a program: %v", err)
			}
		})
	}
}

func TestClosedUntilThereIsAnAdministrator(t *testing.T) {
	h := build(t, approval.Options{Mode: approval.Approval, ClosedUntilFirstAdmin: true})
	h.Get("/registration").Expect(gatehousetest.OK(`{"mode":"closed","reasonRequired":false,"questions":[]}`))
	h.Post("/sign-up/email", signUp(ada)).Expect(gatehousetest.Fails(approval.ErrClosed))
	first := &gatehouse.User{Name: "Root", Email: root}
	h.roles.Appoint(first)
	if err := h.Users.Create(context.Background(), first); err != nil {
		t.Fatal(err)
	}
	h.Get("/registration").Expect(gatehousetest.OK(`{"mode":"approval","reasonRequired":false,"questions":[]}`))
	h.wait(t, ada)
	if mode, err := h.approvals.InForce(context.Background()); mode != approval.Approval || err != nil {
		t.Errorf("in force is %s, %v", mode, err)
	}
}

// ATTACKS 123: a person who waits, or was turned down, gets no session by any
// way there is.
func TestWhoWaitsGetsNoCredential(t *testing.T) {
	for _, tt := range []struct {
		name    string
		refusal *gatehouse.Error
		reject  bool
	}{{"pending", approval.ErrPending, false}, {"rejected", approval.ErrRejected, true}} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t, approval.Options{Mode: approval.Approval}, func(c *gatehouse.Config, o *password.Options) {
				c.EmailVerification.AutoSignInAfterVerification = true
				send := true
				c.EmailVerification.SendOnSignUp = &send
			})
			h.Post("/sign-up/email", signUp(ada, "callbackURL", "/welcome")).ExpectStatus(http.StatusOK)
			user := h.user(t, ada)
			request, err := h.approvals.RequestOf(context.Background(), user.ID)
			if err != nil {
				t.Fatal(err)
			}
			if tt.reject {
				if _, err := h.approvals.Reject(context.Background(), gatehouse.System, "", request.ID); err != nil {
					t.Fatal(err)
				}
			}
			refused := func(a *gatehousetest.Answer) {
				t.Helper()
				a.Expect(gatehousetest.Fails(tt.refusal))
				noCredential(t, a)
			}
			refused(h.Post("/sign-in/email", map[string]string{"email": ada, "password": passcode}))
			refused(h.Post("/door", gatehousetest.Knock{Email: ada}))

			link := h.Mail("verification-email", ada).Data["url"].(string)
			answer := h.Get(link).Expect(gatehousetest.Redirects("/welcome?error=" + tt.refusal.Code))
			noCredential(t, answer)
			if !h.user(t, ada).EmailVerified {
				t.Error("the address was not proved")
			}
			if err := h.MailVerification(context.Background(), user, "/"); err != nil {
				t.Fatal(err)
			}
			noCredential(t, h.Get(h.Mail("verification-email", ada).Data["url"].(string)))

			h.Post("/request-password-reset", map[string]string{"email": ada, "redirectTo": "/x"}).ExpectStatus(http.StatusOK)
			token := h.Mail("reset-password", ada).Data["token"].(string)
			noCredential(t, h.Post("/reset-password", map[string]string{"newPassword": "a new passphrase", "token": token}).ExpectStatus(http.StatusOK))
			refused(h.Post("/sign-in/email", map[string]string{"email": ada, "password": "a new passphrase"}))
			if n := h.roles.recorded("session.create", gatehouse.Succeeded); n != 0 {
				t.Errorf("%d sessions were made", n)
			}
			if n := h.roles.recorded("sign-in.fail", tt.refusal.Code); n < 4 {
				t.Errorf("%d refusals are recorded", n)
			}
		})
	}
}

func TestVerificationLinkWithoutPageAnswersTheCode(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Approval}, func(c *gatehouse.Config, o *password.Options) {
		c.EmailVerification.AutoSignInAfterVerification = true
	})
	h.wait(t, ada)
	token, err := h.SignEmailProof(gatehouse.EmailProof{Email: ada, UserID: h.user(t, ada).ID})
	if err != nil {
		t.Fatal(err)
	}
	answer := h.Get("/verify-email?token=" + token).Expect(gatehousetest.Fails(approval.ErrPending))
	noCredential(t, answer)
}

// ATTACKS 18: the answer to a sign-up does not tell whose address has an
// account, nor which account waits, came in or was turned down.
func TestSignUpForApprovalTellsNothing(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Approval}, func(_ *gatehouse.Config, o *password.Options) { o.NotifyExistingUserSignUp = true })
	shape := func(address string) (int, string, string, int) {
		a := h.Post("/sign-up/email", signUp(address, "reason", "please"))
		var body struct {
			Token *string
			User  map[string]any
		}
		a.JSON(&body)
		if body.Token != nil {
			t.Errorf("%s got a token", address)
		}
		id, _ := body.User["id"].(string)
		if len(id) != 32 && !strings.Contains(id, "-") {
			t.Errorf("%s: id %q", address, id)
		}
		text := strings.NewReplacer(id, "ID", address, "ADDRESS").Replace(string(a.Body))
		header := a.Header.Clone()
		header.Del("Date")
		return a.Status, text, strings.Join(headerLines(header), "\n"), len(a.Cookies)
	}
	status, text, header, cookies := shape("new@example.com")
	if status != http.StatusOK || cookies != 0 {
		t.Fatalf("%d %s", status, text)
	}
	rejected := h.wait(t, "rejected@example.com")
	if _, err := h.approvals.Reject(context.Background(), gatehouse.System, "", rejected); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"new@example.com", root, "rejected@example.com"} {
		s, x, hd, n := shape(address)
		if s != status || x != text || hd != header || n != cookies {
			t.Errorf("%s:\n got %d %s\n%s\nwant %d %s\n%s", address, s, x, hd, status, text, header)
		}
	}
	h.Mail("existing-user-sign-up", root)
	if n := len(h.Mails("approval-requested", "")); n != 2 {
		t.Errorf("%d mails ask for approval, want those of the two new addresses", n)
	}
	for _, missing := range []string{"new@example.com", "nobody@example.com"} {
		h.Post("/sign-up/email", map[string]any{"name": "x", "email": missing, "password": "short"}).Expect(gatehousetest.Fails(password.ErrTooShort))
	}
}

func headerLines(h http.Header) []string {
	var lines []string
	for name, values := range h {
		lines = append(lines, name+": "+strings.Join(values, ","))
	}
	return sorted(lines)
}

// ATTACKS 16: nothing that a body says about approval, role or state counts.
func TestMassAssignmentChangesNothing(t *testing.T) {
	h := open(t, approval.Options{Mode: approval.Approval})
	body := signUp(ada)
	for _, name := range []string{
		"approvedAt", "approved", "status", "state", "pendingSince", "decidedAt", "decidedBy", "banned", "role", "emailVerified",
		"registrationRequest", "origin", "actor", "invitation", "mode", "__proto__", "constructor",
	} {
		body[name] = "admin"
	}
	body["emailVerified"], body["approved"] = true, true
	h.Post("/sign-up/email", body).ExpectStatus(http.StatusOK)
	h.Post("/sign-in/email", map[string]string{"email": ada, "password": passcode}).Expect(gatehousetest.Fails(approval.ErrPending))
	user := h.user(t, ada)
	if role, _ := user.Get("role"); role != nil || user.EmailVerified {
		t.Errorf("role %v, verified %v", role, user.EmailVerified)
	}

	// Nor does an update of one's own account: of somebody let in, who then
	// stays as he is.
	h.Invite(eve)
	b := h.Enter(eve)
	b.Post("/update-user", map[string]any{"name": "Eve", "state": "rejected", "approvedAt": "now", "role": "admin"}).ExpectStatus(http.StatusOK)
	if role, _ := h.user(t, eve).Get("role"); role != nil {
		t.Errorf("role %v", role)
	}
}

// ATTACKS 130: of 50 who register one address at once, one gets an account and
// one request waits; nobody is told.
func TestOneAddressOneRequest(t *testing.T) {
	o := approval.Options{Mode: approval.Approval}
	h := open(t, o)
	nodes := []*house{h, h.twin(t, o)}
	together(50, func(i int) {
		a := nodes[i%2].Post("/test/register", map[string]any{"email": ada})
		if a.Status != http.StatusOK && a.Text("code") != gatehouse.ErrUserExists.Code {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
	together(4, func(i int) {
		nodes[i%2].Post("/sign-up/email", signUp(eve)).ExpectStatus(http.StatusOK)
	})
	waiting, err := h.approvals.Pending(context.Background(), approval.Page{})
	if err != nil || len(waiting.Registrations) != 2 {
		t.Errorf("%d wait, %v", len(waiting.Registrations), err)
	}
}
