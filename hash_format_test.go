package gatehouse_test

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/text/unicode/norm"

	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
)

var (
	phcForm    = regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)
	scryptForm = regexp.MustCompile(`^[0-9a-f]{32}:[0-9a-f]{128}$`)
)

// foreignScrypt is a hash as a better-auth server beside us writes it
// (PROTOCOL 8.1): the salt is the text of the hex digits.
func foreignScrypt(t *testing.T, plain string) string {
	t.Helper()
	raw := make([]byte, 16)
	_, _ = rand.Read(raw)
	salt := hex.EncodeToString(raw)
	key, err := scrypt.Key([]byte(norm.NFKC.String(plain)), []byte(salt), 16384, 16, 1, 64)
	if err != nil {
		t.Fatal(err)
	}
	return salt + ":" + hex.EncodeToString(key)
}

// TestForeignHashesSignInAndAreReplaced: hashes of other programs open the
// account, and the next form is ours.
func TestForeignHashesSignInAndAreReplaced(t *testing.T) {
	crypted, err := bcrypt.GenerateFromPassword([]byte(passcode), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, stored, format string
		after                *regexp.Regexp
	}{
		{"scrypt", foreignScrypt(t, passcode), "", phcForm},
		{"bcrypt", string(crypted), "argon2id", phcForm},
		{"bcrypt of another prefix", "$2y$" + string(crypted)[4:], "", phcForm},
		{"scrypt where scrypt is written", foreignScrypt(t, passcode), "scrypt", scryptForm},
		{"bcrypt where scrypt is written", string(crypted), "scrypt", scryptForm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			house := newHouse(t, func(o *standard.Options) { o.EmailAndPassword.Hash.Format = tt.format })
			user := house.Invite(ada)
			if err := house.Accounts.SetPasswordHash(t.Context(), user.ID, tt.stored); err != nil {
				t.Fatal(err)
			}
			house.Post("/sign-in/email", password.SignIn{Email: ada, Password: "wrong"}).Expect(gatehousetest.Fails(password.ErrInvalidCredentials))
			if got := rows(t, house, `SELECT "password" FROM "account"`)[0]; got != tt.stored {
				t.Errorf("a wrong password replaced the hash by %s", got)
			}
			for range 2 {
				house.SignIn(ada, passcode)
				if got := rows(t, house, `SELECT "password" FROM "account"`)[0]; !tt.after.MatchString(got) {
					t.Errorf("the hash is %s", got)
				}
			}
		})
	}
}

// TestNewHashes: what is written, and that a damaged one is not "wrong
// password" to the log, nor anything but a refusal to the client.
func TestNewHashes(t *testing.T) {
	for format, want := range map[string]*regexp.Regexp{"": phcForm, "argon2id": phcForm, "scrypt": scryptForm} {
		house := newHouse(t, func(o *standard.Options) { o.EmailAndPassword.Hash.Format = format })
		house.AddUser(ada, passcode)
		house.AddUser(eve, passcode)
		stored := rows(t, house, `SELECT "password" FROM "account"`)
		if !want.MatchString(stored[0]) || stored[0] == stored[1] {
			t.Errorf("format %q writes %v", format, stored)
		}
	}
	house := newHouse(t, nil)
	user := house.Invite(ada)
	for _, damaged := range []string{
		"plain text", "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2id$v=19$m=4294967295,t=4294967295,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
		"$2a$31$" + strings.Repeat("A", 53), "$1$abc$def", ":", strings.Repeat("0", 32) + ":" + "zz", "$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA",
	} {
		if err := house.Accounts.SetPasswordHash(t.Context(), user.ID, damaged); err != nil {
			t.Fatal(err)
		}
		if got := house.Post("/sign-in/email", password.SignIn{Email: ada, Password: damaged}); got.Status == http.StatusOK || len(got.Cookies) != 0 {
			t.Errorf("the stored %q signs in: %d %s", damaged, got.Status, got.Body)
		}
	}
}
