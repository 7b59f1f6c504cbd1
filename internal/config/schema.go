package config

import (
	"encoding/json"
	"reflect"
	"slices"
)

// Schema is a JSON Schema (draft 2020-12) of the document, for editors that
// complete and check while one types. Defaults are those of Reference that have
// a value in into.
func Schema(into any, docs Docs) ([]byte, error) {
	v := target(into)
	root := object(v, docs, nil)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	if doc := docs.ofType(v.Type()); doc != "" {
		root["description"] = doc
	}
	return json.MarshalIndent(root, "", "  ")
}

type schema = map[string]any

func object(v reflect.Value, docs Docs, around []reflect.Type) schema {
	if slices.Contains(around, v.Type()) {
		return schema{"type": "object"}
	}
	around = append(around[:len(around):len(around)], v.Type())
	properties := schema{}
	for _, f := range fieldsOf(v.Type()) {
		value := v.FieldByIndex(f.index)
		one := shapeOf(value, docs, around)
		if doc := docs.of(f); doc != "" {
			one["description"] = doc
		}
		if preset := presetOf(f, value); preset != nil {
			one["default"] = preset
		}
		if f.secret {
			one["writeOnly"] = true
		}
		properties[f.name] = one
	}
	return schema{"type": "object", "additionalProperties": false, "properties": properties}
}

func presetOf(f field, v reflect.Value) any {
	if f.secret || v.IsZero() {
		return nil
	}
	switch kindOf(f.typ) {
	case boolKind, intKind, floatKind, stringKind:
		return v.Interface()
	case durationKind, textKind:
		return inline(v)
	}
	return nil
}

func shapeOf(v reflect.Value, docs Docs, around []reflect.Type) schema {
	t := v.Type()
	switch kindOf(t) {
	case boolKind:
		return schema{"type": "boolean"}
	case intKind:
		return whole(t)
	case floatKind:
		return schema{"type": "number"}
	case durationKind:
		return schema{"anyOf": []schema{
			{"type": "number", "minimum": 0},
			{"type": "string", "pattern": `^([0-9.]+ ?(w|weeks?|d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?|ms|us|ns))+$|^[0-9.]+$`},
		}}
	case stringKind:
		if options := optionsOf(t); options != nil {
			return schema{"anyOf": []schema{{"enum": options}, {"type": "string", "pattern": `\$\{(file|env):`}}}
		}
		return schema{"type": "string"}
	case textKind:
		return schema{"type": "string"}
	case listKind:
		list := schema{"type": "array", "items": shapeOf(reflect.New(t.Elem()).Elem(), docs, around)}
		if isTextList(t) {
			return schema{"anyOf": []schema{list, {"type": "string"}}}
		}
		return list
	case mapKind:
		return schema{"type": "object", "additionalProperties": shapeOf(reflect.New(t.Elem()).Elem(), docs, around)}
	case structKind:
		return object(v, docs, around)
	case pointerKind:
		if kindOf(t.Elem()) == structKind {
			return schema{"anyOf": []schema{object(indirect(v), docs, around), {"type": "boolean"}}}
		}
		return shapeOf(reflect.New(t.Elem()).Elem(), docs, around)
	}
	return schema{}
}

func whole(t reflect.Type) schema {
	if reflect.New(t).Elem().CanUint() {
		return schema{"type": "integer", "minimum": 0}
	}
	return schema{"type": "integer"}
}
