package store

import (
	"fmt"
	"slices"
	"strings"
)

// Index declares an index over several fields, in this order. An index over
// one field is an option of its tag. Like those it is made by [DB.Apply], and
// a database without it is slow but fit. Several may declare the same.
func (t *Table[T]) Index(fields ...string) {
	if len(fields) < 2 {
		t.t.db.refuse("index on %s: name two fields or more", t.t.name)
		return
	}
	if !slices.ContainsFunc(t.t.indexes, func(known []string) bool { return slices.Equal(known, fields) }) {
		t.t.indexes = append(t.t.indexes, fields)
	}
}

// checkCompound reports fields that do not exist.
func (t *table) checkCompound() (errs []error) {
	for _, fields := range t.indexes {
		for _, field := range fields {
			if _, err := t.column(field); err != nil {
				errs = append(errs, fmt.Errorf("store: index: %w", err))
			}
		}
	}
	return errs
}

// planCompound adds the declared ones that no live index begins with.
func (p *Plan) planCompound(t *table) {
	for _, fields := range t.indexes {
		var names, quoted []string
		for _, field := range fields {
			c := t.byName[field]
			names = append(names, c.physical)
			quoted = append(quoted, c.quoted)
		}
		if t.live == nil || !t.live.covers(names) {
			name := quote(t.physical + "_" + strings.Join(names, "_") + "_idx")
			p.add("CREATE INDEX %s ON %s (%s)", name, t.quoted(), strings.Join(quoted, ", "))
		}
	}
}

// covers reports whether an index begins with the columns.
func (t *LiveTable) covers(columns []string) bool {
	for _, i := range t.Indexes {
		if i.Kind == Ordered && len(i.Columns) >= len(columns) && strings.Join(i.Columns[:len(columns)], "\x00") == strings.Join(columns, "\x00") {
			return true
		}
	}
	return false
}

// IDs is how new rows of the table get their id; known after Load.
func (t *Table[T]) IDs() IDKind { return t.t.idKind() }
