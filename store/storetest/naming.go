package storetest

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
)

func testNaming(t *testing.T, open Open) {
	for _, tt := range []struct {
		name   string
		naming store.Naming
		raw    string // finds the token of the one session in the database's own words
	}{
		{"camel", store.Naming{}, `SELECT "token" FROM "session" WHERE "userId" IS NOT NULL AND "expiresAt" IS NOT NULL
			AND NOT EXISTS (SELECT "lastRequest" FROM "rateLimit")`},
		{"snake", store.Naming{Style: store.Snake}, `SELECT token FROM session WHERE user_id IS NOT NULL
			AND expires_at IS NOT NULL AND NOT EXISTS (SELECT last_request FROM rate_limit)`},
		{"plural", store.Naming{Style: store.SnakePlural}, `SELECT token FROM sessions JOIN users ON users.id = user_id
			WHERE NOT EXISTS (SELECT last_request FROM rate_limits)`},
		{"overrides", store.Naming{Style: store.Snake, Tables: map[string]store.TableNaming{
			"user":    {Name: "Team Member", Fields: map[string]string{"email": `e-"mail"`}},
			"session": {Fields: map[string]string{"userId": "member"}}}},
			`SELECT token FROM session JOIN "Team Member" m ON m.id = member WHERE m."e-""mail""" = 'ada@example.com'`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := declare(open(t, store.Options{Naming: tt.naming}))
			pair := store.Join(h.sessions, h.users, "{session.userId} = {user.id}", "{session.token} = ?")
			byUser := h.sessions.Select("{userId} = ? AND {expiresAt} > ?")
			h.build(t)
			ada := h.addUser(t, "ada@example.com")
			s := h.addSession(t, ada, "token")
			gotSession, gotUser, err := pair.One(t.Context(), "token")
			if err != nil || *gotSession != *s || !reflect.DeepEqual(gotUser, ada) {
				t.Fatalf("got %+v %+v %v", gotSession, gotUser, err)
			}
			want(t, *must(byUser.One(t.Context(), ada.ID, noon))(t), *s)
			var token string
			if err := h.SQL().QueryRowContext(t.Context(), tt.raw).Scan(&token); err != nil || token != "token" {
				t.Errorf("got %q %v", token, err)
			}
			if p := must(h.Plan(t.Context()))(t); !p.Empty() {
				t.Errorf("second plan: %+v", p)
			}
		})
	}
	t.Run("names", func(t *testing.T) {
		type Row struct {
			ID           string `db:"id"`
			CredentialID string `db:"credentialID"`
			RequirePKCE  bool   `db:"requirePKCE"`
		}
		db := open(t, store.Options{Naming: store.Naming{Style: store.SnakePlural}})
		tables := []string{"account", "verification", "twoFactor", "passkey", "jwks", "apikey", "rateLimit", "proxy", "category"}
		for _, name := range tables {
			store.Define[Row](db, name)
		}
		p := must(db.Plan(t.Context()))(t)
		for i, want := range []string{"accounts", "verifications", "two_factors", "passkeys", "jwks", "apikeys", "rate_limits", "proxies", "categories"} {
			found := slices.ContainsFunc(p.Statements, func(s string) bool {
				return strings.Contains(s, `"`+want+`" (`) && strings.Contains(s, `"credential_id"`) && strings.Contains(s, `"require_pkce"`)
			})
			if !found {
				t.Errorf("%s: no table %s in %q", tables[i], want, p.Statements)
			}
		}
	})
}
