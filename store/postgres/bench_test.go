package postgres_test

import (
	"database/sql"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

func BenchmarkSession(b *testing.B) {
	url := storetest.Postgres(b)
	db := openAt(b, url, store.Options{})
	hand, err := sql.Open("pgx", url)
	if err != nil {
		b.Fatal(err)
	}
	defer hand.Close()
	storetest.Bench(b, db, hand, storetest.HandQuery+"$1", false)
}
