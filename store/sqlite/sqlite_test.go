package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

func openAt(t testing.TB, path string, o store.Options) *store.DB {
	t.Helper()
	db, err := sqlite.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o store.Options) *store.DB {
		return openAt(t, storetest.SQLite(t), o)
	})
}

// TestContractWrapped runs over a pool like that of a program that embeds us:
// many connections, each of which may write.
func TestContractWrapped(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o store.Options) *store.DB {
		db := sqlite.Wrap(pool(t, storetest.SQLite(t), "10000"), o)
		t.Cleanup(func() { db.Close() })
		return db
	})
}

func pool(t *testing.T, path, busyMillis string) *sql.DB {
	t.Helper()
	p, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout("+busyMillis+
		")&_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// Note is a table of one text.
type Note struct {
	ID   string    `db:"id"`
	Text string    `db:"text"`
	At   time.Time `db:"at"`
}

func TestOpen(t *testing.T) {
	for _, path := range []string{"", ":memory:", filepath.Join(t.TempDir(), "no", "such", "folder.db")} {
		if db, err := sqlite.Open(path, store.Options{}); err == nil {
			db.Close()
			t.Errorf("%q: no error", path)
		}
	}
	path := filepath.Join(t.TempDir(), "a b?c#d%20e&_pragma=foreign_keys(0).db")
	db := openAt(t, path, store.Options{})
	store.Define[Note](db, "note")
	if _, err := db.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o", filepath.Base(name), mode)
		}
	}
	for pragma, want := range map[string]string{"foreign_keys": "1", "journal_mode": "wal", "synchronous": "1", "busy_timeout": "5000"} {
		var got string
		if err := db.SQL().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s (%v), want %s", pragma, got, err, want)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := db.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("ping after close: %v", err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log stays after close: %v", err)
	}
}

// TestProcessesStartTogether opens one new file many times, as processes do.
func TestProcessesStartTogether(t *testing.T) {
	path := storetest.SQLite(t)
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			db, err := sqlite.Open(path, store.Options{})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			defer db.Close()
			notes := store.Define[Note](db, "note")
			if _, err := db.Apply(t.Context()); err != nil {
				t.Errorf("apply: %v", err)
				return
			}
			if err := notes.Insert(t.Context(), &Note{Text: "x", At: time.Unix(0, 0)}); err != nil {
				t.Errorf("insert: %v", err)
			}
		})
	}
	group.Wait()
}

func TestBusyIsUnavailable(t *testing.T) {
	path := storetest.SQLite(t)
	db := sqlite.Wrap(pool(t, path, "1"), store.Options{})
	notes := store.Define[Note](db, "note")
	all := notes.Select("")
	if _, err := db.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := openAt(t, path, store.Options{})
	err := other.Tx(t.Context(), func(ctx context.Context) error {
		if err := notes.Insert(t.Context(), &Note{Text: "x"}); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("insert: %v", err)
		}
		if _, err := all.All(t.Context()); err != nil {
			t.Errorf("readers wait for a writer: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTransactionsTakeTheLockAtOnce: two that read first and write later would
// otherwise both fail.
func TestTransactionsTakeTheLockAtOnce(t *testing.T) {
	db := sqlite.Wrap(pool(t, storetest.SQLite(t), "10000"), store.Options{})
	notes := store.Define[Note](db, "note")
	count := notes.Count("")
	if _, err := db.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			err := db.Tx(t.Context(), func(ctx context.Context) error {
				if _, err := count.Int(ctx); err != nil {
					return err
				}
				return notes.Insert(ctx, &Note{Text: "x"})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n, err := count.Int(t.Context()); n != 8 {
		t.Errorf("got %d notes, %v", n, err)
	}
}

// FuzzText: what is stored comes back, and finds itself only.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "a", "1e5", "0x1", "' --", "\x00", "\xff", "{id}", "?"} {
		f.Add(seed)
	}
	db := openAt(f, storetest.SQLite(f), store.Options{})
	notes := store.Define[Note](db, "note")
	take := notes.Take("{text} = ?")
	if _, err := db.Apply(f.Context()); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if err := notes.Insert(t.Context(), &Note{Text: text}); err != nil {
			t.Fatal(err)
		}
		if got, err := take.One(t.Context(), text); err != nil || got.Text != text {
			t.Fatalf("got %+v, %v", got, err)
		}
	})
}
