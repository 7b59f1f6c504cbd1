package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Inspect reads the named tables, in any letter case.
func (dialect) Inspect(ctx context.Context, q store.Querier, tables []string) (*store.Live, error) {
	live := &store.Live{Tables: map[string]*store.LiveTable{}}
	for _, name := range tables {
		t := &store.LiveTable{}
		found, err := readTable(ctx, q, name, t)
		if err != nil {
			return nil, err
		}
		if found {
			live.Tables[strings.ToLower(name)] = t
		}
	}
	return live, nil
}

func readTable(ctx context.Context, q store.Querier, name string, t *store.LiveTable) (found bool, err error) {
	err = each(ctx, q, func(r *sql.Rows) error { found = true; return r.Scan(&t.Name) },
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(?)", name)
	if err != nil || !found {
		return false, err
	}
	var keys []string
	err = each(ctx, q, func(r *sql.Rows) error {
		var c store.LiveColumn
		var key int
		if err := r.Scan(&c.Name, &c.Type, &c.NotNull, &c.HasDefault, &key); err != nil {
			return err
		}
		c.Class, c.MaxLen = classOf(c.Type)
		if key > 0 {
			keys = append(keys, c.Name)
			// An integer primary key is the row's number and given by SQLite.
			c.HasDefault = c.HasDefault || strings.EqualFold(c.Type, "integer")
		}
		t.Columns = append(t.Columns, c)
		return nil
	}, `SELECT name, type, "notnull", dflt_value IS NOT NULL, pk FROM pragma_table_info(?)`, t.Name)
	if err != nil {
		return false, err
	}
	if len(keys) > 0 {
		t.Indexes = append(t.Indexes, store.LiveIndex{Name: "PRIMARY KEY", Unique: true, Columns: keys})
	}
	return true, readIndexes(ctx, q, t)
}

// readIndexes leaves out indexes over some rows only and over expressions.
func readIndexes(ctx context.Context, q store.Querier, t *store.LiveTable) error {
	at := map[string]int{}
	bad := map[string]bool{}
	err := each(ctx, q, func(r *sql.Rows) error {
		var name string
		var unique bool
		var column, collation sql.NullString
		if err := r.Scan(&name, &unique, &column, &collation); err != nil {
			return err
		}
		i, ok := at[name]
		if !ok {
			i = len(t.Indexes)
			at[name] = i
			t.Indexes = append(t.Indexes, store.LiveIndex{Name: name, Unique: unique})
			if !unique && strings.EqualFold(collation.String, "NOCASE") {
				t.Indexes[i].Kind = store.Prefix
			}
		}
		bad[name] = bad[name] || !column.Valid
		t.Indexes[i].Columns = append(t.Indexes[i].Columns, column.String)
		return nil
	}, `SELECT l.name, l."unique", i.name, i.coll FROM pragma_index_list(?) AS l, pragma_index_xinfo(l.name) AS i
		WHERE NOT l.partial AND i.key ORDER BY l.name, i.seqno`, t.Name)
	kept := t.Indexes[:0]
	for _, i := range t.Indexes {
		if !bad[i.Name] {
			kept = append(kept, i)
		}
	}
	t.Indexes = kept
	return err
}

func each(ctx context.Context, q store.Querier, scan func(*sql.Rows) error, text string, args ...any) error {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("sqlite: read the schema: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("sqlite: read the schema: %w", err)
		}
	}
	return rows.Err()
}
