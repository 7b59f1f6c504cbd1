package store

import (
	"context"
	"fmt"
)

// Search is a page of the rows for which all conditions hold.
type Search struct {
	Where      []Condition
	OrderBy    string // a field; "" is id. Equal ones come by id; NULL is least
	Descending bool
	// After continues behind a row of an earlier page, at the same cost for
	// the last page as for the first, which Offset does not.
	After  *Place
	Limit  int // 0: 100
	Offset int
}

// Place is where a row stands in the order of a [Search].
type Place struct {
	Value any // of the field it is ordered by; nil is NULL
	ID    string
}

// lateFrom is the Offset from which the rows left out are not read, where an
// index alone can tell which come behind them: it halves the cost at 900 000.
const lateFrom = 1000

// Find reads rows by conditions that only a request knows. Fixed conditions
// belong into [Table.Select].
func (t *Table[T]) Find(ctx context.Context, search Search) ([]*T, error) {
	where, args, err := t.t.conditions(search.Where)
	if err != nil {
		return nil, err
	}
	order, err := t.t.order(search)
	if err != nil {
		return nil, err
	}
	if search.Limit == 0 {
		search.Limit = 100
	}
	if search.After != nil {
		term, values, err := t.t.after(search)
		if err != nil {
			return nil, err
		}
		if where != "" {
			where += " AND "
		}
		where += term
		args = append(args, values...)
	}
	text := where + order + " LIMIT ? OFFSET ?"
	if where == "" && search.Offset >= lateFrom && t.t.walks(search.OrderBy) {
		text = "{id} IN (SELECT {id} FROM {" + t.t.name + "}" + text + ")" + order
	}
	s, err := t.t.searching(verbFind, text)
	if err != nil {
		return nil, err
	}
	return all[T](ctx, s, append(args, search.Limit, search.Offset))
}

func (t *table) searching(v verb, where string) (*statement, error) {
	return t.cached(string(v)+"\x00"+where, func() *statement {
		return &statement{verb: v, table: t, where: where, byValue: true}
	})
}

// walks reports whether an index alone gives the ids in the order of a field.
func (t *table) walks(field string) bool {
	c := t.byName[field]
	return c != nil && t.byName[t.name] == nil && t.live.covers([]string{c.physical, t.id.physical})
}

// after is the condition for rows behind a place. The first comparison alone
// is what an index on the field answers.
func (t *table) after(s Search) (string, []any, error) {
	name := s.OrderBy
	if name == "" {
		name = "id"
	}
	c, err := t.column(name)
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrCondition, err)
	}
	sign := ">"
	if s.Descending {
		sign = "<"
	}
	value := plain(s.After.Value)
	if err := c.comparable(value); err != nil {
		return "", nil, err
	}
	if err := t.id.comparable(s.After.ID); err != nil {
		return "", nil, err
	}
	f, id := "{"+name+"}", "{id} "+sign+" ?"
	null := c.live != nil && !c.live.NotNull
	switch {
	case c == t.id:
		return id, []any{s.After.ID}, nil
	case value == nil && s.Descending:
		return "(" + f + " IS NULL AND " + id + ")", []any{s.After.ID}, nil
	case value == nil:
		return "(" + f + " IS NOT NULL OR " + id + ")", []any{s.After.ID}, nil
	}
	term := f + " " + sign + "= ? AND (" + f + " " + sign + " ? OR " + id + ")"
	if null && s.Descending {
		term = "(" + f + " IS NULL OR " + term + ")"
	}
	return term, []any{value, value, s.After.ID}, nil
}

// order makes the order total, so that pages neither repeat nor skip rows.
func (t *table) order(s Search) (string, error) {
	name := s.OrderBy
	if name == "" {
		name = "id"
	}
	c, err := t.column(name)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrCondition, err)
	}
	direction, nulls := " ASC", " NULLS FIRST"
	if s.Descending {
		direction, nulls = " DESC", " NULLS LAST"
	}
	order := " ORDER BY {" + name + "}" + direction
	if c.live != nil && !c.live.NotNull && c != t.id {
		order += nulls
	}
	if c != t.id {
		order += ", {id}" + direction
	}
	return order, nil
}
