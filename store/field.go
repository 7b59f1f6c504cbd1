package store

import "math"

// Type is the kind of value a field holds, in the protocol's words.
type Type int

const (
	String      Type = iota
	Number           // int64, or float64 when the column is not an integer one
	Boolean          //
	Date             // time.Time, UTC, milliseconds
	StringArray      // []string, kept as JSON
	NumberArray      // []float64, kept as JSON
	JSON             // json.RawMessage
)

func (t Type) String() string {
	return [...]string{"string", "number", "boolean", "date", "string[]", "number[]", "json"}[t]
}

// Field describes a column.
type Field struct {
	Name string // the protocol's name, camelCase
	Type Type
	// Required makes the column NOT NULL.
	Required bool
	Unique   bool
	Index    bool
	// BigInt makes a Number a 64-bit integer. Default 32 bits.
	BigInt bool
	// References is "table.field"; the row goes when that one goes, unless
	// NoCascade.
	References string
	NoCascade  bool
	// MaxLen is the length in characters of the column where our DDL makes
	// varchar columns (SnakePlural on PostgreSQL). 0: no limit.
	MaxLen int
	// Default is written when a record says nothing, and is the SQL default of
	// the column: string, bool, int, int64 or float64. nil: none.
	Default any
	// Hidden keeps the value off the wire.
	Hidden bool
	// Loose takes values of other types as the database does, for fields that
	// the protocol leaves unchecked. Never for a field that decides anything.
	Loose bool
}

// AddField declares a column that only run-time configuration knows. Its value
// is read by name from the [Extra] of the record.
func (db *DB) AddField(table string, f Field) {
	fraction, ok := f.Default.(float64)
	db.extend(table, f, !ok || fraction == math.Trunc(fraction))
}

// AddedFields lists the columns that were added to a table, in the order they
// were declared.
func (db *DB) AddedFields(table string) []Field {
	db.mu.Lock()
	defer db.mu.Unlock()
	t := db.tables[table]
	if t == nil {
		return nil
	}
	var fields []Field
	for _, c := range t.columns {
		if c.added {
			fields = append(fields, c.Field)
		}
	}
	return fields
}
