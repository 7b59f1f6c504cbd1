package people

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Record is everything that is kept about one person, without what would let
// its reader act as that person.
type Record struct {
	ExportedAt    string                      `json:"exportedAt"`
	User          json.RawMessage             `json:"user"`
	Accounts      []*gatehouse.Account        `json:"accounts"`
	Sessions      []SessionRecord             `json:"sessions"`
	Verifications int64                       `json:"verifications"` // open links and codes: each is a secret
	Mails         []MailRecord                `json:"mails"`
	Related       map[string][]map[string]any `json:"related"`  // rows of other tables, by table
	Withheld      []string                    `json:"withheld"` // "table.field" of what is a secret there
}

// SessionRecord is a session without its token.
type SessionRecord struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	ExpiresAt time.Time `json:"expiresAt"`
	IPAddress *string   `json:"ipAddress"`
	UserAgent *string   `json:"userAgent"`
}

// MailRecord is a mail without its text.
type MailRecord struct {
	Kind      string     `json:"kind"`
	State     string     `json:"state"`
	CreatedAt time.Time  `json:"createdAt"`
	SentAt    *time.Time `json:"sentAt"`
}

// Data collects what is kept about a user (GDPR, Articles 15 and 20), and
// records a "user.data" event. It returns store.ErrNotFound for an address
// that nobody has.
func Data(ctx context.Context, house *standard.House, email string) (*Record, error) {
	user, err := house.Users.ByEmail(ctx, email)
	if err != nil {
		return nil, err
	}
	return DataOf(ctx, house.App, user)
}

// DataOf is Data of a user who is known already.
func DataOf(ctx context.Context, house *gatehouse.App, user *gatehouse.User) (*Record, error) {
	err := house.Record(ctx, gatehouse.Event{Action: "user.data", TargetType: "user", Target: user.ID})
	if err != nil {
		return nil, err
	}
	r := &Record{ExportedAt: stamp(house.Now()), Sessions: []SessionRecord{}, Mails: []MailRecord{}, Related: map[string][]map[string]any{}, Withheld: []string{}}
	if r.User, err = user.MarshalJSON(); err != nil {
		return nil, err
	}
	if r.Accounts, err = house.Accounts.OfUser(ctx, user.ID); err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	if r.Accounts == nil {
		r.Accounts = []*gatehouse.Account{}
	}
	for _, step := range []func(context.Context, *gatehouse.App, *gatehouse.User) error{r.sessions, r.verifications, r.mails, r.related} {
		if err := step(ctx, house, user); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *Record) sessions(ctx context.Context, house *gatehouse.App, user *gatehouse.User) error {
	found, err := store.Define[gatehouse.Session](house.DB, "session").Find(ctx, newestOf("userId", user.ID))
	if err != nil {
		return fmt.Errorf("read sessions: %w", err)
	}
	for _, s := range found {
		if s.ImpersonatedBy() != "" {
			s.IPAddress, s.UserAgent = nil, nil // those of the admin, who is somebody else
		}
		r.Sessions = append(r.Sessions, SessionRecord{s.ID, s.CreatedAt, s.UpdatedAt, s.ExpiresAt, s.IPAddress, s.UserAgent})
	}
	return nil
}

// mostRecords bounds how many of one kind a record lists, the newest.
const mostRecords = 10_000

func newestOf(field, value string) store.Search {
	return store.Search{Where: []store.Condition{{Field: field, Value: value}}, OrderBy: "createdAt", Descending: true, Limit: mostRecords}
}

func (r *Record) verifications(ctx context.Context, house *gatehouse.App, user *gatehouse.User) error {
	table := store.Define[gatehouse.Verification](house.DB, "verification")
	for _, where := range []store.Condition{{Field: "value", Value: user.ID}, {Field: "identifier", Value: user.Email}} {
		n, err := table.CountWhere(ctx, []store.Condition{where})
		if err != nil {
			return fmt.Errorf("count verifications: %w", err)
		}
		r.Verifications += n
	}
	return nil
}

func (r *Record) mails(ctx context.Context, house *gatehouse.App, user *gatehouse.User) error {
	found, err := store.Define[gatehouse.OutboxMail](house.DB, "outbox").Find(ctx, newestOf("recipient", user.Email))
	if err != nil {
		return fmt.Errorf("read mails: %w", err)
	}
	for _, m := range found {
		r.Mails = append(r.Mails, MailRecord{m.Kind, m.State, m.CreatedAt, m.SentAt})
	}
	return nil
}

// related reads the tables of plugins: whatever was declared to refer to a user.
func (r *Record) related(ctx context.Context, house *gatehouse.App, user *gatehouse.User) error {
	for _, relation := range house.DB.Relations("user.id") {
		if relation.Table == "session" || relation.Table == "account" {
			continue
		}
		rows, err := house.DB.Related(ctx, relation, user.ID)
		if err != nil {
			return fmt.Errorf("read %s: %w", relation.Table, err)
		}
		for _, row := range rows {
			r.Related[relation.Table] = append(r.Related[relation.Table], r.plain(relation.Table, row))
		}
	}
	return nil
}

// plain leaves out of a row what is a secret by its name.
func (r *Record) plain(table string, row []store.FieldValue) map[string]any {
	members := map[string]any{}
	for _, v := range row {
		if isSecret(v.Field.Name) {
			if name := table + "." + v.Field.Name; !slices.Contains(r.Withheld, name) {
				r.Withheld = append(r.Withheld, name)
			}
			continue
		}
		members[v.Field.Name] = v.Value
	}
	return members
}

// secretWords are in the names of columns that let somebody in. Rather a
// harmless column too many is withheld than a secret told.
var secretWords = []string{"secret", "token", "password", "hash", "key", "code", "otp", "challenge", "verifier"}

func isSecret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(name, word) })
}
