package store

import (
	"strings"
	"unicode"
)

// Style is how declared names become names in the database.
type Style int

const (
	Camel       Style = iota // user."emailVerified": better-auth's built-in adapter
	Snake                    // user.email_verified: its Drizzle output
	SnakePlural              // users.email_verified; our DDL makes uuid ids and varchar columns
)

// Naming says what tables and columns are called in the database.
type Naming struct {
	Style Style
	// Tables overrides the style, by declared table name.
	Tables map[string]TableNaming
}

// TableNaming overrides the name of a table and, by declared field name, of
// its columns. Empty means what the style says.
type TableNaming struct {
	Name   string
	Fields map[string]string
}

// Table is what a declared table is called in the database.
func (n Naming) Table(name string) string { return n.table(name) }

// Column is what a declared field is called in the database.
func (n Naming) Column(table, field string) string { return n.column(table, field) }

func (n Naming) table(name string) string {
	if o := n.Tables[name].Name; o != "" {
		return o
	}
	switch n.Style {
	case Snake:
		return snake(name)
	case SnakePlural:
		return plural(snake(name))
	}
	return name
}

func (n Naming) column(table, field string) string {
	if o := n.Tables[table].Fields[field]; o != "" {
		return o
	}
	if n.Style == Camel {
		return field
	}
	return snake(field)
}

// snake keeps runs of capitals together: credentialID is credential_id.
func snake(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			afterLower := !unicode.IsUpper(runes[i-1]) && runes[i-1] != '_'
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1]) && runes[i-1] != '_'
			if afterLower || beforeLower {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func plural(s string) string {
	switch {
	case s == "jwks": // a set already
		return s
	case hasAnySuffix(s, "s", "x", "z", "ch", "sh"):
		return s + "es"
	case strings.HasSuffix(s, "y") && !hasAnySuffix(s, "ay", "ey", "oy", "uy"):
		return strings.TrimSuffix(s, "y") + "ies"
	}
	return s + "s"
}

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}
