package gatehouse_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// look is what a stranger can tell two answers apart by: everything but the
// values that differ in any two answers.
func look(a *gatehousetest.Answer) string {
	var names []string
	for name := range a.Header {
		names = append(names, name)
	}
	for name := range a.Cookies {
		names = append(names, "cookie "+name)
	}
	sort.Strings(names)
	return http.StatusText(a.Status) + " " + strings.Join(names, ", ") + " " + shape(a)
}

// shape is a body with its ids and times taken out.
func shape(a *gatehousetest.Answer) string {
	var body map[string]any
	if json.Unmarshal(a.Body, &body) != nil {
		return string(a.Body)
	}
	if user, ok := body["user"].(map[string]any); ok {
		for _, name := range []string{"id", "createdAt", "updatedAt"} {
			user[name] = len(user[name].(string))
		}
	}
	raw, _ := json.Marshal(body)
	return string(raw)
}

// TestAnswersDoNotTellWhetherAnAddressIsKnown compares the answers for a
// known and an unknown address, in which one is replaced by the other.
func TestAnswersDoNotTellWhetherAnAddressIsKnown(t *testing.T) {
	hidden := func(o *standard.Options) {
		o.EmailAndPassword.RequireEmailVerification = true
		o.User.ChangeEmail.UpdateEmailWithoutVerification = true
		o.User.AdditionalFields = map[string]gatehouse.FieldOptions{
			"plan": {Type: "string", DefaultValue: "free"}, "secret": {Type: "string", Returned: at(false), Required: at(false)},
		}
	}
	house := newHouse(t, hidden)
	known := house.AddUser("known-1@example.com", passcode)
	house.Invite("known-2@example.com") // has no password
	asker := house.Enter(ada)
	for _, tt := range []struct {
		name, path string
		from       *gatehousetest.Browser
		body       func(address string) map[string]any
		status     int
	}{
		{"sign in, wrong password", "/sign-in/email", nil, func(a string) map[string]any {
			return map[string]any{"email": a, "password": "a wrong password"}
		}, 401},
		{"sign up", "/sign-up/email", nil, func(a string) map[string]any {
			return map[string]any{"email": a, "password": passcode, "name": "Typed", "plan": "pro", "secret": "s", "image": "/me.png"}
		}, 200},
		{"reset", "/request-password-reset", nil, func(a string) map[string]any { return map[string]any{"email": a} }, 200},
		{"verification mail", "/send-verification-email", nil, func(a string) map[string]any { return map[string]any{"email": a} }, 200},
		{"change of address", "/change-email", asker, func(a string) map[string]any { return map[string]any{"newEmail": a} }, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			send := func(address string) string {
				b := tt.from
				if b == nil {
					b = house.Browser()
				}
				got := b.Post(tt.path, tt.body(address)).ExpectStatus(tt.status)
				return strings.ReplaceAll(look(got), address, "ADDRESS")
			}
			want := send("nobody-1@example.com")
			for _, address := range []string{"known-1@example.com", "known-2@example.com"} {
				if got := send(address); got != want {
					t.Errorf("%s\n got %s\nwant %s", address, got, want)
				}
			}
		})
	}
	after, err := house.Users.ByID(t.Context(), known.ID)
	if err != nil || !reflect.DeepEqual(after, known) {
		t.Errorf("the stored user changed: %+v, %v", after, err)
	}
}

// TestSignUpEchoesWhatWasTyped: nothing of the stored user, not even its id.
func TestSignUpEchoesWhatWasTyped(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) {
		o.EmailAndPassword.RequireEmailVerification = true
		o.EmailAndPassword.NotifyExistingUserSignUp = true
	})
	known := house.AddUser(ada, passcode)
	got := house.Post("/sign-up/email", map[string]any{"email": "ADA@example.com", "password": "another password", "name": "Mallory"})
	got.Expect(gatehousetest.OK(`{"token":null,"user":{"name":"Mallory","email":"ada@example.com","emailVerified":false,"image":null,"createdAt":"…","updatedAt":"…","id":"…"}}`))
	if strings.Contains(string(got.Body), known.ID) || len(got.Cookies) != 0 {
		t.Errorf("the answer tells of the stored user: %s %v", got.Body, got.Cookies)
	}
	if n := len(house.Mails("existing-user-sign-up", ada)); n != 1 {
		t.Errorf("the owner got %d mails, want 1", n)
	}
}

// TestOneSpellingOfAnAddress: what is the same mailbox is the same account,
// and what only looks like it is refused.
func TestOneSpellingOfAnAddress(t *testing.T) {
	house := newHouse(t, nil)
	house.Invite("victim@example.com")
	up := func(address string) *gatehousetest.Answer {
		return house.Post("/sign-up/email", map[string]any{"email": address, "password": passcode, "name": "V"})
	}
	for _, same := range []string{"Victim@example.com", "VICTIM@EXAMPLE.COM", "victim@Example.Com"} {
		up(same).Expect(gatehousetest.Fails(gatehouse.ErrUserExists))
	}
	for _, lookalike := range []string{
		"victim@example.com ", " victim@example.com", "victim＠example.com", "vіctim@example.com", "vi\u0301ctim@example.com",
		"vic\u200dtim@example.com", "victım@example.com", `"victim"@example.com`, "victim@ﬁ.com", "victim@example.com\u0000",
		"victim@example.com\n", "victim@example", "@example.com", "victim@", "victim", "a@b@example.com", "victim@exam ple.com",
		"victim@example..com", ".victim@example.com", "victim@-example.com", "victim@[127.0.0.1]",
	} {
		if got := up(lookalike); got.Status != http.StatusBadRequest {
			t.Errorf("%q answers %d %s, want 400", lookalike, got.Status, got.Body)
		}
		if got := house.Post("/sign-in/email", map[string]any{"email": lookalike, "password": passcode}); got.Status != http.StatusBadRequest {
			t.Errorf("signing in as %q answers %d %s, want 400", lookalike, got.Status, got.Body)
		}
	}
	if got := rows(t, house, `SELECT "email" FROM "user"`); !slices.Equal(got, []string{"victim@example.com"}) {
		t.Errorf("users are %v", got)
	}
}

// protectedFields must not be settable by clients, whatever the table has.
var protectedFields = map[string]any{
	"id": "chosen", "role": "admin", "banned": false, "emailVerified": true, "twoFactorEnabled": true,
	"createdAt": "2000-01-01T00:00:00.000Z", "updatedAt": "2000-01-01T00:00:00.000Z", "__proto__": map[string]any{"role": "admin"},
	"constructor": map[string]any{"prototype": map[string]any{"role": "admin"}}, "userId": "chosen", "token": "chosen",
	"expiresAt": "2100-01-01T00:00:00.000Z", "ipAddress": "1.2.3.4", "userAgent": "chosen", "activeOrganizationId": "chosen",
	"impersonatedBy": "chosen", "trusted": true,
}

func guarded(o *standard.Options) {
	fields := map[string]gatehouse.FieldOptions{
		"role": {Type: "string", DefaultValue: "user", Input: at(false)}, "trusted": {Type: "boolean", Required: at(false), Input: at(false)},
		"note": {Type: "string", Required: at(false)},
	}
	o.User.AdditionalFields, o.Session.AdditionalFields = fields, fields
}

func TestSignUpSetsNoProtectedField(t *testing.T) {
	house := newHouse(t, guarded)
	for name, value := range protectedFields {
		address := strings.ToLower(strings.Trim(name, "_")) + "@example.com"
		got := house.Post("/sign-up/email", map[string]any{"email": address, "password": passcode, "name": "X", name: value})
		if name == "trusted" { // declared, not for clients, without a default
			got.Expect(gatehousetest.Fails(gatehouse.ErrFieldNotAllowed.Saying("trusted is not allowed to be set")))
			continue
		}
		got.ExpectStatus(http.StatusOK)
		user, err := house.Users.ByEmail(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		role, _ := user.Get("role")
		if user.ID == "chosen" || user.EmailVerified || role != "user" || !user.CreatedAt.Equal(house.Now()) {
			t.Errorf("sign-up with %s=%v made %+v", name, value, user)
		}
	}
}

func TestUpdatesSetNoProtectedField(t *testing.T) {
	house := newHouse(t, guarded)
	b := house.Enter(ada)
	users, sessions := `SELECT * FROM "user"`, `SELECT * FROM "session"`
	wantUser, wantSession := rows(t, house, users), rows(t, house, sessions)
	for name, value := range protectedFields {
		for _, path := range []string{"/update-user", "/update-session"} {
			if got := b.Post(path, map[string]any{name: value}); got.Status != http.StatusBadRequest {
				t.Errorf("%s with %s answers %d %s, want 400", path, name, got.Status, got.Body)
			}
		}
	}
	b.Post("/update-user", map[string]any{"email": eve}).Expect(gatehousetest.Fails(account.ErrEmailHere))
	if got := rows(t, house, users); !slices.Equal(got, wantUser) {
		t.Errorf("the user changed:\n got %v\nwant %v", got, wantUser)
	}
	if got := rows(t, house, sessions); !slices.Equal(got, wantSession) {
		t.Errorf("the session changed:\n got %v\nwant %v", got, wantSession)
	}
	// Beside an allowed field the others are dropped, or stop the update.
	b.Post("/update-user", map[string]any{"name": "Ada L.", "id": "chosen", "emailVerified": false}).ExpectStatus(http.StatusOK)
	if user, err := house.Users.ByEmail(t.Context(), ada); err != nil || user.Name != "Ada L." || !user.EmailVerified {
		t.Errorf("after the update: %+v, %v", user, err)
	}
}

// TestEveryFailedSignInCostsAHash: with the hash pool closed, an address that
// is unknown, has no password, or has one, all fail in the same place.
func TestEveryFailedSignInCostsAHash(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.EmailAndPassword.RequireEmailVerification = true })
	house.AddUser(ada, passcode)
	house.Invite(eve)
	wrong := func(address string) *gatehousetest.Answer {
		return house.Post("/sign-in/email", map[string]any{"email": address, "password": "a wrong password"})
	}
	for _, address := range []string{ada, eve, "nobody@example.com"} {
		wrong(address).Expect(gatehousetest.Fails(password.ErrInvalidCredentials))
	}
	if err := house.Close(); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{ada, eve, "nobody@example.com"} {
		wrong(address).ExpectStatus(http.StatusInternalServerError)
	}
	for _, address := range []string{ada, "nobody@example.com"} {
		house.Post("/sign-up/email", map[string]any{"email": address, "password": passcode, "name": "X"}).
			ExpectStatus(http.StatusInternalServerError)
	}
}

// TestUnverifiedIsToldAfterTheRightPasswordOnly: a wrong password says nothing
// about the account (row 19).
func TestUnverifiedIsToldAfterTheRightPasswordOnly(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.EmailAndPassword.RequireEmailVerification = true })
	house.AddUser(ada, passcode)
	house.Post("/sign-in/email", password.SignIn{Email: ada, Password: "a wrong password"}).Expect(gatehousetest.Fails(password.ErrInvalidCredentials))
	got := house.Post("/sign-in/email", password.SignIn{Email: ada, Password: passcode}).Expect(gatehousetest.Fails(password.ErrEmailNotVerified))
	if len(got.Cookies) != 0 {
		t.Errorf("cookies were set: %v", got.Cookies)
	}
}

// TestUnknownAddressesCostTheSameWork: what the database is asked and what is
// written for an address does not depend on whether it has an account, so that
// neither does the time (row 18). The answer to a request for a verification
// mail takes half a second whatever was done.
func TestUnknownAddressesCostTheSameWork(t *testing.T) {
	for name, change := range map[string]func(*standard.Options){
		"plain": nil,
		"audited, with lockout": func(o *standard.Options) {
			o.Features.Audit, o.Features.Lockout = &audit.Options{}, &lockout.Options{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			house := newQuietHouse(t, change)
			house.AddUser("known-1@example.com", passcode)
			house.Invite("known-2@example.com") // has no password
			for path, body := range map[string]func(address string) any{
				"/sign-in/email":          func(a string) any { return password.SignIn{Email: a, Password: "a wrong password"} },
				"/request-password-reset": func(a string) any { return password.RequestReset{Email: a} },
			} {
				want := work(t, house, path, body("nobody@example.com"))
				for _, address := range []string{"known-1@example.com", "known-2@example.com"} {
					if got := work(t, house, path, body(address)); got != want {
						t.Errorf("%s for %s\n got %s\nwant %s", path, address, got, want)
					}
				}
			}
		})
	}
}

// work is what a request asks of the database, and how much it leaves there.
func work(t *testing.T, house *gatehousetest.House, path string, body any) string {
	t.Helper()
	count := func() (verifications, mails int) {
		return len(rows(t, house, `SELECT "id" FROM "verification"`)), len(rows(t, house, `SELECT "id" FROM "outbox"`))
	}
	verifications, mails := count()
	asked := house.Statements(func() { house.Post(path, body) })
	moreVerifications, moreMails := count()
	return fmt.Sprintf("%s\n%d verifications, %d mails", strings.Join(asked, "\n"), moreVerifications-verifications, moreMails-mails)
}

// TestDecoysAreNeverSent: what is written for an unknown address reaches
// nobody, opens nothing, and is bounded as mails are.
func TestDecoysAreNeverSent(t *testing.T) {
	house := newHouse(t, nil)
	for range 25 {
		house.Post("/request-password-reset", password.RequestReset{Email: "Nobody@example.com"}).ExpectStatus(http.StatusOK)
	}
	decoys, err := house.Outbox.List(t.Context(), gatehouse.MailDecoy, 100)
	if err != nil || len(decoys) != 20 {
		t.Fatalf("%d decoys, %v, want 20", len(decoys), err)
	}
	if sent, err := house.Outbox.Deliver(t.Context()); sent != 0 || err != nil {
		t.Errorf("%d decoys are sent, %v", sent, err)
	}
	if err := house.Outbox.Retry(t.Context(), decoys[0].ID); err == nil {
		t.Error("a decoy can be retried")
	}
	for _, identifier := range rows(t, house, `SELECT "identifier" FROM "verification"`) {
		secret := strings.TrimPrefix(identifier, "reset-password:")
		got := house.Post("/reset-password", password.Reset{NewPassword: passcode, Token: &secret})
		if got.Status != http.StatusBadRequest {
			t.Errorf("a decoy's token answers %d %s", got.Status, got.Body)
		}
	}
}
