package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var mailsOp = gatehouse.Op{
	ID: "consoleMails", Method: http.MethodGet, Path: "/console/mail",
	Doc:    "Returns a page of the outbox, the newest first.",
	Access: gatehouse.Can("mail", "read"), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrCursor},
}

var mailOp = gatehouse.Op{
	ID: "consoleMail", Method: http.MethodGet, Path: "/console/mail/:id",
	Doc:    "Shows one mail as its recipient will see it, without the tokens in it.",
	Access: gatehouse.Can("mail", "read"), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrMailNotFound},
}

var retryMailOp = gatehouse.Op{
	ID: "consoleRetryMail", Method: http.MethodPost, Path: "/console/mail/:id/retry",
	Doc:    "Gives a mail that was given up another round of attempts.",
	Access: gatehouse.Can("mail", "retry"), OwnerOnly: true, Body: gatehouse.Body{Optional: true},
	Errors: []*gatehouse.Error{ErrMailNotFound, ErrMailNotDead},
}

// ListMails is the query of GET /console/mail.
type ListMails struct {
	State     *string `query:"state" check:"enum=pending|sent|dead" doc:"Default dead."`
	Recipient *string `query:"recipient" check:"max=320" doc:"The whole address."`
	Cursor    *string `query:"cursor" check:"max=2048"`
	Limit     *int    `query:"limit" check:"min=1"`
}

// MailQuery chooses mails.
type MailQuery struct {
	State     gatehouse.OutboxState // default gatehouse.MailDead
	Recipient string
	After     string `json:"-"`
	Limit     int    `json:"-"`
}

// Mail is a mail without its content.
type Mail struct {
	ID            string     `json:"id"`
	Kind          string     `json:"kind"`
	Recipient     string     `json:"recipient"`
	State         string     `json:"state"`
	Attempts      int64      `json:"attempts"`
	NextAttemptAt *time.Time `json:"nextAttemptAt"` // of one that waits
	LastError     *string    `json:"lastError"`
	CreatedAt     time.Time  `json:"createdAt"`
	SentAt        *time.Time `json:"sentAt"`
}

// MailPage is a page of mails.
type MailPage struct {
	Mails  []Mail     `json:"mails"`
	Next   *string    `json:"next"`
	Counts MailCounts `json:"counts"`
}

// MailCounts count up to maxMailCount.
type MailCounts struct {
	Pending int64 `json:"pending"`
	Dead    int64 `json:"dead"`
}

// maxMailCount stands for "or more".
const maxMailCount = 1000

func (k *Console) listMails(c *gatehouse.Call, in ListMails) (MailPage, error) {
	limit, err := k.limit(in.Limit)
	if err != nil {
		return MailPage{}, err
	}
	return k.Mails(c, MailQuery{
		State: gatehouse.OutboxState(or(in.State, "")), Recipient: or(in.Recipient, ""), After: or(in.Cursor, ""), Limit: limit,
	})
}

// Mails returns a page of the outbox, the newest first, or ErrCursor.
func (k *Console) Mails(ctx context.Context, q MailQuery) (MailPage, error) {
	setDefault(&q.State, gatehouse.MailDead)
	setDefault(&q.Limit, usualPage)
	place, err := k.readCursor(&q.After, "mail", q)
	if err != nil {
		return MailPage{}, err
	}
	where := []store.Condition{{Field: "state", Value: string(q.State)}}
	if q.Recipient != "" {
		where = append(where, store.Condition{Field: "recipient", Value: q.Recipient})
	}
	limit := min(q.Limit, k.options.MaxPage)
	found, err := k.mails.Find(ctx, store.Search{Where: where, OrderBy: "createdAt", Descending: true, After: place, Limit: limit + 1})
	if err != nil {
		return MailPage{}, err
	}
	page := MailPage{Mails: []Mail{}}
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		if page.Next, err = k.cursorTo(cursorPlace{Time: &last.CreatedAt, ID: last.ID}, "mail", q); err != nil {
			return MailPage{}, err
		}
	}
	for _, row := range found {
		page.Mails = append(page.Mails, showMail(row))
	}
	if page.Counts, err = k.mailCounts(ctx); err != nil {
		return MailPage{}, err
	}
	details := map[string]any{"state": string(q.State), "found": len(found)}
	return page, k.record(ctx, gatehouse.Event{Action: "mail.list", TargetType: "mail", Details: details})
}

func (k *Console) mailCounts(ctx context.Context) (counts MailCounts, err error) {
	for state, into := range map[gatehouse.OutboxState]*int64{gatehouse.MailPending: &counts.Pending, gatehouse.MailDead: &counts.Dead} {
		if *into, err = k.mails.CountUpTo(ctx, []store.Condition{{Field: "state", Value: string(state)}}, maxMailCount); err != nil {
			return counts, err
		}
	}
	return counts, nil
}

func showMail(row *gatehouse.OutboxMail) Mail {
	m := Mail{
		ID: row.ID, Kind: row.Kind, Recipient: row.Recipient, State: row.State, Attempts: row.Attempts,
		LastError: row.LastError, CreatedAt: row.CreatedAt, SentAt: row.SentAt,
	}
	if row.State == string(gatehouse.MailPending) {
		m.NextAttemptAt = &row.NextAttemptAt
	}
	return m
}

// OneMail names a mail in the path.
type OneMail struct {
	ID string `path:"id"`
}

// MailView is one mail.
type MailView struct {
	Mail    Mail     `json:"mail"`
	Preview *Preview `json:"preview"`
	// Withheld is why there is no preview: "sent", "unreadable" or
	// "no-templates".
	Withheld *string `json:"withheld"`
}

// Preview is a mail as it will be written. HTML is from a template, with the
// texts of strangers in it: it belongs in a frame that runs nothing.
type Preview struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
}

func (k *Console) mail(c *gatehouse.Call, in OneMail) (MailView, error) { return k.Mail(c, in.ID) }

// Mail shows one mail without the tokens in it, or returns ErrMailNotFound.
func (k *Console) Mail(ctx context.Context, id string) (MailView, error) {
	row, err := k.app.Outbox.ByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return MailView{}, ErrMailNotFound
	}
	if err != nil {
		return MailView{}, err
	}
	view := MailView{Mail: showMail(row)}
	withheld := ""
	view.Preview, withheld = k.preview(row)
	if withheld != "" {
		view.Withheld = &withheld
	}
	return view, k.record(ctx, gatehouse.Event{Action: "mail.read", TargetType: "mail", Target: id, Details: map[string]any{"kind": row.Kind}})
}

func (k *Console) preview(row *gatehouse.OutboxMail) (*Preview, string) {
	switch {
	case row.Payload == "":
		return nil, "sent"
	case k.sources.Server.RenderMail == nil:
		return nil, "no-templates"
	}
	plain, err := k.app.Open(row.Payload)
	if err != nil {
		return nil, "unreadable" // sealed under a secret that is gone
	}
	var data map[string]any
	if json.Unmarshal(plain, &data) != nil {
		return nil, "unreadable"
	}
	data = redact(data)
	subject, text, html, err := k.sources.Server.RenderMail(row.Kind, row.Recipient, data)
	if err != nil {
		return nil, "unreadable"
	}
	return &Preview{subject, text, html}, ""
}

// redacted stands for a secret.
const redacted = "REDACTED"

// open are the members of a mail's data that are no secrets: who it is about
// and what they said. Of anything else only numbers and flags are shown.
var open = map[string]bool{"user": true, "applicant": true, "newEmail": true, "email": true, "reason": true, "answers": true, "name": true, "role": true, "app": true, "address": true, "device": true, "time": true, "method": true, "until": true}

// redact takes every secret out of a mail's data: what is not known to be none
// is one, so that a kind of mail from tomorrow tells nothing by accident.
func redact(data map[string]any) map[string]any {
	shown := make(map[string]any, len(data))
	for name, value := range data {
		text, isText := value.(string)
		switch {
		case open[name]:
			shown[name] = value
		case isText && isAddress(text):
			shown[name] = redactURL(text)
		case isText && text != "":
			shown[name] = redacted
		case isText, isPlain(value):
			shown[name] = value
		default:
			shown[name] = redacted
		}
	}
	return shown
}

func isPlain(value any) bool {
	switch value.(type) {
	case nil, bool, float64:
		return true
	}
	return false
}

func isAddress(text string) bool {
	return strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")
}

// longestWord is how long a part of a path may be that is no token.
const longestWord = 20

// redactURL keeps where a link leads and takes out what it carries.
func redactURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "https://" + strings.ToLower(redacted) + ".invalid/"
	}
	u.User, u.Fragment = nil, ""
	parts := strings.Split(u.EscapedPath(), "/")
	for i, part := range parts {
		if len(part) > longestWord || strings.ContainsAny(part, "%.0123456789") && len(part) > 5 {
			parts[i] = redacted
		}
	}
	address := u.Scheme + "://" + u.Host + strings.Join(parts, "/")
	if u.RawQuery == "" {
		return address
	}
	query := u.Query()
	for name := range query {
		query[name] = []string{redacted}
	}
	return address + "?" + query.Encode()
}

func (k *Console) retryMail(c *gatehouse.Call, in OneMail) (gatehouse.Status, error) {
	err := k.RetryMail(c, in.ID)
	return gatehouse.Status{Status: err == nil}, err
}

// RetryMail gives a dead mail another round of attempts. It returns
// ErrMailNotFound and ErrMailNotDead.
func (k *Console) RetryMail(ctx context.Context, id string) error {
	return k.app.Tx(ctx, func(ctx context.Context) error {
		row, err := k.app.Outbox.ByID(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return ErrMailNotFound
		}
		if err != nil {
			return err
		}
		err = k.app.Outbox.Retry(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return ErrMailNotDead
		}
		if err != nil {
			return err
		}
		return k.record(ctx, gatehouse.Event{Action: "mail.retry", TargetType: "mail", Target: id, Details: map[string]any{"kind": row.Kind}})
	})
}
