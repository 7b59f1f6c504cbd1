package gatehouse_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/internal/vectors"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

const (
	oldSecret = "an-old-secret-0123456789-ABCDEFGHIJKLMNOP"
	newSecret = "a-new-secret-9876543210-QRSTUVWXYZabcdefg"
)

// TestSecretRotation (row 119): what an old secret sealed opens as long as it
// is listed; cookies follow the current one; what nobody knows is refused.
func TestSecretRotation(t *testing.T) {
	rotated := func(secrets ...gatehouse.Secret) func(*standard.Options) {
		return func(o *standard.Options) { o.Secret, o.Secrets = "", secrets }
	}
	before := newHouse(t, rotated(gatehouse.Secret{Version: 1, Value: oldSecret}))
	during := twin(t, before, rotated(gatehouse.Secret{Version: 2, Value: newSecret}, gatehouse.Secret{Version: 1, Value: oldSecret}))
	after := twin(t, before, rotated(gatehouse.Secret{Version: 2, Value: newSecret}))
	unversioned := twin(t, before, func(o *standard.Options) { o.Secret = oldSecret })
	both := twin(t, before, func(o *standard.Options) {
		o.Secret, o.Secrets = oldSecret, []gatehouse.Secret{{Version: 2, Value: newSecret}}
	})
	seal := func(h *gatehousetest.House) string {
		sealed, err := h.Seal([]byte("hello"))
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	for _, tt := range []struct {
		name     string
		from, to *gatehousetest.House
		opens    bool
	}{
		{"old to old", before, before, true}, {"old, during", before, during, true}, {"old, after", before, after, false},
		{"new, during", during, during, true}, {"new, after", during, after, true}, {"new, before", during, before, false},
		{"unversioned, with the bare secret kept", unversioned, both, true}, {"unversioned, after", unversioned, after, false},
	} {
		plain, err := tt.to.Open(seal(tt.from))
		if (err == nil && string(plain) == "hello") != tt.opens {
			t.Errorf("%s: %q, %v, want it to open: %v", tt.name, plain, err, tt.opens)
		}
	}
	b := before.Enter(ada)
	for name, tt := range map[string]struct {
		house *gatehousetest.House
		known bool
	}{"before": {before, true}, "after": {after, false}} {
		elsewhere := tt.house.Browser()
		elsewhere.SetCookie(sessionCookie, b.Cookie(sessionCookie))
		if nobody(elsewhere) == tt.known {
			t.Errorf("%s: the old cookie opens a session: %v", name, !tt.known)
		}
	}
	for _, forged := range []string{"", "x", "$ba$9$AAAA", "$ba$2$", "$ba$-1$AAAA", "$ba$$", seal(during) + "00", seal(during)[:20], strings.Repeat("0", 4096)} {
		if plain, err := during.Open(forged); err == nil {
			t.Errorf("%q opens as %q", forged, plain)
		}
	}
}

func TestWeakSecretsDoNotStart(t *testing.T) {
	for _, tt := range []struct {
		secret  string
		secrets []gatehouse.Secret
		want    string
	}{
		{"", nil, "secret is missing"},
		{"short", nil, "too weak"},
		{strings.Repeat("a", 64), nil, "too weak"},
		{strings.Repeat("ab", 20), nil, "too weak"},
		{"better-auth-secret-12345678901234567890", nil, "well-known development value"},
		{"", []gatehouse.Secret{{Version: 1, Value: "short"}}, "secrets, version 1 is too weak"},
		{"", []gatehouse.Secret{{Version: 1, Value: newSecret}, {Version: 1, Value: oldSecret}}, "used twice"},
		{"", []gatehouse.Secret{{Version: -1, Value: newSecret}}, "negative"},
		{"short", []gatehouse.Secret{{Version: 1, Value: newSecret}}, "too weak"},
	} {
		db, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = gatehouse.New(context.Background(), gatehouse.Config{BaseURL: gatehousetest.BaseURL, Secret: tt.secret, Secrets: tt.secrets, DB: db, Migrate: gatehouse.MigrateApply})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("secret %q, secrets %v: New says %v, want %q", tt.secret, tt.secrets, err, tt.want)
		}
		if err != nil && tt.secret != "" && strings.Contains(err.Error(), tt.secret) {
			t.Errorf("the message shows the secret: %v", err)
		}
		_ = db.Close()
	}
}

// TestPanicsEndOneRequest (row 118): 500 for that request, no cookie, no
// transaction left open, and the next request is served.
func TestPanicsEndOneRequest(t *testing.T) {
	var app *gatehouse.App
	boom := func(c *gatehouse.Call, in struct {
		Where string `json:"where"`
	}) (struct{}, error) {
		user, err := app.Users.ByEmail(c, ada)
		if err != nil {
			return struct{}{}, err
		}
		if _, err := c.Admit(gatehouse.Proof{User: user, Method: "boom"}); err != nil {
			return struct{}{}, err
		}
		err = c.Tx(func() error {
			if _, err := app.Users.Update(c, user.ID, store.Change{Field: "name", Value: "Boom"}); err != nil {
				return err
			}
			panic(fmt.Sprintf("boom in %s", in.Where))
		})
		return struct{}{}, err
	}
	house := newHouse(t, nil, feature(func(a *gatehouse.App) (gatehouse.Parts, error) {
		app = a
		return gatehouse.Parts{ID: "boom", Routes: []gatehouse.Route{gatehouse.Endpoint(
			gatehouse.Op{ID: "boom", Method: "POST", Path: "/boom", Access: gatehouse.Public}, boom)}}, nil
	}))
	house.Invite(ada)
	for range 3 {
		got := house.Post("/boom", map[string]string{"where": "a transaction"}).ExpectStatus(http.StatusInternalServerError)
		if len(got.Body) != 0 || len(got.Cookies) != 0 {
			t.Errorf("the answer is %q with %v", got.Body, got.Cookies)
		}
	}
	if got := rows(t, house, `SELECT "name" FROM "user"`)[0]; got != "Guest" {
		t.Errorf("the name is %s", got)
	}
	if nobody(house.Enter(ada)) || !strings.Contains(house.Log(), "request panicked") {
		t.Error("the house is not as before, or said nothing")
	}
}

// TestLogsAreOneLinePerEvent (row 113): what a client writes cannot make a
// line of its own; the test house itself looks for secrets in the log.
func TestLogsAreOneLinePerEvent(t *testing.T) {
	house := newHouse(t, nil)
	user := house.AddUser(ada, passcode)
	if err := house.Accounts.SetPasswordHash(t.Context(), user.ID, "damaged"); err != nil {
		t.Fatal(err)
	}
	b := house.Browser()
	b.Header.Set("User-Agent", "x\r\nlevel=ERROR msg=\"forged\" \x1b[31m"+strings.Repeat("a", 1<<20))
	b.Header.Set("X-Forwarded-For", "1.2.3.4\nforged")
	b.Post("/sign-in/email", map[string]any{"email": ada, "password": "a secret password\nforged"})
	b.Post("/door", gatehousetest.Knock{Email: ada}).ExpectStatus(http.StatusOK)
	for line := range strings.Lines(house.Log()) {
		if !strings.HasPrefix(line, "time=") || strings.Contains(line, "\x1b") || len(line) > 8192 {
			t.Errorf("a line of the log is %.200q", line)
		}
	}
	session, _, err := house.Sessions.ByToken(t.Context(), tokenOf(b))
	if err != nil || len(*session.UserAgent) > 2048 {
		t.Errorf("the stored user agent has %d bytes, %v", len(*session.UserAgent), err)
	}
}

// TestSecretsText holds the text form of rotated secrets to the reference.
func TestSecretsText(t *testing.T) {
	for _, v := range vectors.All(t, "secrets-env") {
		var in struct{ Env string }
		var want gatehouse.Secrets
		v.Decode(t, &in, &want)
		if got, err := gatehouse.ParseSecrets(in.Env); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %d secrets, %v; want %d as the reference reads them", v.ID, len(got), err, len(want))
		}
	}
	for _, text := range []string{
		"", ",", "hunter2", ":hunter2", "-1:hunter2", "+1:hunter2", "1.5:hunter2", "0x1:hunter2", "1:", "1: ", "1:hunter2,", ",1:hunter2",
		"1:hunter2,1:hunter3", "1:hunter2 01:hunter3,01:hunter4", "2147483648:hunter2", "99999999999999999999:hunter2", "1:hunter2,hunter3",
		"hunter2:hunter3",
	} {
		got, err := gatehouse.ParseSecrets(text)
		if err == nil || got != nil {
			t.Errorf("%q: %v, %v, want an error", text, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter") {
			t.Errorf("the error quotes the secret: %v", err)
		}
	}
}

func FuzzParseSecrets(f *testing.F) {
	for _, text := range []string{"2:new,1:old", "2:second:with:colons, 1:first", "", ",", ":", "1:", " 0 : a "} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := gatehouse.ParseSecrets(text)
		if err != nil {
			return
		}
		if len(all) != 1+strings.Count(text, ",") {
			t.Errorf("%q gives %d secrets", text, len(all))
		}
		for _, one := range all {
			if one.Version < 0 || one.Value == "" || !strings.Contains(text, one.Value) {
				t.Errorf("%q gives %+v", text, one)
			}
		}
	})
}
