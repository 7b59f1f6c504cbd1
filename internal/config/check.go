package config

import (
	"fmt"
	"reflect"
	"strings"
)

// check calls Check on the sections that the input mentioned, the innermost
// first, and on the whole.
func (d *decoder) check(v reflect.Value, path string, around []place) {
	at, mentioned := d.visited[path]
	if len(around) > 0 && !mentioned {
		return
	}
	if !mentioned || at == (place{}) {
		at = nearestPlace(around)
	}
	inside := append(around[:len(around):len(around)], at)
	switch kindOf(v.Type()) {
	case pointerKind:
		if !v.IsNil() {
			d.check(v.Elem(), path, around)
		}
	case listKind:
		for i := range v.Len() {
			d.check(v.Index(i), fmt.Sprintf("%s[%d]", path, i), inside)
		}
	case mapKind:
		for pairs := v.MapRange(); pairs.Next(); {
			entry := reflect.New(v.Type().Elem()).Elem()
			entry.Set(pairs.Value())
			d.check(entry, join(path, pairs.Key().String()), inside)
		}
	case structKind:
		for _, f := range fieldsOf(v.Type()) {
			d.check(v.FieldByIndex(f.index), join(path, f.name), inside)
		}
		d.ask(v, path, at)
	}
}

// ask reports the verdict of one section, unless its values were wrong already.
func (d *decoder) ask(v reflect.Value, path string, at place) {
	if d.broken[path] || !reflect.PointerTo(v.Type()).Implements(checkerType) {
		return
	}
	file := d.file
	if at == (place{}) {
		d.file = "" // not the file's doing
	}
	for _, err := range split(v.Addr().Interface().(checker).Check()) {
		d.fault(at, path, "%s", prefix(path)+strings.TrimPrefix(err.Error(), prefix(path)))
	}
	d.file = file
}

// split takes the result of errors.Join apart.
func split(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

func nearestPlace(around []place) place {
	for i := len(around) - 1; i >= 0; i-- {
		if around[i] != (place{}) {
			return around[i]
		}
	}
	return place{}
}
