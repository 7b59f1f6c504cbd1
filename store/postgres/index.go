package postgres

import (
	"context"
	"database/sql"
	"strings"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Index uses an operator class for prefixes, which plain indexes answer in the
// collation C only, and trigrams for substrings.
func (dialect) Index(kind store.IndexKind, column, cast string, live *store.Live) store.IndexDDL {
	if kind != store.Ordered && cast != "" && cast != "text" && cast != "character varying" {
		return store.IndexDDL{Without: "its type is " + cast + ", not text"}
	}
	switch kind {
	case store.Prefix:
		return store.IndexDDL{Method: "(" + column + " text_pattern_ops)"}
	case store.Substring:
		trigrams := live.Trigrams
		switch {
		case trigrams.Schema != "":
			return store.IndexDDL{Method: "USING gin (" + column + " " + quote(trigrams.Schema) + ".gin_trgm_ops)"}
		case trigrams.Creatable:
			return store.IndexDDL{Before: "CREATE EXTENSION IF NOT EXISTS pg_trgm", Method: "USING gin (" + column + " gin_trgm_ops)"}
		}
		return store.IndexDDL{Without: "the extension pg_trgm is not there and may not be created; have the database's owner run CREATE EXTENSION pg_trgm, then migrate again"}
	}
	return store.IndexDDL{Method: "(" + column + ")"}
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// readTrigrams asks whether pg_trgm is installed, and whether we may: since
// PostgreSQL 13 it is trusted, so that the right to create schemas suffices.
func readTrigrams(ctx context.Context, q store.Querier, live *store.Live) error {
	return each(ctx, q, func(r *sql.Rows) error { return r.Scan(&live.Trigrams.Schema, &live.Trigrams.Creatable) },
		`SELECT COALESCE((SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
			WHERE e.extname = 'pg_trgm'), ''),
			has_database_privilege(current_database(), 'CREATE') AND has_schema_privilege(current_schema(), 'CREATE')
			AND EXISTS (SELECT 1 FROM pg_catalog.pg_available_extension_versions
				WHERE name = 'pg_trgm' AND (trusted OR current_setting('is_superuser') = 'on'))`)
}

// kindOf tells an index by its access method and the operator class of its
// first column.
func kindOf(method, class string) (kind store.IndexKind, ok bool) {
	switch {
	case strings.HasSuffix(class, "_trgm_ops"):
		return store.Substring, true
	case method == "btree" && strings.HasSuffix(class, "_pattern_ops"):
		return store.Prefix, true
	}
	return store.Ordered, method == "btree"
}
