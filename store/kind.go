package store

import (
	"encoding/json"
	"reflect"
	"time"
)

// kind is the Go type of a value without its pointer.
type kind int

const (
	kindString kind = iota
	kindBool
	kindInt
	kindInt64
	kindFloat
	kindTime
	kindStrings
	kindFloats
	kindJSON
	kindNumber // of an added column: int64 or float64, as the live column is
)

var kinds = map[reflect.Type]kind{
	reflect.TypeFor[string]():          kindString,
	reflect.TypeFor[bool]():            kindBool,
	reflect.TypeFor[int]():             kindInt,
	reflect.TypeFor[int64]():           kindInt64,
	reflect.TypeFor[float64]():         kindFloat,
	reflect.TypeFor[time.Time]():       kindTime,
	reflect.TypeFor[[]string]():        kindStrings,
	reflect.TypeFor[[]float64]():       kindFloats,
	reflect.TypeFor[json.RawMessage](): kindJSON,
}

// kindOfType also tells whether the type is a pointer, that is may be NULL.
func kindOfType(t reflect.Type) (k kind, nullable, ok bool) {
	if t.Kind() == reflect.Pointer {
		t, nullable = t.Elem(), true
	}
	k, ok = kinds[t]
	return k, nullable, ok
}

func kindOf[V any]() (k kind, nullable, ok bool) { return kindOfType(reflect.TypeFor[V]()) }

// fieldType is the protocol's type for a Go type.
func (k kind) fieldType() Type {
	switch k {
	case kindBool:
		return Boolean
	case kindInt, kindInt64, kindFloat, kindNumber:
		return Number
	case kindTime:
		return Date
	case kindStrings:
		return StringArray
	case kindFloats:
		return NumberArray
	case kindJSON:
		return JSON
	}
	return String
}

// fits reports whether a value of this kind can stand in a field of type t. A
// string may be JSON text.
func (k kind) fits(t Type) bool {
	return k.fieldType() == t || k == kindString && t == JSON
}

// extraKind is how an added column's value is held in an Extra.
func (t Type) extraKind() kind {
	return [...]kind{kindString, kindNumber, kindBool, kindTime, kindStrings, kindFloats, kindJSON}[t]
}
