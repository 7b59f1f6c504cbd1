package store

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// Table is a table whose rows are T.
type Table[T any] struct{ t *table }

// Name is the declared name.
func (t *Table[T]) Name() string { return t.t.name }

// table is what was declared and, after Load, how it is in the database.
type table struct {
	db      *DB
	name    string
	record  reflect.Type // nil as long as it is only extended
	columns []*column    // the struct's, then added ones
	wanted  []wantedIndex
	byName  map[string]*column
	id      *column
	extra   []int // index path of the embedded Extra; nil without
	indexes [][]string

	live     *LiveTable // nil as long as the table is missing
	schema   string     // "" when there are none
	physical string
	row      *rowPlan
	insert   *insertPlan

	cacheMu sync.Mutex
	cache   map[string]*statement // of Patch and Find, by shape
}

// column is one column, declared and live.
type column struct {
	Field
	table    *table
	name     string // = Field.Name
	kind     kind
	integer  bool // a Number without fraction
	nullable bool
	truncate bool
	added    bool
	index    []int // path of the struct field

	live     *LiveColumn // nil as long as the column is missing
	physical string
	quoted   string
}

// Define declares a table and the struct of its rows, by tags:
//
//	`db:"emailVerified,unique,index,references=user.id,nocascade,len=255,truncate,bigint,null,type=json,default=0"`
//
// Fields without a tag are ignored. The field tagged id is the primary key. A
// pointer, or null on a slice, makes a column that may be NULL. Truncate cuts a
// text to its column's length and drops what no column can hold, where an error
// would be worse. Default is only the column's SQL default: a record always
// writes its own value. If T embeds [Extra], added columns are read and written
// too. [DB.Load] reports mistakes.
func Define[T any](db *DB, name string) *Table[T] {
	record := reflect.TypeFor[T]()
	t := db.declare(name)
	switch {
	case record.Kind() != reflect.Struct:
		db.refuse("define %s: %s is not a struct", name, record)
	case t.record == record:
	case t.record != nil:
		db.refuse("define %s: as %s, but it is defined as %s", name, record, t.record)
	default:
		t.record = record
		added := t.columns
		t.columns = nil
		t.readStruct(record, nil)
		t.columns = append(t.columns, added...)
		if t.id == nil {
			db.refuse("define %s: %s has no field tagged id", name, record)
		}
	}
	return &Table[T]{t: t}
}

// declare finds or makes the declaration of a table.
func (db *DB) declare(name string) *table {
	db.mu.Lock()
	defer db.mu.Unlock()
	t := db.tables[name]
	if t == nil {
		t = &table{db: db, name: name, byName: map[string]*column{}, cache: map[string]*statement{}}
		db.tables[name] = t
		db.order = append(db.order, t)
	}
	if db.loaded && t.record == nil {
		db.errs = append(db.errs, fmt.Errorf("store: table %s is declared after Load", name))
	}
	return t
}

func (t *table) readStruct(record reflect.Type, path []int) {
	for i := range record.NumField() {
		f := record.Field(i)
		index := append(append([]int{}, path...), i)
		tag, tagged := f.Tag.Lookup("db")
		switch {
		case f.Anonymous && f.Type == reflect.TypeFor[Extra]():
			t.extra = index
		case f.Anonymous && f.Type.Kind() == reflect.Struct && !tagged:
			t.readStruct(f.Type, index)
		case !tagged || tag == "-":
		case !f.IsExported():
			t.db.refuse("define %s: field %s is tagged but not exported", t.name, f.Name)
		default:
			c, err := readTag(f.Type, tag)
			if err != nil {
				t.db.refuse("define %s: field %s: %w", t.name, f.Name, err)
				continue
			}
			c.index = index
			t.add(c)
		}
	}
}

func (t *table) add(c *column) {
	c.table, c.name = t, c.Field.Name
	if old := t.byName[c.name]; old != nil {
		t.db.refuse("%s.%s is declared twice", t.name, c.name)
		return
	}
	t.columns = append(t.columns, c)
	t.byName[c.name] = c
	if c.name == "id" && !c.added {
		t.id = c
		if c.kind != kindString || c.nullable {
			t.db.refuse("define %s: id is not a string", t.name)
		}
	}
}

// extend adds a column that is not part of the struct; a Number is an integer or not.
func (db *DB) extend(name string, f Field, integer bool) {
	t := db.declare(name)
	if db.loaded {
		db.refuse("%s.%s is declared after Load", name, f.Name)
		return
	}
	if old := t.byName[f.Name]; old != nil {
		if !old.added || old.Field != f || old.integer != integer {
			db.refuse("%s.%s is declared twice and differently", name, f.Name)
		}
		return
	}
	if err := checkDefault(f); err != nil {
		db.refuse("%s.%s: %w", name, f.Name, err)
		return
	}
	t.add(&column{Field: f, kind: f.Type.extraKind(), added: true, nullable: !f.Required, integer: integer})
}

func checkDefault(f Field) error {
	ok := true
	switch f.Default.(type) {
	case nil:
	case string:
		ok = f.Type == String || f.Type >= StringArray
	case bool:
		ok = f.Type == Boolean
	case int, int64, float64:
		ok = f.Type == Number
	default:
		ok = false
	}
	if !ok {
		return fmt.Errorf("a %s cannot have the default %#v", f.Type, f.Default)
	}
	return nil
}

// readTag reads the tag of one struct field.
func readTag(typ reflect.Type, tag string) (*column, error) {
	k, nullable, ok := kindOfType(typ)
	if !ok {
		return nil, fmt.Errorf("a column cannot hold %s", typ)
	}
	name, rest, _ := strings.Cut(tag, ",")
	if name == "" {
		return nil, fmt.Errorf("tag %q has no name", tag)
	}
	c := &column{kind: k, nullable: nullable, integer: k == kindInt || k == kindInt64}
	c.Field = Field{Name: name, Type: k.fieldType()}
	for rest != "" {
		var option string
		option, rest, _ = strings.Cut(rest, ",")
		if err := c.readOption(option); err != nil {
			return nil, fmt.Errorf("tag %q: %w", tag, err)
		}
	}
	c.Field.Required = !c.nullable
	return c, checkDefault(c.Field)
}

func (c *column) readOption(option string) (err error) {
	key, value, _ := strings.Cut(option, "=")
	switch key {
	case "unique":
		c.Unique = true
	case "index":
		c.Index = true
	case "references":
		c.References = value
	case "nocascade":
		c.NoCascade = true
	case "cascade":
	case "loose":
		c.Loose = true
	case "truncate":
		c.truncate = true
	case "bigint":
		c.BigInt = true
	case "hidden":
		c.Hidden = true
	case "null":
		c.nullable = true
	case "len":
		c.MaxLen, err = strconv.Atoi(value)
	case "default":
		c.Default, err = parseDefault(c.Type, value)
	case "type":
		err = c.readType(value)
	default:
		err = fmt.Errorf("unknown option %q", option)
	}
	return err
}

func (c *column) readType(value string) error {
	for t := String; t <= JSON; t++ {
		if t.String() == value {
			if !c.kind.fits(t) {
				return fmt.Errorf("a %s field cannot be %s", c.Type, t)
			}
			c.Type = t
			return nil
		}
	}
	return fmt.Errorf("unknown type %q", value)
}

func parseDefault(t Type, value string) (any, error) {
	switch t {
	case Boolean:
		return strconv.ParseBool(value)
	case Number:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return n, nil
		}
		return strconv.ParseFloat(value, 64)
	}
	return value, nil
}
