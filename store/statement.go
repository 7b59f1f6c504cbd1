package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
)

type verb string

const (
	verbSelect          verb = "Select"
	verbTake            verb = "Take"
	verbUpdateReturning verb = "UpdateReturning"
	verbUpdate          verb = "Update"
	verbDelete          verb = "Delete"
	verbCount           verb = "Count"
	verbJoin            verb = "Join"
	verbUpsert          verb = "Upsert"
	verbInsert          verb = "Insert"
	verbInsertNoID      verb = "Insert with an id from the database"
	verbFind            verb = "Find"
	verbCountUpTo       verb = "CountUpTo"
	verbCountDistinct   verb = "CountDistinct"
	verbEstimate        verb = "Estimate"
)

// statement is one SQL text: what was asked for and, after Load, the text and
// its prepared forms.
type statement struct {
	verb     verb
	table    *table
	other    *table // of a join
	conflict string // of an upsert
	set      string // of a join: its on
	where    string
	columns  []*column // of a patch, which they make up instead of set
	byValue  bool      // the best plan depends on the arguments

	db      *DB
	text    string
	params  []param
	ready   bool // Load found the database fit
	idle    bool // not to be used on this database, nor prepared
	err     error
	reader  atomic.Pointer[sql.Stmt]
	writer  atomic.Pointer[sql.Stmt]
	scratch sync.Pool // *row
}

// prepare registers a statement for Load, or resolves it when Load has been.
func (db *DB) prepare(s *statement) *statement {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.prepareLocked(s)
}

func (db *DB) prepareLocked(s *statement) *statement {
	s.db = db
	db.statements = append(db.statements, s)
	if db.loaded {
		s.err = s.resolve()
		s.ready = true
	}
	return s
}

func (s *statement) reads() bool {
	switch s.verb {
	case verbSelect, verbJoin, verbFind, verbCount, verbCountUpTo, verbCountDistinct, verbEstimate:
		return true
	}
	return false
}

// String names the statement in errors, as it was written.
func (s *statement) String() string {
	var parts []string
	for _, p := range []string{s.conflict, s.set, s.where} {
		if p != "" {
			parts = append(parts, fmt.Sprintf("%q", p))
		}
	}
	return fmt.Sprintf("table %s: %s(%s)", s.table.name, s.verb, strings.Join(parts, ", "))
}

// resolve makes the text.
func (s *statement) resolve() error {
	s.scratch = sync.Pool{}
	if s.table.record == nil {
		return fmt.Errorf("store: %s: the table is not defined", s)
	}
	w := &template{db: s.db, scope: s.table}
	if err := s.build(w); err != nil {
		return fmt.Errorf("store: %s: %w", s, err)
	}
	s.text, s.params = w.out.String(), w.params
	return nil
}

func (s *statement) build(w *template) error {
	t := s.table
	switch s.verb {
	case verbSelect, verbFind:
		w.raw("SELECT " + t.row.list + " FROM " + t.quoted())
	case verbCount:
		w.raw("SELECT COUNT(*) FROM " + t.quoted())
	case verbCountUpTo:
		w.raw("SELECT COUNT(*) FROM (SELECT 1 FROM " + t.quoted())
	case verbCountDistinct:
		w.raw("SELECT COUNT(DISTINCT " + t.byName[s.set].quoted + ") FROM " + t.quoted())
	case verbEstimate:
		w.raw(s.db.traits.Explain + "SELECT 1 FROM " + t.quoted())
	case verbTake, verbDelete:
		w.raw("DELETE FROM " + t.quoted())
	case verbJoin:
		return s.buildJoin(w)
	case verbInsert, verbInsertNoID, verbUpsert:
		return s.buildInsert(w)
	case verbUpdate, verbUpdateReturning:
		w.raw("UPDATE " + t.quoted() + " SET ")
		if err := s.buildSet(w); err != nil {
			return err
		}
	}
	if err := s.buildWhere(w); err != nil {
		return err
	}
	switch s.verb {
	case verbTake, verbUpdateReturning:
		w.raw(" RETURNING " + t.row.list)
	case verbCountUpTo:
		w.raw(") AS counted")
	}
	return nil
}

func (s *statement) buildSet(w *template) error {
	for i, c := range s.columns {
		if i > 0 {
			w.raw(", ")
		}
		w.raw(c.quoted + " = ")
		w.bind(c, true)
	}
	if s.columns != nil {
		return nil
	}
	return w.write(s.set, true)
}

func (s *statement) buildWhere(w *template) error {
	text := strings.TrimSpace(s.where)
	if text == "" {
		return nil
	}
	first, _, _ := strings.Cut(strings.ToUpper(text), " ")
	if first == "ORDER" || first == "LIMIT" {
		w.raw(" ")
	} else {
		w.raw(" WHERE ")
	}
	return w.write(text, false)
}

func (s *statement) buildJoin(w *template) error {
	if s.table == s.other {
		return errors.New("a table cannot be joined with itself")
	}
	if s.other.record == nil {
		return fmt.Errorf("table %s is not defined", s.other.name)
	}
	w.scope = nil
	w.raw("SELECT " + s.table.row.qualified + ", " + s.other.row.qualified +
		" FROM " + s.table.quoted() + " JOIN " + s.other.quoted() + " ON ")
	if err := w.write(s.set, false); err != nil {
		return err
	}
	return s.buildWhere(w)
}

func (s *statement) buildInsert(w *template) error {
	t := s.table
	w.raw("INSERT INTO " + t.quoted() + " (")
	var columns []*column
	for _, c := range t.columns {
		if c == t.id && s.withoutID() {
			continue
		}
		if columns = append(columns, c); len(columns) > 1 {
			w.raw(", ")
		}
		w.raw(c.quoted)
	}
	w.raw(") VALUES (")
	for i, c := range columns {
		if i > 0 {
			w.raw(", ")
		}
		w.bind(c, true)
	}
	w.raw(")")
	switch s.verb {
	case verbInsertNoID:
		w.raw(" RETURNING " + t.id.quoted)
	case verbUpsert:
		return s.buildUpsert(w)
	}
	return nil
}

// withoutID: an insert that leaves the id to the database.
func (s *statement) withoutID() bool {
	return s.verb == verbInsertNoID || s.verb == verbUpsert && s.table.insert.id.byDatabase()
}

func (s *statement) buildUpsert(w *template) error {
	c, err := s.table.column(s.conflict)
	if err != nil {
		return err
	}
	w.upsert = true
	w.raw(" ON CONFLICT (" + c.quoted + ") DO UPDATE SET ")
	if err := w.write(s.set, true); err != nil {
		return err
	}
	if err := s.buildWhere(w); err != nil {
		return err
	}
	w.raw(" RETURNING " + s.table.row.list)
	return nil
}

// keep prepares the statement on the pools that will run it.
func (s *statement) keep(ctx context.Context) error {
	if !s.db.traits.KeepPrepared || s.idle {
		return nil
	}
	p, err := s.db.writer.PrepareContext(ctx, s.text)
	if err != nil {
		return s.db.translate(err, s.table, s.String())
	}
	swap(&s.writer, p)
	if !s.reads() || s.db.reader == s.db.writer {
		swap(&s.reader, nil)
		return nil
	}
	p, err = s.db.reader.PrepareContext(ctx, s.text)
	if err != nil {
		return s.db.translate(err, s.table, s.String())
	}
	swap(&s.reader, p)
	return nil
}

func swap(at *atomic.Pointer[sql.Stmt], stmt *sql.Stmt) {
	if old := at.Swap(stmt); old != nil {
		old.Close()
	}
}

func (s *statement) close() error {
	var errs []error
	for _, at := range []*atomic.Pointer[sql.Stmt]{&s.reader, &s.writer} {
		if stmt := at.Swap(nil); stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}
