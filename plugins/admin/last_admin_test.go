package admin_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/store"
)

// TestLastAdminStays: on no path does a house lose its last admin, and a
// second admin makes each of them possible.
func TestLastAdminStays(t *testing.T) {
	remove := func(h *house, id string) error { return h.Users.Delete(t.Context(), id) }
	for _, tt := range []struct {
		name string
		take func(h *house, id string) error
	}{
		{"demoted", func(h *house, id string) error { _, err := h.adm.SetRoles(t.Context(), id, "user"); return err }},
		{"without a role", func(h *house, id string) error { _, err := h.adm.SetRoles(t.Context(), id); return err }},
		{"updated", func(h *house, id string) error {
			_, err := h.adm.UpdateUser(t.Context(), id, store.Change{Field: "role", Value: "user,moderator"})
			return err
		}},
		{"banned", func(h *house, id string) error {
			_, err := h.adm.Ban(t.Context(), id, admin.Ban{ExpiresIn: 1e9})
			return err
		}},
		{"banned by an update", func(h *house, id string) error {
			_, err := h.adm.UpdateUser(t.Context(), id, store.Change{Field: "banned", Value: true})
			return err
		}},
		{"removed", func(h *house, id string) error { return h.adm.RemoveUser(t.Context(), id) }},
		{"removed by another plugin", remove},
		{"changed by another plugin", func(h *house, id string) error {
			_, err := h.Users.Update(t.Context(), id, store.Change{Field: "role", Value: nil})
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, admin.Options{})
			if err := tt.take(h, h.id(t, root)); !errors.Is(err, admin.ErrLastAdmin) {
				t.Fatalf("got %v", err)
			}
			if got := h.roleOf(t, root); got != "admin" {
				t.Fatalf("the last admin is %q", got)
			}
			h.Enter(root).Get("/admin/list-users").ExpectStatus(http.StatusOK)
			h.enrol(t, peer, "user", "admin")
			if err := tt.take(h, h.id(t, root)); err != nil {
				t.Fatalf("with another admin: %v", err)
			}
			if err := tt.take(h, h.id(t, peer)); !errors.Is(err, admin.ErrLastAdmin) {
				t.Fatalf("the other one: %v", err)
			}
			if has, err := h.adm.HasAdmin(t.Context()); err != nil || !has {
				t.Errorf("HasAdmin is %v %v", has, err)
			}
		})
	}
}

func TestLastAdminOverHTTP(t *testing.T) {
	h := newHouse(t, admin.Options{})
	b, id := h.Enter(root), h.id(t, root)
	last := gatehousetest.Fails(admin.ErrLastAdmin)
	b.Post("/delete-user", account.Delete{}).Expect(last)
	b.Post("/admin/set-role", map[string]any{"userId": id, "role": "user"}).Expect(last)
	b.Post("/admin/update-user", map[string]any{"userId": id, "data": map[string]any{"role": []string{"user"}}}).Expect(last)
	b.Post("/admin/update-user", map[string]any{"userId": id, "data": map[string]any{"banned": true}}).Expect(gatehousetest.Fails(admin.ErrBanOneself))
	b.Post("/admin/ban-user", map[string]any{"userId": id}).Expect(gatehousetest.Fails(admin.ErrBanOneself))
	b.Post("/admin/remove-user", map[string]any{"userId": id}).Expect(gatehousetest.Fails(admin.ErrRemoveOneself))
	if nobody(b) || h.roleOf(t, root) != "admin" {
		t.Error("the admin is gone")
	}
	// Banned admins do not count, nor do those whose role only looks like it.
	h.enrol(t, peer, "admin")
	for i, role := range []string{"administrator", "xadmin", "Admin", "admin ", "ad_in", "moderator,admins"} {
		h.enrol(t, fmt.Sprintf("like%d@example.com", i), role)
	}
	b.Post("/admin/ban-user", map[string]any{"userId": h.id(t, peer)}).ExpectStatus(http.StatusOK)
	b.Post("/delete-user", account.Delete{}).Expect(last)
	b.Post("/admin/unban-user", map[string]any{"userId": h.id(t, peer)}).ExpectStatus(http.StatusOK)
	b.Post("/delete-user", account.Delete{}).ExpectStatus(http.StatusOK)
}

// TestLastAdminByID: people of adminUserIds are admins without a role.
func TestLastAdminByID(t *testing.T) {
	first := newHouse(t, admin.Options{})
	h := first.twin(t, admin.Options{AdminUserIDs: []string{first.id(t, ann), "gone"}})
	if _, err := h.adm.SetRoles(t.Context(), h.id(t, root), "user"); err != nil {
		t.Fatal(err)
	}
	h.Enter(ann).Get("/admin/list-users").ExpectStatus(http.StatusOK)
	for _, err := range []error{h.adm.RemoveUser(t.Context(), h.id(t, ann)), func() error {
		_, err := h.adm.Ban(t.Context(), h.id(t, ann), admin.Ban{})
		return err
	}()} {
		if !errors.Is(err, admin.ErrLastAdmin) {
			t.Errorf("got %v", err)
		}
	}
}

// TestNoAdminYet: a house that has none is not in the way of anybody.
func TestNoAdminYet(t *testing.T) {
	h := build(t, admin.Options{})
	if has, err := h.adm.HasAdmin(t.Context()); err != nil || has {
		t.Fatalf("HasAdmin is %v %v", has, err)
	}
	user := h.enrol(t, ann)
	if _, err := h.adm.Ban(t.Context(), user.ID, admin.Ban{}); err != nil {
		t.Error(err)
	}
	if err := h.adm.RemoveUser(t.Context(), user.ID); err != nil {
		t.Error(err)
	}
}

// TestLastAdminRace: 50 people on two nodes take admins away in every way at
// once, from each other and from themselves. One admin is left.
func TestLastAdminRace(t *testing.T) {
	first := build(t, admin.Options{})
	second := first.twin(t, admin.Options{})
	const admins = 8
	ids := make([]string, admins)
	browsers := make([]*gatehousetest.Browser, admins)
	for i := range ids {
		address := fmt.Sprintf("admin%d@example.com", i)
		ids[i] = first.enrol(t, address, []string{"admin", "user,admin"}[i%2]).ID
		browsers[i] = second.Enter(address)
	}
	ways := []func(h *house, i int) error{
		func(h *house, i int) error { _, err := h.adm.SetRoles(t.Context(), ids[i], "user"); return err },
		func(h *house, i int) error { _, err := h.adm.Ban(t.Context(), ids[i], admin.Ban{}); return err },
		func(h *house, i int) error { return h.adm.RemoveUser(t.Context(), ids[i]) },
		func(_ *house, i int) error {
			browsers[i].Clone().Post("/delete-user", account.Delete{})
			return nil
		},
		func(h *house, i int) error {
			_, err := h.Users.Update(t.Context(), ids[i], store.Change{Field: "banned", Value: true})
			return err
		},
	}
	var group sync.WaitGroup
	start := make(chan struct{})
	for n := range 50 {
		h := []*house{first, second}[n%2]
		group.Go(func() {
			<-start
			for i := range ids {
				err := ways[n%len(ways)](h, (i+n)%admins)
				if err != nil && !errors.Is(err, admin.ErrLastAdmin) && !errors.Is(err, admin.ErrUserNotFound) && !errors.Is(err, store.ErrNotFound) {
					t.Error(err)
				}
			}
		})
	}
	close(start)
	group.Wait()
	active := 0
	users, err := first.adm.ListUsers(t.Context(), admin.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range users.Users {
		is, err := first.adm.IsAdmin(user)
		if banned, _ := user.Get("banned"); err == nil && is && banned != true {
			active++
		}
	}
	if active != 1 {
		t.Errorf("%d admins are left, want 1", active)
	}
}

var _ gatehouse.Plugin = (*auditor)(nil)
