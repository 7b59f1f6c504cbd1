package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Relation is a column that was declared to refer to another.
type Relation struct{ Table, Field string }

// Relations lists the columns that refer to "table.field", in the order they
// were declared.
func (db *DB) Relations(to string) []Relation {
	db.mu.Lock()
	defer db.mu.Unlock()
	var found []Relation
	for _, t := range db.order {
		for _, c := range t.columns {
			if c.References == to && t.record != nil {
				found = append(found, Relation{t.name, c.name})
			}
		}
	}
	return found
}

// Related reads the rows whose column r is value, in the order of their ids,
// whatever their struct is. Hidden columns are left out.
func (db *DB) Related(ctx context.Context, r Relation, value string) ([][]FieldValue, error) {
	db.mu.Lock()
	t := db.tables[r.Table]
	db.mu.Unlock()
	if t == nil {
		return nil, fmt.Errorf("store: there is no table %s", r.Table)
	}
	if _, err := t.column(r.Field); err != nil {
		return nil, err
	}
	s, err := t.searching(verbFind, "{"+r.Field+"} = ? ORDER BY {id}")
	if err != nil {
		return nil, err
	}
	var list [][]FieldValue
	err = s.each(ctx, []any{value}, func(rows *sql.Rows) (bool, error) {
		fields, err := t.readAny(rows)
		list = append(list, fields)
		return true, err
	})
	return list, err
}

// readAny scans the row at hand without a struct.
func (t *table) readAny(rows *sql.Rows) ([]FieldValue, error) {
	columns := t.row.columns
	values, cells := make([]FieldValue, len(columns)), make([]cell, len(columns))
	targets := make([]any, len(columns))
	for i, c := range columns {
		values[i].Field = &c.Field
		cells[i] = cell{column: c, to: &values[i].Value}
		targets[i] = &cells[i]
	}
	if err := rows.Scan(targets...); err != nil {
		return nil, err
	}
	shown := values[:0]
	for _, v := range values {
		if !v.Field.Hidden {
			shown = append(shown, v)
		}
	}
	return shown, nil
}
