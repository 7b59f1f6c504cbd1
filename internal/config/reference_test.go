package config_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-auth/gatehouse/internal/config"
)

// Small is short enough to see its whole reference.
type Small struct {
	AppName string
	Secret  string `secret:"true"`
	Session Session
	Mail    *Mail
	Origins []string
	Rules   map[string]*Rule
	On      *bool
	Proofs  []Version
	Inner   *Small // holds itself
}

const smallSource = `package config_test

// Small is short.
type Small struct {
	// AppName is shown in
	// mails. Default "Gatehouse".
	AppName string
	Secret string // Secret signs cookies.
	// Origins may send people back to us.
	//
	// Wildcards are allowed.
	Origins []string
}

type (
	// Session is how people stay.
	Session struct {
		// ExpiresIn is how long a session lives. Default 7 days, at most 1 year.
		ExpiresIn time.Duration
	}
)

type notAStruct int
`

func smallDocs(t *testing.T) config.Docs {
	t.Helper()
	dir := t.TempDir()
	for name, source := range map[string]string{"small.go": smallSource, "small_test.go": "not Go", "notes.txt": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	docs, err := config.ParseDocs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func TestParseDocs(t *testing.T) {
	want := config.Docs{
		"config_test.Small":             "Small is short.",
		"config_test.Small.AppName":     `AppName is shown in mails. Default "Gatehouse".`,
		"config_test.Small.Secret":      "Secret signs cookies.",
		"config_test.Small.Origins":     "Origins may send people back to us.\nWildcards are allowed.",
		"config_test.Session":           "Session is how people stay.",
		"config_test.Session.ExpiresIn": "ExpiresIn is how long a session lives. Default 7 days, at most 1 year.",
	}
	if diff := cmp.Diff(want, smallDocs(t)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := config.ParseDocs(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("ParseDocs of a folder that does not exist: want an error")
	}
}

func TestReference(t *testing.T) {
	small := Small{Secret: "hush", Origins: []string{"http://a", "b c"}, Session: Session{SameSite: "lax"}}
	got := config.Reference(&small, smallDocs(t))
	want := []config.Entry{
		{Path: "appName", Type: "text", Default: `"Gatehouse"`, Doc: `appName is shown in mails. Default "Gatehouse".`},
		{Path: "secret", Type: "text", Doc: "secret signs cookies.", Secret: true},
		{Path: "session", Type: "section", Section: true},
		{Path: "session.expiresIn", Type: "duration", Default: "7 days", Doc: "expiresIn is how long a session lives. Default 7 days, at most 1 year."},
		{Path: "session.sameSite", Type: "one of lax, strict, none", Default: "lax"},
		{Path: "mail", Type: "section", Section: true},
		{Path: "mail.host", Type: "text"},
		{Path: "mail.port", Type: "whole number", Default: "587"},
		{Path: "mail.password", Type: "text", Secret: true},
		{Path: "origins", Type: "list of texts", Default: `["http://a", "b c"]`, Doc: "origins may send people back to us.\nWildcards are allowed."},
		{Path: "rules", Type: "map of names to sections"},
		{Path: "rules.<name>.window", Type: "duration"},
		{Path: "rules.<name>.max", Type: "whole number"},
		{Path: "on", Type: "true or false"},
		{Path: "proofs", Type: "list of sections"},
		{Path: "proofs[].version", Type: "whole number"},
		{Path: "proofs[].value", Type: "text", Secret: true},
		{Path: "inner", Type: "section", Section: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPrint(t *testing.T) {
	small := Small{
		AppName: "yes", Secret: "hush", Session: Session{ExpiresIn: 36 * time.Hour}, Mail: &Mail{Host: "a.b", Port: 25},
		Origins: []string{"http://a/${x}"}, Rules: map[string]*Rule{"/ok": nil, "/a": {Max: 1}}, On: ptr(true),
		Proofs: []Version{{1, "hush"}},
	}
	got := string(config.Print(&small, map[string]string{
		"secret": "env", "mail.port": "flag", "rules./a.max": "file", "origins": "file"}))
	want := `appName: "yes" # from: default
secret: # from: env, set but not shown
session:
  expiresIn: 1d12h # from: default
  sameSite: # from: default
mail:
  host: a.b # from: default
  port: 25 # from: flag
  password: # from: default, not set
origins: ["http://a/$${x}"] # from: file
rules: {/a: {max: 1}, /ok: null} # from: file
on: true # from: default
proofs: [{version: 1}] # from: default
inner: # from: default
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s\ndiff %s", got, want, cmp.Diff(want, got))
	}
	var again Small
	if err := config.Decode([]byte(got), "", &again); err != nil {
		t.Fatalf("what was printed cannot be read: %v", err)
	}
	small.Secret, small.Proofs[0].Value = "", ""
	if diff := cmp.Diff(small, again); diff != "" {
		t.Errorf("read again (-want +got)\n%s", diff)
	}
}

func TestPrintNeverShowsASecret(t *testing.T) {
	var shop Shop
	src := "secret: hunter2\nmail: {password: hunter2}\nsecrets: [{value: hunter2}]\nplugins: [{id: x, options: {key: hunter2}}]\n"
	if err := config.Decode([]byte(src), "", &shop); err != nil {
		t.Fatal(err)
	}
	if got := string(config.Print(&shop, nil)); strings.Contains(got, "hunter2") {
		t.Errorf("Print shows a secret:\n%s", got)
	}
	for _, entry := range config.Reference(&shop, nil) {
		if strings.Contains(entry.Default, "hunter2") {
			t.Errorf("Reference shows a secret: %+v", entry)
		}
	}
	if schema, _ := config.Schema(&shop, nil); strings.Contains(string(schema), "hunter2") {
		t.Errorf("Schema shows a secret:\n%s", schema)
	}
}

func TestSchema(t *testing.T) {
	raw, err := config.Schema(&Small{AppName: "Gatehouse"}, smallDocs(t))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	duration := `{"anyOf":[{"minimum":0,"type":"number"},{"pattern":"^([0-9.]+ ?(w|weeks?|d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?|ms|us|ns))+$|^[0-9.]+$","type":"string"}]`
	var want map[string]any
	err = json.Unmarshal([]byte(`{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"description": "Small is short.",
		"type": "object", "additionalProperties": false,
		"properties": {
			"appName": {"type":"string","default":"Gatehouse","description":"appName is shown in mails. Default \"Gatehouse\"."},
			"secret": {"type":"string","writeOnly":true,"description":"secret signs cookies."},
			"session": {"type":"object","additionalProperties":false,"properties":{
				"expiresIn": `+duration+`,"description":"expiresIn is how long a session lives. Default 7 days, at most 1 year."},
				"sameSite": {"anyOf":[{"enum":["lax","strict","none"]},{"type":"string","pattern":"\\$\\{(file|env):"}]}}},
			"mail": {"anyOf":[{"type":"object","additionalProperties":false,"properties":{
				"host":{"type":"string"},"port":{"type":"integer"},"password":{"type":"string","writeOnly":true}}},{"type":"boolean"}]},
			"origins": {"type":"array","items":{"type":"string"},"description":"origins may send people back to us.\nWildcards are allowed."},
			"rules": {"type":"object","additionalProperties":{"anyOf":[{"type":"object","additionalProperties":false,"properties":{
				"window":`+duration+`},"max":{"type":"integer"}}},{"type":"boolean"}]}},
			"on": {"type":"boolean"},
			"proofs": {"type":"array","items":{"type":"object","additionalProperties":false,"properties":{
				"version":{"type":"integer"},"value":{"type":"string","writeOnly":true}}}},
			"inner": {"anyOf":[{"type":"object"},{"type":"boolean"}]}
		}}`), &want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
