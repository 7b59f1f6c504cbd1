package store

import (
	"fmt"
	"strconv"
	"strings"
)

// definition is the DDL of one new column.
func (c *column) definition(unique bool) string {
	var b strings.Builder
	b.WriteString(c.quoted + " " + c.ddlType())
	if c == c.table.id {
		return b.String()
	}
	if !c.nullable {
		b.WriteString(" NOT NULL")
	}
	if c.Default != nil {
		b.WriteString(" DEFAULT " + c.literal())
	}
	if c.Unique && unique {
		b.WriteString(" UNIQUE")
	}
	if c.References != "" {
		if to, err := c.referred(); err == nil { // check has reported it
			fmt.Fprintf(&b, " REFERENCES %s (%s)", to.table.quoted(), to.quoted)
			if !c.NoCascade {
				b.WriteString(" ON DELETE CASCADE")
			}
		}
	}
	return b.String()
}

// ddlType is the dialect's type, but a foreign key's is that of the column it
// refers to, as that is in the database.
func (c *column) ddlType() string {
	db := c.table.db
	spec := ColumnSpec{
		Field:   c.Field,
		Float:   !c.integer,
		Primary: c == c.table.id,
		Limited: db.options.Naming.Style == SnakePlural,
	}
	if spec.Primary {
		spec.ID = db.options.IDs
	}
	if c.References != "" {
		to, err := c.referred()
		switch {
		case err == nil && to.live != nil && to.live.Type != "":
			return to.live.Type
		case err == nil && to == to.table.id:
			spec.ID = db.options.IDs
		}
	}
	return db.dialect.ColumnType(spec)
}

// literal is the default as SQL.
func (c *column) literal() string {
	switch v := c.Default.(type) {
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case bool:
		return strconv.FormatBool(v) // SQLite knows the words since 3.23
	}
	return fmt.Sprint(c.Default)
}

// checkColumn refuses a live column that cannot hold what is declared.
func (p *Plan) checkColumn(c *column) {
	t, l := c.table, c.live
	if !c.fits() {
		p.refuse("column %s.%s is %s, which cannot hold the %s %s.%s",
			t.physical, l.Name, orNone(l.Type), c.Type, t.name, c.name)
	}
	if l.NotNull && c.nullable && c.Default == nil && !l.HasDefault && c != t.id {
		p.refuse("column %s.%s is NOT NULL, but %s.%s may be empty", t.physical, l.Name, t.name, c.name)
	}
	if c != t.id {
		return
	}
	switch asked := t.db.options.IDs; {
	case t.idKind() == IDDatabase && !l.HasDefault:
		p.refuse("column %s.%s has no default, but ids are left to the database", t.physical, l.Name)
	case t.idKind() == IDSerial && (asked == IDSerial && l.Class == ClassText || !l.HasDefault):
		p.refuse("column %s.%s (%s) does not number its rows, but ids are to be serial", t.physical, l.Name, orNone(l.Type))
	}
}

func orNone(typ string) string {
	if typ == "" {
		return "without type"
	}
	return typ
}

// fits reports whether there is a codec between the field and the live column.
func (c *column) fits() bool {
	class := c.live.Class
	integer := class >= ClassInt16 && class <= ClassInt64
	switch c.Type {
	case Boolean:
		return class == ClassBool || class == ClassText || integer
	case Date:
		return class == ClassTimestamp || class == ClassTimestampTZ || class == ClassTimeText ||
			class == ClassText || class == ClassInt64
	case Number:
		if c.BigInt && (class == ClassInt16 || class == ClassInt32) {
			return false
		}
		return integer || class == ClassFloat || class == ClassNumeric
	case StringArray, NumberArray, JSON:
		return class == ClassJSON || class == ClassText
	}
	id := c == c.table.id || c.References != ""
	return class == ClassText || class == ClassUUID || id && integer
}
