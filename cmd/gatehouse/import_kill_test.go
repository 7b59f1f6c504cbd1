package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/postgres"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

// installation is a data folder and a database that gatehouse works on.
type installation struct {
	t    *testing.T
	data string
	url  string // "": SQLite in data
}

func (i *installation) command(args ...string) *exec.Cmd {
	i.t.Helper()
	command := exec.CommandContext(i.t.Context(), "gatehouse", append([]string{"--data", i.data}, args...)...)
	command.Dir, command.Env = i.t.TempDir(), append(os.Environ(), "GATEHOUSE_DATABASE_URL="+i.url)
	return command
}

func (i *installation) run(args ...string) string {
	i.t.Helper()
	var said bytes.Buffer
	command := i.command(args...)
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		i.t.Fatalf("gatehouse %s: %v\n%s%s", strings.Join(args, " "), err, out, &said)
	}
	return string(out)
}

// open looks at the database from beside.
func (i *installation) open() *store.DB {
	i.t.Helper()
	db, err := sqlite.Open(filepath.Join(i.data, "gatehouse.db"), store.Options{})
	if i.url != "" {
		db, err = postgres.Open(i.url, store.Options{})
	}
	if err != nil {
		i.t.Fatal(err)
	}
	i.t.Cleanup(func() { _ = db.Close() })
	return db
}

func number(t *testing.T, db *store.DB, query string) (n int) {
	t.Helper()
	if err := db.SQL().QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

const (
	countUsers    = `SELECT count(*) FROM "user"`
	countAccounts = `SELECT count(*) FROM "account"`
	countHalf     = `SELECT count(*) FROM "user" u WHERE (SELECT count(*) FROM "account" a WHERE a."userId" = u."id") <> 1`
)

// TestImportThatIsKilledGoesOn ends a real import of 4 000 people with SIGKILL
// after some of them, and runs it again: everybody is there once.
func TestImportThatIsKilledGoesOn(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			i := &installation{t: t, data: t.TempDir()}
			if kind == "postgres" {
				i.url = storetest.Postgres(t)
			}
			i.run("migrate", "apply")
			killedAndResumed(t, i)
		})
	}
}

const (
	importRows = 4_000
	killAfter  = 1_000
)

func killedAndResumed(t *testing.T, i *installation) {
	const hash = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	var file bytes.Buffer
	fmt.Fprintln(&file, "email,name,passwordHash")
	half := 0
	for n := range importRows {
		if n == importRows*3/4 {
			half = file.Len()
		}
		fmt.Fprintf(&file, "person%d@example.com,Person %d,\"%s\"\n", n, n, hash)
	}
	db := i.open()

	// The pipe stays open behind three quarters, so that it cannot be done
	// before it is killed.
	killed := i.command("user", "import", "-", "--format", "csv")
	pipe, err := killed.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		_, _ = io.Copy(pipe, bytes.NewReader(file.Bytes()[:half])) // until it is killed
	}()
	deadline, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	for number(t, db, countUsers) < killAfter {
		if deadline.Err() != nil {
			t.Fatal("the import makes nobody")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := killed.Wait(); err == nil || killed.ProcessState.Exited() {
		t.Fatalf("it was not killed: %v", err)
	}
	<-fed
	before := number(t, db, countUsers)
	if accounts, half := number(t, db, countAccounts), number(t, db, countHalf); before < killAfter || before >= importRows || accounts != before || half != 0 {
		t.Fatalf("after the kill there are %d users and %d accounts, %d people by half", before, accounts, half)
	}

	path := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var got struct{ Rows, Created, Skipped, Refused int }
	if err := json.Unmarshal([]byte(i.run("user", "import", path, "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Rows != importRows || got.Created != importRows-before || got.Skipped != before || got.Refused != 0 {
		t.Errorf("run again: %+v, %d were there", got, before)
	}
	distinct := number(t, db, `SELECT count(DISTINCT "email") FROM "user" WHERE "email" LIKE 'person%@example.com'`)
	users, accounts, byHalf := number(t, db, countUsers), number(t, db, countAccounts), number(t, db, countHalf)
	if users != importRows || distinct != importRows || accounts != importRows || byHalf != 0 {
		t.Errorf("there are %d users, %d addresses and %d accounts, %d people by half", users, distinct, accounts, byHalf)
	}
}
