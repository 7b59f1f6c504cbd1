package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// CountWhere counts the rows for which all conditions hold.
func (t *Table[T]) CountWhere(ctx context.Context, where []Condition) (int64, error) {
	text, args, err := t.t.conditions(where)
	if err != nil {
		return 0, err
	}
	s, err := t.t.searching(verbCount, text)
	if err != nil {
		return 0, err
	}
	return s.count(ctx, args)
}

// CountUpTo is CountWhere that stops at most, and so costs no more for a large
// table.
func (t *Table[T]) CountUpTo(ctx context.Context, where []Condition, most int64) (int64, error) {
	text, args, err := t.t.conditions(where)
	if err != nil {
		return 0, err
	}
	s, err := t.t.searching(verbCountUpTo, text+" LIMIT ?")
	if err != nil {
		return 0, err
	}
	return s.count(ctx, append(args, most))
}

// CountDistinct counts the values that field has in the rows for which all
// conditions hold; NULL is none.
func (t *Table[T]) CountDistinct(ctx context.Context, field string, where []Condition) (int64, error) {
	if _, err := t.t.column(field); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrCondition, err)
	}
	text, args, err := t.t.conditions(where)
	if err != nil {
		return 0, err
	}
	s, err := t.t.cached(string(verbCountDistinct)+"\x00"+field+"\x00"+text, func() *statement {
		return &statement{verb: verbCountDistinct, table: t.t, set: field, where: text, byValue: true}
	})
	if err != nil {
		return 0, err
	}
	return s.count(ctx, args)
}

// Estimate is how many rows the database guesses that all conditions hold for,
// without reading them. ok is false where it does not guess.
func (t *Table[T]) Estimate(ctx context.Context, where []Condition) (n int64, ok bool, err error) {
	if t.t.db.traits.Explain == "" {
		return 0, false, nil
	}
	text, args, err := t.t.conditions(where)
	if err != nil {
		return 0, false, err
	}
	s, err := t.t.searching(verbEstimate, text)
	if err != nil {
		return 0, false, err
	}
	var plan []byte
	err = s.each(ctx, args, func(rows *sql.Rows) (bool, error) { return false, rows.Scan(&plan) })
	if err != nil || plan == nil { // nil: an id that no row can have
		return 0, err == nil, err
	}
	var explained []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	if err := json.Unmarshal(plan, &explained); err != nil || len(explained) == 0 {
		return 0, false, fmt.Errorf("store: %s: read the plan: %w", s, err)
	}
	return int64(explained[0].Plan.Rows), true, nil
}
