package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/postgres"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// DatabaseSource reads people from a live better-auth database, and writes
// nothing there.
type DatabaseSource struct {
	ctx      context.Context
	form     *form
	close    func() error
	users    *store.Table[gatehouse.User]
	accounts *store.Table[gatehouse.Account]
	total    int64
	page     []*gatehouse.User
	of       map[string][]*gatehouse.Account
	last     string
	number   int

	// Unknown are columns of its users that there is no place for here.
	Unknown []string
}

// OpenDatabase opens "sqlite:PATH" or "postgres://…", with tables and columns
// named in a style. Close it.
func OpenDatabase(ctx context.Context, house *standard.House, address string, style store.Style) (*DatabaseSource, error) {
	s := &DatabaseSource{ctx: ctx, form: newForm(house)}
	db, err := s.open(address)
	if err != nil {
		return nil, err
	}
	if err := s.declare(db, store.Naming{Style: style, Tables: map[string]store.TableNaming{}}); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *DatabaseSource) open(address string) (*store.DB, error) {
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		db, err := postgres.Open(address, store.Options{})
		if err == nil {
			s.close = db.Close
		}
		return db, err
	}
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		return nil, errors.New("a database is sqlite:PATH or postgres://…")
	}
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	// Read-only, and with the journal that it has.
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(1)"
	pool, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	s.close = pool.Close
	return sqlite.Wrap(pool, store.Options{}), nil
}

// declare finds out which of our columns are there.
func (s *DatabaseSource) declare(db *store.DB, naming store.Naming) error {
	// All are required, which the store takes for columns that may be NULL too.
	fields := map[string]string{}
	var added []store.Field
	known := map[string]bool{}
	for _, name := range []string{"id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt"} {
		known[strings.ToLower(naming.Column("user", name))] = true
	}
	live, err := liveColumns(s.ctx, db.SQL(), naming.Table("user"))
	if err != nil {
		return err
	}
	for _, field := range s.form.added {
		physical := naming.Column("user", field.Name)
		if column, ok := live[strings.ToLower(physical)]; ok {
			known[strings.ToLower(physical)] = true
			added = append(added, store.Field{Name: field.Name, Type: field.Type, Required: true, Loose: true})
			fields[field.Name] = column.Name()
		}
	}
	for folded, column := range live {
		if !known[folded] {
			// Declared, because the store takes no table with columns that it
			// does not know and would have to fill.
			s.Unknown = append(s.Unknown, column.Name())
			added = append(added, store.Field{Name: column.Name(), Type: typeOf(column), Required: true, Loose: true})
			fields[column.Name()] = column.Name()
		}
	}
	slices.Sort(s.Unknown)
	naming.Tables["user"] = store.TableNaming{Fields: fields}
	source := db.Sibling(store.Options{Naming: naming})
	s.users = store.Define[gatehouse.User](source, "user")
	s.accounts = store.Define[gatehouse.Account](source, "account")
	for _, field := range added {
		source.AddField("user", field)
	}
	if err := source.Load(s.ctx); err != nil {
		return fmt.Errorf("this is no better-auth database with such names (see --naming): %w", err)
	}
	s.total, err = s.users.CountWhere(s.ctx, nil)
	return err
}

// liveColumns are the columns of a table, by their names in lower case.
func liveColumns(ctx context.Context, pool *sql.DB, table string) (map[string]*sql.ColumnType, error) {
	rows, err := pool.QueryContext(ctx, `SELECT * FROM "`+strings.ReplaceAll(table, `"`, `""`)+`" WHERE 1 = 0`)
	if err != nil {
		return nil, fmt.Errorf("there is no table %q to read users from (see --naming): %w", table, err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	columns := map[string]*sql.ColumnType{}
	for _, t := range types {
		columns[strings.ToLower(t.Name())] = t
	}
	return columns, rows.Err()
}

// typeOf is the type of an unknown column, as far as reading it goes.
func typeOf(column *sql.ColumnType) store.Type {
	name := strings.ToUpper(column.DatabaseTypeName())
	has := func(words ...string) bool {
		for _, word := range words {
			if strings.Contains(name, word) {
				return true
			}
		}
		return false
	}
	switch {
	case has("BOOL"):
		return store.Boolean
	case has("TIME", "DATE"):
		return store.Date
	case has("JSON"):
		return store.JSON
	case has("INT", "REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL"):
		return store.Number
	}
	return store.String
}

// Total is how many users there were at the start.
func (s *DatabaseSource) Total() int64 { return s.total }

// Close closes the connection.
func (s *DatabaseSource) Close() error { return s.close() }

// Next reads the next user, by id.
func (s *DatabaseSource) Next() (*Row, error) {
	if len(s.page) == 0 {
		if err := s.turn(); err != nil {
			return nil, err
		}
	}
	user := s.page[0]
	s.page = s.page[1:]
	s.number++
	row := &Row{Number: s.number, Person: Person{
		ID: user.ID, Email: gatehouse.NormalizeEmail(user.Email), Name: user.Name, EmailVerified: user.EmailVerified,
		Image: user.Image, CreatedAt: user.CreatedAt, Fields: map[string]any{},
	}}
	row.Identities, row.PasswordHash = split(user.ID, s.of[user.ID])
	for _, field := range s.form.added {
		if value, ok := user.Get(field.Name); ok && (value != nil || !field.Required) {
			row.Fields[field.Name] = value
		}
	}
	if err := s.form.check(&row.Person); err != nil {
		row.Person, row.Refusal = Person{Email: row.Email}, reason(err)
	}
	return row, nil
}

// turn reads the next page, or is io.EOF.
func (s *DatabaseSource) turn() (err error) {
	search := store.Search{Limit: exportPage}
	if s.last != "" {
		search.Where = []store.Condition{{Field: "id", Op: store.Greater, Value: s.last}}
	}
	if s.page, err = s.users.Find(s.ctx, search); err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	if len(s.page) == 0 {
		return io.EOF
	}
	s.last = s.page[len(s.page)-1].ID
	s.of, err = accountsOf(s.ctx, s.accounts, s.page)
	return err
}
