package store

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"time"
)

// insertPlan are the statements by which a table gets rows.
type insertPlan struct {
	whole, noID *statement
	id          IDKind
}

// planInsert makes the statements; Load resolves them with the declared ones.
func (t *table) planInsert() {
	if t.insert == nil {
		t.insert = &insertPlan{
			whole: t.db.prepareLocked(&statement{verb: verbInsert, table: t}),
			noID:  t.db.prepareLocked(&statement{verb: verbInsertNoID, table: t}),
		}
	}
	t.insert.id = t.idKind()
	t.insert.whole.idle = t.id.live != nil && t.id.live.Always
	t.insert.noID.idle = !t.insert.id.byDatabase()
}

func insert[T any](ctx context.Context, t *table, rec *T) error {
	if t.insert == nil {
		return fmt.Errorf("store: insert into %s: the database is not loaded: %w", t.name, ErrOutdated)
	}
	record := reflect.ValueOf(rec).Elem()
	byDatabase, err := t.fillID(record)
	if err != nil {
		return err
	}
	s := t.insert.whole
	if byDatabase {
		s = t.insert.noID
	}
	state := t.db.txOf(ctx)
	if err := s.usable(state); err != nil {
		return err
	}
	values, err := s.recordValues(record)
	if err != nil {
		return err
	}
	if !byDatabase {
		_, err := s.execBound(ctx, state, values)
		return err
	}
	id := cell{column: t.id, to: record.FieldByIndex(t.id.index).Addr().Interface()}
	none := true
	err = s.eachBound(ctx, state, values, func(rows *sql.Rows) (bool, error) {
		none = false
		return false, rows.Scan(&id)
	})
	if err == nil && none {
		err = fmt.Errorf("store: %s: the database did not keep the row", s)
	}
	return err
}

func upsert[T any](ctx context.Context, u *Upsert[T], rec *T, args []any) (after *T, err error) {
	s, state := u.s, u.t.db.txOf(ctx)
	if err := s.usable(state); err != nil {
		return nil, err
	}
	record := reflect.ValueOf(rec).Elem()
	byDatabase, err := u.t.fillID(record)
	if err != nil {
		return nil, err
	}
	if byDatabase != s.withoutID() {
		return nil, fmt.Errorf("store: %s: the database gives the ids of this table, so the record cannot bring one", s)
	}
	values, err := s.recordValues(record)
	if err != nil {
		return nil, err
	}
	more, err := s.bind(args, len(values))
	if err != nil {
		return found[T](nil, unless(err, errNoMatch))
	}
	err = s.eachBound(ctx, state, append(values, more...), func(rows *sql.Rows) (_ bool, err error) {
		r := s.scratchRow()
		defer s.free(r)
		after, err = read[T](rows, s, r)
		return false, err
	})
	return found(after, err)
}

// fillID gives the record an id unless it has one or the database gives it.
func (t *table) fillID(record reflect.Value) (byDatabase bool, err error) {
	id := record.FieldByIndex(t.id.index).Addr().Interface().(*string)
	if *id != "" {
		return false, nil
	}
	switch t.insert.id {
	case IDText:
		*id, err = newTextID(t.db.options.Rand)
	case IDUUID:
		*id, err = newUUID(t.db.options.Rand)
	default:
		byDatabase = true
	}
	return byDatabase, err
}

// recordValues are the driver's values for the columns of an insert. It leaves
// in the record what the database will hold.
func (s *statement) recordValues(record reflect.Value) ([]any, error) {
	t := s.table
	extra, err := t.extraValues(record)
	if err != nil {
		return nil, err
	}
	values := make([]any, 0, len(s.params))
	added := 0
	for _, c := range t.columns {
		if c == t.id && s.withoutID() {
			continue
		}
		var value any
		if c.added {
			value = extra[added].Value
			added++
		} else {
			value = c.fieldValue(record)
		}
		encoded, err := t.db.encode(param{column: c, stored: true}, value)
		if err != nil {
			return nil, err
		}
		if text, ok := encoded.(string); ok && c.truncate {
			c.keepText(record, text)
		}
		values = append(values, encoded)
	}
	if t.extra != nil {
		record.FieldByIndex(t.extra).Addr().Interface().(*Extra).values = extra
	}
	return values, nil
}

// fieldValue reads the struct field, after cutting a time to what is stored.
func (c *column) fieldValue(record reflect.Value) any {
	field := record.FieldByIndex(c.index)
	switch at := field.Addr().Interface().(type) {
	case *time.Time:
		*at = at.UTC().Truncate(time.Millisecond)
	case **time.Time:
		if *at != nil {
			cut := (*at).UTC().Truncate(time.Millisecond)
			*at = &cut
		}
	case *[]string:
		if *at == nil && c.nullable {
			return nil
		}
	}
	if c.kind == kindJSON && c.nullable && field.IsNil() {
		return nil
	}
	return field.Interface()
}

// keepText puts a text that was cut back into the record.
func (c *column) keepText(record reflect.Value, text string) {
	switch at := record.FieldByIndex(c.index).Addr().Interface().(type) {
	case *string:
		*at = text
	case **string:
		*at = &text
	}
}

// extraValues are the values of all added columns: the record's or the default.
func (t *table) extraValues(record reflect.Value) ([]FieldValue, error) {
	given := &Extra{}
	if t.extra != nil {
		given = record.FieldByIndex(t.extra).Addr().Interface().(*Extra)
	}
	for _, v := range given.values {
		if c := t.byName[v.Field.Name]; c == nil || !c.added {
			_, err := t.column(v.Field.Name)
			if err == nil {
				err = fmt.Errorf("%s.%s is a field of the struct", t.name, v.Field.Name)
			}
			return nil, fmt.Errorf("store: insert: %w", err)
		}
	}
	var values []FieldValue
	for _, c := range t.columns {
		if !c.added {
			continue
		}
		value, ok := given.Get(c.name)
		if !ok {
			value = c.Default
		}
		value, err := c.conform(value)
		if err != nil {
			return nil, err
		}
		values = append(values, FieldValue{Field: &c.Field, Value: value})
	}
	return values, nil
}

// conform checks a value for an added column and gives it the type in which it
// will be read.
func (c *column) conform(value any) (any, error) {
	ok := false
	switch v := plain(value).(type) {
	case nil:
		if c.Required {
			return nil, fmt.Errorf("store: %s.%s is required", c.table.name, c.name)
		}
		return nil, nil
	case string:
		value, ok = v, c.kind == kindString
	case bool:
		value, ok = v, c.kind == kindBool
	case int64:
		value, ok = v, c.kind == kindNumber || c.kind == kindFloat
	case float64:
		value, ok = v, c.kind == kindNumber || c.kind == kindFloat
	case time.Time:
		value, ok = v.UTC().Truncate(time.Millisecond), c.kind == kindTime
	default:
		return c.conformJSON(v)
	}
	if !ok {
		if text, isText := value.(string); isText && value == c.Default {
			return asAny(text, c.kind) // the default of an array or of JSON is its text
		}
		if c.Loose {
			return c.loosen(value)
		}
		return nil, param{column: c}.unfit(value)
	}
	return value, nil
}

func (c *column) conformJSON(value any) (any, error) {
	if k, _, ok := kindOfType(reflect.TypeOf(value)); !ok || k != c.kind {
		return nil, param{column: c}.unfit(value)
	}
	return value, nil
}
