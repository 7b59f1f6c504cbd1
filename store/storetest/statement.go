package storetest

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

func testStatements(t *testing.T, open Open) {
	var seen []string
	h := declare(open(t, store.Options{Observe: func(text string) { seen = append(seen, text) }}))
	all := h.users.Select("ORDER BY {email} DESC LIMIT ?")
	some := h.users.Select("{createdAt} < ? AND {emailVerified} = ? ORDER BY {email} LIMIT ? OFFSET ?")
	odd := h.users.Select("{name} = 'who? {id}' OR {email} = ?")
	members := h.users.Select("{id} IN (SELECT {session.userId} FROM {session} WHERE {session.expiresAt} > ?)")
	rename := h.users.Update("{name} = ?, {updatedAt} = ?", "{id} = ?")
	verify := h.users.UpdateReturning("{emailVerified} = ?", "{id} = ? AND {emailVerified} = ?")
	count := h.users.Count("{email} LIKE ?")
	remove := h.users.Delete("{id} = ?")
	take := h.sessions.Take("{token} = ?")
	pair := store.Join(h.sessions, h.users, "{session.userId} = {user.id}",
		"{session.token} = ? AND {session.expiresAt} > ?")
	pairs := store.Join(h.sessions, h.users, "{session.userId} = {user.id}", "{user.id} = ? ORDER BY {session.token}")
	h.build(t)
	ctx := t.Context()
	ada, bob := h.addUser(t, "ada@example.com"), h.addUser(t, "bob@example.com")
	first := h.addSession(t, ada, "first")
	h.addSession(t, ada, "second")

	t.Run("select", func(t *testing.T) {
		seen = nil
		got := must(h.byEmail.One(ctx, "ada@example.com"))(t)
		want(t, got.ID, ada.ID)
		want(t, len(seen), 1)
		_, err := h.byEmail.One(ctx, "eve@example.com")
		wantErr(t, err, store.ErrNotFound)
		list := must(all.All(ctx, 10))(t)
		want(t, emails(list), "bob@example.com ada@example.com")
		want(t, emails(must(all.All(ctx, 1))(t)), "bob@example.com")
		want(t, emails(must(some.All(ctx, noon.Add(time.Second), false, 10, 1))(t)), "bob@example.com")
		want(t, emails(must(some.All(ctx, noon, false, 10, 0))(t)), "")
		want(t, emails(must(odd.All(ctx, "bob@example.com"))(t)), "bob@example.com")
		want(t, emails(must(members.All(ctx, noon))(t)), "ada@example.com")
		want(t, must(count.Int(ctx, "%@example.com"))(t), 2)
	})
	t.Run("wrong number of arguments", func(t *testing.T) {
		if _, err := h.byEmail.One(ctx); err == nil || !strings.Contains(err.Error(), "got 0 arguments for 1 parameters") {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("an argument of a wrong type", func(t *testing.T) {
		for _, args := range [][]any{{"soon", false, 1, 0}, {noon, "no", 1, 0}, {noon, 1.5, 1, 0}, {noon, struct{}{}, 1, 0}} {
			if list, err := some.All(ctx, args...); err == nil && len(list) > 0 {
				t.Errorf("%v: got %d rows and no error", args, len(list))
			}
		}
	})
	t.Run("join", func(t *testing.T) {
		s, u, err := pair.One(ctx, "first", noon)
		if err != nil {
			t.Fatal(err)
		}
		if *s != *first || !reflect.DeepEqual(*u, *ada) {
			t.Errorf("got  %+v %+v\nwant %+v %+v", *s, *u, *first, *ada)
		}
		_, _, err = pair.One(ctx, "first", noon.Add(time.Hour))
		wantErr(t, err, store.ErrNotFound)
		ss, us, err := pairs.All(ctx, ada.ID)
		if err != nil || len(ss) != 2 || len(us) != 2 || ss[1].Token != "second" || us[1].ID != ada.ID {
			t.Errorf("got %v %v %v", ss, us, err)
		}
	})
	t.Run("update", func(t *testing.T) {
		want(t, must(rename.Run(ctx, "Ada L.", noon.Add(time.Minute), ada.ID))(t), 1)
		want(t, must(rename.Run(ctx, "nobody", noon, "unknown"))(t), 0)
		got := must(h.byID.One(ctx, ada.ID))(t)
		want(t, got.Name, "Ada L.")
		want(t, got.UpdatedAt, noonUTC.Add(time.Minute))
		after := must(verify.One(ctx, true, ada.ID, false))(t)
		want(t, after.EmailVerified, true)
		_, err := verify.One(ctx, true, ada.ID, false)
		wantErr(t, err, store.ErrNotFound)
	})
	t.Run("patch", func(t *testing.T) {
		changes := []store.Change{{Field: "image", Value: "/a.png"}, {Field: "emailVerified", Value: false}}
		for range 2 {
			want(t, must(h.users.Patch(ctx, changes, "{id} = ?", ada.ID))(t), 1)
		}
		got := must(h.byID.One(ctx, ada.ID))(t)
		want(t, *got.Image, "/a.png")
		want(t, got.EmailVerified, false)
		want(t, must(h.users.Patch(ctx, []store.Change{{Field: "image"}}, "{id} = ?", ada.ID))(t), 1)
		want(t, must(h.byID.One(ctx, ada.ID))(t).Image, nil)
		want(t, must(h.users.Patch(ctx, nil, "{id} = ?", ada.ID))(t), 0)
		for _, c := range []store.Change{{Field: "emial", Value: "x"}, {Field: "name", Value: nil}, {Field: "name", Value: 1}} {
			if _, err := h.users.Patch(ctx, []store.Change{c}, "{id} = ?", ada.ID); err == nil {
				t.Errorf("%v: no error", c)
			}
		}
	})
	t.Run("take and delete", func(t *testing.T) {
		got := must(take.One(ctx, "first"))(t)
		want(t, *got, *first)
		_, err := take.One(ctx, "first")
		wantErr(t, err, store.ErrNotFound)
		want(t, must(remove.Run(ctx, ada.ID))(t), 1)
		_, err = take.One(ctx, "second") // gone with its user
		wantErr(t, err, store.ErrNotFound)
		want(t, must(remove.Run(ctx, bob.ID))(t), 1)
		want(t, emails(must(all.All(ctx, 10))(t)), "")
	})
}

func emails(users []*User) string {
	list := make([]string, len(users))
	for i, u := range users {
		list[i] = u.Email
	}
	return strings.Join(list, " ")
}

// Sloppy makes declaring mistakes.
type Sloppy struct {
	ID   string   `db:"id"`
	Chan chan int `db:"chan"`
	Odd  string   `db:"odd,uniq"`
}

func testStartErrors(t *testing.T, open Open) {
	for _, tt := range []struct {
		name    string
		naming  map[string]store.TableNaming
		mistake func(h *house)
		want    string
	}{
		{"unknown field", nil, func(h *house) { h.users.Select("{emial} = ?") },
			`store: table user: Select("{emial} = ?"): table user has no field "emial"; did you mean "email"?`},
		{"unknown table", nil, func(h *house) { h.users.Delete("{sesion.id} = ?") },
			`store: table user: Delete("{sesion.id} = ?"): no table "sesion" is defined; did you mean "session"?`},
		{"field without table in a join", nil, func(h *house) {
			store.Join(h.sessions, h.users, "{session.userId} = {user.id}", "{token} = ?")
		}, `store: table session: Join("{session.userId} = {user.id}", "{token} = ?"): {token} is no table; a join says {table.field}`},
		{"open brace", nil, func(h *house) { h.users.Count("{id = ?") },
			`store: table user: Count("{id = ?"): { without }`},
		{"open quote", nil, func(h *house) { h.users.Count("{id} = 'x") },
			`store: table user: Count("{id} = 'x"): ' without its pair`},
		{"two structs for a table", nil, func(h *house) { store.Define[Session](h.DB, "user") },
			`store: define user: as storetest.Session, but it is defined as storetest.User`},
		{"bad tags", nil, func(h *house) { store.Define[Sloppy](h.DB, "sloppy") },
			"store: define sloppy: field Chan: a column cannot hold chan int\n" +
				`store: define sloppy: field Odd: tag "odd,uniq": unknown option "uniq"`},
		{"column twice", nil, func(h *house) { h.AddField("user", store.Field{Name: "name"}) },
			`store: user.name is declared twice and differently`},
		{"column of nothing", nil, func(h *house) { h.AddField("usr", store.Field{Name: "nick"}) },
			`store: table usr is extended but not defined`},
		{"bad default", nil, func(h *house) { h.AddField("user", store.Field{Name: "nick", Default: 1}) },
			`store: user.nick: a string cannot have the default 1`},
		{"bad type of key", nil, func(h *house) {
			store.Extend[string](h.DB, "user", store.Field{Name: "nick", Type: store.Boolean})
		}, `store: extend user.nick: boolean cannot be a string`},
		{"bad reference", nil, func(h *house) { h.AddField("user", store.Field{Name: "boss", References: "user.ID"}) },
			`store: user.boss references "user.ID": table user has no field "ID"; did you mean "id"?`},
		{"naming of nothing", map[string]store.TableNaming{"user": {Fields: map[string]string{"mail": "m"}}}, func(*house) {},
			`store: naming: table user has no field "mail"; did you mean "email"?`},
		{"two columns of one name", map[string]store.TableNaming{"user": {Fields: map[string]string{"image": "name"}}}, func(*house) {},
			`store: user.name and user.image are both named "name"`},
		{"two tables of one name", map[string]store.TableNaming{"session": {Name: "user"}}, func(*house) {},
			`store: tables user and session are both named "user"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := declare(open(t, store.Options{Naming: store.Naming{Tables: tt.naming}}))
			tt.mistake(h)
			err := h.Load(t.Context())
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
	t.Run("broken SQL", func(t *testing.T) {
		h := newHouse(t, open, store.Options{})
		h.users.Select("{email} === ! ?")
		err := h.Load(t.Context())
		if err == nil || !strings.Contains(err.Error(), `table user: Select("{email} === ! ?")`) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the same definition twice", func(t *testing.T) {
		h := declare(open(t, store.Options{}))
		again := store.Define[User](h.DB, "user").Select("{id} = ?")
		h.build(t)
		u := h.addUser(t, "ada@example.com")
		want(t, must(again.One(t.Context(), u.ID))(t).Email, u.Email)
	})
	t.Run("before Load", func(t *testing.T) {
		h := declare(open(t, store.Options{}))
		_, err := h.byID.One(t.Context(), "x")
		wantErr(t, err, store.ErrOutdated)
		wantErr(t, h.users.Insert(t.Context(), newUser("a@example.com")), store.ErrOutdated)
		_, err = h.users.Patch(t.Context(), []store.Change{{Field: "name", Value: "x"}}, "")
		wantErr(t, err, store.ErrOutdated)
	})
}
