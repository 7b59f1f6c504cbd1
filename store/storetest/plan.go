package storetest

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
)

func testPlan(t *testing.T, open Open) {
	t.Run("an empty database", func(t *testing.T) {
		h := declare(open(t, store.Options{}))
		err := h.Load(t.Context())
		wantErr(t, err, store.ErrOutdated)
		var outdated *store.OutdatedError
		if !errors.As(err, &outdated) || len(outdated.Plan.Statements) != 4 {
			t.Fatalf("got %#v", err)
		}
		p := must(h.Plan(t.Context()))(t)
		if !slices.Equal(p.Statements, outdated.Plan.Statements) {
			t.Errorf("plan %q differs from that of Load", p.Statements)
		}
		if applied := must(h.Apply(t.Context()))(t); !slices.Equal(applied.Statements, p.Statements) {
			t.Errorf("applied %q, planned %q", applied.Statements, p.Statements)
		}
		if p := must(h.Apply(t.Context()))(t); !p.Empty() {
			t.Errorf("second plan: %q", p.Statements)
		}
		wantErr(t, declare(h.Sibling(store.Options{})).Load(t.Context()), nil)
	})
	t.Run("the order of tables is that of references", func(t *testing.T) {
		db := open(t, store.Options{})
		store.Define[Session](db, "session")
		store.Define[User](db, "user")
		if _, err := db.Apply(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("an upgrade keeps rows", testUpgrade(open))
	t.Run("what needs a human", testRefused(open))
	t.Run("many at once", func(t *testing.T) {
		db := open(t, store.Options{})
		var group sync.WaitGroup
		for range 4 {
			h := declare(db.Sibling(store.Options{}))
			group.Go(func() {
				if _, err := h.Apply(t.Context()); err != nil {
					t.Errorf("apply: %v", err)
				}
			})
		}
		group.Wait()
	})
	t.Run("a failed apply leaves nothing", func(t *testing.T) {
		h := newHouse(t, open, store.Options{})
		exec(t, h.SQL(), `DROP TABLE "rateLimit"`, `DROP TABLE "session"`, `CREATE TABLE "session" ("id" text PRIMARY KEY, "token" text NOT NULL,
			"userId" text NOT NULL, "expiresAt" text NOT NULL, "ipAddress" text, "userAgent" text, "createdAt" text NOT NULL, "updatedAt" text NOT NULL)`,
			`INSERT INTO "session" VALUES ('1', 'same', 'u', '', '', '', '', ''), ('2', 'same', 'u', '', '', '', '', '')`)
		fresh := declare(h.Sibling(store.Options{}))
		_, err := fresh.Apply(t.Context())
		wantErr(t, err, store.ErrConflict)
		p := must(fresh.Plan(t.Context()))(t)
		if len(p.Statements) != 3 || !strings.HasPrefix(p.Statements[0], "CREATE TABLE") {
			t.Errorf("got %q", p.Statements)
		}
	})
}

// Passkey stands for a table that a later version adds.
type Passkey struct {
	ID     string `db:"id"`
	UserID string `db:"userId,references=user.id,index"`
	Name   string `db:"name,default=O'Neill"`
}

// OldUser is the user table of an earlier version.
type OldUser struct {
	ID    string `db:"id"`
	Email string `db:"email"`
}

func testUpgrade(open Open) func(*testing.T) {
	return func(t *testing.T) {
		for _, ids := range []store.IDKind{store.IDText, store.IDUUID, store.IDSerial} {
			old := open(t, store.Options{IDs: ids})
			users := store.Define[OldUser](old, "user")
			if _, err := old.Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			ada := &OldUser{Email: "ada@example.com"}
			if err := users.Insert(t.Context(), ada); err != nil {
				t.Fatal(err)
			}
			// The new version asks for text ids: the live column decides.
			type NewUser struct {
				ID    string  `db:"id"`
				Email string  `db:"email,unique"`
				Lang  string  `db:"lang,default=fi,index"`
				Level int     `db:"level,default=3"`
				Nick  *string `db:"nick,unique"`
				Boss  *string `db:"boss,references=user.id,nocascade"`
				store.Extra
			}
			db := old.Sibling(store.Options{})
			fresh := store.Define[NewUser](db, "user")
			keys := store.Define[Passkey](db, "passkey")
			banned := store.Extend[bool](db, "user", store.Field{Name: "banned", Default: false})
			role := store.Extend[string](db, "user", store.Field{Name: "role", Required: true, Default: "user"})
			all := fresh.Select("")
			ofUser := keys.Select("{userId} = ?")
			if _, err := db.Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			if p := must(db.Plan(t.Context()))(t); !p.Empty() {
				t.Errorf("second plan: %q", p.Statements)
			}
			got := must(all.All(t.Context()))(t)[0]
			want := NewUser{ID: ada.ID, Email: ada.Email, Lang: "fi", Level: 3, Extra: got.Extra}
			if !reflect.DeepEqual(*got, want) {
				t.Errorf("got %+v, want %+v", *got, want)
			}
			if must(banned.Of(got))(t) || must(role.Of(got))(t) != "user" {
				t.Errorf("got %+v", got.Extra)
			}
			if err := keys.Insert(t.Context(), &Passkey{UserID: ada.ID, Name: "k"}); err != nil {
				t.Fatal(err)
			}
			if key := must(ofUser.One(t.Context(), ada.ID))(t); key.UserID != ada.ID {
				t.Errorf("got %+v", key)
			}
			// The old version still runs beside the new one.
			if err := users.Insert(t.Context(), &OldUser{Email: "bob@example.com"}); err != nil {
				t.Error(err)
			}
		}
	}
}

func testRefused(open Open) func(*testing.T) {
	return func(t *testing.T) {
		const rest = `"image" text, "createdAt" text NOT NULL, "updatedAt" text NOT NULL`
		for _, tt := range []struct{ name, ddl, want string }{
			{"a type that cannot hold it",
				`CREATE TABLE "user" ("id" text PRIMARY KEY, "name" bigint NOT NULL, "email" text NOT NULL UNIQUE, "emailVerified" integer NOT NULL, ` + rest + `)`,
				"column user.name is bigint, which cannot hold the string user.name"},
			{"a column we do not know",
				`CREATE TABLE "user" ("id" text PRIMARY KEY, "name" text NOT NULL, "email" text NOT NULL UNIQUE, "emailVerified" integer NOT NULL, "tenant" text NOT NULL, ` + rest + `)`,
				"column user.tenant is NOT NULL without a default and unknown here, so no row could be added: give it a default or declare it"},
			{"a column that may be empty",
				`CREATE TABLE "user" ("id" text PRIMARY KEY, "name" text NOT NULL, "email" text NOT NULL UNIQUE, "emailVerified" integer NOT NULL, "image" text NOT NULL, "createdAt" text NOT NULL, "updatedAt" text NOT NULL)`,
				"column user.image is NOT NULL, but user.image may be empty"},
			{"a missing column without default",
				`CREATE TABLE "user" ("id" text PRIMARY KEY, "name" text NOT NULL, "emailVerified" integer NOT NULL, ` + rest + `)`,
				"column user.email is missing; it is NOT NULL and declares no default for the rows that exist"},
			{"no primary key",
				`CREATE TABLE "user" ("uid" text PRIMARY KEY DEFAULT 'x', "name" text NOT NULL, "email" text NOT NULL UNIQUE, "emailVerified" integer NOT NULL, ` + rest + `)`,
				"table user has no column id, the primary key"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				db := open(t, store.Options{})
				store.Define[User](db, "user")
				exec(t, db.SQL(), tt.ddl)
				p := must(db.Plan(t.Context()))(t)
				if !slices.Equal(p.Refused, []string{tt.want}) {
					t.Errorf("got  %q\nwant %q", p.Refused, tt.want)
				}
				wantErr(t, db.Load(t.Context()), store.ErrOutdated)
				_, err := db.Apply(t.Context())
				wantErr(t, err, store.ErrOutdated)
			})
		}
		t.Run("tables in a circle", func(t *testing.T) {
			type Egg struct {
				ID  string `db:"id"`
				Hen string `db:"hen,references=hen.id"`
			}
			type Hen struct {
				ID  string `db:"id"`
				Egg string `db:"egg,references=egg.id"`
			}
			db := open(t, store.Options{})
			store.Define[Egg](db, "egg")
			store.Define[Hen](db, "hen")
			want(t, len(must(db.Plan(t.Context()))(t).Refused), 1)
		})
		t.Run("serial ids in a text column", func(t *testing.T) {
			h := newHouse(t, open, store.Options{})
			other := declare(h.Sibling(store.Options{IDs: store.IDSerial}))
			want(t, len(must(other.Plan(t.Context()))(t).Refused), 3)
		})
	}
}
