package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// ErrCondition: a [Condition] names an unknown field or operator, or has a
// value that the field cannot have. Whoever wrote the condition can mend it.
var ErrCondition = errors.New("store: condition does not fit")

// Op compares a field with a value, in the protocol's words.
type Op string

const (
	Equal          Op = "eq" // with nil: is NULL
	NotEqual       Op = "ne" // with nil: is not NULL
	Less           Op = "lt"
	LessOrEqual    Op = "lte"
	Greater        Op = "gt"
	GreaterOrEqual Op = "gte"
	In             Op = "in"     // Value is []string, at most 100
	NotIn          Op = "not_in" // likewise
	Contains       Op = "contains"
	StartsWith     Op = "starts_with"
	EndsWith       Op = "ends_with"
)

var comparisons = map[Op]string{
	Equal: "=", NotEqual: "<>", Less: "<", LessOrEqual: "<=", Greater: ">", GreaterOrEqual: ">=",
}

// Condition is one term of a search made at run time. Contains, StartsWith and
// EndsWith take % and _ as they are; letter case is as the database has it.
type Condition struct {
	Field string
	Op    Op // "" is Equal
	Value any
}

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

// mostIn bounds the statements that In can make.
const mostIn = 100

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

// conditions writes them as a statement's where. Only names of declared fields
// get into the text.
func (t *table) conditions(list []Condition) (string, []any, error) {
	var terms []string
	var args []any
	for _, c := range list {
		col, err := t.column(c.Field)
		if err != nil {
			return "", nil, fmt.Errorf("%w: %w", ErrCondition, err)
		}
		term, values, err := col.term(c)
		if err != nil {
			return "", nil, fmt.Errorf("%w: %s.%s: %w", ErrCondition, t.name, c.Field, err)
		}
		if err := col.comparable(values...); err != nil {
			return "", nil, err
		}
		terms = append(terms, "{"+c.Field+"} "+term)
		args = append(args, values...)
	}
	return strings.Join(terms, " AND "), args, nil
}

// comparable refuses values that the column cannot be compared with.
func (c *column) comparable(values ...any) error {
	for _, v := range values {
		if _, err := c.table.db.encode(param{column: c}, v); err != nil && !errors.Is(err, errNoMatch) {
			return fmt.Errorf("%w: %w", ErrCondition, err)
		}
	}
	return nil
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

func (c *column) term(cond Condition) (string, []any, error) {
	op := cond.Op
	if op == "" {
		op = Equal
	}
	value := plain(cond.Value)
	if sign, ok := comparisons[op]; ok {
		switch {
		case value != nil:
			return sign + " ?", []any{value}, nil
		case op == Equal:
			return "IS NULL", nil, nil
		case op == NotEqual:
			return "IS NOT NULL", nil, nil
		}
		return "", nil, fmt.Errorf("%s needs a value", op)
	}
	switch op {
	case In, NotIn:
		return c.inTerm(op, value)
	case Contains, StartsWith, EndsWith:
		return c.likeTerm(op, value)
	}
	return "", nil, fmt.Errorf("unknown operator %q", op)
}

// nothing is a term that holds for no row.
const nothing = "IS NULL AND 1 = 0"

func (c *column) inTerm(op Op, value any) (string, []any, error) {
	list := reflect.ValueOf(value)
	if value == nil || list.Kind() != reflect.Slice || list.Len() > mostIn {
		return "", nil, fmt.Errorf("%s needs a list of at most %d values", op, mostIn)
	}
	values := make([]any, list.Len())
	for i := range values {
		values[i] = list.Index(i).Interface()
	}
	if len(values) == 0 {
		if op == In {
			return nothing, nil, nil
		}
		return "IS NOT NULL", nil, nil // as NOT IN leaves NULL out
	}
	word := "IN"
	if op == NotIn {
		word = "NOT IN"
	}
	return word + " (?" + strings.Repeat(", ?", len(values)-1) + ")", values, nil
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func (c *column) likeTerm(op Op, value any) (string, []any, error) {
	text, ok := value.(string)
	if !ok || c.live == nil || c.live.Class != ClassText || c.Type != String {
		return "", nil, fmt.Errorf("%s needs a text and a field of text", op)
	}
	if strings.IndexByte(text, 0) >= 0 {
		return nothing, nil, nil // SQLite would take the pattern to end there
	}
	pattern := likeEscapes.Replace(text)
	if op != StartsWith {
		pattern = "%" + pattern
	}
	if op != EndsWith {
		pattern += "%"
	}
	return `LIKE ? ESCAPE '\'`, []any{pattern}, nil
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
