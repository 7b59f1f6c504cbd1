package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A loose column takes what an untyped program beside us would give it: the
// protocol does not check additional fields, so that what is stored is what
// the database makes of a value (PROTOCOL §1.7). Typed keys ([Column]) are not
// fooled: they refuse a value of another type when they read it.

// loosen gives the value that c will be read as holding after value was
// stored, or an error where the database would refuse it.
func (c *column) loosen(value any) (any, error) {
	dynamic := c.table.db.traits.DynamicTypes
	switch v := value.(type) {
	case float64:
		if c.kind == kindString {
			return numberText(v, dynamic), nil
		}
	case int64:
		if c.kind == kindString {
			return numberText(float64(v), dynamic), nil
		}
	case string:
		if c.kind == kindNumber || c.kind == kindFloat {
			if n, err := asAny(strings.TrimSpace(v), kindNumber); err == nil {
				return n, nil
			}
		}
		if dynamic && (c.kind == kindNumber || c.kind == kindFloat || c.kind == kindBool) {
			return v, nil
		}
		if b, ok := booleanWord(v); ok && c.kind == kindBool {
			return b, nil
		}
	}
	return nil, param{column: c}.unfit(value)
}

// numberText is a number in a text column: SQLite makes it a real, and 5 reads
// "5.0"; elsewhere the program beside us sends its decimal text.
func numberText(f float64, dynamic bool) string {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if raw, err := json.Marshal(f); err == nil {
		text = string(raw)
	}
	if dynamic && !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// booleanWord reads what PostgreSQL takes for a boolean (its documentation,
// §8.6): true, yes, on, 1 and unique prefixes of the words.
func booleanWord(s string) (value, ok bool) {
	word := strings.ToLower(strings.TrimSpace(s))
	switch {
	case word == "":
		return false, false
	case word == "1" || word == "on" || strings.HasPrefix("true", word) || strings.HasPrefix("yes", word):
		return true, true
	case word == "0" || word == "of" || word == "off" || strings.HasPrefix("false", word) || strings.HasPrefix("no", word):
		return false, true
	}
	return false, false
}

// asLoose reads a loose column: a value that is not of its type is handed out
// as it is.
func asLoose(from any, k kind) (any, error) {
	value, err := asAny(from, k)
	if err == nil {
		return value, nil
	}
	switch from := from.(type) {
	case string, int64, float64, bool:
		return from, nil
	case []byte:
		return string(from), nil
	}
	return nil, fmt.Errorf("a loose column holds %T: %w", from, err)
}
