package config

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// Listed is one option in force.
type Listed struct {
	Path string
	// Value is what JSON can write: a text, a number, a list, a map; durations
	// as they are written in a file. Of a secret it is true, or nil for none.
	Value  any
	Source string // see Load, or "default"
	Secret bool
}

// List tells every option in force, in the order of the structs, without
// secrets and without sections for later, which may hold some. An optional
// section that is absent has one entry, nil.
func List(into any, sources map[string]string) []Listed {
	l := &lister{printer: printer{sources: sources}}
	l.structure(target(into), "")
	return l.all
}

type lister struct {
	printer
	all []Listed
}

func (l *lister) structure(v reflect.Value, path string) {
	for _, f := range fieldsOf(v.Type()) {
		l.option(f, v.FieldByIndex(f.index), join(path, f.name))
	}
}

func (l *lister) option(f field, v reflect.Value, path string) {
	section := kindOf(v.Type()) == structKind
	if kindOf(v.Type()) == pointerKind && kindOf(v.Type().Elem()) == structKind && !v.IsNil() {
		v, section = v.Elem(), true
	}
	if section && !f.secret && len(fieldsOf(v.Type())) > 0 {
		l.structure(v, path)
		return
	}
	listed := Listed{Path: path, Source: l.source(path), Secret: f.secret || kindOf(v.Type()) == laterKind}
	switch {
	case listed.Secret && !v.IsZero():
		listed.Value = true
	case !listed.Secret && !unset(v):
		listed.Value = shown(v)
	}
	l.all = append(l.all, listed)
}

// shown is a value as JSON can write it.
func shown(v reflect.Value) any {
	switch kindOf(v.Type()) {
	case boolKind, intKind, floatKind:
		return v.Interface()
	case stringKind:
		return v.String()
	case durationKind:
		return formatDuration(time.Duration(v.Int()))
	case pointerKind:
		if v.IsNil() {
			return nil
		}
		return shown(v.Elem())
	case listKind:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = shown(v.Index(i))
		}
		return list
	case mapKind:
		members := map[string]any{}
		for _, key := range v.MapKeys() {
			members[key.String()] = shown(v.MapIndex(key))
		}
		return members
	case structKind:
		return shownStruct(v)
	case textKind:
		return shownText(v)
	}
	if raw, err := json.Marshal(v.Interface()); err == nil {
		return json.RawMessage(raw)
	}
	return nil
}

// shownStruct leaves out secrets, and what has its zero value.
func shownStruct(v reflect.Value) any {
	members := map[string]any{}
	for _, f := range fieldsOf(v.Type()) {
		value := v.FieldByIndex(f.index)
		switch {
		case value.IsZero():
		case f.secret || kindOf(f.typ) == laterKind:
			members[f.name] = true
		default:
			members[f.name] = shown(value)
		}
	}
	return members
}

func shownText(v reflect.Value) any {
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		if text, err := m.MarshalText(); err == nil {
			return string(text)
		}
	}
	return fmt.Sprint(v.Interface())
}
