package gatehouse_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/internal/cookie"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/bearer"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// tokenOf is the session token in a browser's cookie.
func tokenOf(b *gatehousetest.Browser) string {
	value, _ := url.PathUnescape(b.Cookie(sessionCookie))
	token, _, _ := strings.Cut(value, ".")
	return token
}

// TestPlantedCookieIsWorthNothing (session fixation): whatever cookie a
// browser had before, signing in and changing the password make a new token.
func TestPlantedCookieIsWorthNothing(t *testing.T) {
	house := newHouse(t, nil)
	house.AddUser(ada, passcode)
	planted := house.Enter(eve)
	victim, attacker := planted.Clone(), planted.Clone()
	before := tokenOf(victim)
	victim.Post("/sign-in/email", password.SignIn{Email: ada, Password: passcode}).ExpectStatus(http.StatusOK)
	signedIn := tokenOf(victim)
	if signedIn == before || signedIn == "" {
		t.Fatalf("the planted token %s lives on", before)
	}
	if got := attacker.Get("/get-session").Text("user"); strings.Contains(got, ada) {
		t.Error("the attacker is Ada")
	}
	victim.Post("/change-password", password.Change{CurrentPassword: passcode, NewPassword: "another password", RevokeOthers: at(true)}).
		ExpectStatus(http.StatusOK)
	if now := tokenOf(victim); now == signedIn || now == "" {
		t.Error("the token did not change with the password")
	}
}

func TestForgedCookies(t *testing.T) {
	house := newHouse(t, nil)
	b, other := house.Enter(ada), house.Enter(eve)
	good, _ := url.PathUnescape(b.Cookie(sessionCookie))
	token, signature, _ := strings.Cut(good, ".")
	foreign, _ := url.PathUnescape(other.Cookie(sessionCookie))
	_, foreignSignature, _ := strings.Cut(foreign, ".")
	user, _ := house.Users.ByEmail(t.Context(), ada)
	for name, value := range map[string]string{
		"no signature": token, "empty signature": token + ".", "only a signature": "." + signature, "empty": "", "dot": ".",
		"signature of another token": token + "." + foreignSignature, "cut": good[:len(good)-1], "longer": good + "=", "longer by A": good + "A",
		"unpadded": strings.TrimRight(good, "="), "not base64": token + ".-_" + signature[2:],
		"upper-case token": strings.ToUpper(token) + "." + signature, "the user's id": user.ID + "." + signature,
		"signed with another secret": cookie.Sign("another-secret-0123456789-ABCDEFGHIJ", token),
		"space":                      " " + good, "NUL": token + "\x00." + signature, "two dots": token + ".x." + signature,
		"quotes": `"` + token + `"` + "." + signature, "SQL": "' OR '1'='1" + "." + signature, "long": strings.Repeat("a", 5000) + "." + signature,
		"a signed token of nobody": cookie.Sign(gatehousetest.Secret, "abcdefghijklmnopqrstuvwxyzABCDEF"),
		"a signed NUL":             cookie.Sign(gatehousetest.Secret, "a\x00b"), "signed bytes": cookie.Sign(gatehousetest.Secret, "\xff\xfe"),
	} {
		t.Run(name, func(t *testing.T) {
			thief := house.Browser()
			thief.SetCookie(sessionCookie, url.PathEscape(value)) // as encodeURIComponent would
			if !nobody(thief) {
				t.Error("the cookie opens a session")
			}
			thief.SetCookie(sessionCookie, url.QueryEscape(value))
			thief.Get("/list-sessions").Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
		})
	}
	for name, raw := range map[string]string{
		"escaped twice": url.QueryEscape(b.Cookie(sessionCookie)), "half an escape": b.Cookie(sessionCookie) + "%", "bad escape": "%zz." + signature,
		"escaped bytes": "%ff%fe.%ff",
	} {
		t.Run(name, func(t *testing.T) {
			thief := house.Browser()
			thief.SetCookie(sessionCookie, raw)
			if !nobody(thief) {
				t.Error("the cookie opens a session")
			}
		})
	}
	if nobody(b) {
		t.Error("the good cookie died")
	}
}

// TestSignatureIsOfThisCookie: the value of another signed cookie of ours is
// no session, though one secret signs both.
func TestSignatureIsOfThisCookie(t *testing.T) {
	house := newHouse(t, nil)
	house.AddUser(ada, passcode)
	b := house.Browser()
	b.Post("/sign-in/email", password.SignIn{Email: ada, Password: passcode, Remember: at(false)}).ExpectStatus(http.StatusOK)
	thief := house.Browser()
	thief.SetCookie(sessionCookie, b.Cookie("better-auth.dont_remember"))
	if !nobody(thief) {
		t.Error("another cookie's value opens a session")
	}
}

// TestRevokedElsewhere: what ends a session on one node ends it on the next
// request on every node.
func TestRevokedElsewhere(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(actor *gatehousetest.Browser, victim string) *gatehousetest.Answer
		kept bool // the actor's own session stays
	}{
		{"one session", func(a *gatehousetest.Browser, victim string) *gatehousetest.Answer {
			return a.Post("/revoke-session", sessions.Revoke{Token: victim})
		}, true},
		{"the others", func(a *gatehousetest.Browser, _ string) *gatehousetest.Answer {
			return a.Send("POST", "/revoke-other-sessions", "", "")
		}, true},
		{"all", func(a *gatehousetest.Browser, _ string) *gatehousetest.Answer {
			return a.Send("POST", "/revoke-sessions", "", "")
		}, false},
		{"a changed password", func(a *gatehousetest.Browser, _ string) *gatehousetest.Answer {
			return a.Post("/change-password", password.Change{CurrentPassword: passcode, NewPassword: "another password", RevokeOthers: at(true)})
		}, true},
		{"a deleted account", func(a *gatehousetest.Browser, _ string) *gatehousetest.Answer {
			return a.Post("/delete-user", account.Delete{})
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first := newHouse(t, nil)
			second := twin(t, first, nil)
			first.AddUser(ada, passcode)
			actor, victim, bystander := first.Enter(ada), second.Enter(ada), second.Enter(eve)
			if nobody(victim) {
				t.Fatal("the second node does not know the session")
			}
			tt.do(actor, tokenOf(victim)).ExpectStatus(http.StatusOK)
			victim.Get("/list-sessions").Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
			if !nobody(victim) || victim.Cookie(sessionCookie) != "" {
				t.Error("the session lives on on the second node")
			}
			if nobody(actor) == tt.kept {
				t.Errorf("the actor's own session: kept %v, want %v", !tt.kept, tt.kept)
			}
			if nobody(bystander) {
				t.Error("somebody else's session ended")
			}
		})
	}
}

// TestOthersSessionsCannotBeRevoked: a token of somebody else does nothing,
// and the answer does not tell that it exists.
func TestOthersSessionsCannotBeRevoked(t *testing.T) {
	house := newHouse(t, nil)
	victim, attacker := house.Enter(ada), house.Enter(eve)
	for _, token := range []string{tokenOf(victim), "abcdefghijklmnopqrstuvwxyzABCDEF", "", "\x00", "%"} {
		attacker.Post("/revoke-session", sessions.Revoke{Token: token}).Expect(gatehousetest.OK(`{"status":true}`))
	}
	if nobody(victim) || nobody(attacker) {
		t.Error("a session ended")
	}
}

// TestSignOutBesideRefresh: a session that is signed out while another request
// extends it stays dead (row 33).
func TestSignOutBesideRefresh(t *testing.T) {
	first := newHouse(t, func(o *standard.Options) { o.Session.UpdateAge = -1 }) // extend on every request
	second := twin(t, first, func(o *standard.Options) { o.Session.UpdateAge = -1 })
	for range 5 {
		b := first.Enter(ada)
		twinned := second.Browser()
		twinned.SetCookie(sessionCookie, b.Cookie(sessionCookie))
		together(20, func(i int) {
			switch {
			case i == 7:
				b.Clone().Post("/sign-out", struct{}{}).ExpectStatus(http.StatusOK)
			case i%2 == 0:
				b.Clone().Get("/get-session")
			default:
				twinned.Clone().Get("/get-session")
			}
		})
		if !nobody(b.Clone()) || !nobody(twinned) {
			t.Fatal("the session came back to life")
		}
		if left := rows(t, first, `SELECT "token" FROM "session"`); len(left) != 0 {
			t.Fatalf("sessions are left: %v", left)
		}
	}
}

// TestBearerAndCookie: a genuine token in the header wins; a dead one does not
// destroy the good cookie beside it (row 29).
func TestBearerAndCookie(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.Features.Bearer = &bearer.Options{} })
	b, other := house.Enter(ada), house.Enter(eve)
	who := func() string {
		var current struct{ User struct{ Email string } }
		b.Get("/get-session").ExpectStatus(http.StatusOK).JSON(&current)
		return current.User.Email
	}
	for _, tt := range []struct{ name, header, want string }{
		{"another's genuine token", "Bearer " + tokenOf(other), eve},
		{"no such token", "Bearer abcdefghijklmnopqrstuvwxyzABCDEF", ""},
		{"a forged signature", "Bearer " + tokenOf(other) + ".AAAA", ada},
		{"empty", "Bearer ", ada},
		{"another scheme", "Basic " + tokenOf(other), ada},
		{"no scheme", tokenOf(other), ada},
		{"NUL", "Bearer \x00", ""},
		{"bytes", "Bearer \xff\xfe", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.Header.Set("Authorization", tt.header)
			got := who()
			b.Header.Del("Authorization")
			if got != tt.want {
				t.Errorf("the request is %q's, want %q", got, tt.want)
			}
			if who() != ada {
				t.Fatal("the good cookie was destroyed")
			}
		})
	}
}

// TestBearerOffShowsNothing: without the plugin no header shows a script what
// HttpOnly hides, and the header opens nothing (row 128).
func TestBearerOffShowsNothing(t *testing.T) {
	house := newHouse(t, nil)
	b := house.Enter(ada)
	got := b.Get("/get-session")
	for name, values := range got.Header {
		if name != "Set-Cookie" && strings.Contains(strings.Join(values, ""), tokenOf(b)) {
			t.Errorf("the header %s shows the token", name)
		}
	}
	stranger := house.Browser()
	stranger.Header.Set("Authorization", "Bearer "+tokenOf(b))
	if !nobody(stranger) {
		t.Error("the header opens a session")
	}
}

// TestExpiredSessions: a session ends with its last millisecond.
func TestExpiredSessions(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.Session.DisableSessionRefresh = true })
	b := house.Enter(ada)
	house.Clock.Advance(7*24*time.Hour - time.Millisecond)
	if nobody(b.Clone()) {
		t.Fatal("the session ended early")
	}
	house.Clock.Advance(time.Millisecond)
	if !nobody(b) || b.Cookie(sessionCookie) != "" {
		t.Error("the session outlived its end")
	}
	if left := rows(t, house, `SELECT "id" FROM "session"`); len(left) != 0 {
		t.Error("the dead session was kept")
	}
}

// TestSessionOfDeletedUser: the row of a session without its user, as a
// database without foreign keys may keep it, opens nothing (row 35).
func TestSessionOfDeletedUser(t *testing.T) {
	house := newHouse(t, nil)
	b := house.Enter(ada)
	user, _ := house.Users.ByEmail(t.Context(), ada)
	if err := house.Users.Delete(context.Background(), user.ID); err != nil {
		t.Fatal(err)
	}
	b.Post("/update-user", map[string]any{"name": "Ghost"}).Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
	if !nobody(b) {
		t.Error("the session outlived its user")
	}
}

// TestOneOfManySignOutsCounts: racing sign-outs all succeed, once for real.
func TestOneOfManySignOutsCounts(t *testing.T) {
	var ended atomic.Int32
	house := newHouse(t, func(o *standard.Options) {
		o.Hooks.Session.AfterDelete = func(context.Context, *gatehouse.Session) error {
			ended.Add(1)
			return nil
		}
	})
	b := house.Enter(ada)
	together(20, func(int) { b.Clone().Post("/sign-out", struct{}{}).Expect(gatehousetest.OK(`{"success":true}`)) })
	if n := ended.Load(); n != 1 {
		t.Errorf("the session ended %d times", n)
	}
}
