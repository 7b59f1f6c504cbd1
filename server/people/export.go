package people

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

// ExportOptions say what goes out.
type ExportOptions struct {
	// WithHashes adds the password hashes, which can be guessed at, and fields
	// that never leave otherwise.
	WithHashes bool
	// Where chooses users. Default all. Filters say so in the audit log.
	Where   []store.Condition
	Filters map[string]any
	// Progress, if set, is told how many are written, now and then.
	Progress func(users int)
}

// Writer writes people to a file.
type Writer interface {
	Write(names []string, values []any) error
	Flush() error
}

// exportPage is how many users are in memory at a time.
const exportPage = 100

// Export writes users, by id, and returns how many. It reads page by
// page: people who come or go meanwhile may be in it or not. It records a
// "user.export" event before the first one is read.
func Export(ctx context.Context, house *standard.House, w Writer, o ExportOptions) (int, error) {
	details := map[string]any{"hashes": o.WithHashes}
	if o.Filters != nil {
		details["filters"] = o.Filters
	}
	err := house.Record(ctx, gatehouse.Event{Action: "user.export", TargetType: "user", Details: details})
	if err != nil {
		return 0, err
	}
	ex := &exporter{
		form: newForm(house), options: o,
		users:    store.Define[gatehouse.User](house.DB, "user"),
		accounts: store.Define[gatehouse.Account](house.DB, "account"),
	}
	written := 0
	for last := ""; ; {
		users, err := ex.page(ctx, last)
		if err != nil {
			return written, err
		}
		accounts, err := accountsOf(ctx, ex.accounts, users)
		if err != nil {
			return written, err
		}
		for _, user := range users {
			names, values := ex.row(user, accounts[user.ID])
			if err := w.Write(names, values); err != nil {
				return written, fmt.Errorf("write: %w", err)
			}
			last = user.ID
			written++
		}
		if o.Progress != nil {
			o.Progress(written)
		}
		if len(users) < exportPage {
			return written, w.Flush()
		}
	}
}

type exporter struct {
	*form
	options  ExportOptions
	users    *store.Table[gatehouse.User]
	accounts *store.Table[gatehouse.Account]
}

func (ex *exporter) page(ctx context.Context, last string) ([]*gatehouse.User, error) {
	search := store.Search{Where: ex.options.Where, Limit: exportPage}
	if last != "" {
		search.After = &store.Place{Value: last, ID: last}
	}
	users, err := ex.users.Find(ctx, search)
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	return users, nil
}

// accountsOf reads the accounts of some users, by user and in their order.
func accountsOf(ctx context.Context, table *store.Table[gatehouse.Account], users []*gatehouse.User) (map[string][]*gatehouse.Account, error) {
	ids := make([]string, len(users))
	for i, user := range users {
		ids[i] = user.ID
	}
	byUser := map[string][]*gatehouse.Account{}
	for offset := 0; len(ids) > 0; offset += lookUpRows {
		found, err := table.Find(ctx, store.Search{Where: []store.Condition{{Field: "userId", Op: store.In, Value: ids}}, Limit: lookUpRows, Offset: offset})
		if err != nil {
			return nil, fmt.Errorf("read accounts: %w", err)
		}
		for _, account := range found {
			byUser[account.UserID] = append(byUser[account.UserID], account)
		}
		if len(found) < lookUpRows {
			break
		}
	}
	return byUser, nil
}

// row are the columns of one user: always the same ones, in the same order.
func (ex *exporter) row(user *gatehouse.User, accounts []*gatehouse.Account) (names []string, values []any) {
	add := func(name string, value any) { names, values = append(names, name), append(values, value) }
	add("id", user.ID)
	add("email", user.Email)
	add("name", user.Name)
	add("emailVerified", user.EmailVerified)
	add("image", user.Image)
	add("createdAt", user.CreatedAt)
	for _, field := range ex.added {
		if value, _ := user.Get(field.Name); !field.Hidden || ex.options.WithHashes {
			add(field.Name, value)
		}
	}
	identities, hash := split(user.ID, accounts)
	add("accounts", identities)
	if ex.options.WithHashes {
		add("passwordHash", hash)
	}
	return names, values
}

// split tells the password from the other accounts.
func split(userID string, accounts []*gatehouse.Account) (identities []Identity, hash string) {
	identities = []Identity{}
	for _, a := range accounts {
		switch {
		case a.ProviderID != gatehouse.CredentialProvider:
			created := a.CreatedAt
			identities = append(identities, Identity{a.ProviderID, a.AccountID, a.Scope, &created})
		case a.AccountID == userID && a.PasswordHash != nil:
			hash = *a.PasswordHash
		}
	}
	return identities, hash
}

type linesWriter struct {
	to  io.Writer
	buf bytes.Buffer
}

// NewJSONLines writes one object on each line.
func NewJSONLines(w io.Writer) Writer { return &linesWriter{to: w} }

func (l *linesWriter) Write(names []string, values []any) error {
	encoder := json.NewEncoder(&l.buf)
	encoder.SetEscapeHTML(false)
	l.buf.WriteByte('{')
	first := true
	for i, name := range names {
		if values[i] == "" && name == "passwordHash" {
			continue // there is none
		}
		if !first {
			l.buf.WriteByte(',')
		}
		first = false
		if err := encoder.Encode(name); err != nil {
			return err
		}
		l.buf.Truncate(l.buf.Len() - 1)
		l.buf.WriteByte(':')
		value := values[i]
		if t, ok := value.(time.Time); ok {
			value = stamp(t)
		}
		if err := encoder.Encode(value); err != nil {
			return err
		}
		l.buf.Truncate(l.buf.Len() - 1)
	}
	l.buf.WriteString("}\n")
	if l.buf.Len() < 64<<10 {
		return nil
	}
	return l.Flush()
}

func (l *linesWriter) Flush() error {
	_, err := l.buf.WriteTo(l.to)
	return err
}

// stamp is a time as JavaScript writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

type csvWriter struct {
	csv  *csv.Writer
	head bool
}

// NewCSV writes RFC 4180 text. A cell that a spreadsheet would run, or that
// begins with an apostrophe, gets an apostrophe in front.
func NewCSV(w io.Writer) Writer { return &csvWriter{csv: csv.NewWriter(w)} }

func (c *csvWriter) Write(names []string, values []any) error {
	if !c.head {
		c.head = true
		if err := c.csv.Write(names); err != nil {
			return err
		}
	}
	cells := make([]string, len(values))
	for i, value := range values {
		text, err := cellText(value)
		if err != nil {
			return fmt.Errorf("%s: %w", names[i], err)
		}
		cells[i] = armed(text)
	}
	return c.csv.Write(cells)
}

func (c *csvWriter) Flush() error {
	c.csv.Flush()
	return c.csv.Error()
}

func cellText(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case *string:
		return deref(v), nil
	case bool:
		return strconv.FormatBool(v), nil
	case time.Time:
		return stamp(v), nil
	case []Identity:
		if len(v) == 0 {
			return "", nil
		}
	}
	raw, err := json.Marshal(value)
	return string(raw), err
}

// dangerous begin what spreadsheets take for a formula (OWASP, CSV Injection);
// the apostrophe is among them so that taking it off again is exact.
const dangerous = "=+-@\t\r'"

func armed(text string) string {
	if text != "" && strings.IndexByte(dangerous, text[0]) >= 0 {
		return "'" + text
	}
	return text
}

func disarmed(text string) string {
	if len(text) > 1 && text[0] == '\'' && strings.IndexByte(dangerous, text[1]) >= 0 {
		return text[1:]
	}
	return text
}
