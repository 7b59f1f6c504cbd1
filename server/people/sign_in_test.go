package people_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"

	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/server/people"
	"github.com/gatehouse-auth/gatehouse/standard"
)

const passphrase = "correct horse battery"

// foreignHashes are those of passphrase that other programs keep.
func foreignHashes(t *testing.T) map[string]string {
	t.Helper()
	crypted, err := bcrypt.GenerateFromPassword([]byte(passphrase), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	const salt = "00112233445566778899aabbccddeeff"
	key, err := scrypt.Key([]byte(passphrase), []byte(salt), 16384, 16, 1, 64)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"bcrypt": string(crypted), "bcrypt-php": "$2y$" + string(crypted)[4:],
		"scrypt": fmt.Sprintf("%s:%x", salt, key),
	}
}

// signIn knocks over HTTP and returns the status and the session's cookie.
func signIn(t *testing.T, house *standard.House, email, password string) (int, string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"email": email, "password": password})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, gatehousetest.BaseURL+"/api/auth/sign-in/email", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	house.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		if strings.HasSuffix(cookie.Name, "session_token") {
			return w.Code, cookie.Name + "=" + cookie.Value
		}
	}
	return w.Code, ""
}

func storedHash(t *testing.T, house *standard.House, email string) string {
	t.Helper()
	user, err := house.Users.ByEmail(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	account, err := house.Accounts.Credential(t.Context(), user.ID)
	if err != nil || account.PasswordHash == nil {
		t.Fatalf("%s has no password: %v", email, err)
	}
	return *account.PasswordHash
}

// TestImportedHashesSignInAndAreUpgraded: people who come with the hash of
// another program sign in with the password they know, and that sign-in, no
// failed one, leaves an Argon2id hash behind.
func TestImportedHashesSignInAndAreUpgraded(t *testing.T) {
	ours := regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$`)
	hashes := foreignHashes(t)
	for _, from := range []string{"csv", "jsonl"} {
		t.Run(from, func(t *testing.T) {
			house := newHouse(t, func(o *standard.Options) {
				o.Features.Audit, o.RateLimit.Enabled = &audit.Options{}, new(bool)
			})
			var table, lines strings.Builder
			table.WriteString("email,passwordHash\n")
			for name, hash := range hashes {
				fmt.Fprintf(&table, "%s@example.com,\"%s\"\n", name, hash)
				fmt.Fprintf(&lines, `{"email":"%s@example.com","passwordHash":"%s"}`+"\n", name, hash)
			}
			source := people.JSONLines(house, strings.NewReader(lines.String()))
			if from == "csv" {
				source = fromCSV(t, house, table.String())
			}
			if got := importAll(t, house, source, people.ImportOptions{}); got.Created != len(hashes) {
				t.Fatalf("%+v", got)
			}
			for name, hash := range hashes {
				email := name + "@example.com"
				if status, cookie := signIn(t, house, email, "a wrong password"); status != http.StatusUnauthorized || cookie != "" || storedHash(t, house, email) != hash {
					t.Errorf("%s: a wrong password: %d, cookie %q, hash %s", name, status, cookie, storedHash(t, house, email))
				}
				upgraded := ""
				for range 2 {
					status, cookie := signIn(t, house, email, passphrase)
					if status != http.StatusOK || !strings.Contains(whoIs(house, cookie), email) {
						t.Fatalf("%s: sign-in %d, session %s", name, status, whoIs(house, cookie))
					}
					now := storedHash(t, house, email)
					if !ours.MatchString(now) || upgraded != "" && now != upgraded {
						t.Errorf("%s: the hash is %s, was %s", name, now, upgraded)
					}
					upgraded = now
				}
			}
			page, err := house.Audit.Find(t.Context(), audit.Query{Action: "password.rehash"})
			if err != nil || len(page.Entries) != len(hashes) {
				t.Errorf("%d upgrades are recorded, want %d: %v", len(page.Entries), len(hashes), err)
			}
		})
	}
}

// whoIs is the answer of get-session.
func whoIs(house *standard.House, cookie string) string {
	r := httptest.NewRequest(http.MethodGet, gatehousetest.BaseURL+"/api/auth/get-session", nil)
	r.Header.Set("Cookie", cookie)
	w := httptest.NewRecorder()
	house.ServeHTTP(w, r)
	return w.Body.String()
}
