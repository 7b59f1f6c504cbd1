package passwordpolicy_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/passwordpolicy"
)

const (
	ada    = "ada@example.com"
	first  = "violet harbour 93 lamps"
	second = "copper anthem 41 ladders"
	third  = "winter saddle 17 oranges"
	fourth = "marble tunnel 58 whistles"
	// stolen is strong by every other measure.
	stolen = "granite teapot 66 meadows"
)

// estate is a house with passwords under a policy.
type estate struct {
	*gatehousetest.House
	passwords *password.Passwords
}

func newEstate(t *testing.T, o passwordpolicy.Options) estate {
	t.Helper()
	passwords := password.New(password.Options{Enabled: true, SendResetPassword: true})
	return estate{gatehousetest.New(t, passwords, gatehousetest.Door(), passwordpolicy.New(o, passwords.Verify)), passwords}
}

// answered turns what a Go method returned into what the wire says.
func answered(err error) (int, string) {
	var refusal *gatehouse.Error
	switch {
	case err == nil:
		return http.StatusOK, ""
	case errors.As(err, &refusal):
		return refusal.Status, refusal.Code
	}
	return http.StatusInternalServerError, err.Error()
}

func (e estate) resetToken(t *testing.T) string {
	t.Helper()
	e.Post("/request-password-reset", map[string]any{"email": ada}).ExpectStatus(http.StatusOK)
	token, _ := e.Mail("reset-password", ada).Data["token"].(string)
	return token
}

// paths are all ways to a new password. Each makes its own way there and
// returns what the attempt is answered.
var paths = []struct {
	name string
	try  func(t *testing.T, e estate, pass string) (int, string)
}{
	{"sign-up", func(_ *testing.T, e estate, pass string) (int, string) {
		a := e.Post("/sign-up/email", map[string]any{"email": "bea@example.com", "name": "Bea", "password": pass})
		return a.Status, a.Text("code")
	}},
	{"change", func(t *testing.T, e estate, pass string) (int, string) {
		e.AddUser(ada, first)
		a := e.SignIn(ada, first).Post("/change-password", map[string]any{"currentPassword": first, "newPassword": pass})
		return a.Status, a.Text("code")
	}},
	{"reset", func(t *testing.T, e estate, pass string) (int, string) {
		e.AddUser(ada, first)
		a := e.Post("/reset-password", map[string]any{"token": e.resetToken(t), "newPassword": pass})
		return a.Status, a.Text("code")
	}},
	{"admin and CLI", func(_ *testing.T, e estate, pass string) (int, string) {
		user := e.AddUser(ada, first)
		return answered(e.passwords.Reset(context.Background(), user.ID, pass))
	}},
	{"first password", func(_ *testing.T, e estate, pass string) (int, string) {
		return answered(e.passwords.SetPassword(context.Background(), e.Invite(ada).ID, pass))
	}},
}

// TestSameRuleOnEveryPath: a password that one way refuses, no way takes.
func TestSameRuleOnEveryPath(t *testing.T) {
	list := filepath.Join(t.TempDir(), "stolen.txt")
	writeHashes(t, list, stolen)
	options := passwordpolicy.Options{DenyList: []string{"Purple-Elephant-Parade-77"}, Breaches: passwordpolicy.BreachOptions{File: list}}
	for _, path := range paths {
		for _, tt := range []struct {
			name, pass string
			status     int
			code       string
		}{
			{"good", second, 200, ""},
			{"stolen elsewhere", stolen, 400, "PASSWORD_COMPROMISED"},
			{"common", "iloveyou1", 400, "PASSWORD_TOO_COMMON"},
			{"denied here", "purple-elephant-PARADE-77", 400, "PASSWORD_TOO_COMMON"},
			{"easy", "qwertyuiopasd", 400, "PASSWORD_TOO_WEAK"},
			{"spaces only", strings.Repeat(" ", 20), 400, "PASSWORD_TOO_WEAK"},
			{"NULs only", strings.Repeat("\x00", 20), 400, "PASSWORD_TOO_WEAK"},
			{"name of the site", "Gatehouse2026!", 400, "PASSWORD_TOO_PERSONAL"},
			{"domain of the address", "Example.com-12", 400, "PASSWORD_TOO_PERSONAL"},
			{"8 code units in 7 code points", "ab🦊defg", 400, "PASSWORD_TOO_SHORT"},
			{"129 characters", strings.Repeat("aB3$x", 25) + "last", 400, "PASSWORD_TOO_LONG"},
		} {
			t.Run(path.name+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				status, code := path.try(t, newEstate(t, options), tt.pass)
				if status != tt.status || code != tt.code {
					t.Errorf("got %d %s, want %d %s", status, code, tt.status, tt.code)
				}
			})
		}
	}
}

// TestOwnNameAndAddressDoNotCount: row 54.
func TestOwnNameAndAddressDoNotCount(t *testing.T) {
	for _, tt := range []struct {
		name, email, pass string
		want              string
	}{
		{"the address", "ada.lovelace@analytical.example", "ada.lovelace@analytical.example", "PASSWORD_TOO_PERSONAL"},
		{"the address in capitals", "ada.lovelace@analytical.example", "ADA.LOVELACE@analytical.example1", "PASSWORD_TOO_PERSONAL"},
		{"before the @", "ada.lovelace@analytical.example", "AdaLovelace1815", "PASSWORD_TOO_PERSONAL"},
		{"the domain", "ada.lovelace@analytical.example", "Analytical!1815", "PASSWORD_TOO_PERSONAL"},
		{"the name", "al@x.example", "AugustaKing!99", "PASSWORD_TOO_PERSONAL"},
		{"the name, composed otherwise", "al@x.example", "Rene\u0301eKing!99", "PASSWORD_TOO_PERSONAL"},
		{"a long password that has it too", "ada.lovelace@analytical.example", "lovelace violet harbour 93 lamps", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newEstate(t, passwordpolicy.Options{}).Post("/sign-up/email",
				map[string]any{"email": tt.email, "name": "Augusta Renée King", "password": tt.pass})
			if a.Text("code") != tt.want {
				t.Errorf("%q: got %d %s, want code %q", tt.pass, a.Status, a.Body, tt.want)
			}
		})
	}
}

// TestRefusalsSayWhatToDo pins texts that people read.
func TestRefusalsSayWhatToDo(t *testing.T) {
	e := newEstate(t, passwordpolicy.Options{MinLength: 12})
	signUp := func(pass string) *gatehousetest.Answer {
		return e.Post("/sign-up/email", map[string]any{"email": ada, "name": "Ada", "password": pass})
	}
	signUp("Tr0ub4dor&3").Expect(gatehousetest.Fails(passwordpolicy.ErrTooShort.Saying("Use at least 12 characters.")))
	signUp("aaaaaaaaaaaaa").Expect(gatehousetest.Fails(passwordpolicy.ErrTooWeak))
}

// TestRefusedSignUpDoesNotTellWhoIsKnown: the rule looks at what was typed, so
// the answer is the same for an address that has an account.
func TestRefusedSignUpDoesNotTellWhoIsKnown(t *testing.T) {
	e := newEstate(t, passwordpolicy.Options{History: 3})
	e.AddUser(ada, first)
	for _, pass := range []string{"iloveyou1", "Gatehouse2026!"} {
		known := e.Post("/sign-up/email", map[string]any{"email": ada, "name": "X", "password": pass})
		unknown := e.Post("/sign-up/email", map[string]any{"email": "bea@example.com", "name": "X", "password": pass})
		if known.Status != 400 || string(known.Body) != string(unknown.Body) {
			t.Errorf("%s: known %d %s, unknown %d %s", pass, known.Status, known.Body, unknown.Status, unknown.Body)
		}
	}
}

// TestHugePasswordIsRefusedBeforeItIsJudged: row 51. With the source failing
// the test on any call, nothing but the length was looked at.
func TestHugePasswordIsRefusedBeforeItIsJudged(t *testing.T) {
	e := newEstate(t, passwordpolicy.Options{Breaches: passwordpolicy.BreachOptions{Source: neverAsked{t}}})
	for _, pass := range []string{strings.Repeat("x9 Q", 200_000), strings.Repeat("\ufdfa", 129), strings.Repeat("\ufdfa", 100)} {
		if err := e.CheckPassword(context.Background(), nil, ada, pass); !errors.Is(err, passwordpolicy.ErrTooLong) {
			t.Errorf("%d bytes: %v", len(pass), err)
		}
	}
	e.Post("/sign-up/email", map[string]any{"email": ada, "name": "A", "password": strings.Repeat("x9 Q", 200_000)}).
		Expect(gatehousetest.Fails(password.ErrTooLong))
}

func TestMistakesInTheOptionsStopNew(t *testing.T) {
	unsorted := filepath.Join(t.TempDir(), "unsorted.txt")
	if err := os.WriteFile(unsorted, []byte(strings.Repeat("F", 40)+":1\n"+strings.Repeat("0", 40)+":1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	verify := func(context.Context, string, string) (bool, error) { return false, nil }
	for _, tt := range []struct {
		name   string
		o      passwordpolicy.Options
		verify passwordpolicy.Verifier
		want   string
	}{
		{"lengths", passwordpolicy.Options{MinLength: 20, MaxLength: 10}, verify, "minLength"},
		{"too long", passwordpolicy.Options{MaxLength: 2000}, verify, "1024"},
		{"score", passwordpolicy.Options{MinScore: 5}, verify, "minScore"},
		{"history", passwordpolicy.Options{History: 25}, verify, "history"},
		{"history without passwords", passwordpolicy.Options{History: 1}, nil, "Verify"},
		{"deny file", passwordpolicy.Options{DenyFile: "/nowhere/list"}, verify, "denyFile"},
		{"plain http", passwordpolicy.Options{Breaches: passwordpolicy.BreachOptions{RangeURL: "http://pwned.example"}}, verify, "https"},
		{"no address", passwordpolicy.Options{Breaches: passwordpolicy.BreachOptions{RangeURL: "pwned"}}, verify, "rangeURL"},
		{"no file", passwordpolicy.Options{Breaches: passwordpolicy.BreachOptions{File: "/nowhere/list"}}, verify, "breaches.file"},
		{"unsorted file", passwordpolicy.Options{Breaches: passwordpolicy.BreachOptions{File: unsorted}}, verify, "sorted"},
		{"two places", passwordpolicy.Options{Breaches: passwordpolicy.BreachOptions{RangeURL: "https://pwned.example", Source: neverAsked{t}}}, verify, "one of"},
		{"timeout", passwordpolicy.Options{Breaches: passwordpolicy.BreachOptions{Timeout: time.Minute}}, verify, "timeout"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := passwordpolicy.New(tt.o, tt.verify).Plug(gatehousetest.New(t).App)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error about %s", err, tt.want)
			}
		})
	}
}
