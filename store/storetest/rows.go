package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Conditions may be alternatives, and ask for rows of another table; counts may
// stop early.
func testRows(t *testing.T, open Open) {
	h := newHouse(t, open, store.Options{})
	ctx := t.Context()
	for i, name := range []string{"ada", "bob", "cy", "di"} {
		user := h.addUser(t, name+"@example.com")
		for n := range i {
			h.addSession(t, user, fmt.Sprint(name, "-", n))
		}
	}
	type conds = []store.Condition
	in := func(op store.Op, where ...store.Condition) store.Condition {
		return cond("id", op, store.Rows{Table: "session", Field: "userId", Where: where})
	}
	for _, tt := range []struct {
		name  string
		where conds
		want  string
	}{
		{"one of", conds{{Any: conds{cond("email", store.Equal, "ada@example.com"), cond("email", store.StartsWith, "cy")}}}, "ada cy"},
		{"one of none", conds{{Any: conds{}}}, ""},
		{"one of, and", conds{{Any: conds{cond("email", store.StartsWith, "a"), cond("email", store.StartsWith, "b")}}, cond("email", store.NotEqual, "ada@example.com")}, "bob"},
		{"with rows", conds{in(store.In)}, "bob cy di"},
		{"without rows", conds{in(store.NotIn)}, "ada"},
		{"with some rows", conds{in(store.In, cond("token", store.StartsWith, "cy"))}, "cy"},
		{"without some rows", conds{in(store.NotIn, cond("token", store.StartsWith, "cy"))}, "ada bob di"},
		{"rows or else", conds{{Any: conds{in(store.NotIn), in(store.In, cond("token", store.StartsWith, "bob"))}}}, "ada bob"},
		{"begins, in any letter case", conds{cond("email", store.StartsWithFold, "ADA@")}, "ada"},
		{"contains, in any letter case", conds{cond("email", store.ContainsFold, "Y@EX")}, "cy"},
		{"percent is itself", conds{cond("email", store.ContainsFold, "%")}, ""},
		{"injection", conds{in(store.In, cond("token", store.Equal, "') OR 1=1 --"))}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, u := range must(h.users.Find(ctx, store.Search{Where: tt.where, OrderBy: "email"}))(t) {
				name, _, _ := strings.Cut(u.Email, "@")
				got = append(got, name)
			}
			want(t, strings.Join(got, " "), tt.want)
			want(t, must(h.users.CountWhere(ctx, tt.where))(t), int64(len(got)))
			want(t, must(h.users.CountUpTo(ctx, tt.where, 2))(t), int64(min(2, len(got))))
			if n, ok, err := h.users.Estimate(ctx, tt.where); err != nil || (ok != (h.Kind() == "postgres")) || n < 0 {
				t.Errorf("estimate: %d %t %v", n, ok, err)
			}
		})
	}
	t.Run("counts", func(t *testing.T) {
		want(t, must(h.users.CountUpTo(ctx, nil, 3))(t), 3)
		want(t, must(h.users.CountUpTo(ctx, nil, 100))(t), 4)
		want(t, must(h.sessions.CountDistinct(ctx, "userId", nil))(t), 3)
		want(t, must(h.sessions.CountDistinct(ctx, "userId", conds{cond("token", store.StartsWith, "di")}))(t), 1)
	})
	t.Run("conditions that do not fit", func(t *testing.T) {
		for _, c := range slices.Concat(conds{
			in(store.Equal), in(store.In, in(store.In)), {Any: conds{cond("emial", store.Equal, "x")}}, in(store.In, cond("email", store.Equal, "x")),
			cond("id", store.In, store.Rows{Table: "user", Field: "id"}), cond("id", store.In, store.Rows{Table: "none", Field: "id"}),
			cond("id", store.In, store.Rows{Table: "session", Field: "x) --"}),
		}) {
			_, err := h.users.Find(ctx, store.Search{Where: conds{c}})
			wantErr(t, err, store.ErrCondition)
		}
		_, err := h.users.CountDistinct(ctx, "id) --", nil)
		wantErr(t, err, store.ErrCondition)
	})
}
