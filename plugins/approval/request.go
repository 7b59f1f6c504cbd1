package approval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// State is what was decided about a request.
type State = string

// The states of a request.
const (
	Pending  State = "pending"
	Approved State = "approved"
	Rejected State = "rejected"
)

// Request is a person's wish to have an account. It is a row of its own and no
// column of the user, so that nothing a client may set on a user decides it.
type Request struct {
	ID           string          `db:"id"`
	UserID       string          `db:"userId,references=user.id,unique"`
	State        State           `db:"state"`
	PendingSince *time.Time      `db:"pendingSince,index"` // null once decided: the list reads only who waits
	Method       string          `db:"method"`             // of the sign-up
	Reason       string          `db:"reason"`
	Answers      json.RawMessage `db:"answers"` // []Answer
	CreatedAt    time.Time       `db:"createdAt"`
	DecidedAt    *time.Time      `db:"decidedAt"`
	DecidedBy    *string         `db:"decidedBy"` // a user's id, or gatehouse.System
	Note         *string         `db:"note"`      // the administrator's reason
}

// Answer is what a person answered to a question, whose label is kept as it
// was then.
type Answer struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Value string `json:"value"`
}

// requests are the statements on the table of requests.
type requests struct {
	table  *store.Table[Request]
	byID   *store.Query[Request]
	byUser *store.Query[Request]
	decide *store.Query[Request]
	forget *store.Exec
	first  *store.Pair[Request, gatehouse.User]
	next   *store.Pair[Request, gatehouse.User]
	one    *store.Pair[Request, gatehouse.User]
}

func newRequests(app *gatehouse.App, users *store.Table[gatehouse.User]) *requests {
	table := store.Define[Request](app.DB, "registrationRequest")
	table.Index("state", "createdAt")
	pairs := func(where string) *store.Pair[Request, gatehouse.User] {
		return store.Join(table, users, "{registrationRequest.userId} = {user.id}", where)
	}
	const oldestFirst = " ORDER BY {registrationRequest.pendingSince}, {registrationRequest.id} LIMIT ?"
	return &requests{
		table:  table,
		byID:   table.Select("{id} = ?"),
		byUser: table.Select("{userId} = ?"),
		// The condition and the change are one step: of any number of
		// administrators one decides.
		decide: table.UpdateReturning("{state} = ?, {pendingSince} = NULL, {decidedAt} = ?, {decidedBy} = ?, {note} = ?",
			"{id} = ? AND {state} = 'pending'"),
		forget: table.Delete("{userId} = ?"),
		first:  pairs("{registrationRequest.pendingSince} IS NOT NULL" + oldestFirst),
		next: pairs("{registrationRequest.pendingSince} >= ? AND ({registrationRequest.pendingSince} > ? OR {registrationRequest.id} > ?)" +
			oldestFirst),
		one: pairs("{registrationRequest.id} = ?"),
	}
}

// reasonMember is the member of a sign-up's body that says why somebody asks.
const reasonMember = "reason"

// form is what a person filled in.
type form struct {
	reason  string
	answers []Answer
}

// readForm reads reason and answers from what the person sent. A sign-up that
// comes back from elsewhere by GET may have begun as a sign-in, without a
// form: nothing is required of it.
func (a *Approvals) readForm(ctx context.Context) (form, error) {
	filled := form{answers: []Answer{}}
	c := gatehouse.CallFrom(ctx)
	if c == nil {
		return filled, nil
	}
	asked := c.Request.Method != http.MethodGet
	var err error
	if filled.reason, err = member(ctx, reasonMember, maxReasonLength, asked && a.options.RequireReason); err != nil {
		return filled, err
	}
	for _, q := range a.options.Questions {
		value, err := member(ctx, q.Name, q.MaxLength, asked && q.Required)
		if err != nil {
			return filled, err
		}
		if value != "" {
			filled.answers = append(filled.answers, Answer{Name: q.Name, Label: q.Label, Value: value})
		}
	}
	return filled, nil
}

func member(ctx context.Context, name string, limit int, required bool) (string, error) {
	value, _ := gatehouse.Said(ctx, name)
	value = strings.TrimSpace(value)
	switch {
	case value == "" && required:
		return "", gatehouse.ErrMissingField.Saying("%s is required", name)
	case utf8.RuneCountInString(value) > limit:
		return "", gatehouse.ErrFieldTooLong.Saying("%s is too long: at most %d characters", name, limit)
	case strings.ContainsRune(value, 0) || !utf8.ValidString(value):
		return "", gatehouse.ErrInvalidText.Saying("%s has characters that cannot be stored", name)
	}
	return value, nil
}

// ask stores the wish of a person who was just created and mails those who
// decide, all in the transaction of the creation.
func (a *Approvals) ask(ctx context.Context, user *gatehouse.User, method string) error {
	filled, err := a.readForm(ctx)
	if err != nil {
		return err
	}
	answers, err := json.Marshal(filled.answers)
	if err != nil {
		return fmt.Errorf("encode answers: %w", err)
	}
	now := a.app.Now()
	request := &Request{
		UserID: user.ID, State: Pending, PendingSince: &now, Method: method,
		Reason: filled.reason, Answers: answers, CreatedAt: now,
	}
	if err := a.requests.table.Insert(ctx, request); err != nil {
		return fmt.Errorf("store request: %w", err)
	}
	event := gatehouse.Event{Action: "registration.request", Actor: user.ID, TargetType: "user", Target: user.ID, Details: map[string]any{"method": method}}
	if err := a.app.Record(ctx, event); err != nil {
		return err
	}
	return a.mailDeciders(ctx, user, request, filled)
}

func (a *Approvals) mailDeciders(ctx context.Context, user *gatehouse.User, request *Request, filled form) error {
	addresses, err := a.deciders(ctx)
	if err != nil || len(addresses) == 0 {
		return err
	}
	data := map[string]any{"applicant": user, "request": request.ID, "reason": filled.reason, "answers": filled.answers}
	if a.app.Authority() != nil {
		link, err := a.approvalLink(request.ID)
		if err != nil {
			return err
		}
		data["url"], data["expiresIn"] = link, int(a.options.ApprovalLinkExpiresIn/time.Second)
	}
	for _, address := range addresses {
		if err := a.app.Outbox.Put(ctx, gatehouse.Mail{Kind: "approval-requested", To: address, Data: data}); err != nil {
			return err
		}
	}
	return nil
}

// deciders are the addresses that are told of a request.
func (a *Approvals) deciders(ctx context.Context) ([]string, error) {
	roster, ok := a.app.Authority().(gatehouse.Roster)
	if len(a.options.Recipients) > 0 || !ok {
		return a.options.Recipients, nil
	}
	admins, err := roster.Administrators(ctx, maxRecipients)
	addresses := make([]string, len(admins))
	for i, admin := range admins {
		addresses[i] = admin.Email
	}
	return addresses, err
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }
