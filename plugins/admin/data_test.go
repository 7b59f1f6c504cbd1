package admin_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/store"
)

// secured adds a column that some other plugin would own, and a field of the
// embedder's.
type secured struct{}

func (secured) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	store.Extend[bool](app.DB, "user", store.Field{Name: "twoFactorEnabled", Default: false})
	store.Extend[*string](app.DB, "user", store.Field{Name: "pin", Hidden: true})
	return gatehouse.Parts{ID: "secured"}, nil
}

func withFields(c *gatehouse.Config) {
	no := false
	c.User.AdditionalFields = map[string]gatehouse.FieldOptions{"badge": {Type: "string", Required: &no, Input: &no}}
	c.Plugins = append(c.Plugins, secured{})
}

// planted are members that nobody may set by naming them.
var planted = map[string]any{
	"id": "chosen", "createdAt": "2001-01-01T00:00:00Z", "updatedAt": "2001-01-01T00:00:00Z", "emailVerified": true,
	"role": "admin", "banned": false, "banReason": "x", "banExpires": "2001-01-01T00:00:00Z", "twoFactorEnabled": true,
	"__proto__": map[string]any{"role": "admin"}, "constructor": "x", "password": "x", "pin": "0000", "impersonatedBy": "x",
}

// TestMassAssignment: no open endpoint and no data of an admin's sets what is
// the house's own, or another plugin's.
func TestMassAssignment(t *testing.T) {
	h := newHouse(t, admin.Options{}, func(c *gatehouse.Config) { withFields(c) })
	look := `{"id":"…","role":"user","banned":false,"banReason":null,"banExpires":null,"emailVerified":false,"twoFactorEnabled":false,"createdAt":"2026-01-02T03:04:05.678Z",…}`
	var b *gatehousetest.Browser
	for name, value := range planted {
		if name == "password" {
			continue
		}
		body := map[string]any{"email": name + "@example.com", "password": passcode, "name": "Eve", name: value}
		answer := h.Post("/sign-up/email", body)
		if answer.Status != http.StatusOK && answer.Status != http.StatusBadRequest {
			t.Errorf("sign-up with %s: %d %s", name, answer.Status, answer.Body)
		}
		if answer.Status == http.StatusOK {
			h.Enter(root).Get("/admin/get-user?id=" + h.id(t, name+"@example.com")).Expect(gatehousetest.OK(look))
		}
	}
	b = h.Enter(ann)
	for _, path := range []string{"/update-user", "/update-session"} {
		b.Post(path, planted)
		for name, value := range planted {
			b.Post(path, map[string]any{name: value})
		}
	}
	h.Enter(root).Get("/admin/get-user?id=" + h.id(t, ann)).Expect(gatehousetest.OK(`{"name":"Guest",` + look[1:]))
	if nobody(b) || b.Get("/get-session").Text("id") == "chosen" {
		t.Error("the session changed")
	}
}

func TestDataOfAdmins(t *testing.T) {
	h := newHouse(t, admin.Options{}, withFields)
	b := h.Enter(root)
	made := func(data map[string]any) map[string]any {
		return map[string]any{"email": "made@example.com", "name": "Made", "data": data}
	}
	notAllowed := gatehousetest.Fails(gatehouse.ErrFieldNotAllowed.Saying("twoFactorEnabled is not allowed to be set"))
	b.Post("/admin/create-user", made(map[string]any{"twoFactorEnabled": true})).Expect(notAllowed)
	b.Post("/admin/create-user", made(map[string]any{
		"id": "chosen", "createdAt": "2001-01-01T00:00:00Z", "email": "other@example.com", "name": "Other", "unknown": 1, "badge": "b1",
		"emailVerified": true, "banned": true, "banReason": "r", "banExpires": "2030-01-01T00:00:00Z", "image": "https://example.com/a.png",
	})).Expect(gatehousetest.OK(`{"user":{"id":"…","createdAt":"2026-01-02T03:04:05.678Z","updatedAt":"…","email":"made@example.com","name":"Made","badge":"b1",
		"emailVerified":true,"banned":true,"banReason":"r","banExpires":"2030-01-01T00:00:00.000Z","image":"https://example.com/a.png","role":"user","twoFactorEnabled":false}}`))
	user := h.user(t, "made@example.com")
	if user.ID == "chosen" {
		t.Fatal("the id was chosen")
	}
	update := func(data map[string]any) *gatehousetest.Answer {
		return b.Post("/admin/update-user", map[string]any{"userId": user.ID, "data": data})
	}
	update(map[string]any{"twoFactorEnabled": true}).Expect(notAllowed)
	update(map[string]any{"createdAt": "2001-01-01T00:00:00Z"}).Expect(gatehousetest.Fails(gatehouse.ErrFieldNotAllowed.Saying("createdAt is not allowed to be set")))
	update(map[string]any{"id": "chosen"}).Expect(gatehousetest.Fails(admin.ErrIDHere))
	update(map[string]any{"password": "battery"}).Expect(gatehousetest.Fails(admin.ErrPasswordHere))
	update(map[string]any{"role": []any{"user", 5}}).Expect(gatehousetest.Fails(admin.ErrRoleType))
	update(map[string]any{"email": ann}).Expect(gatehousetest.Fails(admin.ErrEmailTaken))
	update(map[string]any{"email": "no address"}).Expect(gatehousetest.Fails(gatehouse.ErrInvalidEmail))
	update(map[string]any{"image": "javascript:alert(1)"}).Expect(gatehousetest.Fails(gatehouse.ErrImage))
	for name, values := range map[string][]any{
		"name": {nil, 5, true, []any{"x"}}, "emailVerified": {nil, "true", 1}, "banned": {"true", 1, []any{}}, "banReason": {5, true}, "image": {5},
	} {
		for _, value := range values {
			update(map[string]any{name: value}).ExpectStatus(http.StatusBadRequest)
		}
	}
	update(map[string]any{"unknown": 1}).ExpectStatus(http.StatusOK)
	update(map[string]any{"email": "MADE@example.com", "banned": nil, "banExpires": nil, "badge": "b2"}).
		Expect(gatehousetest.OK(`{"email":"made@example.com","banned":null,"badge":"b2",…}`))
	if got := h.user(t, "made@example.com"); !got.CreatedAt.Equal(user.CreatedAt) {
		t.Errorf("createdAt moved to %s", got.CreatedAt)
	}
}

// TestPermissionsWithinData: a role that may update changes no role, ban,
// address or number.
func TestPermissionsWithinData(t *testing.T) {
	h := build(t, admin.Options{Roles: map[string]admin.Role{"user": {}, "admin": {"user": {"update"}}, "clerk": {"user": {"update", "create"}}}})
	h.enrol(t, mod, "clerk")
	b, id := h.Enter(mod), h.enrol(t, ann, "user").ID
	for name, tt := range map[string]struct {
		value any
		want  *gatehouse.Error
	}{
		"role": {"user", admin.ErrSetRole}, "banned": {true, admin.ErrBan}, "banReason": {"x", admin.ErrBan}, "banExpires": {nil, admin.ErrBan},
		"email": {"x@example.com", admin.ErrSetEmail}, "emailVerified": {true, admin.ErrSetEmail},
	} {
		data := map[string]any{name: tt.value, "name": "Changed"}
		b.Post("/admin/update-user", map[string]any{"userId": id, "data": data}).Expect(gatehousetest.Fails(tt.want))
		if tt.want != admin.ErrSetEmail {
			b.Post("/admin/create-user", map[string]any{"email": "n@example.com", "name": "N", "data": data}).Expect(gatehousetest.Fails(tt.want))
		}
	}
	if h.user(t, ann).Name != "Guest" {
		t.Error("the name changed all the same")
	}
	b.Post("/admin/update-user", map[string]any{"userId": id, "data": map[string]any{"name": "Changed"}}).ExpectStatus(http.StatusOK)
	b.Post("/admin/create-user", map[string]any{"email": "n@example.com", "name": "N"}).ExpectStatus(http.StatusOK)
}

// TestWrongNamesAndEmptyPasswords: nothing is hashed that was not asked for.
func TestWrongNamesAndEmptyPasswords(t *testing.T) {
	h := newHouse(t, admin.Options{})
	b, id := h.Enter(root), h.id(t, ann)
	for _, body := range []map[string]any{
		{"userId": id, "password": passcode}, {"userId": id, "newPassword": ""}, {"userId": id}, {"newPassword": passcode},
		{"userId": "", "newPassword": passcode}, {"userId": id, "newPassword": nil}, {"userId": id, "newPassword": []string{passcode}},
		{"userId": id, "newPassword": 12345678}, {"userid": id, "NewPassword": passcode}, {"userId": id, "newPassword": "short"},
		{"userId": id, "newPassword": string(make([]byte, 129))},
	} {
		b.Post("/admin/set-user-password", body).ExpectStatus(http.StatusBadRequest)
	}
	for path, bodies := range map[string][]map[string]any{
		"/admin/ban-user":            {{"id": id}, {}, {"userId": []string{id}}, {"userId": map[string]any{"$ne": nil}}, {"userId": id, "banReason": 5}},
		"/admin/set-role":            {{"userId": id}, {"userId": id, "roles": "admin"}, {"userId": id, "role": 5}, {"userId": id, "role": []any{"user", nil}}},
		"/admin/update-user":         {{"userId": id, "name": "x"}, {"userId": id, "data": "x"}, {"userId": id, "data": []any{}}, {"userId": id, "data": map[string]any{}}},
		"/admin/create-user":         {{"email": "x@example.com"}, {"name": "x"}, {"email": 5, "name": "x"}, {"email": "x@example.com", "name": "x", "password": 5}},
		"/admin/remove-user":         {{}, {"id": id}},
		"/admin/impersonate-user":    {{}, {"email": ann}},
		"/admin/revoke-user-session": {{}, {"token": "x"}, {"sessionToken": 5}},
		"/admin/has-permission": {{}, {"permissions": "x"}, {"permissions": map[string]any{"user": "list"}}, {"permission": map[string]any{"user": []string{"list"}}},
			{"permissions": map[string]any{}, "permission": map[string]any{}}},
	} {
		for _, body := range bodies {
			b.Post(path, body).ExpectStatus(http.StatusBadRequest)
		}
	}
	b.Post("/admin/create-user", map[string]any{"email": "empty@example.com", "name": "Empty", "password": ""}).ExpectStatus(http.StatusOK)
	if _, err := h.Accounts.Credential(t.Context(), h.id(t, "empty@example.com")); err == nil {
		t.Error("an empty password was stored")
	}
	if _, err := h.Accounts.Credential(t.Context(), id); err == nil {
		t.Error("a refused password was stored")
	}
	if h.roleOf(t, ann) != "user" || h.user(t, ann).Name != "Guest" {
		t.Error("something changed")
	}
}

// TestSetPassword: it works at once, kills the links that were mailed before,
// and obeys the house's rules.
func TestSetPassword(t *testing.T) {
	h := newHouse(t, admin.Options{}, func(c *gatehouse.Config) { c.Plugins = append(c.Plugins, rule{}) })
	b := h.Enter(root)
	h.Post("/request-password-reset", password.RequestReset{Email: ann}).ExpectStatus(http.StatusOK)
	link, _ := h.Mail("reset-password", ann).Data["token"].(string)
	body := map[string]any{"userId": h.id(t, ann), "newPassword": "forbidden-word"}
	b.Post("/admin/set-user-password", body).Expect(gatehousetest.Fails(errRule))
	b.Post("/admin/create-user", map[string]any{"email": "n@example.com", "name": "N", "password": "forbidden-word"}).Expect(gatehousetest.Fails(errRule))
	b.Post("/admin/set-user-password", with(body, map[string]any{"newPassword": passcode})).Expect(gatehousetest.OK(`{"status":true}`))
	h.SignIn(ann, passcode)
	h.Post("/reset-password", map[string]any{"newPassword": "attacker's word", "token": link}).Expect(gatehousetest.Fails(gatehouse.ErrInvalidToken))
	// So does a new address.
	h.Post("/request-password-reset", password.RequestReset{Email: ann}).ExpectStatus(http.StatusOK)
	link, _ = h.Mail("reset-password", ann).Data["token"].(string)
	b.Post("/admin/update-user", map[string]any{"userId": h.id(t, ann), "data": map[string]any{"email": "ann2@example.com"}}).ExpectStatus(http.StatusOK)
	h.Post("/reset-password", map[string]any{"newPassword": "attacker's word", "token": link}).Expect(gatehousetest.Fails(gatehouse.ErrInvalidToken))
}

var errRule = gatehouse.NewError(http.StatusBadRequest, "RULE", "Not this one")

// rule is a policy for passwords.
type rule struct{}

func (rule) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	refuse := func(_ context.Context, _ *gatehouse.User, _, password string) error {
		if password == "forbidden-word" {
			return errRule
		}
		return nil
	}
	return gatehouse.Parts{ID: "rule", PasswordRules: []gatehouse.PasswordRule{refuse}, Errors: []*gatehouse.Error{errRule}}, nil
}
