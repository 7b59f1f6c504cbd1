package people_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/server/people"
	"github.com/gatehouse-auth/gatehouse/store"
)

// old are the tables that better-auth's Drizzle output makes, with a column of
// the embedder's own that must be filled.
const old = `
CREATE TABLE "user" (id text PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, email_verified BOOLEAN NOT NULL,
	image text, created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL, role text, plan integer NOT NULL);
CREATE TABLE account (id text PRIMARY KEY, account_id text NOT NULL, provider_id text NOT NULL, user_id text NOT NULL REFERENCES "user"(id),
	access_token text, refresh_token text, id_token text, access_token_expires_at TIMESTAMP, refresh_token_expires_at TIMESTAMP,
	scope text, password text, created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL);
INSERT INTO "user" VALUES
	('u1', 'Ada', 'Ada@Example.com', true, NULL, '2020-01-01 00:00:00', '2020-01-01 00:00:00', 'admin', 7),
	('u2', 'Bob', 'bob@example.com', false, 'https://example.com/b.png', '2021-01-01 00:00:00', '2020-01-01 00:00:00', NULL, 7),
	('u3', 'Eve', 'eve@example.com', false, NULL, '2022-01-01 00:00:00', '2020-01-01 00:00:00', NULL, 7),
	('u4', 'No address', 'none', false, NULL, '2022-01-01 00:00:00', '2020-01-01 00:00:00', NULL, 7);
INSERT INTO account (id, account_id, provider_id, user_id, password, access_token, created_at, updated_at) VALUES
	('a1', 'u1', 'credential', 'u1', 'SCRYPT', NULL, '2020-01-01 00:00:00', '2020-01-01 00:00:00'),
	('a2', '4711', 'github', 'u1', NULL, 'token', '2020-01-02 00:00:00', '2020-01-01 00:00:00'),
	('a3', 'u3', 'credential', 'u3', 'md5:x', NULL, '2020-01-01 00:00:00', '2020-01-01 00:00:00');`

func TestALiveDatabaseMovesIn(t *testing.T) {
	url, open := place(t)
	for _, text := range strings.Split(strings.ReplaceAll(old, "SCRYPT", scryptHash), ";\n") {
		execute(t, open().SQL(), text)
	}
	house := newHouse(t)
	if _, err := people.OpenDatabase(t.Context(), house, url, store.SnakePlural); err == nil || !strings.Contains(err.Error(), `there is no table "users"`) {
		t.Errorf("with another style: %v", err)
	}
	for _, want := range []people.Summary{{Rows: 4, Created: 2, Refused: 2}, {Rows: 4, Skipped: 2, Refused: 2}} {
		source, err := people.OpenDatabase(t.Context(), house, url, store.Snake)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(source.Unknown, []string{"plan"}) || source.Total() != 4 {
			t.Errorf("unknown %v, total %d", source.Unknown, source.Total())
		}
		got := importAll(t, house, source, people.ImportOptions{Name: "old"})
		if err := source.Close(); err != nil {
			t.Error(err)
		}
		if got.Summary != want {
			t.Errorf("%+v, want %+v", got.Summary, want)
		}
		if want.Created > 0 {
			expectLines(t, got.report,
				"3 refused eve@example.com: passwordHash is of no known format: argon2id, bcrypt and better-auth's scrypt are",
				"4 refused none: the e-mail address is not one")
		}
	}
	want := `{"id":"u1","email":"ada@example.com","name":"Ada","emailVerified":true,"image":null,"createdAt":"2020-01-01T00:00:00.000Z","age":null,"role":"admin","secret":null,"tags":null,` +
		`"accounts":[{"providerId":"github","accountId":"4711","createdAt":"2020-01-02T00:00:00Z"}],"passwordHash":"` + scryptHash + `"}` + "\n" +
		`{"id":"u2","email":"bob@example.com","name":"Bob","emailVerified":false,"image":"https://example.com/b.png","createdAt":"2021-01-01T00:00:00.000Z","age":null,"role":"user","secret":null,"tags":null,"accounts":[]}` + "\n"
	if got := export(t, house, false, true); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestADatabaseThatIsNotThere(t *testing.T) {
	house := newHouse(t)
	for _, url := range []string{"sqlite:" + t.TempDir() + "/none.db", "mysql://x", ""} {
		if _, err := people.OpenDatabase(t.Context(), house, url, store.Camel); err == nil {
			t.Errorf("%q was opened", url)
		}
	}
}
