package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Extra carries the values of columns that were added to a table by [Extend]
// and [DB.AddField]. Embed it in a record; the zero value is ready to use.
// A copy of a record may be changed without changing the original.
type Extra struct {
	values []FieldValue
}

// FieldValue is an added column and its value: string, float64 or int64, bool,
// time.Time, []string, []float64, json.RawMessage, or nil for NULL.
type FieldValue struct {
	Field *Field
	Value any
}

// Extended is a record that embeds [Extra].
type Extended interface{ ExtraValues() *Extra }

// ExtraValues is e.
func (e *Extra) ExtraValues() *Extra { return e }

// Get returns a value by the column's declared name. It is not ok when the
// record was not read from the store and nobody set it.
func (e *Extra) Get(name string) (value any, ok bool) {
	if i := e.find(name); i >= 0 {
		return e.values[i].Value, true
	}
	return nil, false
}

// Set gives a value for the next Insert. Insert reports an unknown name and a
// value of the wrong type.
func (e *Extra) Set(name string, value any) {
	e.values = slices.Clone(e.values)
	if i := e.find(name); i >= 0 {
		e.values[i].Value = value
		return
	}
	e.values = append(e.values, FieldValue{Field: &Field{Name: name}, Value: value})
}

// Fields lists the added columns in the order they were declared.
func (e *Extra) Fields() []FieldValue { return slices.Clone(e.values) }

func (e *Extra) find(name string) int {
	for i := range e.values {
		if e.values[i].Field.Name == name {
			return i
		}
	}
	return -1
}

// Column is a typed key to a column that was added to a table.
type Column[V any] struct {
	table string
	field Field
}

// Extend adds a column to a table that somebody else defines. V is string,
// bool, int, int64, float64, time.Time, []string, []float64 or json.RawMessage,
// or a pointer to one of them for a column that may be NULL. Several callers
// may add the same column if they agree about it; [DB.Load] reports mistakes.
func Extend[V any](db *DB, table string, f Field) *Column[V] {
	kind, nullable, ok := kindOf[V]()
	switch {
	case !ok:
		db.refuse("extend %s.%s: a column cannot hold %T", table, f.Name, *new(V))
	case nullable && f.Required:
		db.refuse("extend %s.%s: a required column cannot have the pointer type %T", table, f.Name, *new(V))
	case f.Type != String && !kind.fits(f.Type):
		db.refuse("extend %s.%s: %s cannot be a %T", table, f.Name, f.Type, *new(V))
	default:
		if f.Type == String {
			f.Type = kind.fieldType()
		}
		db.extend(table, f, kind != kindFloat)
	}
	return &Column[V]{table: table, field: f}
}

// Name is the column's declared name.
func (c *Column[V]) Name() string { return c.field.Name }

// Of reads the value from a record. NULL in a column whose V is no pointer, a
// value of another type, and a record that never met the store are errors, so
// that a security flag never falls back to its default.
func (c *Column[V]) Of(rec Extended) (V, error) {
	var v V
	value, ok := rec.ExtraValues().Get(c.field.Name)
	if !ok {
		return v, fmt.Errorf("store: record does not carry %s.%s", c.table, c.field.Name)
	}
	if err := assign(&v, value); err != nil {
		return v, fmt.Errorf("store: %s.%s: %w", c.table, c.field.Name, err)
	}
	return v, nil
}

// Set gives the value for the next Insert of rec.
func (c *Column[V]) Set(rec Extended, v V) {
	rec.ExtraValues().Set(c.field.Name, plain(v))
}

// plain turns what a Column may hold into what an Extra holds.
func plain(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case *string:
		return deref(v)
	case *bool:
		return deref(v)
	case *int:
		if v == nil {
			return nil
		}
		return int64(*v)
	case *int64:
		return deref(v)
	case *float64:
		return deref(v)
	case *time.Time:
		return deref(v)
	case *[]string:
		return deref(v)
	case *[]float64:
		return deref(v)
	case *json.RawMessage:
		return deref(v)
	}
	return v
}

func deref[V any](p *V) any {
	if p == nil {
		return nil
	}
	return *p
}
