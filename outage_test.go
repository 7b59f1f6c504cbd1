package gatehouse_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// TestLostDatabaseIsNotNobody: without the database every operation that
// needs it answers 503 with Retry-After, never 401, "no session" or "wrong
// password" (row 50), and no cookie is touched.
func TestLostDatabaseIsNotNobody(t *testing.T) {
	house := newHouse(t, nil)
	house.AddUser(ada, passcode)
	b := house.Enter(ada)
	if err := house.DB.Close(); err != nil {
		t.Fatal(err)
	}
	fine := map[string]int{
		"GET /ok": 200, "GET /error": 302, "POST /get-session": 405, "POST /sign-in/social": 404,
		"GET /verify-email": 401, "GET /callback/:id": 302, "POST /callback/:id": 302, "GET /account-info": 400,
		"POST /reset-password": 400, // the sample has no token
	}
	for _, route := range house.Routes() {
		want, needsNothing := fine[key(route)]
		if !needsNothing {
			want = http.StatusServiceUnavailable
		}
		got := visit(b.Clone(), route)
		if got.Status != want {
			t.Errorf("%s answers %d %s, want %d", key(route), got.Status, got.Body, want)
		}
		if want == http.StatusServiceUnavailable && (got.Header.Get("Retry-After") != "1" || len(got.Cookies) != 0) {
			t.Errorf("%s: Retry-After %q, cookies %v", key(route), got.Header.Get("Retry-After"), got.Cookies)
		}
	}
	house.Post("/reset-password", password.Reset{NewPassword: passcode, Token: at("a-token")}).Expect(gatehousetest.Fails(gatehouse.ErrUnavailable))
	for _, attempt := range []string{passcode, "a wrong password"} {
		house.Post("/sign-in/email", password.SignIn{Email: ada, Password: attempt}).Expect(gatehousetest.Fails(gatehouse.ErrUnavailable))
	}
}

// TestLostLimiterIsNotUnlimited: where the counters cannot be asked, nothing
// passes uncounted.
func TestLostLimiterIsNotUnlimited(t *testing.T) {
	house := newHouse(t, limited("database"))
	if err := house.DB.Close(); err != nil {
		t.Fatal(err)
	}
	house.Get("/ok").Expect(gatehousetest.Fails(gatehouse.ErrUnavailable))
}

// TestPasswordLength: what is too long or too short is refused before it is
// hashed: with the hash pool closed these answers stay the same (row 51).
func TestPasswordLength(t *testing.T) {
	house := newHouse(t, nil)
	house.AddUser(ada, passcode)
	b := house.Enter(ada)
	secret := "x"
	long, longest := strings.Repeat("a", 129), strings.Repeat("a", 500_000)
	paths := map[string]func(string) *gatehousetest.Answer{
		"sign-up": func(p string) *gatehousetest.Answer {
			return house.Post("/sign-up/email", map[string]any{"email": eve, "password": p, "name": "Eve"})
		},
		"change": func(p string) *gatehousetest.Answer {
			return b.Post("/change-password", password.Change{CurrentPassword: passcode, NewPassword: p})
		},
		"reset": func(p string) *gatehousetest.Answer {
			return house.Post("/reset-password", password.Reset{NewPassword: p, Token: &secret})
		},
	}
	checks := map[string]func(string) *gatehousetest.Answer{
		"sign-in": func(p string) *gatehousetest.Answer {
			return house.Post("/sign-in/email", password.SignIn{Email: ada, Password: p})
		},
		"verify": func(p string) *gatehousetest.Answer { return b.Post("/verify-password", password.Verify{Password: p}) },
		"current password": func(p string) *gatehousetest.Answer {
			return b.Post("/change-password", password.Change{CurrentPassword: p, NewPassword: passcode})
		},
		"delete": func(p string) *gatehousetest.Answer { return b.Post("/delete-user", account.Delete{Password: &p}) },
	}
	if err := house.Close(); err != nil { // from here on every hash is a 500
		t.Fatal(err)
	}
	house.Post("/sign-in/email", password.SignIn{Email: ada, Password: passcode}).ExpectStatus(http.StatusInternalServerError)
	for name, send := range paths {
		t.Run(name, func(t *testing.T) {
			send("1234567").Expect(gatehousetest.Fails(password.ErrTooShort))
			send("🔑🔑🔑").Expect(gatehousetest.Fails(password.ErrTooShort)) // six UTF-16 units
			send(long).Expect(gatehousetest.Fails(password.ErrTooLong))
			send(strings.Repeat("🔑", 65)).Expect(gatehousetest.Fails(password.ErrTooLong))
			send(longest).Expect(gatehousetest.Fails(password.ErrTooLong))
		})
	}
	for name, send := range checks {
		t.Run(name, func(t *testing.T) {
			send(long).Expect(gatehousetest.Fails(password.ErrTooLong))
			send(longest).Expect(gatehousetest.Fails(password.ErrTooLong))
		})
	}
}

// TestPasswordsAtTheEdge: every byte counts, past the 72 of bcrypt too, and
// one text typed in two Unicode forms is one password.
func TestPasswordsAtTheEdge(t *testing.T) {
	house := newHouse(t, nil)
	for _, tt := range []struct{ name, password, twin, other string }{
		{"the longest", strings.Repeat("a", 128), "", strings.Repeat("a", 127) + "b"},
		{"past 72 bytes", strings.Repeat("x", 72) + "1", "", strings.Repeat("x", 72) + "2"},
		{"NUL inside", "pass\x00word1", "", "pass\x00word2"},
		{"only spaces", "        ", "", "       "},
		{"composed and decomposed", "pässwörd-1", "pa\u0308sswo\u0308rd-1", "password-1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := strings.ReplaceAll(tt.name, " ", "-") + "@example.com"
			house.AddUser(address, tt.password)
			in := func(p string) *gatehousetest.Answer {
				return house.Post("/sign-in/email", password.SignIn{Email: address, Password: p})
			}
			in(tt.password).ExpectStatus(http.StatusOK)
			in(tt.other).Expect(gatehousetest.Fails(password.ErrInvalidCredentials))
			if tt.twin != "" {
				in(tt.twin).ExpectStatus(http.StatusOK)
			}
		})
	}
}

// TestOverload: past the queue sign-ins are told to come back, and what needs
// no hash is served meanwhile (row 52).
func TestOverload(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) {
		o.EmailAndPassword.Hash = password.HashOptions{Workers: 1, Queue: 4, MemoryBytes: 32 << 20}
	})
	house.Invite(ada)
	b := house.Enter(ada)
	var served, busy atomic.Int32
	together(200, func(i int) {
		if i%10 == 0 {
			if nobody(b.Clone()) {
				t.Error("a session check failed under load")
			}
			return
		}
		switch got := house.Post("/sign-in/email", password.SignIn{Email: ada, Password: passcode}); got.Status {
		case http.StatusUnauthorized:
			served.Add(1)
		case http.StatusServiceUnavailable:
			got.Expect(gatehousetest.Fails(gatehouse.ErrUnavailable))
			if got.Header.Get("Retry-After") != "1" {
				t.Error("503 without Retry-After")
			}
			busy.Add(1)
		default:
			t.Errorf("answers %d %s", got.Status, got.Body)
		}
	})
	if served.Load() < 5 || busy.Load() == 0 {
		t.Errorf("%d served, %d told to wait; one worker and four places were there", served.Load(), busy.Load())
	}
}
