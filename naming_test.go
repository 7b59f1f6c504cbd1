package gatehouse_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

// TestOneLifeUnderEveryNaming goes from sign-up to deletion on databases that
// differ in names and ids; the wire is the same.
func TestOneLifeUnderEveryNaming(t *testing.T) {
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	text, serial := regexp.MustCompile(`^[0-9A-Za-z]{32}$`), regexp.MustCompile(`^[1-9][0-9]*$`)
	for _, tt := range []struct {
		name   string
		style  store.Style
		change func(*standard.Options)
		table  string
		column string
		id     *regexp.Regexp
	}{
		{"camelCase", store.Camel, nil, "user", "emailVerified", text},
		{"snake_case", store.Snake, nil, "user", "email_verified", text},
		{"snake_case, plural", store.SnakePlural, nil, "users", "email_verified", uuid},
		{"uuid", store.Camel, func(o *standard.Options) { o.Advanced.Database.GenerateID = "uuid" }, "user", "emailVerified", uuid},
		{"serial", store.Camel, func(o *standard.Options) { o.Advanced.Database.GenerateID = "serial" }, "user", "emailVerified", serial},
		{"names of one's own", store.Snake, func(o *standard.Options) {
			o.User.ModelName, o.User.Fields = "people", map[string]string{"emailVerified": "is_proved", "email": "mail"}
			o.Session.ModelName, o.Account.ModelName, o.Verification.ModelName = "logins", "ways", "proofs"
		}, "people", "is_proved", text},
	} {
		t.Run(tt.name, func(t *testing.T) {
			house := gatehousetest.NewWith(t, func(c *gatehouse.Config) {
				configure(tt.change)(c)
				c.RateLimit = gatehouse.RateLimitOptions{Storage: "database"}
				c.DB = gatehousetest.OpenStore(t, c.StoreOptions(store.Options{Naming: store.Naming{Style: tt.style}}))
			})
			b := house.Browser()
			var up struct{ User struct{ ID string } }
			b.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "Ada"}).ExpectStatus(http.StatusOK).JSON(&up)
			if !tt.id.MatchString(up.User.ID) {
				t.Errorf("the id is %q", up.User.ID)
			}
			if got := rows(t, house, fmt.Sprintf("SELECT count(%q) FROM %q", tt.column, tt.table)); got[0] != "1" {
				t.Errorf("%s.%s: %v", tt.table, tt.column, got)
			}
			b.Get("/get-session").Expect(gatehousetest.OK(`{"session":{"userId":"` + up.User.ID + `",…},"user":{"email":"ada@example.com",…}}`))
			b.Post("/update-user", map[string]any{"name": "Ada L."}).Expect(gatehousetest.OK(`{"status":true}`))
			house.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "Ada"}).Expect(gatehousetest.Fails(gatehouse.ErrUserExists))
			house.Post("/request-password-reset", password.RequestReset{Email: ada}).ExpectStatus(http.StatusOK)
			secret := tokenIn(t, house, "reset-password", ada)
			house.Post("/reset-password", password.Reset{NewPassword: "another password", Token: &secret}).ExpectStatus(http.StatusOK)
			house.Clock.Advance(day + 1e9)
			again := house.SignIn(ada, "another password")
			again.Post("/revoke-other-sessions", struct{}{}).ExpectStatus(http.StatusOK)
			if !nobody(b) {
				t.Error("the other session lives on")
			}
			for _, id := range []string{"", "0", "-1", "1e3", "x", "99999999999999999999", "ffffffff-ffff-ffff-ffff-ffffffffffff", "\x00"} {
				again.Post("/unlink-account", account.Unlink{AccountID: id}).ExpectStatus(http.StatusBadRequest)
			}
			again.Post("/delete-user", account.Delete{Password: at("another password")}).Expect(gatehousetest.OK(gone))
			if got := rows(t, house, fmt.Sprintf("SELECT count(*) FROM %q", tt.table)); got[0] != "0" {
				t.Errorf("%s people are left", got[0])
			}
		})
	}
}
