package config

import (
	"encoding"
	"reflect"
	"time"
)

// kind is how an option is written.
type kind int

const (
	unsettable kind = iota // func, chan, interface and whatever has no written form
	boolKind
	intKind
	floatKind
	stringKind
	durationKind
	textKind    // encoding.TextUnmarshaler
	setterKind  // Setter
	anyKind     // whatever is written: text, number, boolean, list or mapping
	laterKind   // Section
	structKind  // a section
	listKind    // a list
	mapKind     // a section with keys of the operator's choice
	pointerKind // absent or any of the above
)

var (
	durationType = reflect.TypeFor[time.Duration]()
	sectionType  = reflect.TypeFor[Section]()
	setterType   = reflect.TypeFor[Setter]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
	enumType     = reflect.TypeFor[enum]()
	checkerType  = reflect.TypeFor[checker]()
	textListType = reflect.TypeFor[TextList]()
)

// Setter is implemented by an option type that reads more than one form, such
// as "a type name or a list of values". The value is what JSON would give: bool,
// int64, uint64, float64, string, []any or map[string]any, where nil is inside
// the last two only. Print shows such a type as encoding/json writes it.
type Setter interface {
	SetOption(value any) error
}

// TextList is implemented by a list type that is also written as one text, such
// as "2:new,1:old". Its error must not quote the text where that is a secret.
type TextList interface {
	SetListText(text string) error
}

// isTextList reports whether a list has such a form.
func isTextList(t reflect.Type) bool {
	return kindOf(t) == listKind && reflect.PointerTo(t).Implements(textListType)
}

// enum is implemented by named strings with a fixed set of values.
type enum interface {
	Options() []string
}

// checker is implemented by sections that have rules between their options.
type checker interface {
	Check() error
}

// kindOf says how a type is written. It does not look into structs, so that a
// type may hold itself.
func kindOf(t reflect.Type) kind {
	switch {
	case t == durationType:
		return durationKind
	case t == sectionType:
		return laterKind
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		return anyKind
	case t.Kind() == reflect.Interface:
		return unsettable
	case reflect.PointerTo(t).Implements(setterType):
		return setterKind
	case reflect.PointerTo(t).Implements(textType):
		return textKind
	}
	switch t.Kind() {
	case reflect.Bool:
		return boolKind
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return intKind
	case reflect.Float32, reflect.Float64:
		return floatKind
	case reflect.String:
		return stringKind
	case reflect.Struct:
		return structKind
	case reflect.Slice:
		return containerKind(listKind, t.Elem())
	case reflect.Pointer:
		if t.Elem().Kind() == reflect.Pointer {
			return unsettable
		}
		return containerKind(pointerKind, t.Elem())
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			return containerKind(mapKind, t.Elem())
		}
	}
	return unsettable
}

func containerKind(own kind, elem reflect.Type) kind {
	if kindOf(elem) == unsettable {
		return unsettable
	}
	return own
}

// field is one settable option of a struct.
type field struct {
	name   string // the option
	index  []int  // for reflect.Value.FieldByIndex; embedded structs give more than one
	typ    reflect.Type
	owner  reflect.Type // the struct that declares it, for the docs
	goName string
	secret bool   // its value is never printed
	preset string // the tag `default:"…"`
}

// fieldsOf lists the options of a struct in the order of its declaration.
// Embedded structs without an option tag count as if written out.
func fieldsOf(t reflect.Type) []field {
	var list []field
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("option")
		if name == "-" {
			continue
		}
		if f.Anonymous && name == "" && kindOf(f.Type) == structKind {
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				list = append(list, inner)
			}
			continue
		}
		if !f.IsExported() || !hasForm(f.Type) {
			continue
		}
		if name == "" {
			name = optionName(f.Name)
		}
		list = append(list, field{
			name: name, index: []int{i}, typ: f.Type, owner: t, goName: f.Name,
			secret: f.Tag.Get("secret") == "true", preset: f.Tag.Get("default"),
		})
	}
	return list
}

// hasForm reports whether an option of this type can be written at all. A
// struct of another package's private fields (a logger, a pool) cannot.
func hasForm(t reflect.Type) bool {
	switch kindOf(t) {
	case unsettable:
		return false
	case pointerKind, listKind, mapKind:
		return hasForm(t.Elem())
	case structKind:
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				return true
			}
		}
		return t.NumField() == 0
	}
	return true
}

func fieldNames(fields []field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
