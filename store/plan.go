package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Plan is the difference between what is declared and what the database has.
type Plan struct {
	// Statements add what is missing: CREATE TABLE, ADD COLUMN, CREATE INDEX.
	Statements []string
	// Refused are the differences that need a human, one sentence each.
	Refused []string
	// Notes are what stays slower than it could be, one sentence each.
	Notes []string

	missing bool // something without which the database cannot be served
}

// Empty reports whether the database fits.
func (p *Plan) Empty() bool { return len(p.Statements) == 0 && len(p.Refused) == 0 }

func (p *Plan) add(format string, args ...any) {
	p.Statements = append(p.Statements, fmt.Sprintf(format, args...))
}

func (p *Plan) refuse(format string, args ...any) {
	p.Refused = append(p.Refused, fmt.Sprintf(format, args...))
}

// Plan compares what was declared with the database. Like Load it may not run
// while queries do; a [DB.Sibling] may.
func (db *DB) Plan(ctx context.Context) (*Plan, error) { return db.compare(ctx, db.reader) }

// Apply runs the plan's statements in one transaction and then loads. Of
// several processes one works and the others find nothing left to do. A plan
// with refusals is not begun: the error is an [OutdatedError].
func (db *DB) Apply(ctx context.Context) (*Plan, error) {
	plan, err := db.apply(ctx)
	if err != nil {
		return plan, err
	}
	return plan, db.Load(ctx)
}

func (db *DB) apply(ctx context.Context) (plan *Plan, err error) {
	tx, err := db.dialect.Begin(ctx, db.writer)
	if err != nil {
		return nil, db.translate(err, nil, "begin")
	}
	defer tx.Rollback() // without effect after Commit
	if err := db.dialect.LockSchema(ctx, tx); err != nil {
		return nil, db.translate(err, nil, "lock the schema")
	}
	if plan, err = db.compare(ctx, tx); err != nil {
		return nil, err
	}
	if len(plan.Refused) > 0 {
		return plan, &OutdatedError{Plan: plan}
	}
	for _, text := range plan.Statements {
		if db.options.Observe != nil {
			db.options.Observe(text)
		}
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return plan, db.translate(err, nil, text)
		}
	}
	if err := tx.Commit(); err != nil {
		return plan, db.translate(err, nil, "commit")
	}
	return plan, nil
}

func (db *DB) plan() *Plan {
	p := &Plan{}
	order, err := db.creationOrder()
	if err != nil {
		p.refuse("%v", err)
	}
	for _, t := range order {
		if t.live == nil {
			p.createTable(t)
		}
	}
	for _, t := range db.order {
		if t.live != nil {
			p.alterTable(t)
		}
		p.planIndexes(t)
	}
	for _, t := range db.order {
		p.planCompound(t)
	}
	return p
}

// creationOrder puts tables before those that refer to them.
func (db *DB) creationOrder() (order []*table, err error) {
	const visiting, done = 1, 2
	mark := map[*table]int{}
	var visit func(t *table)
	visit = func(t *table) {
		switch mark[t] {
		case done:
			return
		case visiting:
			err = errors.Join(err, fmt.Errorf("table %s refers to itself through other tables", t.name))
			return
		}
		mark[t] = visiting
		for _, c := range t.columns {
			if c.References == "" {
				continue
			}
			if to, bad := c.referred(); bad == nil && to.table != t {
				visit(to.table)
			}
		}
		mark[t] = done
		order = append(order, t)
	}
	for _, t := range db.order {
		visit(t)
	}
	return order, err
}

func (p *Plan) createTable(t *table) {
	p.missing = true
	lines := make([]string, len(t.columns))
	for i, c := range t.columns {
		lines[i] = "\t" + c.definition(true)
	}
	p.add("CREATE TABLE %s (\n%s\n)", t.quoted(), strings.Join(lines, ",\n"))
	for _, c := range t.columns {
		if c.Index && !c.Unique {
			p.addIndex(c)
		}
	}
}

func (p *Plan) alterTable(t *table) {
	known := map[string]bool{}
	for _, c := range t.columns {
		if c.live == nil {
			p.addColumn(c)
			continue
		}
		known[c.live.Name] = true
		p.checkColumn(c)
		switch {
		case c.Unique && !t.live.indexed(c.live.Name, true):
			p.missing = true
			p.addIndex(c)
		case c.Index && !t.live.indexed(c.live.Name, false):
			p.addIndex(c)
		}
	}
	for _, l := range t.live.Columns {
		if !known[l.Name] && l.NotNull && !l.HasDefault {
			p.refuse("column %s.%s is NOT NULL without a default and unknown here, so no row could be added: give it a default or declare it",
				t.physical, l.Name)
		}
	}
}

func (p *Plan) addColumn(c *column) {
	p.missing = true
	switch {
	case c == c.table.id:
		p.refuse("table %s has no column %s, the primary key", c.table.physical, c.physical)
		return
	case !c.nullable && c.Default == nil:
		p.refuse("column %s.%s is missing; it is NOT NULL and declares no default for the rows that exist",
			c.table.physical, c.physical)
		return
	case c.References != "" && c.Default != nil:
		p.refuse("column %s.%s is missing; a foreign key cannot be added with a default", c.table.physical, c.physical)
		return
	}
	inline := c.table.db.traits.AddUnique
	p.add("ALTER TABLE %s ADD COLUMN %s", c.table.quoted(), c.definition(inline))
	if c.Unique && !inline || c.Index && !c.Unique {
		p.addIndex(c)
	}
}

func (p *Plan) addIndex(c *column) {
	create, suffix := "CREATE INDEX", "_idx"
	if c.Unique {
		create, suffix = "CREATE UNIQUE INDEX", "_uidx"
	}
	p.add("%s %s ON %s (%s)", create, quote(c.table.physical+"_"+c.physical+suffix), c.table.quoted(), c.quoted)
}

func firstLine(statements []string) string {
	if len(statements) == 0 {
		return "none"
	}
	line, _, _ := strings.Cut(statements[0], "\n")
	return line
}
