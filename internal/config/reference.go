package config

import (
	"reflect"
	"slices"
	"strings"
)

// Entry is one line of the configuration reference.
type Entry struct {
	Path    string // "session.expiresIn", "socialProviders.<name>.clientId", "secrets[].value"
	Type    string // "duration", "list of texts", "one of lax, strict, none", …
	Default string // as written in a document; empty: none
	Doc     string
	Secret  bool
	Section bool // a heading: the options inside follow
}

// Reference lists every option in the order of the structs. The default is the
// value in into, else the tag `default`, else what the comment calls the default.
func Reference(into any, docs Docs) []Entry {
	r := &reference{docs: docs}
	r.structure(target(into), "", nil)
	return r.entries
}

type reference struct {
	docs    Docs
	entries []Entry
}

func (r *reference) structure(v reflect.Value, path string, around []reflect.Type) {
	if slices.Contains(around, v.Type()) {
		return
	}
	around = append(around[:len(around):len(around)], v.Type())
	for _, f := range fieldsOf(v.Type()) {
		r.option(f, v.FieldByIndex(f.index), join(path, f.name), around)
	}
}

func (r *reference) option(f field, v reflect.Value, path string, around []reflect.Type) {
	v = indirect(v)
	entry := Entry{Path: path, Type: typeName(v.Type()), Doc: r.docs.of(f), Secret: f.secret}
	inner, suffix := innerStruct(v.Type())
	if kindOf(v.Type()) == structKind {
		entry.Section = true
	} else if !f.secret {
		entry.Default = defaultOf(f, v, entry.Doc)
	}
	r.entries = append(r.entries, entry)
	switch {
	case entry.Section:
		r.structure(v, path, around)
	case inner != nil:
		r.structure(reflect.New(inner).Elem(), path+suffix, around)
	}
}

func defaultOf(f field, v reflect.Value, doc string) string {
	if !v.IsZero() {
		return inline(v)
	}
	if f.preset != "" {
		return f.preset
	}
	if words := defaultIn(doc); words != "" {
		return words
	}
	if kindOf(f.typ) == boolKind {
		return "false"
	}
	return ""
}

// innerStruct is the struct that the entries of a list or a map are made of.
func innerStruct(t reflect.Type) (inner reflect.Type, suffix string) {
	for {
		switch kindOf(t) {
		case structKind:
			return t, suffix
		case pointerKind:
		case listKind:
			suffix += "[]"
		case mapKind:
			suffix += ".<name>"
		default:
			return nil, ""
		}
		t = t.Elem()
	}
}

// typeName says in words how an option is written.
func typeName(t reflect.Type) string {
	switch kindOf(t) {
	case boolKind:
		return "true or false"
	case intKind:
		return "whole number"
	case floatKind:
		return "number"
	case durationKind:
		return "duration"
	case stringKind, textKind:
		if options := optionsOf(t); options != nil {
			return expectation(options)
		}
		return "text"
	case structKind:
		return "section"
	case listKind:
		if isTextList(t) {
			return "list of " + plural(t.Elem()) + ", or text"
		}
		return "list of " + plural(t.Elem())
	case mapKind:
		return "map of names to " + plural(t.Elem())
	case pointerKind:
		return typeName(t.Elem())
	}
	return "any"
}

func plural(t reflect.Type) string {
	switch name := typeName(t); name {
	case "true or false", "any":
		return name
	default:
		if optionsOf(t) != nil {
			return name
		}
		if first, rest, ok := strings.Cut(name, " of "); ok {
			return first + "s of " + rest
		}
		return name + "s"
	}
}

func optionsOf(t reflect.Type) []string {
	if t.Kind() == reflect.String && t.Implements(enumType) {
		return reflect.Zero(t).Interface().(enum).Options()
	}
	return nil
}
