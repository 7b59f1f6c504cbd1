package check

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Decode writes value into the value of the compiled type that into addresses
// and returns what is wrong with it, worded and in the order of the fields; nothing
// when it is right. prefix is "body" or "query". value is what wire.Parse
// returns; present is false when the request has no body at all. What stands
// in into after an issue is undefined.
func (s *Shape) Decode(prefix string, value any, present bool, into reflect.Value) []string {
	d := decoder{prefix: prefix}
	d.value(s.root, value, present, into)
	return d.issues
}

// DecodeQuery is Decode for the parameters of a query string. A repeated
// parameter is an array, so that a field that expects one text refuses it.
func (s *Shape) DecodeQuery(prefix string, values map[string][]string, into reflect.Value) []string {
	object := make(map[string]any, len(values))
	for name, list := range values {
		if len(list) == 1 {
			object[name] = list[0]
			continue
		}
		array := make([]any, len(list))
		for i, v := range list {
			array[i] = v
		}
		object[name] = array
	}
	return s.Decode(prefix, object, true, into)
}

type decoder struct {
	prefix string
	path   []string
	issues []string
}

// fail records one issue of the value at the current path.
func (d *decoder) fail(message string) {
	at := d.prefix
	if len(d.path) > 0 {
		at += "." + strings.Join(d.path, ".")
	}
	d.issues = append(d.issues, "["+at+"] "+message)
}

func (d *decoder) mistyped(expected string, value any, present bool) {
	d.fail("Invalid input: expected " + expected + ", received " + received(value, present))
}

// inside runs f with name added to the path.
func (d *decoder) inside(name string, f func()) {
	d.path = append(d.path, name)
	f()
	d.path = d.path[:len(d.path)-1]
}

func (d *decoder) value(n *node, value any, present bool, into reflect.Value) {
	if !present && n.optional || present && value == nil && n.nullable {
		into.SetZero()
		return
	}
	before := len(d.issues)
	target := into
	if n.pointer {
		target = reflect.New(n.typ).Elem()
	}
	d.typed(n, value, present, target)
	if len(d.issues) > before && n.union {
		d.issues = d.issues[:before]
		d.fail("Invalid input")
	}
	if n.pointer && len(d.issues) == before {
		into.Set(target.Addr())
	}
}

func (d *decoder) typed(n *node, value any, present bool, into reflect.Value) {
	switch n.kind {
	case kindString:
		d.text(n, value, present, into)
	case kindBool:
		d.boolean(n, value, present, into)
	case kindNumber, kindInt:
		d.number(n, value, present, into)
	case kindArray:
		d.array(n, value, present, into)
	case kindRecord:
		d.record(n, value, present, into)
	case kindObject:
		d.object(n, value, present, into)
	case kindAny:
		d.any(value, present, into)
	}
}

func (d *decoder) any(value any, present bool, into reflect.Value) {
	switch {
	case !present:
		d.fail(nonoptional)
	case value == nil:
		into.SetZero()
	default:
		into.Set(reflect.ValueOf(value))
	}
}

func (d *decoder) text(n *node, value any, present bool, into reflect.Value) {
	if n.enum != nil {
		s, ok := value.(string)
		if !ok || !slices.Contains(n.enum, s) {
			d.fail(notInEnum(n.enum))
			return
		}
		into.SetString(s)
		return
	}
	if n.coerce {
		if !present {
			d.fail(nonoptional)
			return
		}
		value = coerced(value)
	}
	s, ok := value.(string)
	if !ok {
		d.mistyped("string", value, present)
		// A length rule looks at anything that has a length.
		if list, isArray := value.([]any); isArray {
			d.sizes(n, "array", len(list))
		}
		return
	}
	for _, r := range n.rules {
		switch {
		case r.name == "email" && !IsEmail(s):
			d.fail("Invalid email address")
		case r.name == "filled" && s == "":
			d.fail(d.path[len(d.path)-1] + " cannot be empty")
		case r.name == "min" || r.name == "max":
			d.size(r, "string", utf8.RuneCountInString(s))
		}
	}
	into.SetString(s)
}

func (d *decoder) boolean(n *node, value any, present bool, into reflect.Value) {
	if n.coerce {
		into.SetBool(truthy(value))
		return
	}
	b, ok := value.(bool)
	if !ok {
		d.mistyped("boolean", value, present)
		return
	}
	into.SetBool(b)
}

func (d *decoder) number(n *node, value any, present bool, into reflect.Value) {
	if n.coerce {
		value, present = toNumber(value, present), true
	}
	f, ok := value.(float64)
	if !ok || math.IsNaN(f) || math.IsInf(f, 0) {
		d.mistyped("number", value, present)
		return
	}
	if n.kind == kindInt {
		if f != math.Trunc(f) {
			d.fail("Invalid input: expected int, received number")
			return
		}
		if math.Abs(f) > maxSafeInteger {
			d.fail(outOfRange(f < 0, "int", maxSafeInteger))
			return
		}
	}
	for _, r := range n.rules {
		if low := r.name == "min"; low && f < r.n || !low && f > r.n {
			d.fail(outOfRange(low, "number", r.n))
		}
	}
	if n.kind == kindInt {
		into.SetInt(int64(f))
	} else {
		into.SetFloat(f)
	}
}

func (d *decoder) array(n *node, value any, present bool, into reflect.Value) {
	list, ok := value.([]any)
	if !ok && present && n.single {
		list, ok = []any{value}, true
	}
	if !ok {
		d.mistyped("array", value, present)
		if s, isText := value.(string); isText {
			d.sizes(n, "string", utf8.RuneCountInString(s))
		}
		return
	}
	if d.tooMany(n, len(list)) {
		return // before looking at each of them
	}
	out := reflect.MakeSlice(n.typ, len(list), len(list))
	for i, v := range list {
		d.inside(strconv.Itoa(i), func() { d.value(n.elem, v, true, out.Index(i)) })
	}
	d.sizes(n, "array", len(list))
	into.Set(out)
}

func (d *decoder) record(n *node, value any, present bool, into reflect.Value) {
	members, ok := value.(map[string]any)
	if !ok {
		d.mistyped("record", value, present)
		return
	}
	out := reflect.MakeMapWithSize(n.typ, len(members))
	for _, name := range sortedKeys(members) {
		v := reflect.New(n.typ.Elem()).Elem()
		d.inside(name, func() { d.value(n.elem, members[name], true, v) })
		out.SetMapIndex(reflect.ValueOf(name).Convert(n.typ.Key()), v)
	}
	into.Set(out)
}

func (d *decoder) object(n *node, value any, present bool, into reflect.Value) {
	members, ok := value.(map[string]any)
	if !ok {
		if len(n.fields) > 0 || !n.record {
			d.mistyped("object", value, present)
		}
		if n.record {
			d.mistyped("record", value, present)
		}
		return
	}
	for _, f := range n.fields {
		v, has := members[f.name]
		d.inside(f.name, func() { d.value(f.node, v, has, into.Field(f.index)) })
	}
	if n.rest < 0 && !n.strict {
		return
	}
	unknown := make(map[string]any)
	for name, v := range members {
		if !slices.ContainsFunc(n.fields, func(f field) bool { return f.name == name }) {
			unknown[name] = v
		}
	}
	if n.rest >= 0 {
		into.Field(n.rest).Set(reflect.ValueOf(unknown))
	} else if len(unknown) > 0 {
		d.fail(unrecognized(sortedKeys(unknown)))
	}
}
