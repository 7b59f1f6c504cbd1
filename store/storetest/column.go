package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
)

// testColumnTypes is about columns of types and lengths that are not ours.
func testColumnTypes(t *testing.T, open Open) {
	kind := open(t, store.Options{}).Kind()
	t.Run("flags", func(t *testing.T) {
		for _, tt := range []struct {
			kind, column string
			yes, no      string
			bad          []string // values no flag has
		}{
			{"sqlite", "integer", "1", "0", []string{"2", "NULL", "'x'", "x'01ff'"}},
			{"sqlite", "boolean", "true", "false", []string{"'maybe'", "NULL"}},
			{"sqlite", "text", "'true'", "'false'", []string{"''", "'TRUE '", "'yes'", "NULL"}},
			{"postgres", "boolean", "true", "false", []string{"NULL"}},
			{"postgres", "smallint", "1", "0", []string{"-1", "NULL"}},
			{"postgres", "bigint", "1", "0", []string{"2"}},
			{"postgres", "text", "'1'", "'0'", []string{"''", "'on'", "NULL"}},
			{"postgres", "varchar(5)", "'true'", "'false'", []string{"'x'"}},
		} {
			if tt.kind != kind {
				continue
			}
			t.Run(tt.column, func(t *testing.T) {
				db := open(t, store.Options{})
				users := store.Define[User](db, "user")
				byID := users.Select("{id} = ?")
				verified := users.Select("{emailVerified} = ? AND {id} LIKE 'ours%'")
				exec(t, db.SQL(), `CREATE TABLE "user" ("id" text PRIMARY KEY, "name" varchar(4) NOT NULL, "email" text NOT NULL UNIQUE,
					"emailVerified" `+tt.column+`, "image" text, "createdAt" text NOT NULL, "updatedAt" text NOT NULL)`)
				if err := db.Load(t.Context()); err != nil {
					t.Fatal(err)
				}
				insert := func(id, value string) {
					exec(t, db.SQL(), `INSERT INTO "user" VALUES ('`+id+`', 'x', '`+id+`', `+value+`, NULL, '2026-11-23T12:00:00.123Z', '2026-11-23 12:00:00')`)
				}
				insert("yes", tt.yes)
				insert("no", tt.no)
				want(t, must(byID.One(t.Context(), "yes"))(t).EmailVerified, true)
				want(t, must(byID.One(t.Context(), "no"))(t).EmailVerified, false)
				for i, value := range tt.bad {
					id := fmt.Sprint("bad", i)
					insert(id, value)
					if u, err := byID.One(t.Context(), id); err == nil {
						t.Errorf("%s: read as %v", value, u.EmailVerified)
					}
				}
				for _, flag := range []bool{true, false} {
					u := newUser(map[bool]string{true: "t@example.com", false: "f@example.com"}[flag])
					u.ID, u.EmailVerified = "ours"+u.Email, flag
					if err := users.Insert(t.Context(), u); err != nil {
						t.Fatal(err)
					}
					want(t, must(verified.One(t.Context(), flag))(t).ID, u.ID)
				}
			})
		}
	})
	t.Run("lengths", func(t *testing.T) {
		db := open(t, store.Options{})
		type Short struct {
			ID    string  `db:"id"`
			Name  string  `db:"name"`
			Agent *string `db:"agent,truncate"`
		}
		shorts := store.Define[Short](db, "short")
		rename := shorts.Update("{name} = ?, {agent} = ?", "{id} = ? OR {name} = ?")
		byName := shorts.Select("{name} = ?")
		exec(t, db.SQL(), `CREATE TABLE "short" ("id" varchar(36) PRIMARY KEY, "name" varchar(4) NOT NULL, "agent" varchar(3))`)
		if err := db.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct{ name, agent, kept string }{
			{"four", "abc", "abc"}, {"\u00e9\u00e9\u00e9\u00e9", "abcd", "abc"}, {"", "\U0001F600\u00e9x\u00e9", "\U0001F600\u00e9x"},
		} {
			rec := &Short{Name: tt.name, Agent: ptr(tt.agent)}
			if err := shorts.Insert(t.Context(), rec); err != nil {
				t.Fatal(err)
			}
			want(t, *rec.Agent, tt.kept)
			want(t, *must(byName.One(t.Context(), tt.name))(t).Agent, tt.kept)
		}
		_, renamed := rename.Run(t.Context(), "fiver", "x", "x", "longer than any")
		for _, err := range []error{shorts.Insert(t.Context(), &Short{Name: "fiver"}), renamed} {
			wantErr(t, err, store.ErrTooLong)
			var long *store.TooLongError
			if !errors.As(err, &long) || *long != (store.TooLongError{Table: "short", Field: "name", Max: 4}) {
				t.Errorf("got %#v", err)
			}
		}
		_, err := byName.One(t.Context(), "longer than any")
		wantErr(t, err, store.ErrNotFound)
	})
}
