package approval

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

// The answers about one request.
var (
	ErrNoRequest = gatehouse.NewError(http.StatusNotFound, "REGISTRATION_NOT_FOUND", "There is no such registration")
	// ErrDecided says that somebody else was faster, or that a link was used.
	ErrDecided = gatehouse.NewError(http.StatusConflict, "REGISTRATION_ALREADY_DECIDED", "This registration was decided already")
	// ErrOneOf answers a decision that names neither ids nor a link, or both.
	ErrOneOf = gatehouse.NewError(http.StatusBadRequest, "IDS_OR_TOKEN", "Send either ids or token")
)

// Outcome is what became of one request of a bulk decision: its state, or why
// not.
type Outcome struct {
	ID      string `json:"id"`
	State   State  `json:"state,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// Approve lets the people of requests in. by is who decides: a user's id or
// gatehouse.System. Each request is decided on its own; an error that is no
// refusal ends the run, and the outcomes tell how far it came.
func (a *Approvals) Approve(ctx context.Context, by string, ids ...string) ([]Outcome, error) {
	return a.decideAll(ctx, verdict{state: Approved, by: by}, ids)
}

// Reject turns people down, as Approve lets them in. note, which may be empty,
// is kept and mailed to them.
func (a *Approvals) Reject(ctx context.Context, by, note string, ids ...string) ([]Outcome, error) {
	return a.decideAll(ctx, verdict{state: Rejected, by: by, note: note}, ids)
}

// RequestOf is the request of a user, or store.ErrNotFound for who never had
// to ask.
func (a *Approvals) RequestOf(ctx context.Context, userID string) (*Request, error) {
	return a.requests.byUser.One(ctx, userID)
}

// verdict is a decision and who made it.
type verdict struct {
	state State
	by    string
	note  string
}

func (a *Approvals) decideAll(ctx context.Context, v verdict, ids []string) ([]Outcome, error) {
	outcomes := make([]Outcome, 0, len(ids))
	for _, id := range ids {
		err := a.decide(ctx, v, id)
		var refusal *gatehouse.Error
		switch {
		case err == nil:
			outcomes = append(outcomes, Outcome{ID: id, State: v.state})
		case errors.As(err, &refusal):
			outcomes = append(outcomes, Outcome{ID: id, Code: refusal.Code, Message: refusal.Message})
		default:
			return outcomes, err
		}
	}
	return outcomes, nil
}

// decide decides one request, tells the person and records it, or nothing.
func (a *Approvals) decide(ctx context.Context, v verdict, id string) error {
	return a.app.Tx(ctx, func(ctx context.Context) error {
		var note *string
		if v.note != "" {
			note = &v.note
		}
		request, err := a.requests.decide.One(ctx, v.state, a.app.Now(), v.by, note, id)
		if isNotFound(err) {
			return a.undecidable(ctx, id)
		}
		if err != nil {
			return fmt.Errorf("decide registration: %w", err)
		}
		user, err := a.app.Users.ByID(ctx, request.UserID)
		if err != nil {
			return err
		}
		if v.state == Rejected {
			if err := a.app.Sessions.RevokeAll(ctx, user.ID, ""); err != nil {
				return err
			}
		}
		event := gatehouse.Event{Action: "registration." + verbs[v.state], Actor: v.by, TargetType: "user", Target: user.ID}
		if err := a.app.Record(ctx, event); err != nil {
			return err
		}
		return a.mailVerdict(ctx, user, v)
	})
}

var verbs = map[State]string{Approved: "approve", Rejected: "reject"}

// undecidable says why a request was not there to be decided.
func (a *Approvals) undecidable(ctx context.Context, id string) error {
	_, err := a.requests.byID.One(ctx, id)
	if isNotFound(err) {
		return ErrNoRequest
	}
	if err != nil {
		return err
	}
	return ErrDecided
}

func (a *Approvals) mailVerdict(ctx context.Context, user *gatehouse.User, v verdict) error {
	data := map[string]any{"user": user}
	kind := "account-rejected"
	if v.state == Approved {
		kind, data["url"] = "account-approved", a.page(a.options.SignInPage)
	}
	if v.note != "" {
		data["reason"] = v.note
	}
	return a.app.Outbox.Put(ctx, gatehouse.Mail{Kind: kind, To: user.Email, Data: data})
}

var (
	approveOp = gatehouse.Op{
		ID: "approveRegistrations", Method: http.MethodPost, Path: "/registration/approve",
		Doc:    "Approves the registrations of ids, with a report for each, or the one of a mailed link.",
		Access: gatehouse.Can("user", "create"), OwnerOnly: true,
		Errors: []*gatehouse.Error{ErrNoRequest, ErrDecided, ErrOneOf, gatehouse.ErrInvalidToken, gatehouse.ErrTokenExpired},
	}
	rejectOp = gatehouse.Op{
		ID: "rejectRegistrations", Method: http.MethodPost, Path: "/registration/reject",
		Doc:    "Rejects the registrations of ids, with a report for each, or the one of a mailed link.",
		Access: gatehouse.Can("user", "create"), OwnerOnly: true,
		Errors: approveOp.Errors,
	}
)

// Decision is the body of POST /registration/approve and /registration/reject.
type Decision struct {
	IDs    []string `json:"ids" check:"optional,max=100" doc:"Registrations; or send token."`
	Token  *string  `json:"token,omitempty" doc:"Of the link in an administrator's mail."`
	Reason *string  `json:"reason,omitempty" check:"max=500" doc:"Mailed to who is rejected."`
}

// Decided is the answer.
type Decided struct {
	Results []Outcome `json:"results"`
}

func (a *Approvals) approve(c *gatehouse.Call, in Decision) (Decided, error) {
	return a.decideFor(c, verdict{state: Approved, by: c.User().ID}, in)
}

func (a *Approvals) reject(c *gatehouse.Call, in Decision) (Decided, error) {
	v := verdict{state: Rejected, by: c.User().ID}
	if in.Reason != nil {
		v.note = *in.Reason
	}
	return a.decideFor(c, v, in)
}

func (a *Approvals) decideFor(c *gatehouse.Call, v verdict, in Decision) (Decided, error) {
	if (in.Token == nil) == (len(in.IDs) == 0) {
		return Decided{}, ErrOneOf
	}
	if in.Token == nil {
		outcomes, err := a.decideAll(c, v, in.IDs)
		return Decided{outcomes}, err
	}
	id, err := a.readLink(*in.Token)
	if err != nil {
		return Decided{}, err
	}
	if err := a.decide(c, v, id); err != nil {
		return Decided{}, err
	}
	return Decided{[]Outcome{{ID: id, State: v.state}}}, nil
}
