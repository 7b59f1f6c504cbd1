package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/postgres"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

func openAt(t testing.TB, url string, o store.Options) *store.DB {
	t.Helper()
	db, err := postgres.Open(url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// with adds parameters to a URL.
func with(t testing.TB, address string, parameters ...string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for i := 0; i < len(parameters); i += 2 {
		q.Set(parameters[i], parameters[i+1])
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o store.Options) *store.DB {
		return openAt(t, storetest.Postgres(t), o)
	})
}

// TestContractBehindPooler runs as behind PgBouncer in transaction mode, where
// no prepared statement may stay, with sessions in a zone far from UTC.
func TestContractBehindPooler(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o store.Options) *store.DB {
		return openAt(t, with(t, storetest.Postgres(t), "default_query_exec_mode", "exec",
			"pool_max_conns", "6", "TimeZone", "Asia/Kathmandu"), o)
	})
}

func TestOpen(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"postgres://u:hunter2@localhost:port/x", "postgres: the URL is malformed"},
		{"postgres://u@127.0.0.1/x?pool_max_conns=1", `postgres: pool_max_conns is "1", not a number of at least 2`},
		{"postgres://u@127.0.0.1/x?pool_max_conns=many", `postgres: pool_max_conns is "many", not a number of at least 2`},
	} {
		if _, err := postgres.Open(tt.url, store.Options{}); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.url, err, tt.want)
		}
	}
	db := openAt(t, "host=127.0.0.1 port=1 user=u dbname=x connect_timeout=2 pool_max_conns=3", store.Options{})
	if got := db.SQL().Stats().MaxOpenConnections; got != 3 {
		t.Errorf("got %d connections at most", got)
	}
	if err := db.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("ping of nobody: %v", err)
	}
	store.Define[Note](db, "note")
	if err := db.Load(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("load from nobody: %v", err)
	}
}

// Note is a table of one text.
type Note struct {
	ID   string `db:"id"`
	Text string `db:"text,unique"`
}

// TestSchemas: tables are found along the search_path and made in its first
// schema; a table of the same name elsewhere is not touched.
func TestSchemas(t *testing.T) {
	address := storetest.Postgres(t)
	admin := openAt(t, address, store.Options{})
	for _, text := range []string{`CREATE SCHEMA "App"`, `CREATE SCHEMA elsewhere`,
		`CREATE TABLE public.note (id text PRIMARY KEY)`,
		`CREATE TABLE elsewhere.note (id text PRIMARY KEY, text text NOT NULL UNIQUE)`} {
		if _, err := admin.SQL().ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ path, want string }{
		{`"App"`, `CREATE TABLE "App"."note"`},
		{`elsewhere,"App"`, ``}, // is there and fits
	} {
		db := openAt(t, with(t, address, "search_path", tt.path), store.Options{})
		notes := store.Define[Note](db, "note")
		plan, err := db.Apply(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(plan.Statements, ";"); !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: applied %q", tt.path, got)
		}
		if err := notes.Insert(t.Context(), &Note{Text: "x"}); err != nil {
			t.Fatal(err)
		}
		if err := notes.Insert(t.Context(), &Note{Text: "x"}); !errors.Is(err, store.ErrConflict) {
			t.Errorf("got %v", err)
		}
	}
	lost := openAt(t, with(t, address, "search_path", "nowhere"), store.Options{})
	store.Define[Note](lost, "note")
	if err := lost.Load(t.Context()); err == nil || !strings.Contains(err.Error(), "no schema of the search_path exists") {
		t.Errorf("got %v", err)
	}
}

func TestProcessesStartTogether(t *testing.T) {
	address := storetest.Postgres(t)
	var group sync.WaitGroup
	for range 4 {
		db := openAt(t, with(t, address, "pool_max_conns", "2"), store.Options{})
		notes := store.Define[Note](db, "note")
		group.Go(func() {
			if _, err := db.Apply(t.Context()); err != nil {
				t.Errorf("apply: %v", err)
				return
			}
			if _, err := notes.Count("").Int(t.Context()); err != nil {
				t.Errorf("count: %v", err)
			}
		})
	}
	group.Wait()
}

// TestFailOver ends all connections from the server's side: whoever is hit
// hears ErrUnavailable, never ErrNotFound, and the next try works.
func TestFailOver(t *testing.T) {
	address := storetest.Postgres(t)
	db := openAt(t, address, store.Options{})
	notes := store.Define[Note](db, "note")
	byText := notes.Select("{text} = ?")
	if _, err := db.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := notes.Insert(t.Context(), &Note{Text: "x"}); err != nil {
		t.Fatal(err)
	}
	killer := openAt(t, address, store.Options{})
	kill := func() {
		t.Helper()
		_, err := killer.SQL().ExecContext(t.Context(), `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		if err != nil {
			t.Fatal(err)
		}
	}
	kill()
	for try := 0; ; try++ {
		_, err := byText.One(t.Context(), "x")
		if err == nil {
			break
		}
		if !errors.Is(err, store.ErrUnavailable) || try == 50 {
			t.Fatalf("try %d: %v", try, err)
		}
	}
	err := db.Tx(t.Context(), func(ctx context.Context) error {
		if err := notes.Insert(ctx, &Note{Text: "y"}); err != nil {
			return err
		}
		kill()
		_, err := byText.One(ctx, "x")
		return err
	})
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("in a transaction: %v", err)
	}
	if _, err := byText.One(t.Context(), "y"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("half a transaction stayed: %v", err)
	}
}

// TestDeadlockIsUnavailable: the loser of a deadlock may try again.
func TestDeadlockIsUnavailable(t *testing.T) {
	db := openAt(t, storetest.Postgres(t), store.Options{})
	notes := store.Define[Note](db, "note")
	touch := notes.Update("{text} = {text}", "{text} = ?")
	if _, err := db.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"a", "b"} {
		if err := notes.Insert(t.Context(), &Note{Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	var both, done sync.WaitGroup
	both.Add(2)
	errs := make([]error, 2)
	for i, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		done.Go(func() {
			errs[i] = db.Tx(t.Context(), func(ctx context.Context) error {
				_, err := touch.Run(ctx, order[0])
				both.Done()
				if err != nil {
					return err
				}
				both.Wait()
				_, err = touch.Run(ctx, order[1])
				return err
			})
		})
	}
	done.Wait()
	lost := errors.Join(errs...)
	if !errors.Is(lost, store.ErrUnavailable) || errs[0] != nil && errs[1] != nil {
		t.Errorf("got %v", errs)
	}
}

// TestWithoutTrigrams: who may not create the extension gets everything else,
// and is told.
func TestWithoutTrigrams(t *testing.T) {
	address := storetest.Postgres(t)
	owner := openAt(t, address, store.Options{}).SQL()
	role := "limited_" + strings.ToLower(rand.Text())
	for _, text := range []string{
		"CREATE ROLE " + role + " LOGIN", "GRANT ALL ON SCHEMA public TO " + role,
	} {
		if _, err := owner.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, text := range []string{"DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role} {
			if _, err := owner.Exec(text); err != nil {
				t.Error(err)
			}
		}
	})
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(role)
	apply := func() (*store.Plan, []string) {
		db := openAt(t, u.String(), store.Options{})
		store.Define[person](db, "person")
		db.AddIndex("person", "name", store.Prefix)
		db.AddIndex("person", "name", store.Substring)
		plan, err := db.Apply(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return plan, db.Notes()
	}
	plan, notes := apply()
	if len(plan.Statements) != 2 || len(notes) != 1 || !strings.Contains(notes[0], "person.name has no substring index") {
		t.Errorf("got %q, notes %q", plan.Statements, notes)
	}
	if _, err := owner.Exec("CREATE SCHEMA tools; CREATE EXTENSION pg_trgm SCHEMA tools; GRANT USAGE ON SCHEMA tools TO " + role); err != nil {
		t.Fatal(err)
	}
	plan, notes = apply()
	if len(plan.Statements) != 1 || !strings.Contains(plan.Statements[0], `"tools".gin_trgm_ops`) || len(notes) != 0 {
		t.Errorf("with the extension: %q, notes %q", plan.Statements, notes)
	}
	if plan, _ = apply(); !plan.Empty() {
		t.Errorf("a third time: %q", plan.Statements)
	}
}

type person struct {
	ID   string `db:"id"`
	Name string `db:"name"`
}
