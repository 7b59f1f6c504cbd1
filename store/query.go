package store

import (
	"context"
)

// A statement is SQL in which {field} is a column of the table, {table.field}
// a column of any declared table, {table} a declared table, and ? a parameter,
// whatever the database. A ? is written in the way of the nearest {field}
// before it: a time as the column keeps times, an id as the column keeps ids.
// An id or a text that the column cannot hold matches nothing.

// Query reads rows of one table.
type Query[T any] struct{ s *statement }

// Exec changes rows.
type Exec struct{ s *statement }

// Scalar counts.
type Scalar struct{ s *statement }

// Pair reads rows of two tables.
type Pair[A, B any] struct{ s *statement }

// Upsert inserts a row or changes the one in its way, see [Table.Upsert].
type Upsert[T any] struct {
	s *statement
	t *table
}

// Select reads the rows where the condition holds; it may end with ORDER BY
// and LIMIT. "" is all rows.
func (t *Table[T]) Select(where string) *Query[T] {
	return &Query[T]{t.t.db.prepare(&statement{verb: verbSelect, table: t.t, where: where})}
}

// Take deletes the rows where the condition holds and returns them: of any
// number of concurrent callers one gets the row, the others ErrNotFound.
func (t *Table[T]) Take(where string) *Query[T] {
	return &Query[T]{t.t.db.prepare(&statement{verb: verbTake, table: t.t, where: where})}
}

// UpdateReturning changes rows and returns them as they are afterwards.
func (t *Table[T]) UpdateReturning(set, where string) *Query[T] {
	return &Query[T]{t.t.db.prepare(&statement{verb: verbUpdateReturning, table: t.t, set: set, where: where})}
}

// Update changes rows: the parameters of set come first. Put what must hold
// for the change into where: the condition and the change are one step.
func (t *Table[T]) Update(set, where string) *Exec {
	return &Exec{t.t.db.prepare(&statement{verb: verbUpdate, table: t.t, set: set, where: where})}
}

// Delete removes rows. "" is all rows.
func (t *Table[T]) Delete(where string) *Exec {
	return &Exec{t.t.db.prepare(&statement{verb: verbDelete, table: t.t, where: where})}
}

// Count counts rows. "" is all rows.
func (t *Table[T]) Count(where string) *Scalar {
	return &Scalar{t.t.db.prepare(&statement{verb: verbCount, table: t.t, where: where})}
}

// Join reads the pairs of rows for which on holds; both conditions say
// {table.field}. A and B are of different tables.
func Join[A, B any](a *Table[A], b *Table[B], on, where string) *Pair[A, B] {
	return &Pair[A, B]{a.t.db.prepare(&statement{verb: verbJoin, table: a.t, other: b.t, set: on, where: where})}
}

// Upsert inserts a record, or where conflictField has its value already
// changes that row by set if where holds. In both {field} left of = and
// {table.field} are of the row that is there, {new.field} of the record. It is
// one step and so fit for counters:
//
//	limits.Upsert("key", "{count} = {rateLimit.count} + 1", "{rateLimit.count} < ?")
func (t *Table[T]) Upsert(conflictField, set, where string) *Upsert[T] {
	s := &statement{verb: verbUpsert, table: t.t, conflict: conflictField, set: set, where: where}
	return &Upsert[T]{t.t.db.prepare(s), t.t}
}

// One returns the first row, or ErrNotFound.
func (q *Query[T]) One(ctx context.Context, args ...any) (*T, error) {
	return one[T](ctx, q.s, args)
}

// All returns the rows, nil if there are none.
func (q *Query[T]) All(ctx context.Context, args ...any) ([]*T, error) {
	return all[T](ctx, q.s, args)
}

// Run returns how many rows it changed.
func (e *Exec) Run(ctx context.Context, args ...any) (rows int64, err error) {
	return e.s.exec(ctx, args)
}

// Int returns the count.
func (s *Scalar) Int(ctx context.Context, args ...any) (int64, error) {
	return s.s.count(ctx, args)
}

// One returns the first pair, or ErrNotFound.
func (p *Pair[A, B]) One(ctx context.Context, args ...any) (*A, *B, error) {
	return onePair[A, B](ctx, p.s, args)
}

// All returns the pairs as two slices of equal length.
func (p *Pair[A, B]) All(ctx context.Context, args ...any) ([]*A, []*B, error) {
	return allPairs[A, B](ctx, p.s, args)
}

// Run returns the row as it is afterwards, or ErrNotFound when the row was
// there and where did not hold. An empty ID is filled as by Insert; where the
// database gives ids it must be empty.
func (u *Upsert[T]) Run(ctx context.Context, rec *T, args ...any) (*T, error) {
	return upsert(ctx, u, rec, args)
}

// Insert adds the record and fills an empty ID. Afterwards rec holds what was
// stored: times in UTC and cut to milliseconds, defaults of added columns. It
// returns ErrConflict, ErrReference, ErrTooLong or ErrInvalidText for records
// that cannot be stored.
func (t *Table[T]) Insert(ctx context.Context, rec *T) error {
	return insert(ctx, t.t, rec)
}

// Change gives a column, by its declared name, a new value; nil is NULL.
type Change struct {
	Field string
	Value any
}

// Patch changes columns chosen at run time, added ones included, and returns
// how many rows it changed: none when there are no changes. An unknown field is
// an error.
func (t *Table[T]) Patch(ctx context.Context, changes []Change, where string, args ...any) (int64, error) {
	return t.t.patch(ctx, changes, where, args)
}
