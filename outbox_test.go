package gatehouse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

// newQuietHouse runs no jobs of its own: mails go when the test says so.
func newQuietHouse(t *testing.T, change func(*standard.Options)) *gatehousetest.House {
	t.Helper()
	house := newHouse(t, func(o *standard.Options) {
		o.Migrate = gatehouse.MigrateSkip
		if change != nil {
			change(o)
		}
	})
	if _, err := house.DB.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	house.Invite(ada)
	return house
}

func askForReset(house *gatehousetest.House) {
	house.Post("/request-password-reset", password.RequestReset{Email: ada}).ExpectStatus(http.StatusOK)
}

// one is the only mail of the outbox.
func one(t *testing.T, house *gatehousetest.House, state gatehouse.OutboxState) *gatehouse.OutboxMail {
	t.Helper()
	mails, err := house.Outbox.List(t.Context(), state, 10)
	if err != nil || len(mails) != 1 {
		t.Fatalf("%d %s mails, %v; want one", len(mails), state, err)
	}
	return mails[0]
}

func deliver(t *testing.T, house *gatehousetest.House, want int) {
	t.Helper()
	if sent, err := house.Outbox.Deliver(t.Context()); err != nil || sent != want {
		t.Fatalf("%d mails sent, %v; want %d", sent, err, want)
	}
}

// TestMailIsSentIfAndOnlyIfTheChangeCommits: a rolled-back change sends nothing.
func TestMailIsSentIfAndOnlyIfTheChangeCommits(t *testing.T) {
	house := newQuietHouse(t, nil)
	refused := errors.New("no")
	for _, outcome := range []error{refused, nil} {
		err := house.Tx(t.Context(), func(ctx context.Context) error {
			if err := house.Outbox.Put(ctx, gatehouse.Mail{Kind: "note", To: ada, Data: map[string]any{"a": "b"}}); err != nil {
				return err
			}
			return outcome
		})
		if !errors.Is(err, outcome) {
			t.Fatal(err)
		}
		want := 0
		if outcome == nil {
			want = 1
		}
		deliver(t, house, want)
	}
	deliver(t, house, 0)
	if mail := house.Mail("note", ada); mail.Data["a"] != "b" || mail.ID == "" {
		t.Errorf("the mail is %+v", mail)
	}
}

// TestSecretsInTheOutboxAreSealed: a stolen table opens nothing, and nothing
// is left of a mail that was sent.
func TestSecretsInTheOutboxAreSealed(t *testing.T) {
	house := newQuietHouse(t, func(o *standard.Options) { o.Verification.StoreIdentifier = "hashed" })
	askForReset(house)
	stored := strings.Join(append(rows(t, house, `SELECT * FROM "outbox"`), rows(t, house, `SELECT * FROM "verification"`)...), "\n")
	secret := tokenIn(t, house, "reset-password", ada)
	if strings.Contains(stored, secret) || strings.Contains(stored, "reset-password:") {
		t.Errorf("the tables show the token %s:\n%s", secret, stored)
	}
	if sent := one(t, house, gatehouse.MailSent); sent.Payload != "" || sent.SentAt == nil || sent.Attempts != 1 || sent.LastError != nil {
		t.Errorf("the sent mail is %+v", sent)
	}
	house.Post("/reset-password", password.Reset{NewPassword: passcode, Token: &secret}).ExpectStatus(http.StatusOK)
}

// TestRetries: a mail that cannot be delivered waits longer each time, is
// given up after twelve attempts, and starts anew when somebody asks.
func TestRetries(t *testing.T) {
	house := newQuietHouse(t, nil)
	house.Mailbox.FailWith(errors.New("the server is away"))
	askForReset(house)
	for attempt := int64(1); attempt <= 12; attempt++ {
		deliver(t, house, 0)
		state := gatehouse.MailPending
		if attempt == 12 {
			state = gatehouse.MailDead
		}
		mail := one(t, house, state)
		wait := min(15*time.Second<<(attempt-1), 8*time.Hour)
		if mail.Attempts != attempt || mail.LastError == nil || *mail.LastError != "the server is away" || !mail.NextAttemptAt.Equal(house.Now().Add(wait)) {
			t.Fatalf("after attempt %d: %+v, want the next in %v", attempt, mail, wait)
		}
		house.Clock.Advance(wait - time.Millisecond)
		deliver(t, house, 0)
		if got := one(t, house, state).Attempts; got != attempt {
			t.Fatalf("attempt %d came early", got)
		}
		house.Clock.Advance(time.Millisecond)
	}
	house.Mailbox.FailWith(nil)
	deliver(t, house, 0)
	dead := one(t, house, gatehouse.MailDead)
	if err := house.Outbox.Retry(t.Context(), dead.ID); err != nil {
		t.Fatal(err)
	}
	if err := house.Outbox.Retry(t.Context(), dead.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("retrying a mail that is not dead: %v", err)
	}
	deliver(t, house, 1)
	if mail, err := house.Outbox.ByID(t.Context(), dead.ID); err != nil || mail.State != string(gatehouse.MailSent) {
		t.Errorf("the mail is %+v, %v", mail, err)
	}
	house.Mail("reset-password", ada)
}

type permanent struct{}

func (permanent) Error() string   { return "no such mailbox" }
func (permanent) Permanent() bool { return true }

// TestPermanentErrorsAreNotRetried: nor is what our own secret cannot open.
func TestPermanentErrorsAreNotRetried(t *testing.T) {
	house := newQuietHouse(t, nil)
	house.Mailbox.FailWith(fmt.Errorf("deliver: %w", permanent{}))
	askForReset(house)
	deliver(t, house, 0)
	if dead := one(t, house, gatehouse.MailDead); dead.Attempts != 1 || !strings.Contains(*dead.LastError, "no such mailbox") {
		t.Errorf("the mail is %+v", dead)
	}
	house = newQuietHouse(t, nil)
	askForReset(house)
	if _, err := house.DB.SQL().Exec(`UPDATE "outbox" SET "payload" = 'tampered'`); err != nil {
		t.Fatal(err)
	}
	deliver(t, house, 0)
	if dead := one(t, house, gatehouse.MailDead); dead.Attempts != 1 {
		t.Errorf("the mail is %+v", dead)
	}
}

// TestTwoNodesDeliverOnce: of any number of workers one sends a mail.
func TestTwoNodesDeliverOnce(t *testing.T) {
	first := newQuietHouse(t, nil)
	second := newHouse(t, func(o *standard.Options) {
		o.Migrate = gatehouse.MigrateSkip
		o.DB = first.DB.Sibling(o.StoreOptions(store.Options{}))
	})
	for range 10 {
		askForReset(first)
	}
	together(8, func(i int) {
		house := first
		if i%2 == 1 {
			house = second
		}
		if _, err := house.Outbox.Deliver(context.Background()); err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Error(err)
		}
	})
	ids := map[string]int{}
	for _, mail := range append(first.Mails("", ""), second.Mails("", "")...) {
		ids[mail.ID]++
	}
	if len(ids) != 10 {
		t.Errorf("%d different mails, want 10", len(ids))
	}
	for id, n := range ids {
		if n != 1 {
			t.Errorf("mail %s was sent %d times", id, n)
		}
	}
}

// TestALostWorkersMailIsSentLater: a node that died in the middle of a
// delivery holds a mail no longer than its lease.
func TestALostWorkersMailIsSentLater(t *testing.T) {
	house := newQuietHouse(t, nil)
	askForReset(house)
	if _, err := house.DB.SQL().Exec(fmt.Sprintf(`UPDATE "outbox" SET "attempts" = 1, "nextAttemptAt" = '%s'`,
		house.Now().Add(2*time.Minute).Format("2006-01-02T15:04:05.000Z"))); err != nil {
		t.Fatal(err)
	}
	deliver(t, house, 0)
	house.Clock.Advance(2 * time.Minute)
	deliver(t, house, 1)
}

// TestWithoutAMailerMailsWait for one.
func TestWithoutAMailerMailsWait(t *testing.T) {
	house := newQuietHouse(t, func(o *standard.Options) { o.Mailer = nil })
	askForReset(house)
	deliver(t, house, 0)
	if mail := one(t, house, gatehouse.MailPending); mail.Attempts != 0 {
		t.Errorf("the mail is %+v", mail)
	}
}

// TestTheWorkerSendsWithoutBeingAsked: an App delivers what its requests queue.
func TestTheWorkerSendsWithoutBeingAsked(t *testing.T) {
	arrived := make(chan gatehouse.Mail, 1)
	house := newHouse(t, func(o *standard.Options) {
		o.Mailer = gatehouse.MailerFunc(func(_ context.Context, m gatehouse.Mail) error {
			arrived <- m
			return nil
		})
	})
	house.Invite(ada)
	askForReset(house)
	select {
	case mail := <-arrived:
		if mail.Kind != "reset-password" || mail.To != ada {
			t.Errorf("the mail is %s to %s", mail.Kind, mail.To)
		}
	case <-time.After(10 * time.Second):
		t.Error("no mail was sent")
	}
}
