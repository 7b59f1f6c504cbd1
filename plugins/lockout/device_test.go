package lockout_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/internal/cookie"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
)

// TestOwnerIsNotLockedOut: an attacker who locks an account, and the address
// he shares with its owner, does not keep the owner from signing in where the
// owner did before (row 45).
func TestOwnerIsNotLockedOut(t *testing.T) {
	h := newHouse(t, lockout.Options{DelayAfter: -1, MaxFailuresPerAddress: 5})
	h.AddUser(ada, passcode)
	owner := h.SignIn(ada, passcode)
	for range 3 {
		h.fail(nil, ada, 5)
		h.try(nil, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
		h.try(owner, ada, passcode).ExpectStatus(http.StatusOK)
		// The owner's success gives the attacker no more guesses.
		h.try(nil, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
		h.Clock.Advance(24 * time.Hour)
	}
}

// TestKnownBrowserHasACounterOfItsOwn: it is worth as many tries as strangers
// get, and then is a stranger's.
func TestKnownBrowserHasACounterOfItsOwn(t *testing.T) {
	h := newHouse(t, undelayed)
	h.AddUser(ada, passcode)
	b := h.SignIn(ada, passcode)
	h.fail(b, ada, 4)
	h.try(b, ada, passcode).ExpectStatus(http.StatusOK)
	h.fail(b, ada, 5)
	// Its counter is full: it is on the strangers' now, which nobody used.
	h.fail(nil, ada, 1)
	h.fail(b, ada, 4)
	h.try(b, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
	h.try(nil, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
	h.Clock.Advance(15 * time.Minute)
	h.try(b, ada, passcode).ExpectStatus(http.StatusOK)
}

// TestKnownBrowserKeepsItsDistance: distances are its own, too.
func TestKnownBrowserKeepsItsDistance(t *testing.T) {
	h := newHouse(t, lockout.Options{})
	h.AddUser(ada, passcode)
	b := h.SignIn(ada, passcode)
	h.fail(b, ada, 3)
	if got := seconds(t, h.try(b, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrTooSoon))); got != "1" {
		t.Errorf("Retry-After %s, want 1", got)
	}
	h.try(nil, ada, passcode).ExpectStatus(http.StatusOK)
}

// TestDeviceCookie: what it is, and that it is new each time.
func TestDeviceCookie(t *testing.T) {
	h := newHouse(t, undelayed)
	user := h.AddUser(ada, passcode)
	b := h.Browser()
	first := h.try(b, ada, passcode).ExpectStatus(http.StatusOK).Cookies[deviceCookie]
	if first == nil || !first.HttpOnly || first.SameSite != http.SameSiteLaxMode || first.Path != "/" || first.MaxAge != 180*24*3600 {
		t.Fatalf("the cookie is %v", first)
	}
	if strings.Contains(first.Value, user.ID) || strings.Contains(first.Value, "ada") {
		t.Errorf("the cookie tells who it is: %s", first.Value)
	}
	if second := h.try(b, ada, passcode).ExpectStatus(http.StatusOK).Cookies[deviceCookie]; second == nil || second.Value == first.Value {
		t.Errorf("the cookie stays the same: %v", second)
	}
	for _, secret := range []string{wrong, passcode + " "} {
		if got := h.try(nil, ada, secret); got.Cookies[deviceCookie] != nil {
			t.Errorf("a failure sets %v", got.Cookies)
		}
	}
	if got := b.Get("/get-session"); got.Cookies[deviceCookie] != nil {
		t.Errorf("reading the session sets %v", got.Cookies)
	}
}

// TestRefusedPersonIsNotKnown: the right password alone does not make a
// browser known, where a gate refuses the session.
func TestRefusedPersonIsNotKnown(t *testing.T) {
	h := &house{t: t, lockouts: lockout.New(undelayed), record: &record{}}
	h.House = gatehousetest.New(t, password.New(password.Options{Enabled: true, RequireEmailVerification: true}), h.lockouts)
	h.AddUser(ada, passcode)
	got := h.try(nil, ada, passcode).Expect(gatehousetest.Fails(password.ErrEmailNotVerified))
	if len(got.Cookies) != 0 {
		t.Errorf("cookies %v", got.Cookies)
	}
}

// TestSeveralPeopleShareABrowser: it stays known to the last five.
func TestSeveralPeopleShareABrowser(t *testing.T) {
	h := newHouse(t, undelayed)
	b := h.Browser()
	var people []string
	for i := range 6 {
		email := string(rune('a'+i)) + "@example.com"
		people = append(people, email)
		h.AddUser(email, passcode)
		h.try(b, email, passcode).ExpectStatus(http.StatusOK)
		h.Clock.Advance(time.Second)
	}
	for i, email := range people {
		h.lock(email)
		got := h.try(b.Clone(), email, passcode)
		if known := got.Status == http.StatusOK; known != (i > 0) {
			t.Errorf("person %d: answers %d %s", i, got.Status, got.Body)
		}
	}
}

// TestWorthlessCookies are those that make no browser known: of somebody else,
// too old, of another password, forged or taken apart.
func TestWorthlessCookies(t *testing.T) {
	h := newHouse(t, undelayed)
	user := h.AddUser(ada, passcode)
	h.AddUser(eve, passcode)
	own := h.SignIn(ada, passcode)
	value := own.Cookie(deviceCookie)
	plain, err := url.PathUnescape(value)
	if err != nil {
		t.Fatal(err)
	}
	body, ok := cookie.Verify(gatehousetest.Secret, plain)
	if !ok {
		t.Fatalf("the cookie is not signed: %s", plain)
	}
	h.lock(ada)
	signed := func(value string) string { return url.PathEscape(cookie.Sign(gatehousetest.Secret, value)) }
	mark := strings.TrimPrefix(strings.Split(body, ".")[0], "known~")
	for name, value := range map[string]string{
		"none":               "",
		"somebody else's":    h.SignIn(eve, passcode).Cookie(deviceCookie),
		"unsigned":           body,
		"another signature":  url.PathEscape(cookie.Sign("another-secret-0123456789-ABCDEFGHIJ", body)),
		"changed":            strings.Replace(value, "known", "knewn", 1),
		"no prefix":          signed(strings.TrimPrefix(body, "known~")),
		"not of its form":    signed("known~" + mark + ".short.1"),
		"not a number":       signed("known~" + mark + ".abcdefghijklmnop.x"),
		"of the future":      signed("known~" + mark + ".abcdefghijklmnop.99999999999999"),
		"of long ago":        signed("known~" + mark + ".abcdefghijklmnop.1000"),
		"too many":           signed(strings.Repeat(body, 1) + strings.Repeat("~"+strings.TrimPrefix(body, "known~"), 5)),
		"a session's":        own.Cookie("better-auth.session_token"),
		"by the user's id":   signed("known~" + (user.ID + "0123456789abcdef")[:16] + ".abcdefghijklmnop.1767323045678"),
		"an empty signature": "known~" + mark + ".abcdefghijklmnop.1767323045678.",
	} {
		t.Run(name, func(t *testing.T) {
			b := h.Browser()
			b.SetCookie(deviceCookie, value)
			h.try(b, ada, passcode).Expect(gatehousetest.Fails(lockout.ErrLocked))
		})
	}
	h.try(own.Clone(), ada, passcode).ExpectStatus(http.StatusOK)
}

func TestDeviceExpires(t *testing.T) {
	for _, tt := range []struct {
		age   time.Duration
		known bool
	}{
		{48*time.Hour - time.Minute, true},
		{48 * time.Hour, false},
	} {
		h := newHouse(t, lockout.Options{DelayAfter: -1, DeviceTTL: 48 * time.Hour})
		h.AddUser(ada, passcode)
		b := h.SignIn(ada, passcode)
		h.Clock.Advance(tt.age)
		h.lock(ada)
		if got := h.try(b, ada, passcode); (got.Status == http.StatusOK) != tt.known {
			t.Errorf("after %s: answers %d %s", tt.age, got.Status, got.Body)
		}
	}
}

// TestNewPasswordForgetsBrowsers: a thief who signed in with the old password
// has no tries of his own under the new one; the browser in which the owner
// changed it does.
func TestNewPasswordForgetsBrowsers(t *testing.T) {
	h := newHouse(t, undelayed)
	h.AddUser(ada, passcode)
	thief, owner := h.SignIn(ada, passcode), h.SignIn(ada, passcode)
	h.Clock.Advance(time.Minute)
	const second = "another horse battery"
	owner.Post("/change-password", password.Change{CurrentPassword: passcode, NewPassword: second}).ExpectStatus(http.StatusOK)
	h.lock(ada)
	h.try(thief, ada, second).Expect(gatehousetest.Fails(lockout.ErrLocked))
	h.try(owner, ada, second).ExpectStatus(http.StatusOK)
}

// TestResetClearsTheLock: whoever proved the mailbox and chose a new password
// may sign in with it at once.
func TestResetClearsTheLock(t *testing.T) {
	h := newHouse(t, undelayed)
	user := h.AddUser(ada, passcode)
	h.lock(ada)
	h.Post("/request-password-reset", password.RequestReset{Email: ada}).ExpectStatus(http.StatusOK)
	secret, _ := h.Mail("reset-password", ada).Data["token"].(string)
	const second = "another horse battery"
	h.Post("/reset-password", password.Reset{NewPassword: second, Token: &secret}).ExpectStatus(http.StatusOK)
	h.try(nil, ada, second).ExpectStatus(http.StatusOK)
	want := gatehouse.Event{Action: "lock.clear", Actor: user.ID, TargetType: "user", Target: user.ID, Outcome: gatehouse.Succeeded,
		Details: map[string]any{"kind": "account", "method": "password", "failures": int64(5), "reason": "password-set"}}
	if got := h.record.all(); len(got) != 1 || !sameEvent(got[0], want) {
		t.Errorf("recorded %+v\nwant %+v", got, want)
	}
}

// TestDeletedUserLeavesNothing: counters go with their user.
func TestDeletedUserLeavesNothing(t *testing.T) {
	h := newHouse(t, undelayed)
	user := h.AddUser(ada, passcode)
	h.fail(h.SignIn(ada, passcode), ada, 1)
	h.fail(nil, ada, 1)
	if err := h.Users.Delete(t.Context(), user.ID); err != nil {
		t.Fatal(err)
	}
	for _, row := range dump(t, h, "lockout") {
		if !strings.Contains(row, "|address|") {
			t.Errorf("left: %s", row)
		}
	}
}

// FuzzDeviceCookie: no value, signed as it may be, is a fault or opens a lock.
func FuzzDeviceCookie(f *testing.F) {
	for _, seed := range []string{
		"", "known~", "known~a.b.c", "known~abcdefghijklmnop.abcdefghijklmnop.1767323045678", "known~~", "known~...", "x",
		"known~abcdefghijklmnop.abcdefghijklmnop.-1~abcdefghijklmnop.abcdefghijklmnop.9223372036854775808",
	} {
		f.Add(seed)
	}
	h := newHouse(f, undelayed)
	h.AddUser(ada, passcode)
	h.lock(ada)
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest(http.MethodPost, "/api/auth/sign-in/email", strings.NewReader(`{"email":"`+ada+`","password":"`+passcode+`"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", gatehousetest.BaseURL)
		r.Header.Set("Cookie", deviceCookie+"="+url.PathEscape(cookie.Sign(gatehousetest.Secret, value)))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusTooManyRequests {
			t.Errorf("%q answers %d %s", value, w.Code, w.Body)
		}
	})
}

// sameEvent compares what matters of two events.
func sameEvent(got, want gatehouse.Event) bool {
	if len(got.Details) != len(want.Details) {
		return false
	}
	for name, value := range want.Details {
		if got.Details[name] != value {
			return false
		}
	}
	return slices.Equal(
		[]string{got.Action, got.Actor, got.TargetType, got.Target, got.Outcome},
		[]string{want.Action, want.Actor, want.TargetType, want.Target, want.Outcome})
}
