package store

import (
	"fmt"
	"strings"
)

// param is what a ? of a statement becomes.
type param struct {
	column *column // whose codec writes it; nil: as it is
	stored bool    // the value will be stored, not compared with
}

// template writes SQL from text with {names} and ?.
type template struct {
	db     *DB
	scope  *table // whose fields {field} means; nil in joins
	upsert bool   // {new.field} is the row that was to be inserted
	stored bool
	near   *column
	params []param
	out    strings.Builder
}

func (w *template) raw(text string) { w.out.WriteString(text) }

// write resolves text; stored says that its ? are values to be stored.
func (w *template) write(text string, stored bool) error {
	w.stored, w.near = stored, nil
	for len(text) > 0 {
		i := strings.IndexAny(text, `{?'"`)
		if i < 0 {
			break
		}
		w.raw(text[:i])
		rest, err := w.special(text[i:])
		if err != nil {
			return err
		}
		text = rest
	}
	w.raw(text)
	return nil
}

// special writes the quoted text, name or parameter that text begins with and
// returns the rest.
func (w *template) special(text string) (rest string, err error) {
	switch text[0] {
	case '?':
		w.param()
		return text[1:], nil
	case '{':
		name, rest, ok := strings.Cut(text[1:], "}")
		if !ok {
			return "", fmt.Errorf("{ without }")
		}
		return rest, w.name(name)
	}
	end := strings.IndexByte(text[1:], text[0])
	if end < 0 {
		return "", fmt.Errorf("%c without its pair", text[0])
	}
	w.raw(text[:end+2])
	return text[end+2:], nil
}

func (w *template) param() {
	c := w.near
	before := strings.ToUpper(strings.TrimRight(w.out.String(), " \t\n"))
	if strings.HasSuffix(before, "LIMIT") || strings.HasSuffix(before, "OFFSET") {
		c = nil
	}
	w.bind(c, w.stored)
}

// bind writes a placeholder.
func (w *template) bind(c *column, stored bool) {
	cast := ""
	if c != nil && c.live != nil {
		cast = c.live.Cast
	}
	w.params = append(w.params, param{column: c, stored: stored})
	w.raw(w.db.dialect.Placeholder(len(w.params), cast))
}

func (w *template) name(name string) error {
	tableName, field, dotted := strings.Cut(name, ".")
	if !dotted {
		return w.bareName(name)
	}
	if w.upsert && tableName == "new" {
		c, err := w.scope.column(field)
		if err != nil {
			return err
		}
		w.near = c
		w.raw("excluded." + c.quoted)
		return nil
	}
	t, err := w.db.tableNamed(tableName)
	if err != nil {
		return err
	}
	c, err := t.column(field)
	if err != nil {
		return err
	}
	w.near = c
	w.raw(c.qualified())
	return nil
}

// bareName is a field of the scope or a table.
func (w *template) bareName(name string) error {
	if w.scope != nil {
		if c := w.scope.byName[name]; c != nil {
			w.near = c
			w.raw(c.quoted)
			return nil
		}
	}
	if t := w.db.tables[name]; t != nil {
		w.raw(t.quoted())
		return nil
	}
	if w.scope == nil {
		return fmt.Errorf("{%s} is no table; a join says {table.field}", name)
	}
	_, err := w.scope.column(name)
	return err
}

// column finds a declared column, or says which one may have been meant.
func (t *table) column(name string) (*column, error) {
	if c := t.byName[name]; c != nil {
		return c, nil
	}
	var names []string
	for _, c := range t.columns {
		names = append(names, c.name)
	}
	return nil, fmt.Errorf("table %s has no field %q%s", t.name, name, meant(name, names))
}

func (db *DB) tableNamed(name string) (*table, error) {
	if t := db.tables[name]; t != nil {
		return t, nil
	}
	var names []string
	for _, t := range db.order {
		names = append(names, t.name)
	}
	return nil, fmt.Errorf("no table %q is defined%s", name, meant(name, names))
}

// quoted is the table's name as SQL, with its schema.
func (t *table) quoted() string {
	if t.schema != "" {
		return quote(t.schema) + "." + quote(t.physical)
	}
	return quote(t.physical)
}

func (c *column) qualified() string { return quote(c.table.physical) + "." + c.quoted }

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// meant proposes the nearest of names, if one is near.
func meant(name string, names []string) string {
	best, least := "", len(name)/2+1
	for _, n := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance is Levenshtein's, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
