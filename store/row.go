package store

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strings"
)

// rowPlan is how a table's columns are selected and where their values go.
type rowPlan struct {
	columns         []*column // the struct's, then added ones if T embeds Extra
	own             int       // how many are the struct's
	extra           []int
	list, qualified string // as SQL
}

func (t *table) planRow() {
	p := &rowPlan{extra: t.extra}
	var list, qualified []string
	for _, c := range t.columns {
		if c.added && t.extra == nil {
			continue
		}
		if !c.added {
			p.own++
		}
		p.columns = append(p.columns, c)
		list = append(list, c.quoted)
		qualified = append(qualified, c.qualified())
	}
	p.list, p.qualified = strings.Join(list, ", "), strings.Join(qualified, ", ")
	t.row = p
}

// cell receives one value; it is a sql.Scanner.
type cell struct {
	column *column
	to     any // pointer to the struct field, or *any in an Extra
}

// Scan converts the driver's value.
func (c *cell) Scan(from any) error {
	if err := decode(c.to, from, c.column); err != nil {
		return fmt.Errorf("%s.%s: %w", c.column.table.name, c.column.name, err)
	}
	return nil
}

// row is the scratch space of one reading: cells and, pointing at them, what
// rows.Scan wants.
type row struct {
	cells []cell
	dest  []any
}

func (s *statement) scratchRow() *row {
	if r, ok := s.scratch.Get().(*row); ok {
		return r
	}
	columns := s.table.row.columns
	if s.other != nil {
		columns = append(append([]*column{}, columns...), s.other.row.columns...)
	}
	r := &row{cells: make([]cell, len(columns)), dest: make([]any, len(columns))}
	for i, c := range columns {
		r.cells[i].column = c
		r.dest[i] = &r.cells[i]
	}
	return r
}

// free keeps the space without the record it pointed into.
func (s *statement) free(r *row) {
	for i := range r.cells {
		r.cells[i].to = nil
	}
	s.scratch.Put(r)
}

// aim points cells at the fields of a new record.
func (p *rowPlan) aim(cells []cell, record reflect.Value) {
	for i, c := range p.columns[:p.own] {
		var field reflect.Value
		if len(c.index) == 1 {
			field = record.Field(c.index[0])
		} else {
			field = record.FieldByIndex(c.index)
		}
		cells[i].to = field.Addr().Interface()
	}
	added := p.columns[p.own:]
	if len(added) == 0 {
		return
	}
	e := record.FieldByIndex(p.extra).Addr().Interface().(*Extra)
	e.values = make([]FieldValue, len(added))
	for i, c := range added {
		e.values[i].Field = &c.Field
		cells[p.own+i].to = &e.values[i].Value
	}
}

// read scans the row at hand into a new record.
func read[T any](rows *sql.Rows, s *statement, r *row) (*T, error) {
	rec := new(T)
	s.table.row.aim(r.cells, reflect.ValueOf(rec).Elem())
	return rec, rows.Scan(r.dest...)
}

func one[T any](ctx context.Context, s *statement, args []any) (rec *T, err error) {
	err = s.each(ctx, args, func(rows *sql.Rows) (_ bool, err error) {
		r := s.scratchRow()
		defer s.free(r)
		rec, err = read[T](rows, s, r)
		return false, err
	})
	return found(rec, err)
}

func found[T any](rec *T, err error) (*T, error) {
	switch {
	case err != nil:
		return nil, err
	case rec == nil:
		return nil, ErrNotFound
	}
	return rec, nil
}

func all[T any](ctx context.Context, s *statement, args []any) (list []*T, err error) {
	var r *row
	err = s.each(ctx, args, func(rows *sql.Rows) (bool, error) {
		if r == nil {
			r = s.scratchRow()
		}
		rec, err := read[T](rows, s, r)
		list = append(list, rec)
		return true, err
	})
	if r != nil {
		s.free(r)
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

// readPair scans the row at hand into two new records.
func readPair[A, B any](rows *sql.Rows, s *statement, r *row) (*A, *B, error) {
	a, b := new(A), new(B)
	left := len(s.table.row.columns)
	s.table.row.aim(r.cells[:left], reflect.ValueOf(a).Elem())
	s.other.row.aim(r.cells[left:], reflect.ValueOf(b).Elem())
	return a, b, rows.Scan(r.dest...)
}

func onePair[A, B any](ctx context.Context, s *statement, args []any) (a *A, b *B, err error) {
	err = s.each(ctx, args, func(rows *sql.Rows) (_ bool, err error) {
		r := s.scratchRow()
		defer s.free(r)
		a, b, err = readPair[A, B](rows, s, r)
		return false, err
	})
	if _, err := found(a, err); err != nil {
		return nil, nil, err
	}
	return a, b, nil
}

func allPairs[A, B any](ctx context.Context, s *statement, args []any) (as []*A, bs []*B, err error) {
	err = s.each(ctx, args, func(rows *sql.Rows) (bool, error) {
		r := s.scratchRow()
		defer s.free(r)
		a, b, err := readPair[A, B](rows, s, r)
		as, bs = append(as, a), append(bs, b)
		return true, err
	})
	if err != nil {
		return nil, nil, err
	}
	return as, bs, nil
}
