package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

var errNull = errors.New("NULL, which this field cannot be")

// decode converts a driver's value into *to: a struct field, or *any in an
// Extra. What does not convert exactly is an error, never a zero value.
func decode(to, from any, c *column) error {
	if from == nil {
		return decodeNull(to, c)
	}
	var err error
	switch to := to.(type) {
	case *string:
		*to, err = asString(from)
	case **string:
		*to, err = pointer(asString(from))
	case *time.Time:
		*to, err = asTime(from)
	case **time.Time:
		*to, err = pointer(asTime(from))
	case *bool:
		*to, err = asBool(from)
	case **bool:
		*to, err = pointer(asBool(from))
	case *int64:
		*to, err = asInt(from)
	case **int64:
		*to, err = pointer(asInt(from))
	case *int:
		var n int64
		n, err = asInt(from)
		*to = int(n)
	case **int:
		var n int64
		n, err = asInt(from)
		i := int(n)
		*to = &i
	case *float64:
		*to, err = asFloat(from)
	case **float64:
		*to, err = pointer(asFloat(from))
	case *any:
		if c.Loose {
			*to, err = asLoose(from, c.kind)
		} else {
			*to, err = asAny(from, c.kind)
		}
	default:
		err = decodeJSON(to, from)
	}
	return err
}

func decodeJSON(to, from any) (err error) {
	switch to := to.(type) {
	case *[]string:
		*to, err = asArray[string](from)
	case **[]string:
		*to, err = pointer(asArray[string](from))
	case *[]float64:
		*to, err = asArray[float64](from)
	case **[]float64:
		*to, err = pointer(asArray[float64](from))
	case *json.RawMessage:
		*to, err = asJSON(from)
	case **json.RawMessage:
		*to, err = pointer(asJSON(from))
	default:
		err = fmt.Errorf("no codec for %T", to)
	}
	return err
}

func decodeNull(to any, c *column) error {
	if !c.nullable && !c.added {
		return errNull
	}
	// A new record has nil there already.
	switch to.(type) {
	case *string, *bool, *int, *int64, *float64, *time.Time:
		return errNull
	}
	return nil
}

func pointer[V any](v V, err error) (*V, error) { return &v, err }

func asAny(from any, k kind) (any, error) {
	switch k {
	case kindString:
		return boxed(asString(from))
	case kindBool:
		return boxed(asBool(from))
	case kindTime:
		return boxed(asTime(from))
	case kindStrings:
		return boxed(asArray[string](from))
	case kindFloats:
		return boxed(asArray[float64](from))
	case kindJSON:
		return boxed(asJSON(from))
	}
	if f, ok := from.(float64); ok {
		return f, nil
	}
	if n, err := asInt(from); err == nil {
		return n, nil
	}
	return boxed(asFloat(from)) // PostgreSQL's numeric comes as text
}

func boxed[V any](v V, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// asString takes numbers too: integer ids are strings to us.
func asString(from any) (string, error) {
	switch v := from.(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	}
	return "", unexpected(from, "a text")
}

func asBool(from any) (bool, error) {
	switch v := from.(type) {
	case bool:
		return v, nil
	case int64:
		if v == 0 || v == 1 {
			return v == 1, nil
		}
	case float64:
		if v == 0 || v == 1 {
			return v == 1, nil
		}
	case []byte:
		return asBool(string(v))
	case string:
		switch v {
		case "true", "1", "t":
			return true, nil
		case "false", "0", "f":
			return false, nil
		}
	}
	return false, unexpected(from, "a boolean")
}

func asInt(from any) (int64, error) {
	switch v := from.(type) {
	case int64:
		return v, nil
	case float64:
		if n := int64(v); float64(n) == v {
			return n, nil
		}
	case []byte:
		return asInt(string(v))
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, unexpected(from, "an integer")
}

func asFloat(from any) (float64, error) {
	switch v := from.(type) {
	case float64:
		return v, nil
	case int64:
		return float64(v), nil
	case []byte:
		return asFloat(string(v))
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return f, nil
		}
	}
	return 0, unexpected(from, "a number")
}

// timeLayouts are tried in order: JavaScript's and PostgreSQL's texts, SQLite's
// own, and what Go drivers wrote into columns that another program filled.
var timeLayouts = []string{
	time.RFC3339Nano,
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999-07",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999 -0700 MST",
	time.DateOnly,
}

// asTime takes integers as milliseconds since 1970. Texts without a zone are UTC.
func asTime(from any) (time.Time, error) {
	switch v := from.(type) {
	case time.Time:
		return v.UTC().Truncate(time.Millisecond), nil
	case int64:
		return time.UnixMilli(v).UTC(), nil
	case float64:
		if n := int64(v); float64(n) == v {
			return time.UnixMilli(n).UTC(), nil
		}
	case []byte:
		return asTime(string(v))
	case string:
		for _, layout := range timeLayouts {
			if t, err := time.Parse(layout, v); err == nil {
				return t.UTC().Truncate(time.Millisecond), nil
			}
		}
	}
	return time.Time{}, unexpected(from, "a time")
}

func asArray[V any](from any) (list []V, err error) {
	text, err := asJSON(from)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &list); err != nil || list == nil {
		return nil, unexpected(from, "a JSON array")
	}
	return list, nil
}

func asJSON(from any) (json.RawMessage, error) {
	var text json.RawMessage
	switch v := from.(type) {
	case string:
		text = json.RawMessage(v)
	case []byte:
		text = append(text, v...)
	}
	if !json.Valid(text) {
		return nil, unexpected(from, "JSON")
	}
	return text, nil
}

// unexpected does not show the value, which may be a secret.
func unexpected(from any, want string) error {
	return fmt.Errorf("holds %T that is not %s", from, want)
}

// assign gives *to the value of an Extra, if it is exactly of that type.
func assign(to, value any) error {
	if value == nil {
		switch to.(type) {
		case **string, **bool, **int, **int64, **float64, **time.Time, **[]string, **[]float64, **json.RawMessage:
			return nil
		}
		return errNull
	}
	ok := false
	switch to := to.(type) {
	case *string:
		*to, ok = value.(string)
	case *bool:
		*to, ok = value.(bool)
	case *int64:
		*to, ok = value.(int64)
	case *int:
		var n int64
		n, ok = value.(int64)
		*to = int(n)
	case *float64:
		if *to, ok = value.(float64); !ok {
			var n int64
			n, ok = value.(int64)
			*to = float64(n)
		}
	case *time.Time:
		*to, ok = value.(time.Time)
	case *[]string:
		*to, ok = value.([]string)
	case *[]float64:
		*to, ok = value.([]float64)
	case *json.RawMessage:
		*to, ok = value.(json.RawMessage)
	default:
		return assignPointer(to, value)
	}
	if !ok {
		return unexpected(value, "of the column's type")
	}
	return nil
}

func assignPointer(to, value any) error {
	switch to := to.(type) {
	case **string:
		return assignNew(to, value)
	case **bool:
		return assignNew(to, value)
	case **int:
		return assignNew(to, value)
	case **int64:
		return assignNew(to, value)
	case **float64:
		return assignNew(to, value)
	case **time.Time:
		return assignNew(to, value)
	case **[]string:
		return assignNew(to, value)
	case **[]float64:
		return assignNew(to, value)
	case **json.RawMessage:
		return assignNew(to, value)
	}
	return fmt.Errorf("no codec for %T", to)
}

func assignNew[V any](to **V, value any) error {
	v := new(V)
	if err := assign(v, value); err != nil {
		return err
	}
	*to = v
	return nil
}
