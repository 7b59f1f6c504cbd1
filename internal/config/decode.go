package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// decoder writes nodes into Go values and collects what is wrong with them.
type decoder struct {
	file    string
	dir     string // where relative ${file:…} paths begin
	origin  string // "file", "env" or "flag"
	sources map[string]string
	faults  []Error
	visited map[string]place // sections the input mentions
	broken  map[string]bool  // options with a fault, and every section around them
}

func newDecoder(file string) *decoder {
	d := &decoder{
		file: file, origin: "file",
		sources: map[string]string{}, visited: map[string]place{}, broken: map[string]bool{},
	}
	if file != "" {
		d.dir = filepath.Dir(file)
	}
	return d
}

// maxFaults bounds the report; whoever has so many reads the first.
const maxFaults = 100

func (d *decoder) fault(at place, path, format string, args ...any) {
	if len(d.faults) < maxFaults {
		d.faults = append(d.faults, Error{
			File: d.file, Line: at.line, Column: at.column, Path: path, Message: fmt.Sprintf(format, args...),
		})
	}
	for path != "" {
		d.broken[path] = true
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	d.broken[""] = true
}

// err is what was wrong, by position, or nil.
func (d *decoder) err() error {
	if len(d.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(d.faults, func(a, b Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return &Errors{List: d.faults}
}

// decode writes one value. The path names it in messages.
func (d *decoder) decode(n *node, v reflect.Value, path string, secret bool) {
	k := kindOf(v.Type())
	if n.shape == null && k != pointerKind {
		return // nothing was written: the default stays
	}
	if isTextList(v.Type()) && n.isListText() {
		d.listText(n, v, path)
		return
	}
	if n.shape == raw {
		if n = d.reparse(n, v.Type(), path); n == nil {
			return
		}
	}
	switch k {
	case structKind:
		d.section(n, v, path)
	case listKind:
		d.list(n, v, path, secret)
	case mapKind:
		d.mapping(n, v, path, secret)
	case pointerKind:
		d.pointer(n, v, path, secret)
	case laterKind:
		v.Set(reflect.ValueOf(Section{node: n, file: d.file, dir: d.dir, path: path}))
		d.wrote(path)
	case anyKind:
		if value := n.plain(); value != nil {
			v.Set(reflect.ValueOf(value))
		}
		d.wrote(path)
	case setterKind:
		if err := v.Addr().Interface().(Setter).SetOption(n.plain()); err != nil {
			d.fault(n.place, path, "%s: %s", path, withoutValue(err, secret))
			return
		}
		d.wrote(path)
	default:
		if err := d.scalar(n, v, k, secret); err != nil {
			d.fault(n.place, path, "%s: %s", path, err)
			return
		}
		d.wrote(path)
	}
}

func (d *decoder) wrote(path string) { d.sources[path] = d.origin }

// section decodes a mapping into a struct.
func (d *decoder) section(n *node, v reflect.Value, path string) {
	if n.shape != mapping {
		d.fault(n.place, path, "%sexpected a section, found %s", prefix(path), n.found(false))
		return
	}
	if _, known := d.visited[path]; !known {
		d.visited[path] = n.place
	}
	fields := fieldsOf(v.Type())
	seen := map[string]int{}
	for _, e := range n.entries {
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == e.key })
		here := join(path, e.key)
		switch {
		case at < 0:
			d.fault(e.place, here, "unknown option %q%s%s", e.key, inSection(path), d.hint(e.key, fields))
		case seen[e.key] > 0:
			d.fault(e.place, here, "option %q is given twice: first on line %d", e.key, seen[e.key])
		default:
			f := fields[at]
			d.visited[here] = e.place
			d.decode(e.value, v.FieldByIndex(f.index), here, f.secret)
			if kindOf(f.typ) != structKind && e.value.shape == null {
				delete(d.visited, here)
			}
		}
		if seen[e.key] == 0 {
			seen[e.key] = e.line
		}
	}
}

// hint proposes the option that was probably meant.
func (d *decoder) hint(wrong string, fields []field) string {
	if len(d.faults) >= maxFaults {
		return ""
	}
	if len(fields) == 0 {
		return ": there are none here"
	}
	if near := nearest(wrong, fieldNames(fields)); near != "" {
		return ": did you mean " + near + "?"
	}
	if len(fields) <= 12 {
		return ": expected " + strings.Join(fieldNames(fields), ", ")
	}
	return ""
}

func inSection(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
}

func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

// pointer decodes an optional value: false is absent, true is a section with
// its defaults.
func (d *decoder) pointer(n *node, v reflect.Value, path string, secret bool) {
	if n.shape == null {
		return
	}
	isSection := kindOf(v.Type().Elem()) == structKind
	if isSection && n.shape == boolean && n.plain() == false {
		v.SetZero()
		d.wrote(path)
		return
	}
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	} else {
		// The caller's default may be shared by others: change a copy.
		copied := reflect.New(v.Type().Elem())
		copied.Elem().Set(v.Elem())
		v.Set(copied)
	}
	if isSection && n.shape == boolean {
		d.visited[path] = n.place
		d.wrote(path)
		return
	}
	d.decode(n, v.Elem(), path, secret)
	if isSection {
		d.wrote(path)
	}
}

// list replaces the default list.
func (d *decoder) list(n *node, v reflect.Value, path string, secret bool) {
	if n.shape != list {
		d.fault(n.place, path, "%s: expected a list%s, found %s", path, of(v.Type()), n.found(secret))
		return
	}
	all := reflect.MakeSlice(v.Type(), len(n.items), len(n.items))
	for i, item := range n.items {
		here := fmt.Sprintf("%s[%d]", path, i)
		if item.shape == null {
			d.fault(item.place, here, "%s: an entry of a list cannot be empty", here)
			continue
		}
		d.visited[here] = item.place
		d.decode(item, all.Index(i), here, secret)
	}
	v.Set(all)
	d.wrote(path)
}

// isListText tells the text form of a list from a YAML list in a variable.
func (n *node) isListText() bool {
	trimmed := strings.TrimSpace(n.text)
	return n.shape == text || n.shape == raw && !strings.HasPrefix(trimmed, "[") && !strings.HasPrefix(trimmed, "- ")
}

// listText replaces the default list with one that is written as one text.
func (d *decoder) listText(n *node, v reflect.Value, path string) {
	all := reflect.New(v.Type())
	value, err := expand(n.text, d.dir)
	if err == nil {
		err = all.Interface().(TextList).SetListText(value)
	}
	if err != nil {
		d.fault(n.place, path, "%s: %s", path, err)
		return
	}
	v.Set(all.Elem())
	d.wrote(path)
}

// mapping adds to the default entries; an entry of the same name is changed.
func (d *decoder) mapping(n *node, v reflect.Value, path string, secret bool) {
	if n.shape != mapping {
		d.fault(n.place, path, "%s: expected a section, found %s", path, n.found(secret))
		return
	}
	all := reflect.MakeMap(v.Type())
	for pairs := v.MapRange(); pairs.Next(); {
		all.SetMapIndex(pairs.Key(), pairs.Value())
	}
	seen := map[string]int{}
	for _, e := range n.entries {
		here := join(path, e.key)
		if seen[e.key] > 0 {
			d.fault(e.place, here, "option %q is given twice: first on line %d", e.key, seen[e.key])
			continue
		}
		seen[e.key] = e.line
		key := reflect.ValueOf(e.key).Convert(v.Type().Key())
		value := reflect.New(v.Type().Elem()).Elem()
		if old := all.MapIndex(key); old.IsValid() {
			value.Set(old)
		}
		d.visited[here] = e.place
		d.decode(e.value, value, here, secret)
		all.SetMapIndex(key, value)
	}
	v.Set(all)
	d.wrote(path)
}

// of names the entries of a list for a message.
func of(list reflect.Type) string {
	words := ""
	switch kindOf(list.Elem()) {
	case stringKind, textKind:
		words = " of texts"
	case intKind, floatKind:
		words = " of numbers"
	case structKind:
		words = " of sections"
	}
	if isTextList(list) {
		words += " or a text"
	}
	return words
}

// reparse reads the text of an environment variable as YAML where a type needs
// more than one word. A list of plain words is written with commas.
func (d *decoder) reparse(n *node, t reflect.Type, path string) *node {
	if isWord(t) || kindOf(t) == pointerKind && kindOf(t.Elem()) != structKind {
		return n
	}
	value := strings.TrimSpace(n.text)
	if kindOf(t) == listKind && !strings.HasPrefix(value, "[") && isWord(t.Elem()) {
		parts := &node{shape: list}
		for part := range strings.SplitSeq(value, ",") {
			if part = strings.TrimSpace(part); part != "" {
				parts.items = append(parts.items, &node{shape: raw, text: part})
			}
		}
		return parts
	}
	parsed, _, err := parse([]byte(value))
	if err != nil {
		d.fault(place{}, path, "%s: %s", path, err)
		return nil
	}
	if parsed == nil {
		return &node{}
	}
	return unplaced(parsed)
}

func isWord(t reflect.Type) bool {
	switch kindOf(t) {
	case stringKind, textKind, intKind, floatKind, boolKind, durationKind:
		return true
	}
	return false
}

// unplaced takes the positions away: lines of a variable are no lines of the file.
func unplaced(n *node) *node {
	n.place = place{}
	for _, item := range n.items {
		unplaced(item)
	}
	for i := range n.entries {
		n.entries[i].place = place{}
		unplaced(n.entries[i].value)
	}
	return n
}
