package gatehouse

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/wire"
	"github.com/gatehouse-auth/gatehouse/store"
)

// fieldSet is the additional fields of one record: what clients may set, what
// must be there, what is filled in.
type fieldSet struct {
	names   []string
	options map[string]FieldOptions
}

var fieldTypes = map[string]store.Type{
	"string": store.String, "number": store.Number, "boolean": store.Boolean, "date": store.Date,
	"string[]": store.StringArray, "number[]": store.NumberArray, "json": store.JSON,
}

// addFields declares the columns of options on table.
func (a *App) addFields(table string, options map[string]FieldOptions) (fieldSet, error) {
	set := fieldSet{options: options}
	for name := range options {
		set.names = append(set.names, name)
	}
	sort.Strings(set.names)
	for _, name := range set.names {
		o := options[name]
		kind, ok := fieldTypes[o.Type]
		if !ok {
			return set, fmt.Errorf("additional field %s.%s has type %q: use string, number, boolean, date, string[], number[] or json", table, name, o.Type)
		}
		a.DB.AddField(table, store.Field{
			Name: name, Type: kind, Required: isTrue(o.Required, true), Unique: o.Unique, Index: o.Index,
			Default: o.DefaultValue, Hidden: !isTrue(o.Returned, true), Loose: true,
		})
	}
	return set, nil
}

func isTrue(b *bool, unset bool) bool {
	if b == nil {
		return unset
	}
	return *b
}

// onCreate picks the declared fields out of a body and sets them on extra
// (PROTOCOL 1.7): a field that clients may not set keeps its default, a
// missing required one is an error, unknown names are dropped.
func (f fieldSet) onCreate(body map[string]any, extra *store.Extra) error {
	for _, name := range f.names {
		o := f.options[name]
		value, given := body[name]
		switch {
		case given && !isTrue(o.Input, true):
			if o.DefaultValue == nil && truthy(value) {
				return ErrFieldNotAllowed.Saying("%s is not allowed to be set", name)
			}
			given = false
		case given:
			stored, err := o.stored(name, value)
			if err != nil {
				return err
			}
			extra.Set(name, stored)
		}
		if given {
			continue
		}
		if o.DefaultValue != nil {
			extra.Set(name, o.DefaultValue)
		} else if isTrue(o.Required, true) {
			return ErrMissingField.Saying("%s is required", name)
		}
	}
	return nil
}

// onUpdate picks the declared fields out of a body as changes.
func (f fieldSet) onUpdate(body map[string]any) ([]store.Change, error) {
	var changes []store.Change
	for _, name := range f.names {
		value, given := body[name]
		if !given {
			continue
		}
		if !isTrue(f.options[name].Input, true) {
			if truthy(value) {
				return nil, ErrFieldNotAllowed.Saying("%s is not allowed to be set", name)
			}
			continue
		}
		stored, err := f.options[name].stored(name, value)
		if err != nil {
			return nil, err
		}
		changes = append(changes, store.Change{Field: name, Value: stored})
	}
	return changes, nil
}

// stored turns a body's value into what the store takes for the field. Texts
// and numbers are left to the store, which is as loose as the protocol; what
// no column of the type could hold is refused.
func (o FieldOptions) stored(name string, value any) (any, error) {
	received := "object"
	switch v := value.(type) {
	case nil:
		return nil, nil
	case string:
		if o.Type == "date" {
			return fieldTime(name, v)
		}
		if o.Type == "string" || o.Type == "number" || o.Type == "boolean" {
			return v, nil
		}
		received = "string"
	case float64:
		if (o.Type == "string" || o.Type == "number") && !math.IsInf(v, 0) {
			return v, nil
		}
		received = "number"
	case bool:
		if o.Type == "boolean" {
			return v, nil
		}
		received = "boolean"
	case []any:
		if o.Type == "string[]" || o.Type == "number[]" {
			return fieldArray(name, o.Type, v)
		}
		received = "array"
	}
	if o.Type == "json" {
		if raw, err := wire.Marshal(value); err == nil {
			return json.RawMessage(raw), nil
		}
		received = "number" // an infinite one somewhere inside
	}
	return nil, wrongField(name, o.Type, received)
}

func wrongField(name, expected, received string) error {
	return ErrValidation.Saying("[body.%s] Invalid input: expected %s, received %s", name, expected, received)
}

func fieldTime(name, text string) (any, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return nil, wrongField(name, "date", "string")
}

// fieldArray is a list in which every item is of the field's type.
func fieldArray(name, kind string, items []any) (any, error) {
	texts, numbers := []string{}, []float64{}
	for _, item := range items {
		switch item := item.(type) {
		case string:
			texts = append(texts, item)
		case float64:
			numbers = append(numbers, item)
		}
	}
	switch {
	case kind == "string[]" && len(texts) == len(items):
		return texts, nil
	case kind == "number[]" && len(numbers) == len(items):
		return numbers, nil
	}
	return nil, wrongField(name, kind, "array")
}

// restore sets the columns that options and plugins add to a table from JSON
// that we wrote ourselves.
func (a *App) restore(table string, extra *store.Extra, members map[string]any) {
	for _, field := range a.DB.AddedFields(table) {
		value, ok := members[field.Name]
		if !ok {
			continue
		}
		if text, isText := value.(string); isText && field.Type == store.Date {
			if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
				value = t
			}
		}
		extra.Set(field.Name, value)
	}
}

// truthy is the protocol's idea of "the client tried to set this".
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case float64:
		return v != 0
	default:
		return true
	}
}

// UserFieldsOnCreate sets the user's additional fields from a sign-up body.
func (a *App) UserFieldsOnCreate(body map[string]any, user *User) error {
	return a.userFields.onCreate(body, &user.Extra)
}

// UserFieldsOnUpdate reads changes of additional user fields from a body.
func (a *App) UserFieldsOnUpdate(body map[string]any) ([]store.Change, error) {
	return a.userFields.onUpdate(body)
}

// SessionFieldsOnUpdate reads changes of additional session fields from a body.
func (a *App) SessionFieldsOnUpdate(body map[string]any) ([]store.Change, error) {
	return a.sessionFields.onUpdate(body)
}
