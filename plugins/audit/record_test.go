package audit_test

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
)

func TestSecretDetailsAreRefused(t *testing.T) {
	h := newHouse(t, nil)
	for _, name := range []string{
		"password", "newPassword", "PASSWORD", "access_token", "refreshToken", "client-secret", "api_key", "API-Key", "apiKey",
		"cookie", "Authorization", "passwordHash", "otp", "backupCodes", "private_key",
	} {
		for where, details := range map[string]map[string]any{
			"on top": {name: "x"},
			"below":  {"change": map[string]any{name: "x"}},
			"inside": {"list": []any{map[string]any{name: "x"}}},
		} {
			err := h.Record(context.Background(), gatehouse.Event{Action: "test", Details: details})
			if err == nil || !strings.Contains(err.Error(), "a secret has no place in the log") || !strings.Contains(err.Error(), name) {
				t.Errorf("%s %s: %v", name, where, err)
			}
		}
	}
	if err := h.Record(context.Background(), gatehouse.Event{Action: "test", Details: map[string]any{
		"fields": []string{"password"}, "method": "password", "apiKeyId": "k1", "tokenCount": 3, "footprint": "x", "reasonCode": "y",
	}}); err != nil {
		t.Errorf("these are no secrets: %v", err)
	}
}

// TestLogInjection: nothing that a client sends breaks a line, moves a
// terminal's cursor, turns text around, or cannot be stored.
func TestLogInjection(t *testing.T) {
	h := newHouse(t, nil)
	hostile := "a\r\n2026-01-01 admin signed in\x1b[2J\x00\u2028\u202e\u200b\x7f\u009b\xff=cmd"
	before := h.head()
	b := h.Browser()
	b.Header["User-Agent"] = []string{hostile + strings.Repeat("é", 600)}
	b.Header["X-Request-Id"] = []string{hostile + strings.Repeat("漢", 600)}
	signIn(b, "eve@example.com", passcode)
	err := h.Record(context.Background(), gatehouse.Event{
		Action: hostile, Actor: hostile, Impersonator: hostile, TargetType: hostile, Target: hostile, Outcome: hostile,
		Details: map[string]any{"text": hostile, hostile: []string{hostile}},
	})
	if err != nil {
		t.Fatal(err)
	}
	entries := h.since(before)
	if len(entries) != 2 {
		t.Fatalf("got %d entries", len(entries))
	}
	for _, e := range entries {
		for name, text := range map[string]string{
			"action": e.Action, "actor": e.Actor, "impersonator": e.Impersonator, "target type": e.TargetType, "target": e.Target,
			"outcome": e.Outcome, "user agent": e.UserAgent, "request id": e.RequestID, "details": e.Details,
		} {
			if strings.ContainsAny(text, "\r\n\x00\x1b\x7f\u0085\u009b\u2028\u2029\u202e\u200b") || !utf8.ValidString(text) {
				t.Errorf("%s holds %q", name, text)
			}
		}
		if len(e.UserAgent) > 512 || len(e.RequestID) > 128 || len(e.Action) > 255 {
			t.Errorf("too long: %d, %d, %d bytes", len(e.UserAgent), len(e.RequestID), len(e.Action))
		}
	}
	if entries[0].UserAgent[:1] != "a" || !strings.HasSuffix(entries[0].UserAgent, "é") {
		t.Errorf("the user agent is cut to %q", entries[0].UserAgent)
	}
	h.expectSound()
}

func TestDetailsAreBounded(t *testing.T) {
	h := newHouse(t, nil)
	before := h.head()
	long := map[string]any{"text": strings.Repeat("x", 5000), "list": make([]string, 5000)}
	huge := map[string]any{}
	for i := range 200 {
		huge[strings.Repeat("k", 1+i%50)+string(rune('a'+i%26))] = strings.Repeat("v", 600)
	}
	for _, details := range []map[string]any{long, huge, nil} {
		if err := h.Record(context.Background(), gatehouse.Event{Action: "test", Details: details}); err != nil {
			t.Fatal(err)
		}
	}
	entries := h.since(before)
	if n := len(entries[0].Details); n > 1500 || !strings.Contains(entries[0].Details, strings.Repeat("x", 512)) {
		t.Errorf("long details take %d bytes", n)
	}
	if !strings.HasPrefix(entries[1].Details, `{"omittedBytes":`) {
		t.Errorf("huge details are %.100s", entries[1].Details)
	}
	if entries[2].Details != "{}" {
		t.Errorf("no details are %s", entries[2].Details)
	}
	h.expectSound()
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add("gac1.7.1767323045678.wnHDTXDemkhxDFLZ_Pn61Z8QgYX-RXOpGog2DStU7jg.0a1b2c3d.wnHDTXDemkhxDFLZ_Pn61Z8QgYX-RXOpGog2DStU7jg")
	f.Add("gac1.-1.0.a.b.c")
	f.Add("gac1.....")
	f.Fuzz(func(t *testing.T, line string) {
		c, err := audit.ParseCheckpoint(line)
		if err != nil {
			return
		}
		again, err := audit.ParseCheckpoint(c.String())
		if err != nil || again != c {
			t.Errorf("%q reads as %v, which reads as %v, %v", line, c, again, err)
		}
	})
}
