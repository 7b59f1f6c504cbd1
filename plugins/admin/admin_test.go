package admin_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/store"
)

// TestEverythingIsRecorded: each operation on people leaves an event that
// names who did it and to whom.
func TestEverythingIsRecorded(t *testing.T) {
	h := newHouse(t, admin.Options{})
	b, id := h.Enter(root), h.id(t, ann)
	there := h.Enter(ann)
	value, _ := url.PathUnescape(there.Cookie(token))
	secret, _, _ := strings.Cut(value, ".")
	one := map[string]any{"userId": id}
	for _, tt := range []struct {
		action, path string
		body         map[string]any // nil: a GET
	}{
		{"user.read", "/admin/get-user?id=" + id, nil},
		{"user.list", "/admin/list-users", nil},
		{"session.list", "/admin/list-user-sessions", one},
		{"session.revoke", "/admin/revoke-user-session", map[string]any{"sessionToken": secret}},
		{"user.role", "/admin/set-role", with(one, map[string]any{"role": []string{"user", "moderator"}})},
		{"user.update", "/admin/update-user", with(one, map[string]any{"data": map[string]any{"name": "Changed"}})},
		{"user.role", "/admin/update-user", with(one, map[string]any{"data": map[string]any{"role": "user"}})},
		{"user.set-password", "/admin/set-user-password", with(one, map[string]any{"newPassword": passcode})},
		{"user.ban", "/admin/ban-user", one},
		{"user.unban", "/admin/unban-user", one},
		{"user.ban", "/admin/update-user", with(one, map[string]any{"data": map[string]any{"banned": true}})},
		{"user.unban", "/admin/update-user", with(one, map[string]any{"data": map[string]any{"banned": false}})},
		{"user.create", "/admin/create-user", map[string]any{"email": "n@example.com", "name": "N"}},
		{"user.delete", "/admin/remove-user", one},
	} {
		before := len(h.heard.about(tt.action))
		if tt.body == nil {
			b.Get(tt.path).ExpectStatus(http.StatusOK)
		} else {
			b.Post(tt.path, tt.body).ExpectStatus(http.StatusOK)
		}
		now := h.heard.about(tt.action)
		if len(now) == before {
			t.Errorf("%s records no %s", tt.path, tt.action)
			continue
		}
		event := now[len(now)-1]
		if event.Actor != h.id(t, root) || event.Outcome != gatehouse.Succeeded {
			t.Errorf("%s: got %+v", tt.path, event)
		}
		if strings.HasPrefix(tt.action, "user.") && tt.action != "user.list" && tt.action != "user.create" && event.Target != id {
			t.Errorf("%s names %q, want the person", tt.path, event.Target)
		}
	}
	// Outside of a request it was the system.
	if _, err := h.adm.User(t.Context(), h.id(t, mod)); err != nil {
		t.Fatal(err)
	}
	if read := h.heard.about("user.read"); read[len(read)-1].Actor != gatehouse.System {
		t.Errorf("got %+v", read[len(read)-1])
	}
}

func TestMistakesStopTheStart(t *testing.T) {
	for want, o := range map[string]admin.Options{
		`adminRoles has "boss", which roles does not define`:                          {AdminRoles: []string{"boss"}},
		"role clerk allows user:fly, which the statements do not have":                {Roles: map[string]admin.Role{"clerk": {"user": {"fly"}}}},
		"role clerk allows project:read, which the statements do not have":            {Roles: map[string]admin.Role{"clerk": {"project": {"read"}}}},
		`role "a,b": a name may not be empty nor have a comma, % or \`:                {Roles: map[string]admin.Role{"a,b": {}}},
		"defaultBanExpiresIn and impersonationSessionDuration: a duration below zero": {DefaultBanExpiresIn: -1},
	} {
		config := gatehouse.Config{BaseURL: gatehousetest.BaseURL, Secret: gatehousetest.Secret, DB: build(t, admin.Options{}).DB.Sibling(store.Options{}),
			Plugins: []gatehouse.Plugin{admin.New(o, nil)}}
		if _, err := gatehouse.New(t.Context(), config); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	for _, o := range []admin.Options{
		{AdminRoles: []string{" ADMIN "}}, {Statements: map[string][]string{"project": {"read"}}, Roles: map[string]admin.Role{"admin": {"project": {"read"}}}},
		{DefaultRole: "admin"},
	} {
		build(t, o)
	}
}

// TestPermits: one role alone must allow all of something.
func TestPermits(t *testing.T) {
	h := build(t, admin.Options{
		Statements: map[string][]string{"page": {"read", "write"}, "file": {"read"}},
		Roles:      map[string]admin.Role{"admin": {"page": {"read", "write"}, "file": {"read"}}, "reader": {"page": {"read"}}, "writer": {"page": {"write"}}, "user": {}},
	})
	h.enrol(t, root, "admin")
	type asked = map[string][]string
	for _, tt := range []struct {
		roles []string
		asked asked
		want  bool
	}{
		{[]string{"reader"}, asked{"page": {"read"}}, true},
		{[]string{"reader"}, asked{"page": {"read", "write"}}, false},
		{[]string{"reader", "writer"}, asked{"page": {"read"}}, true},
		{[]string{"reader", "writer"}, asked{"page": {"read", "write"}}, false},
		{[]string{"reader"}, asked{"page": {"read"}, "file": {"read"}}, false},
		{[]string{"admin"}, asked{"page": {"read"}, "file": {"read"}}, true},
		{[]string{"admin"}, asked{}, false},
		{[]string{"admin"}, asked{"page": {}}, false},
		{[]string{"admin"}, asked{"page": {"read"}, "file": {}}, false},
		{[]string{"admin"}, asked{"ship": {"land"}}, false},
		{[]string{"nobody knows"}, asked{"page": {"read"}}, false},
		{[]string{" reader"}, asked{"page": {"read"}}, false},
		{nil, asked{"page": {"read"}}, false},
	} {
		user := h.enrol(t, "x@example.com", tt.roles...)
		if got, err := h.adm.Permits(user, tt.asked); err != nil || got != tt.want {
			t.Errorf("%q %v: got %v %v", tt.roles, tt.asked, got, err)
		}
		if err := h.adm.RemoveUser(t.Context(), user.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOneAccountPerAddress: of many admins who create it at once one succeeds,
// and the others get the protocol's answer.
func TestOneAccountPerAddress(t *testing.T) {
	h := newHouse(t, admin.Options{})
	b := h.Enter(root)
	var group sync.WaitGroup
	statuses := make([]int, 20)
	for i := range statuses {
		group.Go(func() {
			statuses[i] = b.Clone().Post("/admin/create-user", map[string]any{"email": "Same@example.com", "name": "N"}).Status
		})
	}
	group.Wait()
	made := 0
	for _, status := range statuses {
		if status == http.StatusOK {
			made++
		} else if status != http.StatusBadRequest {
			t.Errorf("got %d", status)
		}
	}
	if made != 1 {
		t.Errorf("%d were made", made)
	}
}

// TestTypedMethodsSayWhatIsWrong: outside of HTTP the same errors.
func TestTypedMethodsSayWhatIsWrong(t *testing.T) {
	h := newHouse(t, admin.Options{})
	ctx := context.Background()
	for name, tt := range map[string]struct {
		err, want error
	}{
		"user":     {second(h.adm.User(ctx, "nobody")), admin.ErrUserNotFound},
		"roles":    {second(h.adm.SetRoles(ctx, "nobody", "user")), admin.ErrUserNotFound},
		"ban":      {second(h.adm.Ban(ctx, "nobody", admin.Ban{})), admin.ErrUserNotFound},
		"unban":    {second(h.adm.Unban(ctx, "nobody")), admin.ErrUserNotFound},
		"update":   {second(h.adm.UpdateUser(ctx, "nobody")), admin.ErrUserNotFound},
		"remove":   {h.adm.RemoveUser(ctx, "nobody"), admin.ErrUserNotFound},
		"password": {h.adm.SetPassword(ctx, "nobody", passcode), admin.ErrUserNotFound},
		"short":    {h.adm.SetPassword(ctx, h.id(t, ann), "short"), admin.ErrTooShort},
		"address":  {second(h.adm.CreateUser(ctx, admin.NewUser{Email: "no"})), gatehouse.ErrInvalidEmail},
		"taken":    {second(h.adm.CreateUser(ctx, admin.NewUser{Email: "ANN@example.com"})), admin.ErrEmailTaken},
		"long":     {second(h.adm.CreateUser(ctx, admin.NewUser{Email: "l@example.com", Password: strings.Repeat("x", 129)})), admin.ErrTooLong},
		"column":   {second(h.adm.ListUsers(ctx, admin.Query{SortBy: "nope"})), store.ErrCondition},
		"sessions": {h.adm.RevokeSessions(ctx, "nobody"), nil},
		"session":  {h.adm.RevokeSession(ctx, "nothing"), nil},
	} {
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, tt.err, tt.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }
