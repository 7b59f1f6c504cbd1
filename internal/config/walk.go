package config

import (
	"reflect"
	"slices"
)

// option is one settable leaf: a word, a list or a map.
type option struct {
	path  string
	field field
	value reflect.Value // the zero value inside an absent section
}

// walk visits every option that has a fixed path, in the order of the structs.
// A section that holds itself is entered once.
func walk(v reflect.Value, visit func(option)) {
	walkStruct(v, "", nil, visit)
}

func walkStruct(v reflect.Value, path string, around []reflect.Type, visit func(option)) {
	if slices.Contains(around, v.Type()) {
		return
	}
	around = append(around[:len(around):len(around)], v.Type())
	for _, f := range fieldsOf(v.Type()) {
		value, here := v.FieldByIndex(f.index), join(path, f.name)
		switch inner := indirect(value); {
		case kindOf(inner.Type()) == structKind:
			walkStruct(inner, here, around, visit)
		default:
			visit(option{path: here, field: f, value: value})
		}
	}
}

// indirect is what a pointer to a section points to, or its zero value.
func indirect(v reflect.Value) reflect.Value {
	if kindOf(v.Type()) != pointerKind || kindOf(v.Type().Elem()) != structKind {
		return v
	}
	if v.IsNil() {
		return reflect.New(v.Type().Elem()).Elem()
	}
	return v.Elem()
}
