package people

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

// ImportOptions say how people come in.
type ImportOptions struct {
	// Name is where they come from, for the audit log.
	Name string
	// DryRun does everything and takes it back. It hashes nothing.
	DryRun bool
	// NewIDs gives everybody a new id.
	NewIDs bool
	// Report, if set, is told of each row that made nobody, in order.
	Report func(Outcome) error
	// Progress, if set, is told how far it is, now and then.
	Progress func(Summary)
}

// Outcome is what became of a row that made nobody.
type Outcome struct {
	Row    int    `json:"row"`
	Email  string `json:"email"`
	Status Status `json:"status"`
	Reason string `json:"reason"`
}

// Status is what became of a row.
type Status string

// A skipped row is a person who is there already: an import that was ended
// half-way is simply run again.
const (
	Created Status = "created"
	Skipped Status = "skipped"
	Refused Status = "refused"
)

// Summary counts rows.
type Summary struct {
	Rows    int `json:"rows"`
	Created int `json:"created"`
	Skipped int `json:"skipped"`
	Refused int `json:"refused"`
}

const (
	batchRows = 500
	// A batch with this many passwords to hash is full, so that progress shows.
	batchPasswords = 32
	lookUpRows     = 100 // what one condition takes
)

const alreadyThere = "a user with this e-mail address is already there"

// Import makes users of the rows of source: each goes through the hooks of
// users and accounts as any other new user. A batch is one transaction, with
// one "user.import" event; a row that cannot be stored is left out of it and
// reported. The error is about the import as a whole; what the summary counts
// as created until then is stored.
func Import(ctx context.Context, house *standard.House, source Source, o ImportOptions) (Summary, error) {
	im := &importer{
		house: house, options: o, seen: map[[16]byte]int{},
		users:    store.Define[gatehouse.User](house.DB, "user"),
		accounts: store.Define[gatehouse.Account](house.DB, "account"),
	}
	for _, field := range house.DB.AddedFields("user") {
		if field.Unique {
			im.unique = append(im.unique, field.Name)
		}
	}
	workers := 1 // SQLite has one writer
	if house.DB.Kind() == "postgres" {
		workers = max(2, runtime.GOMAXPROCS(0))
	}
	for {
		batches, err := im.read(source, workers)
		if len(batches) > 0 {
			if failed := im.storeAll(ctx, batches); failed != nil {
				return im.summary, errors.Join(im.report(batches), failed)
			}
			if failed := im.report(batches); failed != nil {
				return im.summary, failed
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return im.summary, nil
		case err != nil:
			return im.summary, &SourceError{im.summary.Rows + 1, err}
		}
	}
}

type importer struct {
	house    *standard.House
	options  ImportOptions
	users    *store.Table[gatehouse.User]
	accounts *store.Table[gatehouse.Account]
	// seen is the row of each address, id and identity, by its hash: 40 bytes
	// for each instead of a text.
	seen    map[[16]byte]int
	unique  []string // added columns in which nobody is like another
	summary Summary
}

// item is a row on its way.
type item struct {
	*Row
	status Status
	reason string
}

func (i *item) end(s Status, reason string) { i.status, i.reason = s, reason }

// read takes as many rows as the workers have room for.
func (im *importer) read(source Source, workers int) (batches [][]*item, err error) {
	for len(batches) < workers {
		var batch []*item
		passwords := 0
		for len(batch) < batchRows && passwords < batchPasswords {
			row, failed := source.Next()
			if failed != nil {
				err = failed
				break
			}
			i := &item{Row: row}
			im.admit(i)
			if i.status == "" && row.Password != "" {
				passwords++
			}
			batch = append(batch, i)
		}
		if len(batch) > 0 {
			batches = append(batches, batch)
		}
		if err != nil {
			break
		}
	}
	return batches, err
}

// admit refuses what an earlier row has already.
func (im *importer) admit(i *item) {
	if i.Refusal != "" {
		i.end(Refused, i.Refusal)
		return
	}
	if im.options.NewIDs {
		i.ID = ""
	}
	names := []string{"e-mail address\x00" + i.Email}
	if i.ID != "" {
		names = append(names, "id\x00"+i.ID)
	}
	for _, identity := range i.Identities {
		names = append(names, "account\x00"+identity.key())
	}
	for _, field := range im.unique {
		if value := i.Fields[field]; value != nil {
			names = append(names, field+"\x00"+fmt.Sprint(value))
		}
	}
	keys := make([][16]byte, len(names))
	for n, name := range names {
		sum := sha256.Sum256([]byte(name))
		keys[n] = [16]byte(sum[:16])
		if first, taken := im.seen[keys[n]]; taken {
			what, _, _ := cutNUL(name)
			i.end(Refused, fmt.Sprintf("row %d has the same %s", first, what))
			return
		}
	}
	for _, key := range keys {
		im.seen[key] = i.Number
	}
}

// storeAll stores batches side by side.
func (im *importer) storeAll(ctx context.Context, batches [][]*item) error {
	errs := make([]error, len(batches))
	var group sync.WaitGroup
	for n, batch := range batches {
		group.Go(func() { errs[n] = im.storeBatch(ctx, batch) })
	}
	group.Wait()
	return errors.Join(errs...)
}

func (im *importer) storeBatch(ctx context.Context, batch []*item) error {
	for _, step := range []func(context.Context, []*item) error{im.skipPresent, im.refuseTaken, im.hash, im.write} {
		if err := step(ctx, open(batch)); err != nil {
			return err
		}
	}
	return nil
}

// open are the rows about which nothing is decided yet.
func open(batch []*item) []*item {
	var rest []*item
	for _, i := range batch {
		if i.status == "" {
			rest = append(rest, i)
		}
	}
	return rest
}

// write stores rows in one transaction, or if that fails each half by itself,
// down to the row that is to blame.
func (im *importer) write(ctx context.Context, rows []*item) error {
	if len(rows) == 0 {
		return nil
	}
	err := im.house.Tx(ctx, func(ctx context.Context) error { return im.create(ctx, rows) })
	switch {
	case err == nil || errors.Is(err, errTakeBack):
		for _, i := range rows {
			i.end(Created, "")
		}
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case len(rows) > 1:
		if err := im.write(ctx, rows[:len(rows)/2]); err != nil {
			return err
		}
		return im.write(ctx, rows[len(rows)/2:])
	case errors.Is(err, store.ErrUnavailable):
		return err
	case errors.Is(err, gatehouse.ErrUserExists):
		rows[0].end(Skipped, alreadyThere)
	default:
		rows[0].end(Refused, reason(err))
	}
	return nil
}

// errTakeBack ends a dry run's transaction.
var errTakeBack = errors.New("a dry run stores nothing")

func (im *importer) create(ctx context.Context, rows []*item) error {
	for _, i := range rows {
		user := i.user()
		if err := im.house.Users.Create(ctx, user); err != nil {
			return err
		}
		for _, account := range i.Person.accounts(user.ID) {
			if err := im.house.Accounts.Create(ctx, account); err != nil {
				return err
			}
		}
	}
	err := im.house.Record(ctx, gatehouse.Event{
		Action: "user.import", TargetType: "user",
		Details: map[string]any{"source": im.options.Name, "count": len(rows), "firstRow": rows[0].Number, "lastRow": rows[len(rows)-1].Number},
	})
	if err == nil && im.options.DryRun {
		err = errTakeBack
	}
	return err
}

// report counts the batches, in order, and tells of what made nobody.
func (im *importer) report(batches [][]*item) error {
	for _, batch := range batches {
		for _, i := range batch {
			switch i.status {
			case Created:
				im.summary.Created++
			case Skipped:
				im.summary.Skipped++
			case Refused:
				im.summary.Refused++
			default:
				continue // the import ended before it
			}
			im.summary.Rows++
			if i.status == Created || im.options.Report == nil {
				continue
			}
			if err := im.options.Report(Outcome{i.Number, shown(i.Email), i.status, i.reason}); err != nil {
				return fmt.Errorf("write the report: %w", err)
			}
		}
	}
	if im.options.Progress != nil {
		im.options.Progress(im.summary)
	}
	return nil
}
