package config

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Print writes the options in force as YAML, each with a comment that tells
// where it came from (see Load; "default" when sources does not tell). Secrets,
// and sections for later (which may hold some), are left out, with a comment
// that tells whether they are set. What is printed
// can be read again by Decode.
func Print(into any, sources map[string]string) []byte {
	p := &printer{sources: sources}
	p.structure(target(into), "", 0)
	return p.out.Bytes()
}

type printer struct {
	out     bytes.Buffer
	sources map[string]string
}

func (p *printer) structure(v reflect.Value, path string, depth int) {
	for _, f := range fieldsOf(v.Type()) {
		p.option(f, v.FieldByIndex(f.index), join(path, f.name), depth)
	}
}

func (p *printer) option(f field, v reflect.Value, path string, depth int) {
	fmt.Fprintf(&p.out, "%s%s:", strings.Repeat("  ", depth), f.name)
	section := kindOf(v.Type()) == structKind
	if kindOf(v.Type()) == pointerKind && kindOf(v.Type().Elem()) == structKind && !v.IsNil() {
		v, section = v.Elem(), true
	}
	note := ""
	switch hidden := f.secret || kindOf(v.Type()) == laterKind; {
	case section && len(fieldsOf(v.Type())) > 0:
		p.out.WriteByte('\n')
		p.structure(v, path, depth+1)
		return
	case hidden && v.IsZero():
		note = ", not set"
	case hidden:
		note = ", set but not shown"
	case unset(v):
	default:
		p.out.WriteString(" " + inline(v))
	}
	fmt.Fprintf(&p.out, " # from: %s%s\n", p.source(path), note)
}

// unset tells a value that only "nothing" can write.
func unset(v reflect.Value) bool {
	switch kindOf(v.Type()) {
	case laterKind, setterKind, anyKind, textKind:
		return v.IsZero()
	case stringKind:
		return optionsOf(v.Type()) != nil && v.String() == "" // no enum has an empty value
	case pointerKind, mapKind, listKind:
		return v.IsNil()
	}
	return false
}

// source of an option; a map or list set entry by entry counts as a whole.
func (p *printer) source(path string) string {
	if source := p.sources[path]; source != "" {
		return source
	}
	best := "default"
	for inner, source := range p.sources {
		rest, ok := strings.CutPrefix(inner, path)
		if ok && (rest[0] == '.' || rest[0] == '[') && (best == "default" || source < best) {
			best = source
		}
	}
	return best
}

// inline writes a value in one line of YAML.
func inline(v reflect.Value) string {
	switch kindOf(v.Type()) {
	case boolKind, intKind, floatKind:
		return fmt.Sprint(v.Interface())
	case durationKind:
		return formatDuration(time.Duration(v.Int()))
	case stringKind:
		return word(v.String())
	case textKind:
		return inlineText(v)
	case pointerKind:
		if v.IsNil() {
			return "null"
		}
		return inline(v.Elem())
	case listKind:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = inline(v.Index(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case mapKind:
		return inlineMap(v)
	case structKind:
		return inlineStruct(v)
	}
	raw, err := json.Marshal(v.Interface())
	if err != nil {
		return "null"
	}
	return string(raw)
}

func inlineText(v reflect.Value) string {
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		if text, err := m.MarshalText(); err == nil {
			return word(string(text))
		}
	}
	return word(fmt.Sprint(v.Interface()))
}

func inlineMap(v reflect.Value) string {
	var parts []string
	for _, key := range v.MapKeys() {
		value := v.MapIndex(key)
		parts = append(parts, word(key.String())+": "+inline(value))
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, ", ") + "}"
}

// inlineStruct leaves out what Print does not show and what has its zero value.
func inlineStruct(v reflect.Value) string {
	var parts []string
	for _, f := range fieldsOf(v.Type()) {
		if value := v.FieldByIndex(f.index); !f.secret && kindOf(f.typ) != laterKind && !value.IsZero() {
			parts = append(parts, f.name+": "+inline(value))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// plainWord is text that YAML reads as text without quotes, wherever it stands.
var plainWord = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9_./@-]*$`)

var reservedWord = regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n)$`)

func word(text string) string {
	if plainWord.MatchString(text) && !reservedWord.MatchString(text) {
		return text
	}
	return strconv.Quote(strings.ReplaceAll(text, "${", "$${"))
}
