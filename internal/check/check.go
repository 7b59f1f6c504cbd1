// Package check validates decoded JSON and query values against Go types and
// words what is wrong as the protocol does (PROTOCOL §1.6, §1.7, §2.5): the
// sentences are those of zod 4, which clients see. It knows types and tags,
// not endpoints. Start here, then decode.go.
//
// A field is declared by its Go type:
//
//	string, bool, float64, int, int64   required
//	*string, *bool, … *T                may be absent; null is refused
//	[]T, map[string]any, map[string]string, any, struct
//
// []T, maps and any are required unless the tag says optional; any takes
// null. In a query a bool is coerced as JavaScript does, any text but "" being true, and
// numbers are parsed; see DecodeQuery.
//
// The check tag adds rules, separated by commas:
//
//	email               the text is an e-mail address
//	min=N max=N         length in code points, items of an array, or value
//	nonempty            min=1
//	enum=a|b            one of these texts
//	nullable            null is accepted and leaves the zero value
//	optional required   override what the Go type says about absence
//	coerce              a number or boolean becomes a text
//	filled              the text is not empty; the sentence names the field
//	single              one value outside of an array is taken for an array of it
//	union               whatever is wrong, the sentence is "Invalid input"
//
// A blank field (_ struct{}) carries the tags of its struct: strict refuses
// unknown keys, named in alphabetical order; record says twice that the value is no object, as sign-up
// does; union as above. A field of type map[string]any tagged json:"*"
// collects the keys that no other field takes.
package check

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Shape is a compiled type. It may be used concurrently.
type Shape struct{ root *node }

type kind int

const (
	kindString kind = iota
	kindBool
	kindNumber
	kindInt
	kindArray
	kindRecord
	kindObject
	kindAny
)

// node is one value: the root, a field, or the element of an array or record.
type node struct {
	kind     kind
	typ      reflect.Type // without the pointer
	pointer  bool
	optional bool
	nullable bool
	coerce   bool
	union    bool
	single   bool
	rules    []rule
	enum     []string
	elem     *node // of an array or record

	// of an object
	fields []field
	rest   int // index of the field that collects unknown keys, or -1
	strict bool
	record bool
}

type field struct {
	*node
	name  string
	index int
}

type rule struct {
	name string // email, filled, min, max
	n    float64
}

// Compile reads the type of a body or query: a struct, a pointer to one if it
// may be absent, or a map. tag is the struct tag that holds the names, "json"
// or "query". The error names the field and what it cannot be.
func Compile(t reflect.Type, tag string) (*Shape, error) {
	root, err := compile(t, tag, "", nil)
	if err != nil {
		return nil, fmt.Errorf("check: %s: %w", t, err)
	}
	return &Shape{root}, nil
}

// compile makes the node of one value; above are the structs it is inside.
func compile(t reflect.Type, tag, rules string, above []reflect.Type) (*node, error) {
	n := &node{typ: t, rest: -1}
	if t.Kind() == reflect.Pointer {
		n.typ, n.pointer, n.optional = t.Elem(), true, true
	}
	if err := n.setKind(tag, above); err != nil {
		return nil, err
	}
	if tag == "query" && (n.kind == kindBool || n.kind == kindNumber || n.kind == kindInt) {
		n.coerce = true
	}
	for r := range strings.SplitSeq(rules, ",") {
		if err := n.addRule(r); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (n *node) setKind(tag string, above []reflect.Type) (err error) {
	switch t := n.typ; t.Kind() {
	case reflect.String:
		n.kind = kindString
	case reflect.Bool:
		n.kind = kindBool
	case reflect.Float64:
		n.kind = kindNumber
	case reflect.Int, reflect.Int64:
		n.kind = kindInt
	case reflect.Interface:
		n.kind = kindAny
		if t.NumMethod() > 0 {
			return fmt.Errorf("%s has methods", t)
		}
	case reflect.Slice:
		n.kind = kindArray
		n.elem, err = compile(t.Elem(), jsonOnly, "", above)
	case reflect.Map:
		n.kind = kindRecord
		if t.Key().Kind() != reflect.String {
			return fmt.Errorf("the keys of %s are no texts", t)
		}
		n.elem, err = compile(t.Elem(), jsonOnly, "", above)
	case reflect.Struct:
		n.kind = kindObject
		if slices.Contains(above, t) {
			return fmt.Errorf("%s contains itself", t)
		}
		err = n.addFields(tag, append(slices.Clone(above), t))
	default:
		return fmt.Errorf("%s is not a kind that a request can hold", t)
	}
	return err
}

// jsonOnly is the tag inside arrays and records, where nothing is coerced.
const jsonOnly = "json"

func (n *node) addFields(tag string, above []reflect.Type) error {
	for i := range n.typ.NumField() {
		f := n.typ.Field(i)
		rules := f.Tag.Get("check")
		name, _, _ := strings.Cut(f.Tag.Get(tag), ",")
		switch {
		case f.Name == "_":
			for r := range strings.SplitSeq(rules, ",") {
				if err := n.addStructRule(r); err != nil {
					return err
				}
			}
			continue
		case !f.IsExported() || name == "-" || name == "":
			continue
		case name == "*":
			if f.Type != reflect.TypeFor[map[string]any]() {
				return fmt.Errorf("field %s: what collects unknown keys is a map[string]any", f.Name)
			}
			n.rest = i
			continue
		}
		child, err := compile(f.Type, tag, rules, above)
		if err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
		n.fields = append(n.fields, field{child, name, i})
	}
	return nil
}

func (n *node) addStructRule(r string) error {
	switch r {
	case "":
	case "strict":
		n.strict = true
	case "record":
		n.record = true
	case "union":
		n.union = true
	default:
		return fmt.Errorf("unknown rule %q for a struct", r)
	}
	return nil
}

func (n *node) addRule(r string) error {
	name, arg, _ := strings.Cut(r, "=")
	switch name {
	case "":
	case "optional":
		n.optional = true
	case "required":
		n.optional = false
	case "nullable":
		n.nullable = true
	case "union":
		n.union = true
	case "coerce":
		if n.kind != kindString {
			return fmt.Errorf("coerce is for texts, not for %s", n.typ)
		}
		n.coerce = true
	case "nonempty":
		return n.addRule("min=1")
	case "single":
		if n.kind != kindArray {
			return fmt.Errorf("single is for arrays, not for %s", n.typ)
		}
		n.single = true
	case "email", "filled":
		if n.kind != kindString {
			return fmt.Errorf("%s is for texts, not for %s", name, n.typ)
		}
		n.rules = append(n.rules, rule{name: name})
	case "enum":
		if n.kind != kindString || arg == "" {
			return fmt.Errorf("enum=%s on %s", arg, n.typ)
		}
		n.enum = strings.Split(arg, "|")
	case "min", "max":
		limit, err := strconv.ParseFloat(arg, 64)
		countable := n.kind == kindString || n.kind == kindNumber || n.kind == kindInt || n.kind == kindArray
		if err != nil || math.IsNaN(limit) || !countable {
			return fmt.Errorf("%s on %s", r, n.typ)
		}
		n.rules = append(n.rules, rule{name, limit})
	default:
		return fmt.Errorf("unknown rule %q", r)
	}
	return nil
}
