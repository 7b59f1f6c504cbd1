package store

import (
	"context"
	"fmt"
	"strings"
)

// shapes is how many statements made after Load a table keeps.
const shapes = 256

// cached finds or makes a statement whose shape is known at run time only.
func (t *table) cached(key string, make func() *statement) (*statement, error) {
	t.cacheMu.Lock()
	defer t.cacheMu.Unlock()
	if s := t.cache[key]; s != nil {
		return s, s.err
	}
	s := make()
	s.db = t.db
	if err := s.usableTable(); err != nil {
		return nil, err
	}
	if err := s.resolve(); err != nil {
		return nil, err
	}
	s.ready = true
	if len(t.cache) < shapes {
		t.cache[key] = s
	}
	return s, nil
}

// usableTable: the statement can be resolved only once Load has been.
func (s *statement) usableTable() error {
	if !s.db.loaded {
		return s.usable(nil)
	}
	return nil
}

func (t *table) closeCached() error {
	t.cacheMu.Lock()
	defer t.cacheMu.Unlock()
	for key, s := range t.cache {
		delete(t.cache, key)
		if err := s.close(); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) patch(ctx context.Context, changes []Change, where string, args []any) (int64, error) {
	if len(changes) == 0 {
		return 0, nil
	}
	key := []string{string(verbUpdate), where}
	columns := make([]*column, len(changes))
	values := make([]any, len(changes), len(changes)+len(args))
	for i, change := range changes {
		c, err := t.column(change.Field)
		if err != nil {
			return 0, err
		}
		columns[i] = c
		if values[i], err = c.patchValue(change.Value); err != nil {
			return 0, err
		}
		key = append(key, c.name)
	}
	s, err := t.cached(strings.Join(key, "\x00"), func() *statement {
		return &statement{verb: verbUpdate, table: t, columns: columns, where: where}
	})
	if err != nil {
		return 0, err
	}
	return s.exec(ctx, append(values, args...))
}

// patchValue is held to what Insert takes for the column.
func (c *column) patchValue(value any) (any, error) {
	value = plain(value)
	switch {
	case value == nil && !c.nullable:
		return nil, fmt.Errorf("store: %s.%s is required", c.table.name, c.name)
	case value == nil || (!c.added && !c.Loose):
		return value, nil
	}
	return c.conform(value)
}
