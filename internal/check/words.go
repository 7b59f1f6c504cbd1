package check

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const maxSafeInteger = 1<<53 - 1

// emailPattern is what the protocol calls an e-mail address: zod 4's pattern,
// which is ASCII only and narrower than RFC 5322.
var emailPattern = regexp.MustCompile(`^(?:[A-Za-z0-9_'+\-]+\.)*[A-Za-z0-9_'+\-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$`)

// IsEmail reports whether s is an e-mail address to the protocol.
func IsEmail(s string) bool { return emailPattern.MatchString(s) }

// received names a value as the reference's messages do.
func received(value any, present bool) string {
	if !present {
		return "undefined"
	}
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		switch {
		case math.IsNaN(v):
			return "NaN"
		case math.IsInf(v, 1):
			return "Infinity"
		case math.IsInf(v, -1):
			return "-Infinity"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

const nonoptional = "Invalid input: expected nonoptional, received undefined"

func notInEnum(values []string) string {
	if len(values) == 1 {
		return `Invalid input: expected "` + values[0] + `"`
	}
	return `Invalid option: expected one of "` + strings.Join(values, `"|"`) + `"`
}

func unrecognized(keys []string) string {
	word := "key"
	if len(keys) > 1 {
		word = "keys"
	}
	return "Unrecognized " + word + `: "` + strings.Join(keys, `", "`) + `"`
}

func outOfRange(low bool, what string, limit float64) string {
	if low {
		return "Too small: expected " + what + " to be >=" + number(limit)
	}
	return "Too big: expected " + what + " to be <=" + number(limit)
}

// size checks one length rule; what is "string" or "array".
func (d *decoder) size(r rule, what string, n int) {
	unit := " characters"
	if what == "array" {
		unit = " items"
	}
	switch {
	case r.name == "min" && float64(n) < r.n:
		d.fail("Too small: expected " + what + " to have >=" + number(r.n) + unit)
	case r.name == "max" && float64(n) > r.n:
		d.fail("Too big: expected " + what + " to have <=" + number(r.n) + unit)
	}
}

func (d *decoder) sizes(n *node, what string, length int) {
	for _, r := range n.rules {
		d.size(r, what, length)
	}
}

// tooMany reports whether an array breaks its max, and says so.
func (d *decoder) tooMany(n *node, length int) bool {
	for _, r := range n.rules {
		if r.name == "max" && float64(length) > r.n {
			d.size(r, "array", length)
			return true
		}
	}
	return false
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// truthy is JavaScript's Boolean(value); an absent value is nil.
func truthy(value any) bool {
	switch v := value.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case float64:
		return v != 0 && !math.IsNaN(v)
	}
	return true
}

// toNumber is JavaScript's Number(value) for texts in decimal notation; what
// is not a number becomes NaN.
func toNumber(value any, present bool) any {
	if f, ok := value.(float64); ok {
		return f
	}
	s, ok := value.(string)
	if !ok || !present {
		return math.NaN()
	}
	if s = strings.TrimSpace(s); s == "" {
		return 0.0
	}
	f, err := strconv.ParseFloat(s, 64)
	if strings.Trim(s, "0123456789.eE+-") != "" || err != nil && !math.IsInf(f, 0) {
		return math.NaN()
	}
	return f
}

// coerced is JavaScript's String(value) for numbers, booleans and null; other
// values stay what they are and are refused later.
func coerced(value any) any {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e21 {
			return strconv.FormatFloat(v, 'f', 0, 64)
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return value
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
