package server_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/config"
	"github.com/gatehouse-auth/gatehouse/server"
)

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "gatehouse.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestLaterSourcesWin(t *testing.T) {
	file := write(t, "appName: File\ndata: file-data\nlisten: 127.0.0.1:1\nsession:\n  updateAge: 0\n")
	got, err := server.Load(server.Source{
		File: file, Env: []string{"GATEHOUSE_DATA=env-data", "GATEHOUSE_LISTEN=127.0.0.1:2", "GATEHOUSE_UNKNOWN=x"},
		Flags: map[string]string{"listen": "127.0.0.1:3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	type values struct {
		App, Data, Listen string
		UpdateAge         time.Duration
	}
	if have, want := (values{got.AppName, got.Data, got.Listen, got.Session.UpdateAge}), (values{"File", "env-data", "127.0.0.1:3", 0}); have != want {
		t.Errorf("got %+v, want %+v", have, want)
	}
	for option, want := range map[string]string{"appName": "file", "data": "env", "listen": "flag", "cors": ""} {
		if got.Origins[option] != want {
			t.Errorf("%s comes from %q, want %q", option, got.Origins[option], want)
		}
	}
}

func TestMistakesNameTheLineAndTheNearestName(t *testing.T) {
	for _, tt := range []struct {
		yaml string
		want string // after the file's name
	}{
		{"sesion:\n  expiresIn: 1d\n", `:1:1: unknown option "sesion": did you mean session?`},
		{"session:\n  expires_in: 1d\n", `:2:3: unknown option "expires_in" in session: did you mean expiresIn?`},
		{"mail:\n  smtp:\n    hots: x\n", `:3:5: unknown option "hots" in mail.smtp: did you mean host?`},
		{"cors: yes please\n", ":1:7: "},
		{"log:\n  level: loud\n", ":2:10: "},
		{"database:\n  naming: pascal\n", ":2:11: "},
		{"listen: 127.0.0.1\n", `listen "127.0.0.1" is not an address and a port`},
		{"basePath: api\n", `basePath "api" does not start with a slash`},
		{"secret: tooshort\n", "secret is too weak"},
		{"secret: ${file:none}\n", ":1:9: secret: cannot read the value"},
		{"limits:\n  maxRequests: 0\n", "maxRequests must be more than 0"},
		{"a: [\n", ":"},
	} {
		file := write(t, tt.yaml)
		_, err := server.Load(server.Source{File: file, Env: []string{}})
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%q\ngot  %v\nwant %s", tt.yaml, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "tooshort") {
			t.Errorf("the error quotes the secret: %v", err)
		}
	}
}

// TestRotatedSecretsAsText: in the file and in the environment, as the
// protocol's BETTER_AUTH_SECRETS has them.
func TestRotatedSecretsAsText(t *testing.T) {
	const newer, older = "Zm9yIHRlc3RzIG9ubHksIG5vdGhpbmcgZWxzZSE", "b2xkZXIsIGZvciB0ZXN0cyBvbmx5LCB0b28h:w"
	want := gatehouse.Secrets{{Version: 2, Value: newer}, {Version: 1, Value: older}}
	t.Setenv("OLDER", older)
	for name, source := range map[string]server.Source{
		"variable":         {Env: []string{"GATEHOUSE_SECRETS=2:" + newer + ", 1:" + older}},
		"variable, YAML":   {Env: []string{`GATEHOUSE_SECRETS=[{version: 2, value: ` + newer + `}, {version: 1, value: "` + older + `"}]`}},
		"flag":             {Env: []string{}, Flags: map[string]string{"secrets": "2:" + newer + ",1:" + older}},
		"file":             {Env: []string{}, File: write(t, "secrets: 2:"+newer+",1:"+older+"\n")},
		"file, referring":  {Env: []string{}, File: write(t, "secrets: 2:"+newer+",1:${env:OLDER}\n")},
		"file, list":       {Env: []string{}, File: write(t, "secrets:\n  - {version: 2, value: "+newer+"}\n  - {version: 1, value: '"+older+"'}\n")},
		"variable on file": {Env: []string{"GATEHOUSE_SECRETS=2:" + newer + ",1:" + older}, File: write(t, "secrets: 7:"+older+"\n")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := server.Load(source)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Secrets, want) {
				t.Errorf("got %d secrets, of versions other than 2 and 1 or with other values", len(got.Secrets))
			}
			if printed := string(got.Print()); strings.Contains(printed, newer) || strings.Contains(printed, older) {
				t.Error("a secret is printed")
			}
		})
	}
	for text, message := range map[string]string{
		newer:                          `secrets: entry 1 has no version: write "2:NEW,1:OLD", without commas in a secret`,
		"2:" + newer + "," + older[:9]: "secrets: entry 2 has no version",
		"2:" + newer + ",two:" + older: "secrets: entry 2 does not start with a version",
		"2:" + newer + ",1:":           "secrets: entry 2 has no secret after the colon: run `gatehouse secret` to make one",
		"2:" + newer + ",2:" + older:   "secrets: entry 2 repeats version 2",
		"2:tooshort":                   "secrets, version 2 is too weak",
	} {
		_, err := server.Load(server.Source{Env: []string{"GATEHOUSE_SECRETS=" + text}})
		if err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("got %v, want %s", err, message)
		}
		for _, secret := range []string{newer[:9], older[:9], "tooshort"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the error quotes the secret: %v", err)
			}
		}
	}
}

func TestMissingFileIsAnError(t *testing.T) {
	if _, err := server.Load(server.Source{File: "none.yaml", Env: []string{}}); err == nil || err.Error() != "there is no configuration file none.yaml" {
		t.Error(err)
	}
}

// TestPrintedOptionsReadTheSame: what is printed is the whole configuration but
// for secrets, which it does not hold.
func TestPrintedOptionsReadTheSame(t *testing.T) {
	const secret = "Zm9yIHRlc3RzIG9ubHksIG5vdGhpbmcgZWxzZSE"
	first, err := server.Load(server.Source{Env: []string{
		"GATEHOUSE_SECRET=" + secret, "GATEHOUSE_MAIL_SMTP_PASSWORD=hunter2", "GATEHOUSE_SESSION_EXPIRES_IN=2h",
		"GATEHOUSE_DATABASE_URL=postgres://ada:hunter3@db/x", "GATEHOUSE_TRUSTED_ORIGINS=https://a.example.com,myapp://",
	}})
	if err != nil {
		t.Fatal(err)
	}
	printed := first.Print()
	for _, hidden := range []string{secret, "hunter2", "hunter3"} {
		if strings.Contains(string(printed), hidden) {
			t.Errorf("%s is printed", hidden)
		}
	}
	second, err := server.Load(server.Source{File: write(t, string(printed)), Env: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := values(second.Print()), values(printed); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// values leaves out where a value comes from and whether a secret is set.
func values(printed []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(printed)) {
		value, _, _ := strings.Cut(line, " # from:")
		b.WriteString(strings.TrimRight(value, "\n") + "\n")
	}
	return b.String()
}

func TestDefaultsAreSound(t *testing.T) {
	o := server.Defaults()
	if err := o.Check(); err != nil {
		t.Error(err)
	}
	if names := config.EnvNames(o, server.EnvPrefix); names["session.expiresIn"] != "GATEHOUSE_SESSION_EXPIRES_IN" {
		t.Error(names)
	}
	if err := server.CheckWiring(t.Context(), o); err != nil {
		t.Error(err)
	}
	type feature struct {
		password, reset, verify, change, notifyReset, notifySignUp, limited, remove bool
	}
	got := feature{
		o.EmailAndPassword.Enabled, o.EmailAndPassword.SendResetPassword, o.EmailVerification.SendVerificationEmail,
		o.User.ChangeEmail.Enabled, o.EmailAndPassword.NotifyOnPasswordReset, o.EmailAndPassword.NotifyExistingUserSignUp,
		*o.RateLimit.Enabled, o.User.DeleteUser.Enabled,
	}
	if want := (feature{true, true, true, true, true, true, true, false}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if a, b := server.Defaults(), server.Defaults(); a == b || a.RateLimit.Enabled == b.RateLimit.Enabled {
		t.Error("two sets of defaults share memory")
	}
}

func TestWiringMistakesAreFoundWithoutTheDatabase(t *testing.T) {
	for _, tt := range []struct {
		yaml, want string
	}{
		{"user:\n  additionalFields:\n    plan:\n      type: colour\n", "colour"},
		{"emailAndPassword:\n  minPasswordLength: 200\n", "password length limits"},
		{"mail:\n  webhook:\n    url: ftp://x\n", "url must be an https address"},
		{"database:\n  url: \"postgres://a:hunter2@h:x/y\"\n", "postgres: the URL is malformed"},
	} {
		loaded, err := server.Load(server.Source{File: write(t, tt.yaml), Env: []string{}})
		if err == nil {
			err = server.CheckWiring(t.Context(), loaded.Options)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", tt.yaml, err)
		}
	}
}

func TestSchemaIsJSONAndKnowsTheOptions(t *testing.T) {
	var schema struct {
		Properties map[string]struct{ Properties map[string]any }
	}
	if err := json.Unmarshal(server.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	if schema.Properties["session"].Properties["expiresIn"] == nil || schema.Properties["limits"].Properties["maxRequests"] == nil {
		t.Error("the schema lacks options")
	}
}
