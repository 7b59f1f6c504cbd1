package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

var errSkeleton = errors.New("store: under construction")

type verb int

const (
	verbSelect verb = iota
	verbTake
	verbUpdateReturning
	verbUpdate
	verbDelete
	verbCount
	verbJoin
	verbUpsert
)

type statement struct {
	verb                 verb
	table, other         *table
	conflict, set, where string
}
type rowPlan struct{}
type insertPlan struct{}

func (db *DB) prepare(s *statement) *statement                            { return s }
func (s *statement) close() error                                         { return nil }
func (t *table) closeCached() error                                       { return nil }
func (s *statement) exec(ctx context.Context, args []any) (int64, error)  { return 0, errSkeleton }
func (s *statement) count(ctx context.Context, args []any) (int64, error) { return 0, errSkeleton }
func (t *table) patch(ctx context.Context, c []Change, w string, args []any) (int64, error) {
	return 0, errSkeleton
}
func one[T any](ctx context.Context, s *statement, args []any) (*T, error)   { return nil, errSkeleton }
func all[T any](ctx context.Context, s *statement, args []any) ([]*T, error) { return nil, errSkeleton }
func onePair[A, B any](ctx context.Context, s *statement, args []any) (*A, *B, error) {
	return nil, nil, errSkeleton
}
func allPairs[A, B any](ctx context.Context, s *statement, args []any) ([]*A, []*B, error) {
	return nil, nil, errSkeleton
}
func upsert[T any](ctx context.Context, u *Upsert[T], rec *T, args []any) (*T, error) {
	return nil, errSkeleton
}
func insert[T any](ctx context.Context, t *table, rec *T) error { return errSkeleton }
func (db *DB) tableByName(string) *table                        { return nil }
func (db *DB) fold(s string) string                             { return s }
func (t *table) byPhysical(string) *column                      { return nil }
func firstLine(s []string) string                               { return s[0] }
func assign(dst, src any) error {
	v := reflect.ValueOf(src)
	if src == nil || v.Type() != reflect.TypeOf(dst).Elem() {
		return fmt.Errorf("holds %T", src)
	}
	reflect.ValueOf(dst).Elem().Set(v)
	return nil
}
