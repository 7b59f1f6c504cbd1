package admin

import (
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/check"
	"github.com/gatehouse-auth/gatehouse/store"
)

// The open member "data" of two operations: which columns an admin may set,
// of which type, with which permission. Names that are no column are dropped,
// as everywhere (PROTOCOL 1.7).

type purpose int

const (
	creating purpose = iota
	updating
)

// dataRule reads one column's value. With an error nothing is changed.
type dataRule struct {
	// action is the permission on user that it takes, "" for none besides the
	// operation's.
	action  string
	refusal *gatehouse.Error
	kind    store.Type
	null    bool
}

var dataRules = map[string]dataRule{
	"name":          {kind: store.String},
	"email":         {kind: store.String, action: "set-email", refusal: ErrSetEmail},
	"emailVerified": {kind: store.Boolean, action: "set-email", refusal: ErrSetEmail},
	"image":         {kind: store.String, null: true},
	"banned":        {kind: store.Boolean, null: true, action: "ban", refusal: ErrBan},
	"banReason":     {kind: store.String, null: true, action: "ban", refusal: ErrBan},
	"banExpires":    {kind: store.Date, null: true, action: "ban", refusal: ErrBan},

	// Columns that other plugins add and leave to admins.
	"username":            {kind: store.String, null: true},
	"displayUsername":     {kind: store.String, null: true},
	"phoneNumber":         {kind: store.String, null: true, action: "set-phone", refusal: ErrSetPhone},
	"phoneNumberVerified": {kind: store.Boolean, null: true, action: "set-phone", refusal: ErrSetPhone},
}

// ownColumns are those that the house alone writes.
var ownColumns = []string{"id", "createdAt", "updatedAt"}

// explicit are the members of data that the body of create-user overrides.
var explicit = []string{"email", "name", "role"}

func (a *Admin) readData(c *gatehouse.Call, data map[string]any, why purpose) ([]store.Change, error) {
	var changes []store.Change
	for _, name := range dataOrder(data) {
		value := data[name]
		switch {
		case why == creating && (slices.Contains(ownColumns, name) || slices.Contains(explicit, name)):
			continue
		case name == "role":
			role, err := a.readRole(c, value)
			if err != nil {
				return nil, err
			}
			changes = append(changes, store.Change{Field: name, Value: role})
			continue
		}
		rule, ruled := dataRules[name]
		known, additional := a.column(name)
		switch {
		case !known && !slices.Contains(ownColumns, name):
			continue
		case !ruled && !additional:
			return nil, gatehouse.ErrFieldNotAllowed.Saying("%s is not allowed to be set", name)
		case ruled && rule.action != "" && (why == updating || rule.action == "ban"):
			if err := a.may(c, rule.action, rule.refusal); err != nil {
				return nil, err
			}
		}
		if ruled {
			var err error
			if value, err = rule.read(name, value); err != nil {
				return nil, err
			}
		}
		changes = append(changes, store.Change{Field: name, Value: value})
	}
	return changes, nil
}

// dataOrder is the order in which the protocol judges members: roles, bans,
// addresses, then the rest.
func dataOrder(data map[string]any) []string {
	first := []string{"role", "banned", "banReason", "banExpires", "email", "emailVerified"}
	names := make([]string, 0, len(data))
	for name := range data {
		names = append(names, name)
	}
	place := func(name string) int {
		if i := slices.Index(first, name); i >= 0 {
			return i
		}
		return len(first)
	}
	slices.SortFunc(names, func(x, y string) int {
		if d := place(x) - place(y); d != 0 {
			return d
		}
		return strings.Compare(x, y)
	})
	return names
}

// column reports whether the user table has a column, and whether it is one of
// the embedder's own additional fields.
func (a *Admin) column(name string) (known, additional bool) {
	if _, additional = a.app.Config().User.AdditionalFields[name]; additional {
		return true, true
	}
	switch name {
	case "name", "email", "emailVerified", "image":
		return true, false
	}
	return slices.ContainsFunc(a.app.DB.AddedFields("user"), func(f store.Field) bool { return f.Name == name }), false
}

func (r dataRule) read(name string, value any) (any, error) {
	if value == nil && r.null {
		return nil, nil
	}
	if name == "email" {
		email, _ := value.(string)
		if email = gatehouse.NormalizeEmail(email); !check.IsEmail(email) {
			return nil, gatehouse.ErrInvalidEmail
		}
		return email, nil
	}
	switch v := value.(type) {
	case string:
		if name == "image" && !gatehouse.SafeImage(v) {
			return nil, gatehouse.ErrImage
		}
		if r.kind == store.String {
			return v, nil
		}
		if t, ok := parseTime(v); ok && r.kind == store.Date {
			return t, nil
		}
	case bool:
		if r.kind == store.Boolean {
			return v, nil
		}
	}
	return nil, gatehouse.ErrValidation.Saying("[body.data.%s] Invalid input: expected %s", name, r.kind)
}

// parseTime reads ISO 8601 in the forms that JavaScript writes.
func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 0 && t.UTC().Year() <= 9999 {
			return t, true
		}
	}
	return time.Time{}, false
}

func (a *Admin) readRole(c *gatehouse.Call, value any) (string, error) {
	if err := a.may(c, "set-role", ErrSetRole); err != nil {
		return "", err
	}
	roles, err := roleList(value)
	if err != nil {
		return "", err
	}
	return strings.Join(roles, ","), a.checkRoles(c, roles)
}

// roleList reads one role or a list of them.
func roleList(value any) ([]string, error) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	roles := make([]string, len(list))
	for i, v := range list {
		if roles[i], ok = v.(string); !ok {
			return nil, ErrRoleType
		}
	}
	return roles, nil
}

func joined(roles []string) *string {
	text := strings.Join(roles, ",")
	return &text
}

// setFields puts changes into a record that is not stored yet.
func setFields(user *gatehouse.User, fields []store.Change) {
	for _, f := range fields {
		switch v := f.Value.(type) {
		case bool:
			if f.Field == "emailVerified" {
				user.EmailVerified = v
				continue
			}
		case string:
			if f.Field == "image" {
				user.Image = &v
				continue
			}
		case nil:
			if f.Field == "image" {
				continue
			}
		}
		user.Set(f.Field, f.Value)
	}
}
