// Package storetest is the contract that every store passes, and the databases
// to test on. The contract is the files named after what they promise; start
// with record.go.
package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Open gives a test a store on an empty database of its own and closes it at
// the test's end.
type Open func(t *testing.T, o store.Options) *store.DB

// Run holds a store to the contract.
func Run(t *testing.T, open func(t *testing.T, o store.Options) *store.DB) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, Open)
	}{
		{"Records", testRecords},
		{"Statements", testStatements},
		{"StartErrors", testStartErrors},
		{"Races", testRaces},
		{"Transactions", testTransactions},
		{"Conflicts", testConflicts},
		{"Text", testText},
		{"IDs", testIDs},
		{"AddedColumns", testAddedColumns},
		{"LooseColumns", testLooseColumns},
		{"Naming", testNaming},
		{"ForeignDatabases", testForeignDatabases},
		{"ColumnTypes", testColumnTypes},
		{"Plan", testPlan},
		{"CompoundIndex", testCompoundIndex},
		{"Find", testFind},
		{"Rows", testRows},
		{"Relations", testRelations},
		{"Indexes", testIndexes},
		{"Pages", testPages},
		{"Locks", testLocks},
		{"Outages", testOutages},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, open) })
	}
}

// User, Session and RateLimit are the protocol's tables, as far as needed.
type User struct {
	ID            string    `db:"id"`
	Name          string    `db:"name,len=255"`
	Email         string    `db:"email,unique,len=255"`
	EmailVerified bool      `db:"emailVerified"`
	Image         *string   `db:"image"`
	CreatedAt     time.Time `db:"createdAt"`
	UpdatedAt     time.Time `db:"updatedAt"`
	store.Extra
}

// Session refers to its user.
type Session struct {
	ID        string    `db:"id"`
	Token     string    `db:"token,unique,len=255"`
	UserID    string    `db:"userId,references=user.id,index"`
	ExpiresAt time.Time `db:"expiresAt"`
	IPAddress *string   `db:"ipAddress"`
	UserAgent *string   `db:"userAgent,truncate"`
	CreatedAt time.Time `db:"createdAt"`
	UpdatedAt time.Time `db:"updatedAt"`
}

// RateLimit has a number beyond 32 bits and an irregular plural.
type RateLimit struct {
	ID          string `db:"id"`
	Key         string `db:"key,unique"`
	Count       int    `db:"count"`
	LastRequest int64  `db:"lastRequest,bigint"`
}

// house is a store with the tables above.
type house struct {
	*store.DB
	users    *store.Table[User]
	sessions *store.Table[Session]
	limits   *store.Table[RateLimit]
	byID     *store.Query[User]
	byEmail  *store.Query[User]
}

func declare(db *store.DB) *house {
	h := &house{
		DB:       db,
		users:    store.Define[User](db, "user"),
		sessions: store.Define[Session](db, "session"),
		limits:   store.Define[RateLimit](db, "rateLimit"),
	}
	h.byID = h.users.Select("{id} = ?")
	h.byEmail = h.users.Select("{email} = ?")
	return h
}

// build makes the tables that are missing and loads.
func (h *house) build(t *testing.T) *house {
	t.Helper()
	if _, err := h.Apply(t.Context()); err != nil {
		t.Fatalf("apply: %v", err)
	}
	return h
}

func newHouse(t *testing.T, open Open, o store.Options) *house {
	t.Helper()
	return declare(open(t, o)).build(t)
}

// noon is a time with a zone and more digits than are kept; noonUTC is what is kept.
var (
	noon    = time.Date(2026, 11, 23, 14, 0, 0, 123456789, time.FixedZone("EET", 2*60*60))
	noonUTC = time.Date(2026, 11, 23, 12, 0, 0, 123000000, time.UTC)
)

func newUser(email string) *User {
	return &User{Name: "Ada", Email: email, CreatedAt: noon, UpdatedAt: noon}
}

func (h *house) addUser(t *testing.T, email string) *User {
	t.Helper()
	u := newUser(email)
	if err := h.users.Insert(t.Context(), u); err != nil {
		t.Fatalf("insert %s: %v", email, err)
	}
	return u
}

func (h *house) addSession(t *testing.T, user *User, token string) *Session {
	t.Helper()
	s := &Session{Token: token, UserID: user.ID, ExpiresAt: noon.Add(time.Hour), CreatedAt: noon, UpdatedAt: noon}
	if err := h.sessions.Insert(t.Context(), s); err != nil {
		t.Fatalf("insert session: %v", err)
	}
	return s
}

func wantErr(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("got error %v, want %v", got, want)
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func want[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func ptr[T any](v T) *T { return &v }
