package storetest

import (
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

func testFind(t *testing.T, open Open) {
	h := declare(open(t, store.Options{}))
	h.AddField("user", store.Field{Name: "age", Type: store.Number})
	h.build(t)
	ctx := t.Context()
	for i, name := range []string{"ada", "bob", "c%d", "c_d", "cxd"} {
		u := newUser(name + "@example.com")
		u.Name = name
		u.CreatedAt = noon.Add(time.Duration(i) * time.Minute)
		u.EmailVerified = i%2 == 0
		if i > 1 {
			u.Image = ptr("i")
			u.Extra.Set("age", i)
		}
		if err := h.users.Insert(ctx, u); err != nil {
			t.Fatal(err)
		}
	}
	type conds = []store.Condition
	for _, tt := range []struct {
		name   string
		search store.Search
		want   string
	}{
		{"all", store.Search{OrderBy: "name"}, "ada bob c%d c_d cxd"},
		{"page", store.Search{OrderBy: "name", Descending: true, Limit: 2, Offset: 1}, "c_d c%d"},
		{"null is least", store.Search{OrderBy: "age", Descending: true, Limit: 3}, "cxd c_d c%d"},
		{"equal", store.Search{Where: conds{{Field: "name", Value: "bob"}}}, "bob"},
		{"two", store.Search{Where: conds{cond("emailVerified", store.Equal, true), cond("name", store.NotEqual, "ada")}, OrderBy: "name"}, "c%d cxd"},
		{"time", store.Search{Where: conds{cond("createdAt", store.GreaterOrEqual, noon.Add(3*time.Minute))}, OrderBy: "name"}, "c_d cxd"},
		{"number", store.Search{Where: conds{cond("age", store.Less, 4)}, OrderBy: "name"}, "c%d c_d"},
		{"null", store.Search{Where: conds{cond("image", store.Equal, nil)}, OrderBy: "name"}, "ada bob"},
		{"not null", store.Search{Where: conds{cond("image", store.NotEqual, nil)}, OrderBy: "name"}, "c%d c_d cxd"},
		{"in", store.Search{Where: conds{cond("name", store.In, []string{"ada", "cxd", "x"})}, OrderBy: "name"}, "ada cxd"},
		{"in nothing", store.Search{Where: conds{cond("name", store.In, []string{})}}, ""},
		{"not in", store.Search{Where: conds{cond("name", store.NotIn, []string{"ada", "cxd"})}, OrderBy: "name"}, "bob c%d c_d"},
		{"percent is itself", store.Search{Where: conds{cond("name", store.Contains, "%")}}, "c%d"},
		{"underscore is itself", store.Search{Where: conds{cond("name", store.StartsWith, "c_")}}, "c_d"},
		{"end", store.Search{Where: conds{cond("name", store.EndsWith, "d")}, OrderBy: "name"}, "c%d c_d cxd"},
		{"NUL is no end", store.Search{Where: conds{cond("name", store.StartsWith, "a\x00")}}, ""},
		{"injection", store.Search{Where: conds{cond("name", store.Contains, "' OR 1=1 --")}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for i, u := range must(h.users.Find(ctx, tt.search))(t) {
				if i > 0 {
					got += " "
				}
				got += u.Name
			}
			want(t, got, tt.want)
		})
	}
	t.Run("count", func(t *testing.T) {
		want(t, must(h.users.CountWhere(ctx, conds{cond("emailVerified", store.Equal, true)}))(t), 3)
		want(t, must(h.users.CountWhere(ctx, nil))(t), 5)
	})
	t.Run("conditions that do not fit", func(t *testing.T) {
		for _, c := range (conds{
			cond("emial", store.Equal, "x"), cond("name", "like", "x"), cond("name", store.Equal, 1), cond("createdAt", store.Less, "soon"),
			cond("emailVerified", store.Contains, "x"), cond("name", store.Less, nil), cond("name", store.In, "x"),
			cond("name} = 'ada' OR {name", store.Equal, "x"), cond("age", store.Equal, "x"),
		}) {
			_, err := h.users.Find(ctx, store.Search{Where: conds{c}})
			wantErr(t, err, store.ErrCondition)
		}
		_, err := h.users.Find(ctx, store.Search{OrderBy: "name DESC"})
		wantErr(t, err, store.ErrCondition)
	})
}

func cond(field string, op store.Op, value any) store.Condition {
	return store.Condition{Field: field, Op: op, Value: value}
}
