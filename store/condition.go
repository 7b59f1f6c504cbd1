package store

import (
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
	In             Op = "in"     // Value is []string, at most 100, or Rows
	NotIn          Op = "not_in" // likewise
	Contains       Op = "contains"
	StartsWith     Op = "starts_with"
	EndsWith       Op = "ends_with"
	// In any letter case, as far as the database knows cases: SQLite those of
	// ASCII. PostgreSQL answers them by index from three characters on, where
	// there is one for substrings.
	ContainsFold   Op = "contains_fold"
	StartsWithFold Op = "starts_with_fold"
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
	// Any, in place of all the others: one of these holds.
	Any []Condition `json:",omitempty"`
}

// Rows is a Value for In and NotIn: what Field is in those rows of another
// table for which all of Where hold.
type Rows struct {
	Table, Field string
	Where        []Condition
}

// mostIn bounds the statements that In can make.
const mostIn = 100

// conditions writes them as a statement's where. Only names of declared fields
// get into the text.
func (t *table) conditions(list []Condition) (string, []any, error) {
	var w conditionWriter
	if err := w.all(t, list); err != nil {
		return "", nil, err
	}
	return w.text.String(), w.args, nil
}

// conditionWriter writes conditions. Within those about rows of another table,
// fields are named with their table.
type conditionWriter struct {
	text  strings.Builder
	args  []any
	inner bool
}

func (w *conditionWriter) all(t *table, list []Condition) error {
	for i, c := range list {
		if i > 0 {
			w.text.WriteString(" AND ")
		}
		if err := w.one(t, c); err != nil {
			return err
		}
	}
	return nil
}

func (w *conditionWriter) one(t *table, c Condition) error {
	if c.Any != nil {
		return w.any(t, c.Any)
	}
	col, err := t.column(c.Field)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCondition, err)
	}
	if rows, ok := c.Value.(Rows); ok {
		return w.rows(col, c.Op, rows)
	}
	term, values, err := col.term(c)
	if err != nil {
		return fmt.Errorf("%w: %s.%s: %w", ErrCondition, t.name, c.Field, err)
	}
	if err := col.comparable(values...); err != nil {
		return err
	}
	w.text.WriteString(w.name(col) + " " + term)
	w.args = append(w.args, values...)
	return nil
}

func (w *conditionWriter) name(c *column) string {
	if w.inner {
		return "{" + c.table.name + "." + c.name + "}"
	}
	return "{" + c.name + "}"
}

func (w *conditionWriter) any(t *table, list []Condition) error {
	if len(list) == 0 {
		w.text.WriteString("1 = 0")
		return nil
	}
	w.text.WriteString("(")
	for i, c := range list {
		if i > 0 {
			w.text.WriteString(" OR ")
		}
		if err := w.one(t, c); err != nil {
			return err
		}
	}
	w.text.WriteString(")")
	return nil
}

// rows writes In as a list, which is read first where it is short, and NotIn as
// a question asked of each row, which is how databases do it by index.
func (w *conditionWriter) rows(col *column, op Op, rows Rows) error {
	other, err := col.table.db.tableNamed(rows.Table)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCondition, err)
	}
	field, err := other.column(rows.Field)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrCondition, err)
	case other == col.table || w.inner:
		return fmt.Errorf("%w: rows are those of one other table", ErrCondition)
	case op != In && op != NotIn:
		return fmt.Errorf("%w: %s.%s: rows are for %s and %s", ErrCondition, col.table.name, col.name, In, NotIn)
	}
	w.inner = true
	name := w.name(field)
	if op == In {
		w.inner = false
		w.text.WriteString(w.name(col) + " IN (SELECT " + name)
		w.inner = true
	} else {
		w.text.WriteString("NOT EXISTS (SELECT 1")
	}
	w.text.WriteString(" FROM {" + other.name + "}")
	word := " WHERE "
	if op == NotIn {
		w.text.WriteString(word + name + " = " + w.name(col))
		word = " AND "
	}
	if len(rows.Where) > 0 {
		w.text.WriteString(word)
	}
	err = w.all(other, rows.Where)
	w.text.WriteString(")")
	w.inner = false
	return err
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
	case Contains, StartsWith, EndsWith, ContainsFold, StartsWithFold:
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
	if op != StartsWith && op != StartsWithFold {
		pattern = "%" + pattern
	}
	if op != EndsWith {
		pattern += "%"
	}
	word := "LIKE"
	if op == ContainsFold || op == StartsWithFold {
		word = c.table.db.traits.FoldLike
	}
	return word + ` ? ESCAPE '\'`, []any{pattern}, nil
}
