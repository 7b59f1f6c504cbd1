package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/internal/webhook"
	"github.com/gatehouse-auth/gatehouse/store"
)

// ForwardOptions name a system that receives every entry, such as a SIEM. Each
// call is a POST in the form of Standard Webhooks 1.0.0 with up to 100 entries
// in order: {"type":"audit.entries","timestamp":"…","data":{"entries":[…]}}.
// Entries come at least once and in order; a receiver drops repeats by seq.
type ForwardOptions struct {
	// URL that entries are posted to: https, or http on loopback. It may hold
	// an access key, so it is kept like a secret. Default none.
	URL string `secret:"true"`
	// Secret signs the calls: "whsec_" and base64, or at least 24 bytes of
	// text. Required with a URL.
	Secret string `secret:"true"`
	// Timeout of one call. Default 10 seconds, at most 1 minute.
	Timeout time.Duration
	// AllowPrivate lets URL lead to addresses that are not public: those of
	// this machine and of private networks.
	AllowPrivate bool
}

// What a call that failed waits for: 5 seconds, doubled each time, at most
// half an hour. It is tried for ever: an entry is never left out.
const (
	firstForwardRetry = 5 * time.Second
	lastForwardRetry  = 30 * time.Minute
	forwardBatch      = 100
	maxAnswerBytes    = 64 << 10
)

// position is how far entries were forwarded, one row per receiver.
type position struct {
	ID       string    `db:"id"`
	Name     string    `db:"name,unique"`
	Seq      int64     `db:"seq,bigint"`
	Attempts int64     `db:"attempts"`
	DueAt    time.Time `db:"dueAt"` // until then nobody tries: it failed, or another node is at it
	// LastError is why the last attempt failed, "" after a success.
	LastError string `db:"lastError"`
}

const positionName = "webhook"

// forwarder sends entries from the stored position on. One node at a time
// does: who moves DueAt ahead.
type forwarder struct {
	log       *Log
	options   ForwardOptions
	key       []byte
	client    *http.Client
	positions *store.Table[position]
	current   *store.Query[position]
	claim     *store.Exec
	done      *store.Exec
	failed    *store.Exec
}

func newForwarder(l *Log) (*forwarder, error) {
	o := l.options.Forward
	setDefault(&o.Timeout, 10*time.Second)
	if o.Timeout < 0 || o.Timeout > time.Minute {
		return nil, errors.New("forward: timeout must be at most 1 minute")
	}
	if err := webhook.CheckURL(o.URL, false); err != nil {
		return nil, fmt.Errorf("forward: %w", err)
	}
	key, err := webhook.Key(o.Secret)
	if err != nil {
		return nil, fmt.Errorf("forward: %w", err)
	}
	table := store.Define[position](l.app.DB, "auditForward")
	return &forwarder{
		log: l, options: o, key: key, positions: table,
		client: &http.Client{
			Transport: egress.Transport(o.AllowPrivate),
			Timeout:   o.Timeout,
			// A redirect would carry the entries to somebody else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		current: table.Select("{name} = ?"),
		claim:   table.Update("{dueAt} = ?", "{name} = ? AND {seq} = ? AND {dueAt} <= ?"),
		done:    table.Update("{seq} = ?, {attempts} = 0, {dueAt} = ?, {lastError} = ''", "{name} = ? AND {seq} = ?"),
		failed:  table.Update("{attempts} = ?, {dueAt} = ?, {lastError} = ?", "{name} = ? AND {seq} = ?"),
	}, nil
}

func (f *forwarder) job() gatehouse.Job {
	return gatehouse.Job{Name: "forward audit entries", Every: f.log.options.Interval, Run: func(ctx context.Context) error {
		_, err := f.log.Forward(ctx)
		return err
	}}
}

// Forward sends what is due, without waiting for the job, and reports how many
// entries were taken. Without Options.Forward it sends nothing.
func (l *Log) Forward(ctx context.Context) (sent int, err error) {
	if l.forward == nil {
		return 0, nil
	}
	for {
		n, err := l.forward.batch(ctx)
		if err != nil || n == 0 {
			return sent, err
		}
		sent += n
	}
}

// position is how far entries were forwarded.
func (f *forwarder) position(ctx context.Context) (int64, error) {
	at, err := f.current.One(ctx, positionName)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return at.Seq, nil
}

func (f *forwarder) batch(ctx context.Context) (int, error) {
	at, err := f.current.One(ctx, positionName)
	if errors.Is(err, store.ErrNotFound) {
		at = &position{Name: positionName, DueAt: f.log.app.Now()}
		if err = f.positions.Insert(ctx, at); errors.Is(err, store.ErrConflict) {
			return 0, nil // another is at it
		}
	}
	if err != nil {
		return 0, fmt.Errorf("forward audit entries: %w", err)
	}
	entries, err := f.log.After(ctx, at.Seq, forwardBatch)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	now := f.log.app.Now()
	claimed, err := f.claim.Run(ctx, now.Add(2*f.options.Timeout), positionName, at.Seq, now)
	if err != nil || claimed == 0 {
		return 0, err
	}
	if err := f.send(ctx, entries); err != nil {
		return 0, f.postpone(ctx, at, err)
	}
	_, err = f.done.Run(ctx, entries[len(entries)-1].place(), now, positionName, at.Seq)
	return len(entries), err
}

// postpone keeps why it failed. Refusals that will not change by themselves
// wait longest at once; somebody has to mend the receiver.
func (f *forwarder) postpone(ctx context.Context, at *position, cause error) error {
	wait := min(firstForwardRetry<<min(at.Attempts, 20), lastForwardRetry)
	var refused errRefused
	if errors.As(cause, &refused) || errors.Is(cause, egress.ErrPrivate) {
		wait = lastForwardRetry
	}
	// What the address holds may be secret: the error of net/url begins with it.
	var inner interface{ Unwrap() error }
	if errors.As(cause, &inner) && inner.Unwrap() != nil {
		cause = inner.Unwrap()
	}
	f.log.app.Config().Log.WarnContext(ctx, "audit entries not forwarded", "attempt", at.Attempts+1, "retryIn", wait, "err", cause)
	_, err := f.failed.Run(ctx, at.Attempts+1, f.log.app.Now().Add(wait), clean(cause.Error(), maxValueBytes), positionName, at.Seq)
	return err
}

// errRefused is a status that trying again will not change.
type errRefused int

func (e errRefused) Error() string { return fmt.Sprintf("the receiver refused with %d", int(e)) }

func (f *forwarder) send(ctx context.Context, entries []*Entry) error {
	now := f.log.app.Now()
	body, err := json.Marshal(map[string]any{
		"type": "audit.entries", "timestamp": now.Format(time.RFC3339Nano), "data": map[string]any{"entries": entries},
	})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.options.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Gatehouse")
	id := fmt.Sprintf("audit_%d_%d", entries[0].place(), entries[len(entries)-1].place())
	webhook.Sign(request.Header, f.key, id, now, body)
	answer, err := f.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswerBytes)) // only the status counts
	switch webhook.Judge(answer.StatusCode) {
	case webhook.Taken:
		return nil
	case webhook.Never:
		return errRefused(answer.StatusCode)
	}
	return fmt.Errorf("the receiver answered %d", answer.StatusCode)
}
