package oauth

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Profile is a JSON object of a provider. Numbers are json.Number, so that an
// id of 64 bits stays what it is.
type Profile map[string]any

// Text is a member as text, "" when it is neither text nor a number.
func (p Profile) Text(name string) string {
	switch v := p[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return ""
	}
}

// First is the first of the members that is not empty.
func (p Profile) First(names ...string) string {
	for _, name := range names {
		if text := p.Text(name); text != "" {
			return text
		}
	}
	return ""
}

// Bool is a member as a truth value; some providers send it as text. Anything
// else is false.
func (p Profile) Bool(name string) bool {
	switch v := p[name].(type) {
	case bool:
		return v
	case string:
		return v == "true"
	default:
		return false
	}
}

// In is an object within, or nil: In("data", "user").
func (p Profile) In(path ...string) Profile {
	for _, name := range path {
		switch within := p[name].(type) {
		case map[string]any:
			p = within
		case Profile:
			p = within
		default:
			return nil
		}
	}
	return p
}

// List are the objects of an array member.
func (p Profile) List(name string) []Profile {
	array, _ := p[name].([]any)
	var list []Profile
	for _, element := range array {
		if object, ok := element.(map[string]any); ok {
			list = append(list, object)
		}
	}
	return list
}

// Words is a member that is a list of texts, or one text split at spaces.
func (p Profile) Words(name string) []string {
	switch v := p[name].(type) {
	case string:
		return strings.Fields(v)
	case []any:
		var words []string
		for _, element := range v {
			if text, ok := element.(string); ok && strings.TrimSpace(text) != "" {
				words = append(words, strings.TrimSpace(text))
			}
		}
		return words
	default:
		return nil
	}
}

// Number is a member as a whole number; text of digits counts.
func (p Profile) Number(name string) (int64, bool) {
	text := p.Text(name)
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	return n, err == nil && strings.Trim(fraction, "0") == ""
}

// StandardClaims reads the claims of OpenID Connect Core §5.1.
func StandardClaims(p Profile) (Identity, error) {
	return Identity{
		Subject: p.Text("sub"),
		Email:   p.Text("email"), EmailVerified: p.Bool("email_verified"),
		Name: p.Text("name"), Image: p.Text("picture"),
	}, nil
}
