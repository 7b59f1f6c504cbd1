package people_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/server/people"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/postgres"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

// Hashes of the three forms.
const (
	argonHash  = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	bcryptHash = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
)

var scryptHash = "0123456789abcdef0123456789abcdef:" + strings.Repeat("ab", 64)

// noon is when the test houses are.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// newHouse is a house with additional fields, on the store under test.
func newHouse(t testing.TB, change ...func(*standard.Options)) *standard.House {
	t.Helper()
	return houseOn(t, gatehousetest.OpenStore(t, store.Options{}), change...)
}

func houseOn(t testing.TB, db *store.DB, change ...func(*standard.Options)) *standard.House {
	t.Helper()
	no := false
	o := standard.Defaults()
	o.EmailAndPassword = password.Options{Enabled: true}
	o.Config.BaseURL, o.Config.Secret = gatehousetest.BaseURL, gatehousetest.Secret
	o.DB, o.Migrate = db, gatehouse.MigrateApply
	o.Log = slog.New(slog.DiscardHandler)
	o.Now = func() time.Time { return noon }
	o.User.AdditionalFields = map[string]gatehouse.FieldOptions{
		"role":   {Type: "string", DefaultValue: "user", Input: &no},
		"age":    {Type: "number", Required: &no},
		"tags":   {Type: "string[]", Required: &no},
		"secret": {Type: "string", Required: &no, Returned: &no},
	}
	for _, c := range change {
		c(&o)
	}
	house, err := standard.New(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = house.Close() })
	return house
}

// place is a database that several stores can be opened on.
func place(t testing.TB) (url string, open func() *store.DB) {
	t.Helper()
	if os.Getenv("GATEHOUSE_TEST_STORE") == "postgres" {
		url = storetest.Postgres(t)
		return url, func() *store.DB { return opened(t)(postgres.Open(url, store.Options{})) }
	}
	path := storetest.SQLite(t)
	return "sqlite:" + path, func() *store.DB { return opened(t)(sqlite.Open(path, store.Options{})) }
}

func opened(t testing.TB) func(*store.DB, error) *store.DB {
	return func(db *store.DB, err error) *store.DB {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
}

// imported is what came of an import.
type imported struct {
	people.Summary
	report []string
}

func importAll(t testing.TB, house *standard.House, source people.Source, o people.ImportOptions) imported {
	t.Helper()
	var got imported
	o.Report = func(r people.Outcome) error {
		got.report = append(got.report, fmt.Sprintf("%d %s %s: %s", r.Row, r.Status, r.Email, r.Reason))
		return nil
	}
	summary, err := people.Import(t.Context(), house, source, o)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	got.Summary = summary
	return got
}

func fromCSV(t testing.TB, house *standard.House, text string) people.Source {
	t.Helper()
	source, err := people.CSV(house, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func count(t testing.TB, house *standard.House) (users, accounts int64) {
	t.Helper()
	users, err := store.Define[gatehouse.User](house.DB, "user").CountWhere(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	accounts, err = store.Define[gatehouse.Account](house.DB, "account").CountWhere(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return users, accounts
}

func export(t testing.TB, house *standard.House, asCSV, hashes bool) string {
	t.Helper()
	var text strings.Builder
	w := people.NewJSONLines(&text)
	if asCSV {
		w = people.NewCSV(&text)
	}
	if _, err := people.Export(t.Context(), house, w, people.ExportOptions{WithHashes: hashes}); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func execute(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, text := range statements {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

func expectLines(t testing.TB, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("report\n got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func encode(t testing.TB, value any) string {
	t.Helper()
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(text.String())
}
