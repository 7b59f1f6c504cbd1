package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/gatehouse-auth/gatehouse/store/postgres" // registers "pgx"
)

// PostgresEnv names the environment variable with a superuser's URL of a
// scratch PostgreSQL server.
const PostgresEnv = "GATEHOUSE_TEST_POSTGRES"

// SQLite is the path of a database file that does not exist yet and goes with
// the test.
func SQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "test.db")
}

// Postgres is the URL of an empty database of its own, which goes with the
// test. Without PostgresEnv the test is skipped.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv(PostgresEnv)
	if server == "" {
		t.Skipf("%s is not set: no PostgreSQL server to test on", PostgresEnv)
	}
	address, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is not a URL", PostgresEnv)
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	name := "gatehouse_test_" + strings.ToLower(rand.Text())
	exec(t, admin, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		exec(t, admin, "DROP DATABASE "+name+" WITH (FORCE)")
		admin.Close()
	})
	address.Path = "/" + name
	return address.String()
}

func exec(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, text := range statements {
		if _, err := db.ExecContext(ctx, text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}
