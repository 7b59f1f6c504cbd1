package storetest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

func testAddedColumns(t *testing.T, open Open) {
	h := declare(open(t, store.Options{}))
	role := store.Extend[string](h.DB, "user", store.Field{Name: "role", Required: true, Default: "user"})
	banned := store.Extend[bool](h.DB, "user", store.Field{Name: "banned", Default: false})
	banReason := store.Extend[*string](h.DB, "user", store.Field{Name: "banReason"})
	banExpires := store.Extend[*time.Time](h.DB, "user", store.Field{Name: "banExpires"})
	strikes := store.Extend[int](h.DB, "user", store.Field{Name: "strikes", Default: 0})
	score := store.Extend[float64](h.DB, "user", store.Field{Name: "score", Default: 0.5})
	tags := store.Extend[[]string](h.DB, "user", store.Field{Name: "tags", Default: `["new"]`})
	store.Extend[string](h.DB, "user", store.Field{Name: "role", Required: true, Default: "user"}) // agrees
	for _, f := range []store.Field{
		{Name: "nick", Unique: true}, {Name: "age", Type: store.Number, BigInt: true}, {Name: "vip", Type: store.Boolean},
		{Name: "born", Type: store.Date}, {Name: "langs", Type: store.StringArray},
		{Name: "marks", Type: store.NumberArray}, {Name: "prefs", Type: store.JSON, Hidden: true},
	} {
		h.AddField("user", f)
	}
	setRole := h.users.Update("{role} = ?", "{id} = ? AND {banned} = ?")
	h.build(t)
	ctx := t.Context()

	t.Run("defaults", func(t *testing.T) {
		u := h.addUser(t, "ada@example.com")
		for _, rec := range []*User{u, must(h.byID.One(ctx, u.ID))(t)} {
			want(t, must(role.Of(rec))(t), "user")
			want(t, must(banned.Of(rec))(t), false)
			want(t, must(banReason.Of(rec))(t), nil)
			want(t, must(strikes.Of(rec))(t), 0)
			want(t, must(score.Of(rec))(t), 0.5)
			want(t, strings.Join(must(tags.Of(rec))(t), ","), "new")
			value, ok := rec.Get("nick")
			want(t, ok && value == nil, true)
			_, ok = rec.Get("nickname")
			want(t, ok, false)
		}
	})
	t.Run("values", func(t *testing.T) {
		u := newUser("bob@example.com")
		given := map[string]any{"nick": "b", "age": int64(1) << 40, "vip": true, "born": noonUTC,
			"langs": []string{"fi", "sv"}, "marks": []float64{1, 2.5}, "prefs": json.RawMessage(`{"a": 1}`)}
		for name, value := range given {
			u.Set(name, value)
		}
		role.Set(u, "admin")
		banned.Set(u, true)
		banReason.Set(u, ptr("spam"))
		banExpires.Set(u, ptr(noon))
		strikes.Set(u, 3)
		if err := h.users.Insert(ctx, u); err != nil {
			t.Fatal(err)
		}
		got := must(h.byID.One(ctx, u.ID))(t)
		if !reflect.DeepEqual(got, u) {
			t.Errorf("got  %+v\nwant %+v", got.Extra, u.Extra)
		}
		for name, value := range given {
			if got, _ := got.Get(name); !reflect.DeepEqual(got, value) {
				t.Errorf("%s: got %v, want %v", name, got, value)
			}
		}
		want(t, *must(banReason.Of(got))(t), "spam")
		want(t, *must(banExpires.Of(got))(t), noonUTC)
		want(t, must(strikes.Of(got))(t), 3)
		var names []string
		for _, v := range got.Fields() {
			names = append(names, v.Field.Name)
		}
		want(t, strings.Join(names, " "), "role banned banReason banExpires strikes score tags nick age vip born langs marks prefs")
		want(t, got.Fields()[13].Field.Hidden, true)
		want(t, must(setRole.Run(ctx, "user", u.ID, false))(t), 0)
		want(t, must(setRole.Run(ctx, "user", u.ID, true))(t), 1)
		changes := []store.Change{{Field: "age", Value: 7}, {Field: "langs", Value: nil}, {Field: "banned", Value: false}}
		want(t, must(h.users.Patch(ctx, changes, "{nick} = ?", "b"))(t), 1)
		value, _ := must(h.byID.One(ctx, u.ID))(t).Get("age")
		want(t, value, any(int64(7)))
	})
	t.Run("a copy is its own", func(t *testing.T) {
		u := must(h.byEmail.One(ctx, "ada@example.com"))(t)
		other := *u
		role.Set(&other, "admin")
		want(t, must(role.Of(u))(t), "user")
		want(t, must(role.Of(&other))(t), "admin")
	})
	t.Run("wrong values are refused", func(t *testing.T) {
		for name, value := range map[string]any{"vip": "yes", "role": nil, "nick": 1, "age": "7", "langs": "fi",
			"unknown": "x", "email": "x", "born": "today"} {
			u := newUser("eve@example.com")
			u.Set(name, value)
			if err := h.users.Insert(ctx, u); err == nil {
				t.Errorf("%s = %v: no error", name, value)
			}
		}
	})
	t.Run("a flag never falls back to its default", func(t *testing.T) {
		if v, err := banned.Of(&User{}); err == nil {
			t.Errorf("of a record that was not read: %v", v)
		}
		exec(t, h.SQL(), `UPDATE "user" SET "banned" = NULL`)
		u := must(h.byEmail.One(ctx, "ada@example.com"))(t)
		if v, err := banned.Of(u); err == nil {
			t.Errorf("of NULL: %v", v)
		}
		if h.Kind() == "sqlite" { // which keeps what it is given
			exec(t, h.SQL(), `UPDATE "user" SET "banned" = 'yes'`)
			if _, err := h.byEmail.One(ctx, "ada@example.com"); err == nil {
				t.Error("of a text: no error")
			}
		}
	})
}
