package people

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// person reads the members of one row. With textual all values are texts, as
// CSV has them, and an empty one is as good as none.
func (f *form) person(members map[string]any, textual bool) (p Person, err error) {
	p.Fields = map[string]any{}
	email, _ := members["email"].(string)
	p.Email = gatehouse.NormalizeEmail(email)
	p.Name, _, _ = strings.Cut(email, "@")
	for _, name := range slices.Sorted(maps.Keys(members)) { // so that of several mistakes it is always the same one
		value := members[name]
		if text, ok := value.(string); ok {
			if err := checkText(text); err != nil {
				return p, fmt.Errorf("%s: %w", name, err)
			}
		}
		if err := f.set(&p, name, value, textual); err != nil {
			return p, err
		}
	}
	return p, f.check(&p)
}

// set puts one member into p.
func (f *form) set(p *Person, name string, value any, textual bool) (err error) {
	if value == nil && name != "email" {
		if field, added := f.byName[name]; added && !field.Required {
			p.Fields[name] = nil
		}
		return f.known(name)
	}
	text, isText := value.(string)
	switch name {
	case "id", "email", "name", "image", "passwordHash", "password":
		if !isText {
			return fmt.Errorf("%s is not a text", name)
		}
	}
	switch name {
	case "id":
		p.ID = text
	case "email":
	case "name":
		p.Name = text
	case "image":
		if text != "" {
			p.Image = &text
		}
	case "passwordHash":
		p.PasswordHash = text
	case "password":
		p.Password = text
	case "emailVerified":
		p.EmailVerified, err = boolean(name, value, textual)
	case "createdAt":
		p.CreatedAt, err = moment(name, value, textual)
	case "accounts":
		p.Identities, err = identities(value, textual)
	default:
		return f.setAdded(p, name, value, textual)
	}
	return err
}

// known refuses names that are nobody's.
func (f *form) known(name string) error {
	for _, core := range coreNames {
		if core == name {
			return nil
		}
	}
	if _, ok := f.byName[name]; ok {
		return nil
	}
	return fmt.Errorf("unknown field %q", name)
}

func (f *form) setAdded(p *Person, name string, value any, textual bool) error {
	field, ok := f.byName[name]
	if !ok {
		return fmt.Errorf("unknown field %q", name)
	}
	if value == "" && textual && (field.Type != store.String || !field.Required) {
		return nil
	}
	typed, err := added(field, value, textual)
	if err == nil {
		p.Fields[name] = typed
	}
	return err
}

// added gives a value the type that its column has.
func added(field store.Field, value any, textual bool) (any, error) {
	text, isText := value.(string)
	switch field.Type {
	case store.String:
		if isText {
			return text, nil
		}
	case store.Number:
		number, ok := value.(float64)
		if textual {
			var err error
			number, err = strconv.ParseFloat(text, 64)
			ok = err == nil
		}
		if ok && !math.IsInf(number, 0) && !math.IsNaN(number) {
			return number, nil
		}
	case store.Boolean:
		return boolean(field.Name, value, textual)
	case store.Date:
		return moment(field.Name, value, textual)
	default:
		return addedJSON(field, value, textual)
	}
	return nil, fmt.Errorf("%s is not a %s", field.Name, field.Type)
}

// addedJSON is for the columns that are kept as JSON; in CSV they are its text.
func addedJSON(field store.Field, value any, textual bool) (any, error) {
	raw, err := json.Marshal(value)
	if text, _ := value.(string); textual {
		raw = []byte(text)
	}
	wrong := fmt.Errorf("%s is not a %s", field.Name, field.Type)
	if err != nil || !json.Valid(raw) || strings.Contains(string(raw), `\u0000`) || len(raw) > maxTextBytes {
		return nil, wrong
	}
	texts, numbers := []string(nil), []float64(nil)
	switch field.Type {
	case store.StringArray:
		if json.Unmarshal(raw, &texts) != nil || texts == nil {
			return nil, wrong
		}
		return texts, nil
	case store.NumberArray:
		if json.Unmarshal(raw, &numbers) != nil || numbers == nil {
			return nil, wrong
		}
		return numbers, nil
	}
	return json.RawMessage(raw), nil
}

func boolean(name string, value any, textual bool) (bool, error) {
	if b, ok := value.(bool); ok {
		return b, nil
	}
	if text, ok := value.(string); ok && textual {
		switch strings.ToLower(text) {
		case "true", "1", "yes":
			return true, nil
		case "false", "0", "no", "":
			return false, nil
		}
	}
	return false, fmt.Errorf("%s is not true or false", name)
}

// moment reads RFC 3339 with or without the time of day.
func moment(name string, value any, textual bool) (time.Time, error) {
	text, ok := value.(string)
	if ok && text == "" && textual {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); ok && err == nil && t.UTC().Year() >= 0 && t.UTC().Year() <= 9999 {
			return t.UTC().Truncate(time.Millisecond), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is not a time such as 2026-11-23T12:00:00Z", name)
}

func identities(value any, textual bool) (list []Identity, err error) {
	raw, err := json.Marshal(value)
	if text, _ := value.(string); textual {
		if text == "" {
			return nil, nil
		}
		raw = []byte(text)
	}
	if err != nil || json.Unmarshal(raw, &list) != nil {
		return nil, fmt.Errorf("accounts is not a list of {providerId, accountId}")
	}
	return list, nil
}
