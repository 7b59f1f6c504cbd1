package sqlite_test

import (
	"database/sql"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

func open(t *testing.T, o store.Options) *store.DB {
	t.Helper()
	return openAt(t, storetest.SQLite(t), o)
}

func openAt(t testing.TB, path string, o store.Options) *store.DB {
	t.Helper()
	db, err := sqlite.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestContract(t *testing.T) { storetest.Run(t, open) }

// TestContractWrapped runs over a pool like that of a program that embeds us:
// many connections, each of which may write.
func TestContractWrapped(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o store.Options) *store.DB {
		pool, err := sql.Open("sqlite", "file:"+storetest.SQLite(t)+
			"?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { pool.Close() })
		db := sqlite.Wrap(pool, o)
		t.Cleanup(func() { db.Close() })
		return db
	})
}
