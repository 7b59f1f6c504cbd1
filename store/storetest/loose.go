package storetest

import (
	"fmt"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
)

// testLooseColumns: what a program beside us would store is stored, as each
// database makes it; what a database refuses is refused; a typed key is never
// fooled.
func testLooseColumns(t *testing.T, open Open) {
	cases := []struct {
		typ              store.Type
		value            any
		sqlite, postgres any // nil: refused
	}{
		{store.String, "5", "5", "5"},
		{store.String, 5, "5.0", "5"},
		{store.String, 2.5, "2.5", "2.5"},
		{store.Number, "7", int64(7), int64(7)},
		{store.Number, "many", "many", nil},
		{store.Number, true, nil, nil},
		{store.Boolean, "YES", "YES", true},
		{store.Boolean, "off", "off", false},
		{store.Boolean, "o", "o", nil},
		{store.Date, "tomorrow", nil, nil},
	}
	h := declare(open(t, store.Options{}))
	for i, tt := range cases {
		h.AddField("user", store.Field{Name: fmt.Sprint("loose", i), Type: tt.typ, Loose: true})
	}
	vip := store.Extend[bool](h.DB, "user", store.Field{Name: "vip", Loose: true})
	h.build(t)
	for i, tt := range cases {
		wanted, name := tt.postgres, fmt.Sprint("loose", i)
		if h.Kind() == "sqlite" {
			wanted = tt.sqlite
		}
		u := newUser(name)
		u.Set(name, tt.value)
		if err := h.users.Insert(t.Context(), u); wanted == nil != (err != nil) {
			t.Errorf("%s = %#v: got error %v", tt.typ, tt.value, err)
		} else if err == nil {
			kept, _ := u.Get(name)
			read, _ := must(h.byID.One(t.Context(), u.ID))(t).Get(name)
			if kept != wanted || read != wanted {
				t.Errorf("%s = %#v: kept %#v, read %#v, want %#v", tt.typ, tt.value, kept, read, wanted)
			}
		}
	}
	t.Run("typed keys are not fooled", func(t *testing.T) {
		u := newUser("ada@example.com")
		u.Set("vip", "yes")
		if err := h.users.Insert(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		got, err := vip.Of(must(h.byID.One(t.Context(), u.ID))(t))
		if h.Kind() == "sqlite" && err == nil || h.Kind() == "postgres" && (err != nil || !got) {
			t.Errorf("got %v %v", got, err)
		}
	})
}
