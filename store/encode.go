package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// isoMillis is exactly what JavaScript's toISOString writes, so that texts
// compare as times do.
const isoMillis = "2006-01-02T15:04:05.000Z"

// noUUID is RFC 9562's max UUID (§5.10), which no row has.
const noUUID = "ffffffff-ffff-ffff-ffff-ffffffffffff"

// encode turns a value into what the driver is given. A value to compare with
// that the column cannot hold becomes one that no row has, or errNoMatch.
func (db *DB) encode(p param, v any) (any, error) {
	switch x := v.(type) {
	case string:
		return db.encodeString(p, x, v)
	case nil:
		return nil, nil
	case time.Time:
		return p.encodeTime(x)
	case bool:
		return p.encodeBool(x)
	case int:
		return p.encodeInt(int64(x))
	case int64:
		return p.encodeInt(x)
	case float64:
		return p.encodeFloat(x)
	case json.RawMessage:
		return db.encodeJSON(p, x, nil)
	case []string:
		if x == nil {
			x = []string{}
		}
		text, err := marshal(x)
		return db.encodeJSON(p, text, err)
	case []float64:
		if x == nil {
			x = []float64{}
		}
		text, err := marshal(x)
		return db.encodeJSON(p, text, err)
	}
	if isPointer(v) {
		return db.encode(p, plain(v))
	}
	return nil, p.unfit(v)
}

func isPointer(v any) bool {
	switch v.(type) {
	case *string, *bool, *int, *int64, *float64, *time.Time, *[]string, *[]float64, *json.RawMessage:
		return true
	}
	return false
}

// unfit is the error for a value of a type that the column does not take.
func (p param) unfit(v any) error {
	if p.column == nil {
		return fmt.Errorf("store: a parameter without a column cannot be %T", v)
	}
	return fmt.Errorf("store: %s.%s is %s and cannot be %T", p.column.table.name, p.column.name, p.column.Type, v)
}

// class is how the live column keeps values.
func (p param) class() Class {
	if p.column == nil || p.column.live == nil {
		return ClassOther
	}
	return p.column.live.Class
}

// encodeString takes the string boxed as well, to pass it on without a copy.
func (db *DB) encodeString(p param, s string, boxed any) (any, error) {
	class := p.class()
	switch {
	case class == ClassUUID && !isUUID(s):
		return p.noRow(noUUID, "a UUID")
	case class >= ClassInt16 && class <= ClassInt64 && p.column.kind == kindString:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != s || n < least(class) || n > -(least(class)+1) {
			return p.noRow(least(class), "an integer")
		}
		return n, nil
	case class == ClassJSON:
		return db.encodeJSON(p, []byte(s), nil)
	case p.column != nil && p.column.Loose && db.traits.DynamicTypes:
	case p.column != nil && p.column.kind != kindString && class != ClassOther:
		return nil, p.unfit(s)
	}
	if db.traits.StrictText && !storable(s) {
		switch {
		case !p.stored:
			return nil, errNoMatch
		case p.column == nil || !p.column.truncate:
			return nil, p.invalidText()
		}
		s = storableText(s)
		boxed = s
	}
	if p.stored && p.column != nil && p.column.live != nil && p.column.live.MaxLen > 0 {
		return p.column.limit(s, boxed)
	}
	return boxed, nil
}

// noRow is the value that no row has, or an error when it is to be stored.
func (p param) noRow(value any, want string) (any, error) {
	if !p.stored {
		return value, nil
	}
	err := fmt.Errorf("store: %s.%s has a text that is not %s", p.column.table.name, p.column.name, want)
	if p.column.References != "" {
		err = fmt.Errorf("%w: %w", err, ErrReference)
	}
	return nil, err
}

func (p param) invalidText() error {
	if p.column == nil {
		return &InvalidTextError{}
	}
	return &InvalidTextError{Table: p.column.table.name, Field: p.column.name}
}

// least is the smallest value of an integer column; identities begin at 1.
func least(class Class) int64 {
	switch class {
	case ClassInt16:
		return math.MinInt16
	case ClassInt32:
		return math.MinInt32
	}
	return math.MinInt64
}

// limit keeps to the length of a varchar column, which counts code points.
func (c *column) limit(s string, boxed any) (any, error) {
	most := c.live.MaxLen
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return boxed, nil
	}
	if !c.truncate {
		return nil, &TooLongError{Table: c.table.name, Field: c.name, Max: most}
	}
	for i := range s {
		if most == 0 {
			return s[:i], nil
		}
		most--
	}
	return s, nil
}

func storable(s string) bool {
	return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s)
}

func storableText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}

func (p param) encodeTime(t time.Time) (any, error) {
	t = t.UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		return nil, fmt.Errorf("store: year %d does not fit ISO 8601", y)
	}
	switch p.class() {
	case ClassInt64:
		return t.UnixMilli(), nil
	case ClassTimestamp, ClassTimestampTZ, ClassTimeText, ClassOther:
		// As text, because the zone of a time.Time means nothing to a column
		// without zone and drivers have formats of their own.
		return t.Format(isoMillis), nil
	case ClassText:
		if p.column.Type == Date {
			return t.Format(isoMillis), nil
		}
	}
	return nil, p.unfit(t)
}

func (p param) encodeBool(b bool) (any, error) {
	switch p.class() {
	case ClassBool, ClassOther:
		return b, nil
	case ClassInt16, ClassInt32, ClassInt64:
		if b {
			return int64(1), nil
		}
		return int64(0), nil
	case ClassText:
		if p.column.Type == Boolean {
			return strconv.FormatBool(b), nil
		}
	}
	return nil, p.unfit(b)
}

func (p param) encodeInt(n int64) (any, error) {
	switch class := p.class(); class {
	case ClassInt16, ClassInt32, ClassInt64:
		if n < least(class) || n > -(least(class)+1) {
			return nil, fmt.Errorf("store: %s.%s cannot hold %d", p.column.table.name, p.column.name, n)
		}
		return n, nil
	case ClassFloat, ClassNumeric, ClassOther:
		return n, nil
	}
	return nil, p.unfit(n)
}

func (p param) encodeFloat(f float64) (any, error) {
	switch p.class() {
	case ClassFloat, ClassNumeric, ClassOther:
		return f, nil
	case ClassInt16, ClassInt32, ClassInt64:
		if n := int64(f); float64(n) == f {
			return p.encodeInt(n)
		}
		return nil, fmt.Errorf("store: %s.%s cannot hold a fraction", p.column.table.name, p.column.name)
	}
	return nil, p.unfit(f)
}

func (db *DB) encodeJSON(p param, text []byte, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if text == nil {
		text = []byte("null")
	}
	switch class := p.class(); {
	case class != ClassJSON && class != ClassText && class != ClassOther:
		return nil, p.unfit(json.RawMessage(nil))
	case !json.Valid(text):
		return nil, fmt.Errorf("store: %s is not JSON", p.place())
	case db.traits.StrictText && hasNUL(text):
		return nil, p.invalidText()
	}
	return string(text), nil
}

func (p param) place() string {
	if p.column == nil {
		return "a parameter"
	}
	return p.column.table.name + "." + p.column.name
}

// hasNUL finds the escape \u0000 that is not itself escaped.
func hasNUL(text []byte) bool {
	for i := bytes.Index(text, []byte(`\u0000`)); i >= 0; {
		slashes := 0
		for j := i; j >= 0 && text[j] == '\\'; j-- {
			slashes++
		}
		if slashes%2 == 1 {
			return true
		}
		next := bytes.Index(text[i+1:], []byte(`\u0000`))
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

// marshal writes JSON as JavaScript does, without escaping < > and &.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
