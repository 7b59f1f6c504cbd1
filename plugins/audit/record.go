package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// What a client or a caller can make us store, in bytes.
const (
	maxNameBytes      = 255
	maxUserAgentBytes = 512
	maxRequestIDBytes = 128
	maxValueBytes     = 512
	maxListItems      = 100
	maxDetailsBytes   = 8 << 10
)

// Record stores an event in the transaction of ctx, if there is one. It
// refuses details whose names say that they are secret.
func (l *Log) Record(ctx context.Context, e gatehouse.Event) error {
	entry, err := l.entry(ctx, e)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	digest := entry.digest()
	entry.MAC = l.keys.sign(contentLabel, digest[:])
	if err := l.entries.Insert(ctx, entry); err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	store.AfterCommit(ctx, func() { l.witness.wrote(entry.ID, digest) })
	return nil
}

func (l *Log) entry(ctx context.Context, e gatehouse.Event) (*Entry, error) {
	id, err := l.newID()
	if err != nil {
		return nil, err
	}
	entry := &Entry{
		ID: id, Time: l.app.Now(),
		Actor: clean(e.Actor, maxNameBytes), Impersonator: clean(e.Impersonator, maxNameBytes),
		Action:     clean(e.Action, maxNameBytes),
		TargetType: clean(e.TargetType, maxNameBytes), Target: clean(e.Target, maxNameBytes),
		Outcome: clean(e.Outcome, maxNameBytes),
	}
	operation := ""
	if c := gatehouse.CallFrom(ctx); c != nil {
		operation = c.Op().ID
		entry.Address = clean(c.ClientIP(), maxNameBytes)
		entry.UserAgent = clean(c.Request.UserAgent(), maxUserAgentBytes)
		entry.RequestID = clean(c.Request.Header.Get("X-Request-Id"), maxRequestIDBytes)
	}
	entry.Details, err = details(e.Details, operation)
	return entry, err
}

// details are the event's, cleaned and bounded, and the operation.
func details(given map[string]any, operation string) (string, error) {
	all := map[string]any{}
	for name, value := range given {
		kept, err := tidy(name, value)
		if err != nil {
			return "", err
		}
		all[clean(name, maxNameBytes)] = kept
	}
	if operation != "" {
		all["operation"] = operation
	}
	text, err := encode(all)
	if err == nil && len(text) > maxDetailsBytes {
		text, err = encode(map[string]any{"operation": operation, "omittedBytes": len(text)})
	}
	return text, err
}

// encode writes sorted members, so that equal details are equal texts.
func encode(all map[string]any) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(all); err != nil {
		return "", fmt.Errorf("details: %w", err)
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}

// tidy refuses secrets and cleans and cuts texts.
func tidy(name string, value any) (any, error) {
	if isSecret(name) {
		return nil, fmt.Errorf("details.%s: a secret has no place in the log: leave it out", name)
	}
	switch v := value.(type) {
	case string:
		return clean(v, maxValueBytes), nil
	case []string:
		list := make([]any, len(v))
		for i, text := range v {
			list[i] = text
		}
		return tidy(name, list)
	case []any:
		kept := make([]any, min(len(v), maxListItems))
		for i := range kept {
			item, err := tidy("", v[i])
			if err != nil {
				return nil, err
			}
			kept[i] = item
		}
		return kept, nil
	case map[string]any:
		kept := make(map[string]any, len(v))
		for key, item := range v {
			tidied, err := tidy(key, item)
			if err != nil {
				return nil, err
			}
			kept[clean(key, maxNameBytes)] = tidied
		}
		return kept, nil
	case nil, bool, int, int64, float64:
		return v, nil
	default:
		return clean(fmt.Sprint(v), maxValueBytes), nil
	}
}

// secretWords are parts of names of things that are secret, secretNames whole
// ones.
var (
	secretWords = []string{
		"password", "passwd", "passphrase", "passcode", "secret", "token", "cookie", "authorization",
		"apikey", "privatekey", "backupcode",
	}
	secretNames = []string{"hash", "otp", "totp", "code", "pin", "jwt"}
)

// isSecret judges a name without its punctuation: API-Key, api_key, apiKey. An
// id, a count or a time of something secret is none.
func isSecret(name string) bool {
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	for _, ending := range []string{"id", "ids", "count", "at"} {
		if strings.HasSuffix(letters, ending) {
			return false
		}
	}
	if slices.Contains(secretNames, letters) {
		return true
	}
	for _, word := range secretWords {
		if strings.Contains(letters, word) {
			return true
		}
	}
	return false
}

// clean makes a text fit for every database, file and terminal: valid UTF-8
// of at most limit bytes, in which control characters, line ends and marks
// that turn the direction of text are U+FFFD.
func clean(text string, limit int) string {
	if len(text) > limit {
		text = text[:limit]
		for len(text) > 0 && !utf8.ValidString(text[len(text)-min(len(text), utf8.UTFMax):]) && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	for len(text) > limit { // a replacement is longer than what it replaces
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}
