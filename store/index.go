package store

import "fmt"

// IndexKind is what an index is to answer.
type IndexKind int

const (
	Ordered   IndexKind = iota // =, <, > and the order of rows
	Prefix                     // StartsWith
	Substring                  // Contains and EndsWith, and StartsWith too
)

func (k IndexKind) String() string { return [...]string{"ordered", "prefix", "substring"}[k] }

// wantedIndex is an index that AddIndex asked for.
type wantedIndex struct {
	field string
	kind  IndexKind
}

// AddIndex asks for an index on a column, whoever declared that. [DB.Apply]
// makes it. Without it statements are slower and not wrong, so Load does not
// insist; what the database cannot have is left out and told by [DB.Notes]:
// SQLite has no index for substrings, PostgreSQL needs its extension pg_trgm.
func (db *DB) AddIndex(table, field string, kind IndexKind) {
	t := db.declare(table)
	db.mu.Lock()
	defer db.mu.Unlock()
	for _, w := range t.wanted {
		if w.field == field && w.kind == kind {
			return
		}
	}
	t.wanted = append(t.wanted, wantedIndex{field, kind})
}

// Notes are what makes the database slower than it could be, a sentence each,
// as of the last Load or Apply.
func (db *DB) Notes() []string {
	db.mu.Lock()
	defer db.mu.Unlock()
	return append([]string(nil), db.notes...)
}

// IndexDDL is how a dialect makes an index of some kind.
type IndexDDL struct {
	// Before is a statement to run first, "" for none.
	Before string
	// Method stands after the table's name: (column), USING gin (column ops).
	Method string
	// Without says what keeps the database from having such an index. Where
	// it never can, all is empty.
	Without string
}

func (t *table) checkIndexes() (errs []error) {
	for _, w := range t.wanted {
		c, err := t.column(w.field)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("store: index: %w", err))
		case w.kind != Ordered && c.Type != String:
			errs = append(errs, fmt.Errorf("store: a %s index is for texts, and %s.%s is %s", w.kind, t.name, w.field, c.Type))
		}
	}
	return errs
}

// planIndexes adds the wanted indexes that a table does not have.
func (p *Plan) planIndexes(t *table) {
	for _, w := range t.wanted {
		c := t.byName[w.field]
		if c == nil || w.kind == Ordered && (c.Index || c.Unique) {
			continue
		}
		if t.live != nil && c.live != nil && t.live.has(c.live.Name, w.kind) {
			continue
		}
		cast := ""
		if c.live != nil {
			cast = c.live.Cast
		}
		ddl := t.db.dialect.Index(w.kind, c.quoted, cast, t.db.live)
		if ddl.Without != "" {
			p.Notes = append(p.Notes, fmt.Sprintf("%s.%s has no %s index, so searching it reads the whole table: %s", t.name, w.field, w.kind, ddl.Without))
			continue
		}
		if ddl.Method == "" {
			continue
		}
		if ddl.Before != "" && !p.has(ddl.Before) {
			p.add("%s", ddl.Before)
		}
		suffix := "_idx"
		if w.kind != Ordered {
			suffix = "_" + w.kind.String() + suffix
		}
		p.add("CREATE INDEX %s ON %s %s", quote(t.physical+"_"+c.physical+suffix), t.quoted(), ddl.Method)
	}
}

func (p *Plan) has(statement string) bool {
	for _, s := range p.Statements {
		if s == statement {
			return true
		}
	}
	return false
}

// has reports whether a column leads an index of the kind.
func (t *LiveTable) has(column string, kind IndexKind) bool {
	for _, i := range t.Indexes {
		if i.Kind == kind && len(i.Columns) > 0 && i.Columns[0] == column {
			return true
		}
	}
	return false
}
