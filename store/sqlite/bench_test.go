package sqlite_test

import (
	"database/sql"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

func BenchmarkSession(b *testing.B) {
	path := storetest.SQLite(b)
	db := openAt(b, path, store.Options{})
	hand, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=query_only(1)")
	if err != nil {
		b.Fatal(err)
	}
	defer hand.Close()
	storetest.Bench(b, db, hand, storetest.HandQuery+"?", true)
}
