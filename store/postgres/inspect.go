package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Inspect reads the named tables and views that the search_path finds.
func (dialect) Inspect(ctx context.Context, q store.Querier, tables []string) (*store.Live, error) {
	names, err := json.Marshal(tables)
	if err != nil {
		return nil, err
	}
	live := &store.Live{Tables: map[string]*store.LiveTable{}}
	err = each(ctx, q, func(r *sql.Rows) error { return r.Scan(&live.Schema) },
		"SELECT COALESCE(current_schema(), '')")
	if err != nil {
		return nil, err
	}
	if live.Schema == "" {
		return nil, fmt.Errorf("postgres: no schema of the search_path exists")
	}
	err = each(ctx, q, func(r *sql.Rows) error { return readColumn(r, live) }, columnsSQL, string(names))
	if err != nil {
		return nil, err
	}
	err = each(ctx, q, func(r *sql.Rows) error { return readIndex(r, live) }, indexesSQL, string(names))
	if err != nil {
		return nil, err
	}
	return live, readTrigrams(ctx, q, live)
}

// found lists the tables asked for: their oid under the name they have.
const found = `WITH found AS (
	SELECT c.oid, c.relname, n.nspname
	FROM json_array_elements_text($1::json) AS asked(name)
	JOIN pg_catalog.pg_class c ON c.oid = to_regclass(quote_ident(asked.name))
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'p', 'v', 'f'))
`

// columnsSQL looks through domains at the type below.
const columnsSQL = found + `SELECT f.nspname, f.relname, a.attname,
	format_type(a.atttypid, a.atttypmod), format_type(a.atttypid, NULL),
	b.typname, b.typtype = 'e',
	CASE WHEN b.typname IN ('varchar', 'bpchar')
		THEN greatest(COALESCE(nullif(t.typtypmod, -1), a.atttypmod) - 4, 0) ELSE 0 END,
	a.attnotnull OR t.typnotnull, a.atthasdef OR a.attidentity <> '',
	a.attidentity = 'a' OR a.attgenerated <> ''
FROM found f
JOIN pg_catalog.pg_attribute a ON a.attrelid = f.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
ORDER BY f.relname, a.attnum`

func readColumn(r *sql.Rows, live *store.Live) error {
	var schema, table, base string
	var enum bool
	var c store.LiveColumn
	if err := r.Scan(&schema, &table, &c.Name, &c.Type, &c.Cast, &base, &enum,
		&c.MaxLen, &c.NotNull, &c.HasDefault, &c.Always); err != nil {
		return err
	}
	c.Class = classes[base]
	if enum {
		c.Class = store.ClassText
	}
	t := live.Tables[table]
	if t == nil {
		t = &store.LiveTable{Schema: schema, Name: table}
		live.Tables[table] = t
	}
	t.Columns = append(t.Columns, c)
	return nil
}

var classes = map[string]store.Class{
	"text": store.ClassText, "varchar": store.ClassText, "citext": store.ClassText,
	"uuid": store.ClassUUID,
	"int2": store.ClassInt16, "int4": store.ClassInt32, "int8": store.ClassInt64,
	"float4": store.ClassFloat, "float8": store.ClassFloat, "numeric": store.ClassNumeric,
	"bool": store.ClassBool, "timestamp": store.ClassTimestamp, "timestamptz": store.ClassTimestampTZ,
	"json": store.ClassJSON, "jsonb": store.ClassJSON,
}

// indexesSQL leaves out indexes that do not hold for all rows and columns.
const indexesSQL = found + `SELECT f.relname, i.relname, x.indisunique, m.amname, o.opcname,
	json_agg(a.attname ORDER BY k.place)::text
FROM found f
JOIN pg_catalog.pg_index x ON x.indrelid = f.oid
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = i.relam
JOIN pg_catalog.pg_opclass o ON o.oid = x.indclass[0]
CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = f.oid AND a.attnum = k.attnum
WHERE x.indpred IS NULL AND x.indexprs IS NULL AND x.indisvalid AND k.place <= x.indnkeyatts
GROUP BY f.relname, i.relname, x.indisunique, m.amname, o.opcname ORDER BY f.relname, i.relname`

func readIndex(r *sql.Rows, live *store.Live) error {
	var table, method, class, columns string
	var x store.LiveIndex
	if err := r.Scan(&table, &x.Name, &x.Unique, &method, &class, &columns); err != nil {
		return err
	}
	var ok bool
	if x.Kind, ok = kindOf(method, class); !ok {
		return nil // of no use to us
	}
	if err := json.Unmarshal([]byte(columns), &x.Columns); err != nil {
		return err
	}
	if t := live.Tables[table]; t != nil {
		t.Indexes = append(t.Indexes, x)
	}
	return nil
}

func each(ctx context.Context, q store.Querier, scan func(*sql.Rows) error, text string, args ...any) error {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("postgres: read the schema: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("postgres: read the schema: %w", err)
		}
	}
	return rows.Err()
}

// columnsOf reads the detail of a unique violation: Key (email)=(a@b) already exists.
func columnsOf(detail string) []string {
	_, rest, ok := strings.Cut(detail, " (")
	names, _, closed := strings.Cut(rest, ")=(")
	if !ok || !closed || strings.ContainsAny(names, "(,") {
		return nil
	}
	return []string{strings.Trim(names, `"`)}
}
