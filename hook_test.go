package gatehouse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

// trace is what happened, in order.
type trace struct{ events []string }

func (tr *trace) add(format string, args ...any) error {
	tr.events = append(tr.events, fmt.Sprintf(format, args...))
	return nil
}

func (tr *trace) hooks(who string) gatehouse.Hooks {
	op := func(when string) gatehouse.OpHook {
		return gatehouse.OpHook{Do: func(c *gatehouse.Call) error { return tr.add("%s %s %s", who, when, c.Op().ID) }}
	}
	return gatehouse.Hooks{
		Before: []gatehouse.OpHook{op("before")}, After: []gatehouse.OpHook{op("after")},
		User: gatehouse.RecordHooks[gatehouse.User]{
			BeforeCreate: func(_ context.Context, u *gatehouse.User) error { return tr.add("%s before user %s", who, u.Email) },
			AfterCreate:  func(_ context.Context, u *gatehouse.User) error { return tr.add("%s after user %s", who, u.Email) },
			BeforeUpdate: func(_ context.Context, u *gatehouse.User) error { return tr.add("%s before update %s", who, u.Name) },
			AfterUpdate:  func(_ context.Context, u *gatehouse.User) error { return tr.add("%s after update %s", who, u.Name) },
			BeforeDelete: func(_ context.Context, u *gatehouse.User) error { return tr.add("%s before delete", who) },
			AfterDelete:  func(_ context.Context, u *gatehouse.User) error { return tr.add("%s after delete", who) },
		},
		Account: gatehouse.RecordHooks[gatehouse.Account]{
			AfterCreate: func(_ context.Context, a *gatehouse.Account) error { return tr.add("%s account %s", who, a.ProviderID) },
		},
		Session: gatehouse.RecordHooks[gatehouse.Session]{
			AfterCreate: func(context.Context, *gatehouse.Session) error { return tr.add("%s session", who) },
			AfterDelete: func(context.Context, *gatehouse.Session) error { return tr.add("%s session ended", who) },
		},
		SessionSet: func(_ *gatehouse.Call, _ *gatehouse.Session, u *gatehouse.User) {
			_ = tr.add("%s cookie for %s", who, u.Email)
		},
	}
}

// TestHooksRunInOrder: the embedder's first, then the plugins' in theirs.
func TestHooksRunInOrder(t *testing.T) {
	tr := &trace{}
	house := newHouse(t, func(o *standard.Options) { o.Hooks = tr.hooks("embedder") },
		parts(gatehouse.Parts{ID: "one", Hooks: tr.hooks("one")}))
	b := house.Browser()
	for _, tt := range []struct {
		name string
		do   func()
		want []string // without who
	}{
		{"sign up", func() { b.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "Ada"}) }, []string{
			"before signUpEmail", "before user " + ada, "after user " + ada, "account credential", "session", "cookie for " + ada, "after signUpEmail",
		}},
		{"update", func() { b.Post("/update-user", map[string]any{"name": "Ada L."}) }, []string{
			"before updateUser", "before update Ada", "after update Ada L.", "cookie for " + ada, "after updateUser",
		}},
		{"a refused sign in", func() { house.Post("/sign-in/email", password.SignIn{Email: ada, Password: "wrong"}) }, []string{"before signInEmail"}},
		{"a malformed sign in", func() { house.Post("/sign-in/email", []int{}) }, nil},
		{"sign out", func() { b.Clone().Post("/sign-out", struct{}{}) }, []string{"before signOut", "session ended", "after signOut"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr.events = nil
			tt.do()
			var want []string
			for _, event := range tt.want {
				want = append(want, "embedder "+event, "one "+event)
			}
			if !slices.Equal(tr.events, want) {
				t.Errorf("\n got %s\nwant %s", strings.Join(tr.events, "; "), strings.Join(want, "; "))
			}
		})
	}
}

// TestHooksForOneOperation: a hook tied to operations runs for those only.
func TestHooksForOneOperation(t *testing.T) {
	tr := &trace{}
	house := newHouse(t, func(o *standard.Options) {
		o.Hooks.Before = []gatehouse.OpHook{{Ops: []string{"ok"}, Do: func(c *gatehouse.Call) error { return tr.add("%s", c.Op().Path) }}}
		o.Hooks.After = []gatehouse.OpHook{{Ops: []string{"signInEmail", "getSession"}, Do: func(c *gatehouse.Call) error {
			c.Header().Set("X-Seen", c.Op().ID)
			return nil
		}}}
	})
	if got := house.Get("/get-session").Header.Get("X-Seen"); got != "getSession" {
		t.Errorf("X-Seen is %q", got)
	}
	house.Get("/ok")
	if !slices.Equal(tr.events, []string{"/ok"}) {
		t.Errorf("events are %v", tr.events)
	}
}

// TestHooksRefuse: an error of any hook answers the request, and nothing of
// it is stored, mailed or set as a cookie.
func TestHooksRefuse(t *testing.T) {
	refusal := gatehouse.NewError(http.StatusForbidden, "NOT_HERE", "Not here")
	fault := errors.New("a hook's own fault")
	refuse := func(context.Context, *gatehouse.User) error { return refusal }
	for name, hooks := range map[string]gatehouse.Hooks{
		"before the operation":  {Before: []gatehouse.OpHook{{Ops: []string{"signUpEmail"}, Do: func(*gatehouse.Call) error { return refusal }}}},
		"before the user":       {User: gatehouse.RecordHooks[gatehouse.User]{BeforeCreate: refuse}},
		"after the user":        {User: gatehouse.RecordHooks[gatehouse.User]{AfterCreate: refuse}},
		"before the account":    {Account: gatehouse.RecordHooks[gatehouse.Account]{BeforeCreate: func(context.Context, *gatehouse.Account) error { return refusal }}},
		"after the account":     {Account: gatehouse.RecordHooks[gatehouse.Account]{AfterCreate: func(context.Context, *gatehouse.Account) error { return refusal }}},
		"before the session":    {Session: gatehouse.RecordHooks[gatehouse.Session]{BeforeCreate: func(context.Context, *gatehouse.Session) error { return refusal }}},
		"after the session":     {Session: gatehouse.RecordHooks[gatehouse.Session]{AfterCreate: func(context.Context, *gatehouse.Session) error { return refusal }}},
		"with a fault, at last": {Session: gatehouse.RecordHooks[gatehouse.Session]{AfterCreate: func(context.Context, *gatehouse.Session) error { return fault }}},
	} {
		t.Run(name, func(t *testing.T) {
			house := newHouse(t, func(o *standard.Options) {
				o.Hooks = hooks
				o.EmailVerification.SendOnSignUp = at(true)
			})
			house.Allow(refusal)
			got := house.Browser().Send("POST", "/sign-up/email", "application/x-www-form-urlencoded", "email=ada%40example.com&password=correct+horse+battery&name=Ada")
			if got.Status != http.StatusForbidden && got.Status != http.StatusInternalServerError || strings.Contains(string(got.Body), "fault") {
				t.Errorf("answers %d %s", got.Status, got.Body)
			}
			if len(got.Cookies) != 0 || len(house.Mails("", "")) != 0 {
				t.Errorf("cookies %v, mails %v", got.Cookies, house.Mails("", ""))
			}
			for _, table := range []string{"user", "account", "session", "outbox"} {
				if left := rows(t, house, `SELECT "id" FROM "`+table+`"`); len(left) != 0 {
					t.Errorf("%s keeps %v", table, left)
				}
			}
		})
	}
}

// TestBeforeCreateChangesTheRecord: what a hook changes is stored and answered.
func TestBeforeCreateChangesTheRecord(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) {
		o.Hooks.User.BeforeCreate = func(_ context.Context, u *gatehouse.User) error {
			u.Name, u.EmailVerified = strings.ToUpper(u.Name), true
			return nil
		}
		o.Hooks.Session.BeforeCreate = func(_ context.Context, s *gatehouse.Session) error {
			s.UserAgent = at("hidden")
			return nil
		}
	})
	b := house.Browser()
	b.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "Ada"}).
		Expect(gatehousetest.OK(`{"token":"…","user":{"name":"ADA","emailVerified":true,…}}`))
	if session, _, err := house.Sessions.ByToken(t.Context(), tokenOf(b)); err != nil || *session.UserAgent != "hidden" {
		t.Errorf("the session is %+v, %v", session, err)
	}
}

// TestGates: refusals come before detours whatever the order of plugins, on
// every way in, and nobody gets a session past them.
func TestGates(t *testing.T) {
	banned := gatehouse.NewError(http.StatusForbidden, "BANNED_USER", "You have been banned")
	factor := &gatehouse.Detour{Status: http.StatusOK, Body: map[string]any{"twoFactorRedirect": true}}
	var asked []string
	gate := func(kind gatehouse.GateKind, name string, answers map[string]error) gatehouse.Gate {
		return gatehouse.Gate{Kind: kind, Ask: func(_ *gatehouse.Call, p gatehouse.Proof) error {
			asked = append(asked, name+" "+p.Method)
			return answers[p.User.Email]
		}}
	}
	house := newHouse(t, func(o *standard.Options) { o.EmailVerification.AutoSignInAfterVerification = true },
		parts(gatehouse.Parts{ID: "factor", Gates: []gatehouse.Gate{gate(gatehouse.Defer, "factor", map[string]error{eve: factor, ada: factor})}}),
		parts(gatehouse.Parts{ID: "ban", Gates: []gatehouse.Gate{gate(gatehouse.Refuse, "ban", map[string]error{eve: banned})}}))
	house.Allow(banned)
	for _, tt := range []struct {
		name, address string
		want          gatehousetest.Reply
		asked         []string
	}{
		{"nobody minds", "bob@example.com", gatehousetest.OK(`{"token":"…","user":"…"}`), []string{"ban door", "factor door"}},
		{"a second factor", ada, gatehousetest.OK(`{"twoFactorRedirect":true}`), []string{"ban door", "factor door"}},
		{"a ban", eve, gatehousetest.Fails(banned), []string{"ban door"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			house.Invite(tt.address)
			asked = nil
			b := house.Browser()
			got := b.Post("/door", gatehousetest.Knock{Email: tt.address}).Expect(tt.want)
			if admitted := tt.address == "bob@example.com"; (len(got.Cookies) != 0) != admitted || nobody(b) == admitted {
				t.Errorf("cookies are %v", got.Cookies)
			}
			if !slices.Equal(asked, tt.asked) {
				t.Errorf("asked %v, want %v", asked, tt.asked)
			}
		})
	}
	// Every other way in asks the same gates.
	for _, address := range []string{ada, eve} {
		user, _ := house.Users.ByEmail(t.Context(), address)
		if _, err := house.Users.Update(t.Context(), user.ID, store.Change{Field: "emailVerified", Value: false}); err != nil {
			t.Fatal(err)
		}
		link, _ := house.SignEmailProof(gatehouse.EmailProof{Email: address, UserID: user.ID})
		if got := house.Get("/verify-email?token=" + link); len(got.Cookies) != 0 {
			t.Errorf("a verification link signs %s in past the gates: %d %s", address, got.Status, got.Body)
		}
	}
	if n := rows(t, house, `SELECT count(*) FROM "session"`)[0]; n != "1" {
		t.Errorf("%s sessions, want 1", n)
	}
}
