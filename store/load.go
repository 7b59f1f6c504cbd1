package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Load compares what was declared with the database, decides how each column
// is written and read, and prepares every statement. It returns the declaring
// mistakes first, then an [OutdatedError] when a table, a column or a unique
// index is missing or a column cannot hold its field. It may be called again.
func (db *DB) Load(ctx context.Context) error {
	plan, err := db.compare(ctx, db.reader)
	if err != nil {
		return err
	}
	if err := db.resolve(); err != nil {
		return err
	}
	if plan.missing || len(plan.Refused) > 0 {
		return &OutdatedError{Plan: plan}
	}
	if err := db.prepareAll(ctx); err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	for _, s := range db.statements {
		s.ready = true
	}
	db.loaded = true
	return nil
}

// compare reads the database and plans the difference.
func (db *DB) compare(ctx context.Context, q Querier) (*Plan, error) {
	if err := db.check(); err != nil {
		return nil, err
	}
	names := make([]string, len(db.order))
	for i, t := range db.order {
		names[i] = t.physical
	}
	live, err := db.dialect.Inspect(ctx, q, names)
	if err != nil {
		return nil, db.translate(err, nil, "read the schema")
	}
	db.live = live
	for _, t := range db.order {
		t.attach(live)
	}
	plan := db.plan()
	db.mu.Lock()
	defer db.mu.Unlock()
	db.notes = plan.Notes
	return plan, nil
}

// attach finds the live table and columns.
func (t *table) attach(live *Live) {
	t.live = live.Tables[t.db.fold(t.physical)]
	t.schema = live.Schema
	if t.live != nil {
		t.schema, t.physical = t.live.Schema, t.live.Name
	}
	for _, c := range t.columns {
		c.live = nil
		if t.live == nil {
			continue
		}
		for i := range t.live.Columns {
			if l := &t.live.Columns[i]; t.db.fold(l.Name) == t.db.fold(c.physical) {
				c.live, c.physical, c.quoted = l, l.Name, quote(l.Name)
			}
		}
	}
	t.planRow()
	t.planInsert()
}

// fold makes names comparable.
func (db *DB) fold(name string) string {
	if db.traits.FoldCase {
		return strings.ToLower(name)
	}
	return name
}

// tableByName finds a table by its name in the database.
func (db *DB) tableByName(physical string) *table {
	for _, t := range db.order {
		if physical != "" && db.fold(t.physical) == db.fold(physical) {
			return t
		}
	}
	return nil
}

// byPhysical finds a column by its folded name in the database.
func (t *table) byPhysical(name string) *column {
	for _, c := range t.columns {
		if t.db.fold(c.physical) == name {
			return c
		}
	}
	return nil
}

// check gives everything its name in the database and reports all mistakes of
// declaring at once.
func (db *DB) check() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	errs := append([]error{}, db.errs...)
	errs = append(errs, db.checkNaming()...)
	taken := map[string]*table{}
	for _, t := range db.order {
		if t.record == nil {
			errs = append(errs, fmt.Errorf("store: table %s is extended but not defined", t.name))
			continue
		}
		t.physical = db.options.Naming.table(t.name)
		if other := taken[db.fold(t.physical)]; other != nil {
			errs = append(errs, fmt.Errorf("store: tables %s and %s are both named %q", other.name, t.name, t.physical))
		}
		taken[db.fold(t.physical)] = t
		errs = append(errs, t.checkColumns()...)
		errs = append(errs, t.checkIndexes()...)
		errs = append(errs, t.checkCompound()...)
	}
	return errors.Join(errs...)
}

func (t *table) checkColumns() (errs []error) {
	taken := map[string]*column{}
	for _, c := range t.columns {
		c.physical = t.db.options.Naming.column(t.name, c.name)
		c.quoted = quote(c.physical)
		if other := taken[t.db.fold(c.physical)]; other != nil {
			errs = append(errs, fmt.Errorf("store: %s.%s and %s.%s are both named %q",
				t.name, other.name, t.name, c.name, c.physical))
		}
		taken[t.db.fold(c.physical)] = c
		if c.References != "" {
			if _, err := c.referred(); err != nil {
				errs = append(errs, fmt.Errorf("store: %s.%s references %q: %w", t.name, c.name, c.References, err))
			}
		}
	}
	return errs
}

// referred is the column a foreign key points at.
func (c *column) referred() (*column, error) {
	name, field, _ := strings.Cut(c.References, ".")
	t, err := c.table.db.tableNamed(name)
	if err != nil {
		return nil, err
	}
	return t.column(field)
}

func (db *DB) checkNaming() (errs []error) {
	for name, naming := range db.options.Naming.Tables {
		t, err := db.tableNamed(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("store: naming: %w", err))
			continue
		}
		for field := range naming.Fields {
			if _, err := t.column(field); err != nil {
				errs = append(errs, fmt.Errorf("store: naming: %w", err))
			}
		}
	}
	return errs
}

// resolve makes the text of every statement.
func (db *DB) resolve() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	var errs []error
	for _, s := range db.statements {
		s.ready = false
		s.err = s.resolve()
		errs = append(errs, s.err)
	}
	for _, t := range db.order {
		errs = append(errs, t.closeCached())
	}
	return errors.Join(errs...)
}

// prepareAll has the database check every statement. Where prepared statements
// are not kept one connection suffices, in a transaction so that a pooler
// between stays on one connection too.
func (db *DB) prepareAll(ctx context.Context) error {
	if db.traits.KeepPrepared {
		for _, s := range db.statements {
			if err := s.keep(ctx); err != nil {
				return err
			}
		}
		return nil
	}
	tx, err := db.reader.BeginTx(ctx, nil)
	if err != nil {
		return db.translate(err, nil, "begin")
	}
	defer tx.Rollback() // nothing was changed
	for _, s := range db.statements {
		if s.idle {
			continue
		}
		stmt, err := tx.PrepareContext(ctx, s.text)
		if err != nil {
			return db.translate(err, s.table, s.String())
		}
		if err := stmt.Close(); err != nil {
			return db.translate(err, s.table, s.String())
		}
	}
	return nil
}
