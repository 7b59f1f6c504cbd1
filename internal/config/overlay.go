package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// overlay sets the option at path to an untyped text.
func (d *decoder) overlay(v reflect.Value, path, value string) {
	d.descend(v, strings.Split(path, "."), "", &node{shape: raw, text: value}, false)
}

// descend walks to the option, making the absent sections on its way.
func (d *decoder) descend(v reflect.Value, rest []string, path string, n *node, secret bool) {
	d.mention(path)
	if len(rest) == 0 {
		d.decode(n, v, path, secret)
		return
	}
	switch kindOf(v.Type()) {
	case structKind:
		fields := fieldsOf(v.Type())
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == rest[0] })
		if at < 0 {
			d.fault(place{}, join(path, rest[0]), "unknown option %q%s%s", rest[0], inSection(path), d.hint(rest[0], fields))
			return
		}
		f := fields[at]
		d.descend(v.FieldByIndex(f.index), rest[1:], join(path, f.name), n, f.secret)
	case pointerKind:
		made := reflect.New(v.Type().Elem())
		if !v.IsNil() {
			made.Elem().Set(v.Elem())
		}
		d.descend(made.Elem(), rest, path, n, secret)
		v.Set(made)
	case mapKind:
		d.descendMap(v, rest, path, n, secret)
	default:
		d.fault(place{}, path, "%s has no options of its own, so %s.%s cannot be set", path, path, strings.Join(rest, "."))
	}
}

// mention has the section at path checked; its place stays that of the file.
func (d *decoder) mention(path string) {
	if _, known := d.visited[path]; !known {
		d.visited[path] = place{}
	}
}

// descendMap changes a copy of the map, as the default may be shared. The key
// of a map of plain words may hold dots.
func (d *decoder) descendMap(v reflect.Value, rest []string, path string, n *node, secret bool) {
	all := reflect.MakeMap(v.Type())
	for pairs := v.MapRange(); pairs.Next(); {
		all.SetMapIndex(pairs.Key(), pairs.Value())
	}
	key, inner := rest[0], rest[1:]
	if isWord(v.Type().Elem()) {
		key, inner = strings.Join(rest, "."), nil
	}
	if key == "" {
		d.fault(place{}, path, "%s: the name of the entry is missing", path)
		return
	}
	name := reflect.ValueOf(key).Convert(v.Type().Key())
	value := reflect.New(v.Type().Elem()).Elem()
	if old := all.MapIndex(name); old.IsValid() {
		value.Set(old)
	}
	d.descend(value, inner, join(path, key), n, secret)
	all.SetMapIndex(name, value)
	v.Set(all)
}

// EnvNames maps every option path to its environment variable: the prefix and
// the words of the path in capitals, "session.expiresIn" to
// "GATEHOUSE_SESSION_EXPIRES_IN". Entries of maps and lists have none: the
// whole map or list is one value. Two options with one name are a mistake in
// the program, and panic.
func EnvNames(into any, prefix string) map[string]string {
	names, owners := map[string]string{}, map[string]string{}
	walk(target(into), func(o option) {
		name := envName(prefix, o.path)
		if other, taken := owners[name]; taken {
			panic(fmt.Sprintf("config: %s and %s share the variable %s: give one an option tag", other, o.path, name))
		}
		owners[name], names[o.path] = o.path, name
	})
	return names
}
