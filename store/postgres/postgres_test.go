package postgres_test

import (
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

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o store.Options) *store.DB {
		return openAt(t, storetest.Postgres(t), o)
	})
}
