package passwordpolicy_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/firstadmin"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/passwordpolicy"
)

// realm is an estate whose people have roles.
type realm struct {
	estate
	admin     *admin.Admin
	approvals *approval.Approvals
	first     *firstadmin.FirstAdmin
}

func newRealm(t *testing.T, o passwordpolicy.Options) realm {
	t.Helper()
	passwords := password.New(password.Options{Enabled: true, SendResetPassword: true})
	r := realm{
		estate: estate{passwords: passwords}, admin: admin.New(admin.Options{}, passwords),
		approvals: approval.New(approval.Options{}), first: firstadmin.New(firstadmin.Options{}, passwords.HashNew),
	}
	r.House = gatehousetest.New(t, passwords, gatehousetest.Door(), r.admin, passwordpolicy.New(o, passwords.Verify), r.approvals, r.first)
	return r
}

// enrol makes a person with roles and the password first, or none.
func (r realm) enrol(t *testing.T, address, pass string, roles ...string) *gatehouse.User {
	t.Helper()
	user, err := r.admin.CreateUser(t.Context(), admin.NewUser{Email: address, Name: "Guest", Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	if pass != "" {
		hash, err := r.passwords.Hash(t.Context(), pass)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.passwords.SetHash(t.Context(), user.ID, hash); err != nil {
			t.Fatal(err)
		}
	}
	return user
}

// rolePaths are all ways on which somebody who holds roles, or is about to,
// gets a password.
var rolePaths = []struct {
	name string
	try  func(t *testing.T, r realm, role, pass string) (int, string)
}{
	{"change", func(t *testing.T, r realm, role, pass string) (int, string) {
		r.enrol(t, ada, first, role)
		a := r.SignIn(ada, first).Post("/change-password", map[string]any{"currentPassword": first, "newPassword": pass})
		return a.Status, a.Text("code")
	}},
	{"reset", func(t *testing.T, r realm, role, pass string) (int, string) {
		r.enrol(t, ada, first, role)
		a := r.Post("/reset-password", map[string]any{"token": r.resetToken(t), "newPassword": pass})
		return a.Status, a.Text("code")
	}},
	{"an admin sets it", func(t *testing.T, r realm, role, pass string) (int, string) {
		r.enrol(t, "root@example.com", "", "admin")
		user := r.enrol(t, ada, "", role)
		a := r.Enter("root@example.com").Post("/admin/set-user-password", map[string]any{"userId": user.ID, "newPassword": pass})
		return a.Status, a.Text("code")
	}},
	{"an admin creates the account", func(t *testing.T, r realm, role, pass string) (int, string) {
		r.enrol(t, "root@example.com", "", "admin")
		a := r.Enter("root@example.com").Post("/admin/create-user", map[string]any{"email": ada, "name": "Ada", "password": pass, "role": role})
		return a.Status, a.Text("code")
	}},
	{"the command line", func(t *testing.T, r realm, role, pass string) (int, string) {
		return answered(r.passwords.Reset(t.Context(), r.enrol(t, ada, "", role).ID, pass))
	}},
	{"an import", func(t *testing.T, r realm, role, pass string) (int, string) {
		user := &gatehouse.User{Email: ada}
		user.Set("role", role)
		return answered(r.passwords.CheckNew(t.Context(), user, pass))
	}},
	{"an invitation gives the role", func(t *testing.T, r realm, role, pass string) (int, string) {
		invited, err := r.approvals.Invite(t.Context(), gatehouse.System, approval.NewInvitation{Role: role})
		if err != nil {
			t.Fatal(err)
		}
		a := r.Post("/sign-up/email", map[string]any{"email": ada, "name": "Ada", "password": pass, "invitationToken": *invited.Token})
		return a.Status, a.Text("code")
	}},
}

// TestRolesAskForMore: the same password, short of what admins need, is enough
// for others, on every path there is.
func TestRolesAskForMore(t *testing.T) {
	const short, long = "copper anthem 41", "copper anthem 41 ladders"
	options := passwordpolicy.Options{Roles: map[string]passwordpolicy.RoleRules{"admin": {MinLength: 20}, "moderator": {MinLength: 18}}}
	for _, path := range rolePaths {
		for _, tt := range []struct {
			role, pass, code string
		}{
			{"user", short, ""}, {"moderator", short, "PASSWORD_TOO_SHORT"}, {"admin", short, "PASSWORD_TOO_SHORT"}, {"admin", long, ""},
		} {
			t.Run(path.name+"/"+tt.role+"/"+tt.pass, func(t *testing.T) {
				t.Parallel()
				if status, code := path.try(t, newRealm(t, options), tt.role, tt.pass); code != tt.code {
					t.Errorf("got %d %s, want %q", status, code, tt.code)
				}
			})
		}
	}
	t.Run("the first administrator", func(t *testing.T) {
		r := newRealm(t, options)
		link, err := r.first.Offer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, secret, _ := strings.Cut(link, "token=")
		claim := map[string]any{"token": secret, "email": ada, "name": "Ada", "password": short}
		if a := r.Post("/first-admin", claim); a.Text("code") != "PASSWORD_TOO_SHORT" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		claim["password"] = long
		r.Post("/first-admin", claim).ExpectStatus(http.StatusOK)
	})
}

// TestStrictestRuleHolds: each rule by itself, over the general one and all
// roles of a person.
func TestStrictestRuleHolds(t *testing.T) {
	r := newRealm(t, passwordpolicy.Options{MinLength: 12, MinScore: -1, Roles: map[string]passwordpolicy.RoleRules{
		"clerk": {MinLength: 20}, "auditor": {MinScore: 4}, "temp": {MinLength: 4},
	}})
	for i, tt := range []struct {
		roles      []string
		pass, code string
	}{
		{[]string{"user"}, "abcdefgh1234", ""},
		{[]string{"temp"}, "abcdefgh", "PASSWORD_TOO_SHORT"},
		{[]string{"clerk"}, "abcdefgh1234", "PASSWORD_TOO_SHORT"},
		{[]string{"clerk"}, "abcdefgh1234abcdefgh", ""},
		{[]string{"auditor"}, "abcdefgh1234", "PASSWORD_TOO_WEAK"},
		{[]string{"clerk", "auditor"}, "abcdefgh1234abcdefgh", "PASSWORD_TOO_WEAK"},
		{[]string{"auditor", "clerk"}, "abcdefgh1234", "PASSWORD_TOO_SHORT"},
		{[]string{"clerk", "auditor"}, "copper anthem 41 ladders", ""},
	} {
		user := r.enrol(t, fmt.Sprintf("n%d@x.example", i), "", tt.roles...)
		if _, code := answered(r.passwords.Reset(t.Context(), user.ID, tt.pass)); code != tt.code {
			t.Errorf("%s, %q: got %q, want %q", tt.roles, tt.pass, code, tt.code)
		}
	}
}

// TestHistoryPerRole: who does not hold the role may go back, and who gets it
// later has a history.
func TestHistoryPerRole(t *testing.T) {
	r := newRealm(t, passwordpolicy.Options{Roles: map[string]passwordpolicy.RoleRules{"admin": {History: 2}}})
	r.enrol(t, "root@example.com", "", "admin")
	user := r.enrol(t, ada, first)
	set := func(pass, want string) {
		t.Helper()
		r.Clock.Advance(1e9)
		if _, code := answered(r.passwords.Reset(t.Context(), user.ID, pass)); code != want {
			t.Errorf("%q: got %q, want %q", pass, code, want)
		}
	}
	set(second, "")
	set(first, "")
	if _, err := r.admin.SetRoles(t.Context(), user.ID, "admin"); err != nil {
		t.Fatal(err)
	}
	set(second, "PASSWORD_REUSED")
	set(third, "")
	set(second, "")
}

// TestRoleGivenLaterJudgesTheNextPassword: the password of before stays good.
func TestRoleGivenLaterJudgesTheNextPassword(t *testing.T) {
	r := newRealm(t, passwordpolicy.Options{Roles: map[string]passwordpolicy.RoleRules{"admin": {MinLength: 60}}})
	user := r.enrol(t, ada, first)
	if _, err := r.admin.SetRoles(t.Context(), user.ID, "admin"); err != nil {
		t.Fatal(err)
	}
	b := r.SignIn(ada, first)
	a := b.Post("/change-password", map[string]any{"currentPassword": first, "newPassword": second})
	if a.Text("code") != "PASSWORD_TOO_SHORT" || a.Text("message") != "Use at least 60 characters." {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

func TestMistakesInRoles(t *testing.T) {
	for _, tt := range []struct {
		rules passwordpolicy.RoleRules
		name  string
		want  string
	}{
		{passwordpolicy.RoleRules{}, "", "no role"}, {passwordpolicy.RoleRules{}, "a,b", "no role"},
		{passwordpolicy.RoleRules{MinLength: 129}, "admin", "maxLength"}, {passwordpolicy.RoleRules{MinLength: -1}, "admin", "minLength"},
		{passwordpolicy.RoleRules{MinScore: 5}, "admin", "minScore"}, {passwordpolicy.RoleRules{History: 25}, "admin", "history"},
	} {
		o := passwordpolicy.Options{Roles: map[string]passwordpolicy.RoleRules{tt.name: tt.rules}}
		_, err := passwordpolicy.New(o, nil).Plug(gatehousetest.New(t).App)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v", tt.rules, err)
		}
	}
	config := gatehouse.Config{BaseURL: gatehousetest.BaseURL, Secret: gatehousetest.Secret, Plugins: []gatehouse.Plugin{
		passwordpolicy.New(passwordpolicy.Options{Roles: map[string]passwordpolicy.RoleRules{"admin": {MinScore: 4}}}, nil),
	}, DB: gatehousetest.New(t).DB}
	if _, err := gatehouse.New(t.Context(), config); err == nil || !strings.Contains(err.Error(), "add plugins/admin") {
		t.Errorf("roles without an authority: %v", err)
	}
}
