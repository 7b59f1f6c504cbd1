package gatehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// OutboxState is where a mail stands.
type OutboxState string

// The states of a mail. Dead mails are kept until somebody retries them; decoys
// are for nobody and never sent (see Outbox.Pretend).
const (
	MailPending OutboxState = "pending"
	MailSent    OutboxState = "sent"
	MailDead    OutboxState = "dead"
	MailDecoy   OutboxState = "decoy"
)

// OutboxMail is one row of the outbox. Payload is sealed, for it carries
// tokens, and is emptied once the mail is sent.
type OutboxMail struct {
	ID            string     `db:"id"`
	Kind          string     `db:"kind"`
	Recipient     string     `db:"recipient,index"`
	Payload       string     `db:"payload"`
	State         string     `db:"state"`
	Attempts      int64      `db:"attempts"`
	NextAttemptAt time.Time  `db:"nextAttemptAt,index"`
	LastError     *string    `db:"lastError"`
	CreatedAt     time.Time  `db:"createdAt"`
	SentAt        *time.Time `db:"sentAt"`
}

// Outbox holds mails from the moment the change that needs them commits until
// they are delivered. Any number of nodes may deliver from it.
type Outbox struct {
	app     *App
	table   *store.Table[OutboxMail]
	recent  *store.Scalar
	due     *store.Query[OutboxMail]
	claim   *store.Exec
	sent    *store.Exec
	failed  *store.Exec
	retry   *store.Exec
	list    *store.Query[OutboxMail]
	byID    *store.Query[OutboxMail]
	sweep   *store.Exec
	arrived chan struct{}
}

const (
	// maxMailsPerHour bounds how often one address gets one kind of mail,
	// whoever asks: nobody's inbox is a target.
	maxMailsPerHour = 20
	// maxMailAttempts and the back-off give a mail about two days.
	maxMailAttempts = 12
	firstMailRetry  = 15 * time.Second
	lastMailRetry   = 8 * time.Hour
	// mailLease is how long a node may take for one delivery before another
	// node tries the same mail.
	mailLease = 2 * time.Minute
	// sentMailsKept is how long the record of a sent mail stays.
	sentMailsKept = 30 * 24 * time.Hour
	// decoysKept is how long decoys count towards maxMailsPerHour.
	decoysKept = time.Hour
)

func newOutbox(app *App) *Outbox {
	table := store.Define[OutboxMail](app.DB, "outbox")
	return &Outbox{
		app:    app,
		table:  table,
		recent: table.Count("{recipient} = ? AND {kind} = ? AND {createdAt} > ?"),
		due:    table.Select("{state} = 'pending' AND {nextAttemptAt} <= ? ORDER BY {nextAttemptAt} LIMIT 32"),
		claim: table.Update("{attempts} = {attempts} + 1, {nextAttemptAt} = ?",
			"{id} = ? AND {state} = 'pending' AND {attempts} = ?"),
		sent:    table.Update("{state} = 'sent', {payload} = '', {sentAt} = ?, {lastError} = NULL", "{id} = ?"),
		failed:  table.Update("{state} = ?, {nextAttemptAt} = ?, {lastError} = ?", "{id} = ?"),
		retry:   table.Update("{state} = 'pending', {attempts} = 0, {nextAttemptAt} = ?", "{id} = ? AND {state} = 'dead'"),
		list:    table.Select("{state} = ? ORDER BY {createdAt} DESC LIMIT ?"),
		byID:    table.Select("{id} = ?"),
		sweep:   table.Delete("{state} = 'sent' AND {createdAt} < ? OR {state} = 'decoy' AND {createdAt} < ?"),
		arrived: make(chan struct{}, 1),
	}
}

// Put queues a mail in the transaction of ctx, if there is one: it is sent if
// and only if that commits. Beyond the hourly bound per address it is dropped
// with a log line and no error, so that the caller's answer is the same.
func (o *Outbox) Put(ctx context.Context, m Mail) error { return o.put(ctx, m, MailPending) }

// Pretend does all that Put does for a mail that nobody gets: what a stranger
// asks for an address takes as long whether or not it has an account.
func (o *Outbox) Pretend(ctx context.Context, m Mail) error { return o.put(ctx, m, MailDecoy) }

func (o *Outbox) put(ctx context.Context, m Mail, state OutboxState) error {
	now := o.app.Now()
	recent, err := o.recent.Int(ctx, m.To, m.Kind, now.Add(-time.Hour))
	if err != nil {
		return fmt.Errorf("count mails: %w", err)
	}
	if recent >= maxMailsPerHour {
		o.app.config.Log.WarnContext(ctx, "mail dropped: too many to one address", "kind", m.Kind)
		return nil
	}
	data, err := json.Marshal(m.Data)
	if err != nil {
		return fmt.Errorf("encode mail: %w", err)
	}
	sealed, err := o.app.Seal(data)
	if err != nil {
		return fmt.Errorf("seal mail: %w", err)
	}
	row := &OutboxMail{Kind: m.Kind, Recipient: m.To, Payload: sealed, State: string(state), NextAttemptAt: now, CreatedAt: now}
	if err := o.table.Insert(ctx, row); err != nil {
		return fmt.Errorf("queue mail: %w", err)
	}
	store.AfterCommit(ctx, o.wake)
	return nil
}

func (o *Outbox) wake() {
	select {
	case o.arrived <- struct{}{}:
	default:
	}
}

// Deliver sends what is due, once, and reports how many were sent.
func (o *Outbox) Deliver(ctx context.Context) (sent int, err error) {
	if o.app.config.Mailer == nil {
		return 0, nil
	}
	for {
		due, err := o.due.All(ctx, o.app.Now())
		if err != nil || len(due) == 0 {
			return sent, err
		}
		for _, row := range due {
			ok, err := o.deliver(ctx, row)
			if err != nil {
				return sent, err
			}
			if ok {
				sent++
			}
		}
	}
}

// deliver claims one mail, so that no other node sends it too, and sends it.
func (o *Outbox) deliver(ctx context.Context, row *OutboxMail) (bool, error) {
	claimed, err := o.claim.Run(ctx, o.app.Now().Add(mailLease), row.ID, row.Attempts)
	if err != nil || claimed == 0 {
		return false, err
	}
	if err := o.send(ctx, row); err != nil {
		return false, o.postpone(ctx, row, err)
	}
	_, err = o.sent.Run(ctx, o.app.Now(), row.ID)
	return err == nil, err
}

func (o *Outbox) send(ctx context.Context, row *OutboxMail) error {
	plain, err := o.app.Open(row.Payload)
	if err != nil {
		return permanent{fmt.Errorf("open payload: %w", err)}
	}
	m := Mail{ID: row.ID, Kind: row.Kind, To: row.Recipient}
	if err := json.Unmarshal(plain, &m.Data); err != nil {
		return permanent{fmt.Errorf("decode payload: %w", err)}
	}
	ctx, cancel := context.WithTimeout(ctx, mailLease/2)
	defer cancel()
	return o.app.config.Mailer.Send(ctx, m)
}

// permanent marks an error that no retry mends.
type permanent struct{ error }

func (permanent) Permanent() bool { return true }
func (p permanent) Unwrap() error { return p.error }

func (o *Outbox) postpone(ctx context.Context, row *OutboxMail, cause error) error {
	var final interface{ Permanent() bool }
	attempts, state := row.Attempts+1, MailPending
	if attempts >= maxMailAttempts || (errors.As(cause, &final) && final.Permanent()) {
		state = MailDead
	}
	wait := min(firstMailRetry<<min(attempts-1, 20), lastMailRetry)
	text := cause.Error()
	o.app.config.Log.WarnContext(ctx, "mail not delivered", "mail", row.ID, "kind", row.Kind, "attempt", attempts, "state", state, "err", cause)
	_, err := o.failed.Run(ctx, string(state), o.app.Now().Add(wait), text[:min(len(text), 1000)], row.ID)
	return err
}

// List returns the newest mails of a state, at most limit.
func (o *Outbox) List(ctx context.Context, state OutboxState, limit int) ([]*OutboxMail, error) {
	return o.list.All(ctx, string(state), limit)
}

// ByID returns one mail, or store.ErrNotFound.
func (o *Outbox) ByID(ctx context.Context, id string) (*OutboxMail, error) {
	return o.byID.One(ctx, id)
}

// Retry gives a dead mail another round of attempts, or returns
// store.ErrNotFound when there is no such dead mail.
func (o *Outbox) Retry(ctx context.Context, id string) error {
	rows, err := o.retry.Run(ctx, o.app.Now(), id)
	if err == nil && rows == 0 {
		return store.ErrNotFound
	}
	o.wake()
	return err
}
