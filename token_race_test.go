package gatehouse_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// race sends one request fifty times at once, on two nodes by turns, and
// counts the answers by status.
func race(t *testing.T, first, second *gatehousetest.House, send func(h *gatehousetest.House, i int) *gatehousetest.Answer) map[int]int {
	t.Helper()
	var counts [600]atomic.Int32
	together(50, func(i int) {
		house := first
		if i%2 == 1 {
			house = second
		}
		counts[send(house, i).Status].Add(1)
	})
	found := map[int]int{}
	for status := range counts {
		if n := counts[status].Load(); n > 0 {
			found[status] = int(n)
		}
	}
	return found
}

// TestOneTokenOneSuccess: a reset or deletion link used by fifty at once on
// two nodes works once (row 57).
func TestOneTokenOneSuccess(t *testing.T) {
	quick := func(o *standard.Options) {
		mailedDeletion(o)
		o.EmailAndPassword.MinPasswordLength = 1
	}
	first := newHouse(t, quick)
	second := twin(t, first, quick)

	first.AddUser(ada, passcode)
	first.Post("/request-password-reset", password.RequestReset{Email: ada}).ExpectStatus(http.StatusOK)
	secret := tokenIn(t, first, "reset-password", ada)
	got := race(t, first, second, func(h *gatehousetest.House, i int) *gatehousetest.Answer {
		return h.Post("/reset-password", password.Reset{NewPassword: fmt.Sprintf("password-%d", i), Token: &secret})
	})
	if got[http.StatusOK] != 1 || got[http.StatusOK]+got[http.StatusBadRequest]+got[http.StatusServiceUnavailable] != 50 {
		t.Errorf("reset: answers by status are %v, want one 200", got)
	}
	works := 0
	for i := range 50 {
		if works > 0 {
			break
		}
		if first.Post("/sign-in/email", password.SignIn{Email: ada, Password: fmt.Sprintf("password-%d", i)}).Status == http.StatusOK {
			works++
		}
	}
	if works != 1 {
		t.Error("the one password that was set does not work")
	}

	b := first.Enter(eve)
	b.Post("/delete-user", account.Delete{}).ExpectStatus(http.StatusOK)
	secret = tokenIn(t, first, "delete-account", eve)
	got = race(t, first, second, func(h *gatehousetest.House, _ int) *gatehousetest.Answer {
		one := h.Browser()
		one.SetCookie(sessionCookie, b.Cookie(sessionCookie))
		return one.Get("/delete-user/callback?token=" + secret)
	})
	if got[http.StatusOK] != 1 || got[http.StatusInternalServerError] != 0 {
		t.Errorf("deletion: answers by status are %v, want one 200", got)
	}
}

// TestOneAddressOneAccount: fifty sign-ups with one address make one account
// (row 130), and the others are told that it exists.
func TestOneAddressOneAccount(t *testing.T) {
	first := newHouse(t, nil)
	second := twin(t, first, nil)
	got := race(t, first, second, func(h *gatehousetest.House, i int) *gatehousetest.Answer {
		address := ada
		if i%3 == 0 {
			address = strings.ToUpper(ada)
		}
		return h.Post("/sign-up/email", map[string]any{"email": address, "password": passcode, "name": "Ada"})
	})
	if got[http.StatusOK] != 1 || got[http.StatusOK]+got[http.StatusUnprocessableEntity]+got[http.StatusServiceUnavailable] != 50 {
		t.Errorf("answers by status are %v, want one 200, the others 422", got)
	}
	for table, want := range map[string]string{"user": "1", "account": "1", "session": "1"} {
		if n := rows(t, first, `SELECT count(*) FROM "`+table+`"`)[0]; n != want {
			t.Errorf("%s has %s rows, want %s", table, n, want)
		}
	}
}

// TestOneAddressForTwoChanges: of fifty people who change to one address one
// gets it; whoever does not is not told.
func TestOneAddressForTwoChanges(t *testing.T) {
	atOnce := func(o *standard.Options) { o.User.ChangeEmail.UpdateEmailWithoutVerification = true }
	first := newHouse(t, atOnce)
	second := twin(t, first, atOnce)
	people := make([]*gatehousetest.Browser, 50)
	for i := range people {
		person := first.Invite(fmt.Sprintf("person-%d@example.com", i))
		people[i] = first.Enter(person.Email)
	}
	if _, err := first.DB.SQL().ExecContext(t.Context(), `UPDATE "user" SET "emailVerified" = `+map[string]string{"sqlite": "0", "postgres": "false"}[first.DB.Kind()]); err != nil {
		t.Fatal(err)
	}
	got := race(t, first, second, func(h *gatehousetest.House, i int) *gatehousetest.Answer {
		b := h.Browser()
		b.SetCookie(sessionCookie, people[i].Cookie(sessionCookie))
		return b.Post("/change-email", account.ChangeEmail{NewEmail: newAddress})
	})
	if got[http.StatusOK]+got[http.StatusServiceUnavailable] != 50 {
		t.Errorf("answers by status are %v", got)
	}
	if n := rows(t, first, `SELECT count(*) FROM "user" WHERE "email" = 'ada.new@example.com'`)[0]; n != "1" {
		t.Errorf("%s people have the address", n)
	}
}
