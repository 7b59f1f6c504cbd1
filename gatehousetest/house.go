// Package gatehousetest is the test house: a real App on a real database, a
// clock that stands still, a mailbox, and browsers that talk to it over HTTP.
// Every plugin's tests are written with it. Read New, then Reply.
package gatehousetest

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/postgres"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

// Secret and BaseURL are what every house runs with.
const (
	Secret  = "gatehousetest-secret-0123456789-ABCDEFGHIJ"
	BaseURL = "http://gatehouse.test"
)

// House is an App under test and the world around it.
type House struct {
	*gatehouse.App
	Clock   *Clock
	Mailbox *Mailbox

	t       testing.TB
	log     *logBuffer
	secrets *secrets
	queries *counter
	allowed []*gatehouse.Error
}

// New builds a house with plugins, on the store that GATEHOUSE_TEST_STORE
// names ("sqlite", the default, or "postgres"), and takes it down at the end
// of the test. Then it fails the test if a secret that went over the wire is
// in the log.
func New(t testing.TB, plugins ...gatehouse.Plugin) *House {
	return NewWith(t, nil, plugins...)
}

// NewWith is New with a change to the configuration.
func NewWith(t testing.TB, change func(*gatehouse.Config), plugins ...gatehouse.Plugin) *House {
	t.Helper()
	off := false
	house := &House{
		t: t, Clock: &Clock{now: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)},
		Mailbox: &Mailbox{}, log: &logBuffer{}, secrets: &secrets{}, queries: &counter{},
	}
	config := gatehouse.Config{
		BaseURL: BaseURL, Secret: Secret, Migrate: gatehouse.MigrateApply, Plugins: plugins,
		Now: house.Clock.Now, Mailer: house.Mailbox,
		RateLimit: gatehouse.RateLimitOptions{Enabled: &off},
		Log:       slog.New(slog.NewTextHandler(house.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&config)
	}
	if config.DB == nil {
		config.DB = OpenStore(t, config.StoreOptions(store.Options{Observe: house.queries.add}))
	}
	app, err := gatehouse.New(context.Background(), config)
	if err != nil {
		t.Fatalf("build the house: %v", err)
	}
	house.App = app
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Errorf("close the house: %v", err)
		}
		house.secrets.assertAbsent(t, house.log.String())
	})
	return house
}

// OpenStore opens an empty database of its own on the store under test, which
// goes with the test: for houses with a Naming of their own.
func OpenStore(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	var db *store.DB
	var err error
	if os.Getenv("GATEHOUSE_TEST_STORE") == "postgres" {
		db, err = postgres.Open(storetest.Postgres(t), o)
	} else {
		db, err = sqlite.Open(storetest.SQLite(t), o)
	}
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Log is everything logged so far.
func (h *House) Log() string { return h.log.String() }

// Statements runs fn and counts the database statements it caused. Nothing
// else may use the house meanwhile.
func (h *House) Statements(fn func()) []string {
	h.queries.reset()
	fn()
	return h.queries.all()
}

// Clock stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the house's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Mailbox receives what the house mails.
type Mailbox struct {
	mu    sync.Mutex
	mails []gatehouse.Mail
	fail  error
}

// Send stores a mail, or fails as FailWith said.
func (m *Mailbox) Send(_ context.Context, mail gatehouse.Mail) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.mails = append(m.mails, mail)
	return nil
}

// FailWith makes every delivery fail with err, until it is called with nil.
func (m *Mailbox) FailWith(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// Mails delivers what is due and returns all mails of a kind to an address,
// oldest first. An empty kind or address means any.
func (h *House) Mails(kind, to string) []gatehouse.Mail {
	h.t.Helper()
	if _, err := h.Outbox.Deliver(context.Background()); err != nil {
		h.t.Fatalf("deliver mail: %v", err)
	}
	h.waitForWorker()
	h.Mailbox.mu.Lock()
	defer h.Mailbox.mu.Unlock()
	var found []gatehouse.Mail
	for _, m := range h.Mailbox.mails {
		if (kind == "" || m.Kind == kind) && (to == "" || m.To == to) {
			found = append(found, m)
			if token, ok := m.Data["token"].(string); ok {
				h.secrets.add(token)
			}
		}
	}
	return found
}

// waitForWorker waits until the App's own worker has finished a mail that it
// claimed before Deliver could.
func (h *House) waitForWorker() {
	for range 200 {
		pending, err := h.Outbox.List(context.Background(), gatehouse.MailPending, 100)
		busy := false
		for _, m := range pending {
			busy = busy || (m.Attempts > 0 && m.LastError == nil)
		}
		if err != nil || !busy {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Mail is the newest of Mails; the test fails when there is none.
func (h *House) Mail(kind, to string) gatehouse.Mail {
	h.t.Helper()
	all := h.Mails(kind, to)
	if len(all) == 0 {
		h.t.Fatalf("no %s mail to %s", kind, to)
	}
	return all[len(all)-1]
}

// AddUser signs a person up with a password, over HTTP, and returns the user.
func (h *House) AddUser(email, password string) *gatehouse.User {
	h.t.Helper()
	name, _, _ := strings.Cut(email, "@")
	h.Browser().Post("/sign-up/email", map[string]any{"email": email, "password": password, "name": name}).ExpectStatus(200)
	user, err := h.Users.ByEmail(context.Background(), email)
	if err != nil {
		h.t.Fatalf("add user %s: %v", email, err)
	}
	return user
}

type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

type counter struct {
	mu  sync.Mutex
	sql []string
}

func (c *counter) add(sql string) {
	if strings.Contains(sql, "outbox") || (strings.HasPrefix(sql, "DELETE") && strings.Contains(sql, " < ")) {
		return // the App's own jobs, mail and sweep, run whenever they like
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sql = append(c.sql, sql)
}

func (c *counter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sql = nil
}

func (c *counter) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.sql...)
}

// secrets are texts that must not be in the log.
type secrets struct {
	mu  sync.Mutex
	all []string
}

// minSecret: shorter texts would be found by accident.
const minSecret = 8

func (s *secrets) add(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(secret) >= minSecret {
		s.all = append(s.all, secret)
	}
}

func (s *secrets) assertAbsent(t testing.TB, log string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range append(s.all, Secret) {
		if strings.Contains(log, secret) {
			t.Errorf("a secret is in the log: %q in\n%s", secret, log)
			return
		}
	}
}
