package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

func testIndexes(t *testing.T, open Open) {
	h := declare(open(t, store.Options{}))
	h.AddField("user", store.Field{Name: "role"})
	for range 2 { // asking twice is asking once
		h.AddIndex("user", "email", store.Prefix)
		h.AddIndex("user", "email", store.Substring)
		h.AddIndex("user", "email", store.Ordered) // unique: there already
		h.AddIndex("user", "createdAt", store.Ordered)
		h.AddIndex("user", "role", store.Ordered)
	}
	var made []string
	for _, text := range must(h.Apply(t.Context()))(t).Statements {
		if strings.HasPrefix(text, "CREATE INDEX") && strings.Contains(text, `"user_`) {
			made = append(made, strings.Fields(text)[2])
		}
	}
	wanted := []string{`"user_email_prefix_idx"`, `"user_email_substring_idx"`, `"user_createdAt_idx"`, `"user_role_idx"`}
	if h.Kind() == "sqlite" {
		wanted = append(wanted[:1], wanted[2:]...)
	}
	want(t, strings.Join(made, " "), strings.Join(wanted, " "))
	want(t, len(h.Notes()), 0)
	if p := must(h.Plan(t.Context()))(t); !p.Empty() {
		t.Errorf("second plan: %q", p.Statements)
	}
	t.Run("an index is not needed to load", func(t *testing.T) {
		exec(t, h.SQL(), `DROP INDEX "user_email_prefix_idx"`)
		twin := declare(h.Sibling(store.Options{}))
		twin.AddIndex("user", "email", store.Prefix)
		wantErr(t, twin.Load(t.Context()), nil)
		want(t, len(must(twin.Plan(t.Context()))(t).Statements), 1)
	})
	t.Run("mistakes", func(t *testing.T) {
		for field, kind := range map[string]store.IndexKind{"emial": store.Ordered, "createdAt": store.Prefix} {
			twin := declare(h.Sibling(store.Options{}))
			twin.AddIndex("user", field, kind)
			if err := twin.Load(t.Context()); err == nil {
				t.Errorf("%s: no error", field)
			}
		}
	})
}

// testPages walks all rows by places, in every order, with equal values and
// NULLs among them: none is missed and none comes twice.
func testPages(t *testing.T, open Open) {
	for _, ids := range []store.IDKind{store.IDText, store.IDUUID, store.IDSerial} {
		h := newHouse(t, open, store.Options{IDs: ids})
		for i := range 23 {
			u := newUser(fmt.Sprintf("u%d@example.com", i))
			u.Name = []string{"a", "b", "c"}[i%3]
			u.CreatedAt = noon.Add(time.Duration(i/2) * time.Millisecond)
			if i%4 > 0 {
				u.Image = ptr([]string{"x", "y"}[i%2])
			}
			if err := h.users.Insert(t.Context(), u); err != nil {
				t.Fatal(err)
			}
		}
		for _, by := range []string{"", "email", "name", "createdAt", "image", "emailVerified"} {
			for _, descending := range []bool{false, true} {
				search := store.Search{OrderBy: by, Descending: descending, Limit: 100}
				whole := must(h.users.Find(t.Context(), search))(t)
				search.Limit = 4
				var walked []*User
				for page := must(h.users.Find(t.Context(), search))(t); len(page) > 0; page = must(h.users.Find(t.Context(), search))(t) {
					walked = append(walked, page...)
					search.After = h.place(by, page[len(page)-1])
				}
				want(t, len(walked), 23)
				for i := range whole {
					want(t, walked[i].ID, whole[i].ID)
				}
			}
		}
		_, err := h.users.Find(t.Context(), store.Search{OrderBy: "createdAt", After: &store.Place{Value: "soon", ID: "x"}})
		wantErr(t, err, store.ErrCondition)
		_, err = h.users.Find(t.Context(), store.Search{OrderBy: "nobody", After: &store.Place{}})
		wantErr(t, err, store.ErrCondition)
	}
}

func (h *house) place(by string, u *User) *store.Place {
	var value any
	switch by {
	case "email":
		value = u.Email
	case "name":
		value = u.Name
	case "createdAt":
		value = u.CreatedAt
	case "image":
		value = u.Image
	case "emailVerified":
		value = u.EmailVerified
	}
	return &store.Place{Value: value, ID: u.ID}
}

// testLocks: of those who decide about several rows together, each sees what
// the one before has done.
func testLocks(t *testing.T, open Open) {
	h := newHouse(t, open, store.Options{})
	for i := range 20 {
		h.addUser(t, fmt.Sprintf("u%d@example.com", i))
	}
	everybody := h.users.Select("ORDER BY {id}")
	remove := h.users.Delete("{id} = ?")
	removeOne := func(ctx context.Context) error {
		if err := h.Lock(ctx, "somebody stays"); err != nil {
			return err
		}
		all, err := everybody.All(ctx)
		if err != nil || len(all) == 1 {
			return err
		}
		_, err = remove.Run(ctx, all[0].ID)
		return err
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 4 {
				if err := h.Tx(t.Context(), removeOne); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	want(t, len(must(everybody.All(t.Context()))(t)), 1)
	if err := h.Lock(t.Context(), "x"); err == nil {
		t.Error("a lock without a transaction")
	}
	failed := errors.New("failed")
	wantErr(t, h.Tx(t.Context(), func(ctx context.Context) error {
		_ = h.Tx(ctx, func(context.Context) error { return failed })
		return h.Lock(ctx, "x")
	}), store.ErrFailed)
}
