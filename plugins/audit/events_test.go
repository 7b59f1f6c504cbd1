package audit_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/store"
)

// told writes entries as lines, with names for ids: ada is the person, s1 the
// first session that is met, s2 the next.
func told(entries []*audit.Entry, names map[string]string) []string {
	known := map[string]string{}
	name := func(id string) string {
		switch {
		case id == "", id == gatehouse.System:
			return id
		case names[id] != "":
			return names[id]
		case known[id] == "":
			known[id] = fmt.Sprintf("s%d", len(known)+1)
		}
		return known[id]
	}
	var lines []string
	for _, e := range entries {
		target := ""
		switch e.TargetType {
		case "":
		case "user", "session":
			target = e.TargetType + ":" + name(e.Target)
		default:
			target = e.TargetType + ":" + e.Target
		}
		details := e.Details
		for id, named := range names {
			details = strings.ReplaceAll(details, id, named)
		}
		lines = append(lines, fmt.Sprintf("[%s] %s [%s] %s %s", name(e.Actor), e.Action, target, e.Outcome, details))
	}
	return lines
}

// TestEveryEventIsRecorded: what each operation leaves in the log, exactly.
func TestEveryEventIsRecorded(t *testing.T) {
	type act func(h *house, b *gatehousetest.Browser)
	signedIn := func(h *house) *gatehousetest.Browser { return h.SignIn(ada, passcode) }
	for _, tt := range []struct {
		name   string
		change func(*setting)
		// enter gives the browser that acts; nil: one without a session.
		enter func(h *house) *gatehousetest.Browser
		do    act
		want  []string
	}{
		{"sign up", nil, nil, func(h *house, b *gatehousetest.Browser) {
			ok(h.t, b.Post("/sign-up/email", map[string]any{"email": "new@example.com", "password": passcode, "name": "New"}))
		}, []string{
			`[new] user.create [user:new] success {"method":"password","operation":"signUpEmail"}`,
			`[new] account.create [user:new] success {"operation":"signUpEmail","provider":"credential"}`,
			`[new] session.create [session:s1] success {"method":"password","operation":"signUpEmail"}`,
		}},
		{"sign up with a taken address", nil, nil, func(h *house, b *gatehousetest.Browser) {
			b.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "New"}).ExpectStatus(422)
		}, []string{`[] sign-up.fail [user:ada] USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL {"method":"password","operation":"signUpEmail"}`}},
		{"sign up with a taken address, which the answer hides", func(s *setting) { s.password.AutoSignIn = new(bool) }, nil, func(h *house, b *gatehousetest.Browser) {
			ok(h.t, b.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "New"}))
		}, []string{`[] sign-up.fail [user:ada] USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL {"method":"password","operation":"signUpEmail"}`}},
		{"sign in", nil, nil, func(h *house, b *gatehousetest.Browser) { ok(h.t, signIn(b, ada, passcode)) }, []string{
			`[ada] session.create [session:s1] success {"method":"password","operation":"signInEmail"}`,
		}},
		{"sign in with a wrong password", nil, nil, func(h *house, b *gatehousetest.Browser) {
			signIn(b, ada, "wrong battery").ExpectStatus(401)
		}, []string{`[] sign-in.fail [user:ada] INVALID_EMAIL_OR_PASSWORD {"method":"password","operation":"signInEmail"}`}},
		{"sign in with an unknown address", nil, nil, func(h *house, b *gatehousetest.Browser) {
			signIn(b, "eve@example.com", passcode).ExpectStatus(401)
		}, []string{`[] sign-in.fail [] INVALID_EMAIL_OR_PASSWORD {"method":"password","operation":"signInEmail"}`}},
		{"sign in refused by a gate", func(s *setting) { s.password.RequireEmailVerification = true }, nil, func(h *house, b *gatehousetest.Browser) {
			signIn(b, ada, passcode).ExpectStatus(403)
		}, []string{`[] sign-in.fail [user:ada] EMAIL_NOT_VERIFIED {"method":"password","operation":"signInEmail"}`}},
		{"sign out", nil, signedIn, func(h *house, b *gatehousetest.Browser) { ok(h.t, b.Post("/sign-out", map[string]any{})) }, []string{
			`[ada] session.sign-out [session:s1] success {"operation":"signOut","user":"ada"}`,
		}},
		{"refresh a session", nil, signedIn, func(h *house, b *gatehousetest.Browser) {
			h.Clock.Advance(25 * time.Hour)
			ok(h.t, b.Get("/get-session"))
		}, []string{`[ada] session.refresh [session:s1] success {"operation":"getSession"}`}},
		{"come back with an expired session", nil, signedIn, func(h *house, b *gatehousetest.Browser) {
			h.Clock.Advance(8 * 24 * time.Hour)
			ok(h.t, b.Get("/get-session"))
		}, []string{`[system] session.expire [session:s1] success {"operation":"getSession","user":"ada"}`}},
		{"change the password and end other sessions", nil, signedIn, func(h *house, b *gatehousetest.Browser) {
			ok(h.t, b.Post("/change-password", map[string]any{"currentPassword": passcode, "newPassword": "another battery", "revokeOtherSessions": true}))
		}, []string{
			`[ada] password.set [user:ada] success {"operation":"changePassword"}`,
			`[ada] session.revoke [session:s1] success {"operation":"changePassword","user":"ada"}`,
			`[ada] session.revoke [session:s2] success {"operation":"changePassword","user":"ada"}`,
			`[ada] session.create [session:s3] success {"method":"password-change","operation":"changePassword"}`,
		}},
		{"change the password with a wrong one", nil, signedIn, func(h *house, b *gatehousetest.Browser) {
			b.Post("/change-password", map[string]any{"currentPassword": "wrong battery", "newPassword": "another battery"}).ExpectStatus(400)
		}, []string{`[ada] password.set [user:ada] INVALID_PASSWORD {"operation":"changePassword"}`}},
		{"guess the own password", nil, signedIn, func(h *house, b *gatehousetest.Browser) {
			b.Post("/verify-password", map[string]any{"password": "wrong battery"}).ExpectStatus(400)
		}, []string{`[ada] password.verify [user:ada] INVALID_PASSWORD {"operation":"verifyPassword"}`}},
		{"ask for a reset and use it", func(s *setting) { s.password.RevokeSessionsOnPasswordReset = true }, nil, func(h *house, b *gatehousetest.Browser) {
			ok(h.t, b.Post("/request-password-reset", map[string]any{"email": ada}))
			secret := h.mailed("reset-password", ada)
			ok(h.t, b.Post("/reset-password", map[string]any{"newPassword": "another battery", "token": secret}))
			b.Post("/reset-password", map[string]any{"newPassword": "another battery", "token": secret}).ExpectStatus(400)
		}, []string{
			`[] link.send [user:ada] success {"mail":"reset-password","operation":"requestPasswordReset"}`,
			`[ada] link.use [user:ada] success {"mail":"reset-password","operation":"resetPassword"}`,
			`[ada] password.set [user:ada] success {"operation":"resetPassword"}`,
			`[ada] session.revoke [session:s1] success {"operation":"resetPassword","user":"ada"}`,
			`[] link.use [] INVALID_TOKEN {"mail":"reset-password","operation":"resetPassword"}`,
		}},
		{"ask for a reset of nobody", nil, nil, func(h *house, b *gatehousetest.Browser) {
			ok(h.t, b.Post("/request-password-reset", map[string]any{"email": "eve@example.com"}))
		}, []string{`[] link.send [] USER_NOT_FOUND {"mail":"reset-password","operation":"requestPasswordReset"}`}},
		{"open a dead reset link", nil, nil, func(h *house, b *gatehousetest.Browser) {
			ok(h.t, b.Get("/reset-password/nonsense?callbackURL=/x"))
		}, []string{`[] link.use [] INVALID_TOKEN {"mail":"reset-password","operation":"resetPasswordCallback"}`}},
		{"prove the address", nil, signedIn, func(h *house, b *gatehousetest.Browser) {
			ok(h.t, b.Post("/send-verification-email", map[string]any{"email": ada}))
			ok(h.t, b.Get("/verify-email?token="+h.mailed("verification-email", ada)))
		}, []string{
			`[ada] link.send [user:ada] success {"mail":"verification-email","operation":"sendVerificationEmail"}`,
			`[ada] link.use [user:ada] success {"mail":"verification-email","operation":"verifyEmail"}`,
			`[ada] email.verify [user:ada] success {"fields":["emailVerified"],"operation":"verifyEmail"}`,
		}},
		{"follow a forged verification link", nil, nil, func(h *house, b *gatehousetest.Browser) {
			b.Get("/verify-email?token=a.b.c").ExpectStatus(401)
		}, []string{`[] link.use [] INVALID_TOKEN {"mail":"verification-email","operation":"verifyEmail"}`}},
		{"change the address", nil, signedIn, func(h *house, b *gatehousetest.Browser) {
			ok(h.t, b.Post("/change-email", map[string]any{"newEmail": "countess@example.com"}))
			ok(h.t, b.Get("/verify-email?token="+h.mailed("verification-email", "countess@example.com")))
		}, []string{
			`[ada] link.send [user:ada] success {"mail":"verification-email","operation":"changeEmail"}`,
			`[ada] link.use [user:ada] success {"mail":"verification-email","operation":"verifyEmail"}`,
			`[ada] email.change [user:ada] success {"fields":["email"],"operation":"verifyEmail"}`,
		}},
		{"change the name", nil, signedIn, func(h *house, b *gatehousetest.Browser) {
			ok(h.t, b.Post("/update-user", map[string]any{"name": "Countess"}))
		}, []string{`[ada] user.update [user:ada] success {"fields":["name"],"operation":"updateUser"}`}},
		{"end another session", nil, signedIn, func(h *house, b *gatehousetest.Browser) {
			other := h.SignIn(ada, passcode)
			token := other.Get("/get-session")
			var now struct{ Session struct{ Token string } }
			token.JSON(&now)
			ok(h.t, b.Post("/revoke-session", map[string]any{"token": now.Session.Token}))
		}, []string{
			`[ada] session.create [session:s1] success {"method":"password","operation":"signInEmail"}`,
			`[ada] session.revoke [session:s1] success {"operation":"revokeSession","user":"ada"}`,
		}},
		{"delete the account", nil, signedIn, func(h *house, b *gatehousetest.Browser) {
			ok(h.t, b.Post("/delete-user", map[string]any{"password": passcode}))
		}, []string{`[ada] user.delete [user:ada] success {"operation":"deleteUser"}`}},
		{"delete the account with a wrong password", nil, signedIn, func(h *house, b *gatehousetest.Browser) {
			b.Post("/delete-user", map[string]any{"password": "wrong battery"}).ExpectStatus(400)
		}, []string{`[ada] user.delete [user:ada] INVALID_PASSWORD {"operation":"deleteUser"}`}},
		{"delete the account by mail", func(s *setting) {
			s.config = func(c *gatehouse.Config) { c.User.DeleteUser.SendDeleteAccountVerification = true }
		}, signedIn, func(h *house, b *gatehousetest.Browser) {
			ok(h.t, b.Post("/delete-user", map[string]any{}))
			ok(h.t, b.Get("/delete-user/callback?token="+h.mailed("delete-account", ada)))
		}, []string{
			`[ada] link.send [user:ada] success {"mail":"delete-account","operation":"deleteUser"}`,
			`[ada] link.use [user:ada] success {"mail":"delete-account","operation":"deleteUserCallback"}`,
			`[ada] user.delete [user:ada] success {"operation":"deleteUserCallback"}`,
		}},
		{"sign in with a bearer token and out again", nil, nil, func(h *house, b *gatehousetest.Browser) {
			b.Header.Set("Authorization", "Bearer "+signIn(h.Browser(), ada, passcode).Header.Get("set-auth-token"))
			ok(h.t, b.Post("/sign-out", map[string]any{}))
		}, []string{
			`[ada] session.create [session:s1] success {"method":"password","operation":"signInEmail"}`,
			`[ada] session.sign-out [session:s1] success {"operation":"signOut","user":"ada"}`,
		}},
		{"look only", nil, signedIn, func(h *house, b *gatehousetest.Browser) {
			ok(h.t, b.Get("/get-session"))
			ok(h.t, b.Get("/list-sessions"))
			ok(h.t, b.Get("/list-accounts"))
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, func(s *setting) {
				if tt.change != nil {
					tt.change(s)
				}
				signUp := s.config
				s.config = func(c *gatehouse.Config) {
					c.EmailVerification.SendOnSignUp = new(bool)
					if signUp != nil {
						signUp(c)
					}
				}
			})
			id := h.AddUser(ada, passcode).ID
			b := h.Browser()
			if tt.enter != nil {
				b = tt.enter(h)
			}
			h.sequence()
			before := h.head()
			tt.do(h, b)
			names := map[string]string{id: "ada"}
			if user, err := h.Users.ByEmail(context.Background(), "new@example.com"); err == nil {
				names[user.ID] = "new"
			}
			got := told(h.since(before), names)
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("recorded\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			h.expectSound()
		})
	}
}

// TestWhereFrom: an entry says from where the request came.
func TestWhereFrom(t *testing.T) {
	h := newHouse(t, nil)
	h.AddUser(ada, passcode)
	h.sequence()
	before := h.head()
	b := h.Browser()
	b.Address = "198.51.100.7:4321"
	b.Header.Set("User-Agent", "browser/1")
	b.Header.Set("X-Request-Id", "req-42")
	signIn(b, ada, "wrong battery")
	e := h.since(before)[0]
	if e.Address != "198.51.100.7" || e.UserAgent != "browser/1" || e.RequestID != "req-42" || !e.Time.Equal(h.Now()) {
		t.Errorf("recorded %+v", e)
	}
}

// TestRollbackLeavesNoEntry: an entry without its change would be a lie.
func TestRollbackLeavesNoEntry(t *testing.T) {
	h := newHouse(t, nil)
	h.sequence()
	before := h.head()
	broken := errors.New("broken")
	err := h.Tx(context.Background(), func(ctx context.Context) error {
		if err := h.Users.Create(ctx, &gatehouse.User{Name: "Ada", Email: ada}); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	if left := h.since(before); len(left) != 0 {
		t.Errorf("left %v", told(left, nil))
	}
	h.expectSound()
}

// TestARefusalStaysWhereItsChangeIsRolledBack: a gate refuses in the middle of
// a sign-up; the account is gone again, the refusal is not.
func TestARefusalStaysWhereItsChangeIsRolledBack(t *testing.T) {
	gate := gatehouse.Gate{Kind: gatehouse.Refuse, Ask: func(*gatehouse.Call, gatehouse.Proof) error { return gatehouse.ErrForbidden }}
	h := newHouse(t, func(s *setting) { s.more = append(s.more, gatePlugin{gate}) })
	h.sequence()
	before := h.head()
	h.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "Ada"}).ExpectStatus(403)
	entries := h.since(before)
	if len(entries) != 1 || entries[0].Action != "sign-in.fail" || entries[0].Outcome != "FORBIDDEN" {
		t.Errorf("recorded %v", told(entries, nil))
	}
	if _, err := h.Users.ByEmail(context.Background(), ada); err == nil {
		t.Error("the account is there")
	}
}

type gatePlugin struct{ gate gatehouse.Gate }

func (g gatePlugin) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	return gatehouse.Parts{ID: "gate", Gates: []gatehouse.Gate{g.gate}}, nil
}

// TestNoEntryNoChange: what cannot be recorded does not happen.
func TestNoEntryNoChange(t *testing.T) {
	h := newHouse(t, nil)
	h.AddUser(ada, passcode)
	h.sql(`ALTER TABLE "auditEntry" RENAME TO "auditGone"`)
	answer := signIn(h.Browser(), ada, passcode)
	refused := signIn(h.Browser(), ada, "wrong battery")
	h.sql(`ALTER TABLE "auditGone" RENAME TO "auditEntry"`)
	if answer.Status != 500 || len(answer.Cookies) != 0 {
		t.Errorf("sign-in answers %d %s", answer.Status, answer.Body)
	}
	if refused.Status != 500 {
		t.Errorf("a refusal that cannot be recorded answers %d %s", refused.Status, refused.Body)
	}
}

func TestTheStartIsRecorded(t *testing.T) {
	h := newHouse(t, func(s *setting) {
		s.config = func(c *gatehouse.Config) {
			c.Session.ExpiresIn = 48 * time.Hour
			c.Described = struct {
				gatehouse.Config
				Plugins struct{ Audit *audit.Options }
			}{*c, struct{ Audit *audit.Options }{&audit.Options{Routes: true, Forward: audit.ForwardOptions{Secret: "not to be seen"}}}}
		}
	})
	page, err := h.log.Find(context.Background(), audit.Query{Action: "app.start"})
	if err != nil || len(page.Entries) != 1 {
		t.Fatalf("found %v, %v", page, err)
	}
	e := page.Entries[0]
	for _, want := range []string{
		`"plugins":["password","sessions","email","account","bearer","door","audit"]`,
		`"session.expiresIn=48h0m0s"`, `"secret=…"`, `"plugins.audit=on"`, `"plugins.audit.routes=true"`, `"plugins.audit.forward.secret=…"`, `"baseURL=http://gatehouse.test"`,
	} {
		if !strings.Contains(e.Details, want) {
			t.Errorf("details lack %s: %s", want, e.Details)
		}
	}
	if strings.Contains(e.Details, gatehousetest.Secret) || strings.Contains(e.Details, "not to be seen") {
		t.Errorf("details hold a secret: %s", e.Details)
	}
	if e.Actor != gatehouse.System || e.Target != gatehousetest.BaseURL+"/api/auth" {
		t.Errorf("recorded %v", e)
	}
}

// TestNoSecretIsRecorded goes through everything that handles secrets and then
// looks for them in the whole table.
func TestNoSecretIsRecorded(t *testing.T) {
	h := newHouse(t, func(s *setting) { s.password.RevokeSessionsOnPasswordReset = true })
	h.AddUser(ada, passcode)
	b := h.SignIn(ada, passcode)
	secrets := []string{passcode, "wrong battery", "another battery", gatehousetest.Secret}
	var current struct{ Session struct{ Token string } }
	b.Get("/get-session").JSON(&current)
	secrets = append(secrets, current.Session.Token)
	signIn(h.Browser(), ada, "wrong battery")
	b.Post("/verify-password", map[string]any{"password": "wrong battery"})
	b.Post("/send-verification-email", map[string]any{"email": ada})
	proof := h.mailed("verification-email", ada)
	b.Get("/verify-email?token=" + proof)
	b.Post("/request-password-reset", map[string]any{"email": ada})
	reset := h.mailed("reset-password", ada)
	b.Get("/reset-password/" + reset + "?callbackURL=/x")
	b.Post("/reset-password", map[string]any{"newPassword": "another battery", "token": reset})
	b.Post("/reset-password", map[string]any{"newPassword": "another battery", "token": reset})
	secrets = append(secrets, proof, reset)
	hash := regexp.MustCompile(`\$argon2|\$scrypt|[0-9a-f]{32}:[0-9a-f]{64}`)
	for _, e := range h.since(0) {
		line, err := e.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range secrets {
			if strings.Contains(string(line), secret) {
				t.Errorf("%q is in %s", secret, line)
			}
		}
		if hash.Match(line) {
			t.Errorf("a hash is in %s", line)
		}
	}
}

// TestRehashIsNoNewPassword: an upgraded hash is told as such, and a password
// that was changed meanwhile stays changed.
func TestRehashIsNoNewPassword(t *testing.T) {
	h := newHouse(t, nil)
	user := h.AddUser(ada, passcode)
	ctx := context.Background()
	old, err := h.Accounts.Credential(ctx, user.ID)
	if err != nil {
		t.Fatal(err)
	}
	h.sequence()
	before := h.head()
	if err := h.Accounts.SetPasswordHash(ctx, user.ID, "changed meanwhile"); err != nil {
		t.Fatal(err)
	}
	if err := h.Accounts.Rehash(ctx, old, "upgraded"); err != nil {
		t.Fatal(err)
	}
	now, err := h.Accounts.Credential(ctx, user.ID)
	if err != nil || *now.PasswordHash != "changed meanwhile" {
		t.Fatalf("the hash is %v, %v", now, err)
	}
	if err := h.Accounts.Rehash(ctx, now, "upgraded"); err != nil {
		t.Fatal(err)
	}
	want := "[system] password.set [user:ada] success {}\n[ada] password.rehash [user:ada] success {}"
	if got := strings.Join(told(h.since(before), map[string]string{user.ID: "ada"}), "\n"); got != want {
		t.Errorf("recorded\n%s\nwant\n%s", got, want)
	}
}

// impersonation marks every new session as an admin's who acts as its user, in
// the column that the admin feature has for it.
type impersonation struct{}

func (impersonation) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	store.Extend[*string](app.DB, "session", store.Field{Name: "impersonatedBy"})
	return gatehouse.Parts{ID: "impersonation", Hooks: gatehouse.Hooks{Session: gatehouse.RecordHooks[gatehouse.Session]{
		BeforeCreate: func(_ context.Context, s *gatehouse.Session) error {
			s.Set("impersonatedBy", "the-admin")
			return nil
		},
	}}}, nil
}

// TestTheImpersonatorIsNamed: whoever acts as somebody else is in every entry.
func TestTheImpersonatorIsNamed(t *testing.T) {
	h := newHouse(t, func(s *setting) { s.more = append(s.more, impersonation{}) })
	b := h.Enter(ada)
	id := h.user(ada).ID
	h.sequence()
	before := h.head()
	ok(t, b.Post("/update-user", map[string]any{"name": "Countess"}))
	h.Clock.Advance(25 * time.Hour)
	ok(t, b.Get("/get-session"))
	ok(t, b.Post("/sign-out", map[string]any{}))
	entries := h.since(before)
	if len(entries) != 2 { // such a session is never extended
		t.Fatalf("recorded %v", told(entries, nil))
	}
	for _, e := range entries {
		if e.Actor != id || e.Impersonator != "the-admin" {
			t.Errorf("%s is by %q as %q", e.Action, e.Impersonator, e.Actor)
		}
	}
}
