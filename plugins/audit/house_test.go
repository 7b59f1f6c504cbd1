package audit_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/plugins/bearer"
	"github.com/gatehouse-auth/gatehouse/plugins/email"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	ada      = "ada@example.com"
	passcode = "correct horse battery"
)

// house is a test house with every feature that exists, and its log.
type house struct {
	*gatehousetest.House
	t   testing.TB
	log *audit.Log
}

// setting changes what a house is made of.
type setting struct {
	audit    audit.Options
	password password.Options
	config   func(*gatehouse.Config)
	more     []gatehouse.Plugin
}

// newHouse builds a house whose job has had its first look and takes its next
// one in a minute, so that the test says when entries are numbered.
func newHouse(t testing.TB, change func(*setting)) *house {
	t.Helper()
	s := setting{
		audit:    audit.Options{Interval: time.Minute, CheckpointInterval: 1000 * time.Hour},
		password: password.Options{Enabled: true, SendResetPassword: true},
	}
	if change != nil {
		change(&s)
	}
	h := &house{t: t, log: audit.New(s.audit)}
	h.House = gatehousetest.NewWith(t, func(c *gatehouse.Config) {
		passwords := password.New(s.password)
		c.EmailVerification.SendVerificationEmail = true
		c.User.ChangeEmail.Enabled = true
		c.User.DeleteUser.Enabled = true
		c.Plugins = append([]gatehouse.Plugin{
			passwords, sessions.New(), email.New(), account.New(passwords.CheckPassword),
			bearer.New(bearer.Options{}), gatehousetest.Door(), h.log,
		}, s.more...)
		if s.config != nil {
			s.config(c)
		}
	})
	h.awaitJob()
	return h
}

// twin is another node on the same database.
func (h *house) twin(change func(*setting)) *house {
	h.t.Helper()
	return newHouse(h.t, func(s *setting) {
		s.config = func(c *gatehouse.Config) {
			c.DB = h.DB.Sibling(c.StoreOptions(store.Options{}))
			c.Now = h.Clock.Now
		}
		if change != nil {
			change(s)
		}
	})
}

// awaitJob waits until the job's first look has numbered the entry of the start.
func (h *house) awaitJob() {
	h.t.Helper()
	for range 1000 {
		page, err := h.log.Find(context.Background(), audit.Query{Action: "app.start"})
		if err != nil {
			h.t.Fatal(err)
		}
		done := len(page.Entries) > 0
		for _, e := range page.Entries {
			done = done && e.Seq != nil
		}
		if done {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	h.t.Fatal("the job does not number the entry of the start")
}

// sequence numbers what has committed.
func (h *house) sequence() {
	h.t.Helper()
	if _, err := h.log.Sequence(context.Background()); err != nil {
		h.t.Fatalf("number entries: %v", err)
	}
}

func (h *house) record(action string) {
	h.t.Helper()
	if err := h.Record(context.Background(), gatehouse.Event{Action: action, TargetType: "test", Target: "t"}); err != nil {
		h.t.Fatalf("record %s: %v", action, err)
	}
}

// fill records and numbers n entries and returns the places of the first and
// the last.
func (h *house) fill(n int) (first, last int64) {
	h.t.Helper()
	h.sequence()
	first = h.head() + 1
	for i := range n {
		h.record(fmt.Sprintf("test.%d", first+int64(i)))
	}
	h.sequence()
	return first, h.head()
}

func (h *house) head() int64 {
	h.t.Helper()
	head, err := h.log.Head(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return head
}

// since numbers what there is and returns the entries after a place.
func (h *house) since(seq int64) []*audit.Entry {
	h.t.Helper()
	h.sequence()
	entries, err := h.log.After(context.Background(), seq, 500)
	if err != nil {
		h.t.Fatal(err)
	}
	return entries
}

func (h *house) verify(anchors ...audit.Checkpoint) *audit.Report {
	h.t.Helper()
	report, err := h.log.Verify(context.Background(), nil, anchors...)
	if err != nil {
		h.t.Fatalf("verify: %v", err)
	}
	return report
}

func (h *house) expectSound() *audit.Report {
	h.t.Helper()
	report := h.verify()
	for _, p := range report.Problems {
		h.t.Errorf("verification finds: %s", p)
	}
	return report
}

// sql changes the database behind the log's back.
func (h *house) sql(text string, args ...any) int64 {
	h.t.Helper()
	if h.DB.Kind() == "postgres" {
		for i := 1; strings.Contains(text, "?"); i++ {
			text = strings.Replace(text, "?", fmt.Sprintf("$%d", i), 1)
		}
	}
	result, err := h.DB.SQL().ExecContext(context.Background(), text, args...)
	if err != nil {
		h.t.Fatalf("%s: %v", text, err)
	}
	rows, _ := result.RowsAffected()
	return rows
}

func (h *house) user(address string) *gatehouse.User {
	h.t.Helper()
	user, err := h.Users.ByEmail(context.Background(), address)
	if err != nil {
		h.t.Fatalf("user %s: %v", address, err)
	}
	return user
}

// mailed is the secret of the newest mail of a kind.
func (h *house) mailed(kind, to string) string {
	h.t.Helper()
	secret, _ := h.Mail(kind, to).Data["token"].(string)
	if secret == "" {
		h.t.Fatalf("the %s mail has no token", kind)
	}
	return secret
}

func signIn(b *gatehousetest.Browser, address, password string) *gatehousetest.Answer {
	return b.Post("/sign-in/email", map[string]any{"email": address, "password": password})
}

func ok(t testing.TB, a *gatehousetest.Answer) {
	t.Helper()
	if a.Status != http.StatusOK && a.Status != http.StatusFound {
		t.Fatalf("answers %d %s", a.Status, a.Body)
	}
}
