package gatehouse

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Event is something that happened which an operator must be able to account
// for. It names people and things by id and carries no secret.
type Event struct {
	// Action is "<thing>.<verb>": "session.create", "password.change", ….
	Action string
	// Actor is who did it: a user's id, "" for somebody unknown, or System.
	Actor string
	// Impersonator is the admin who acted as Actor, if one did. Record takes
	// it from the request's session.
	Impersonator string
	// TargetType and Target name what it was done to: "user", id.
	TargetType, Target string
	// Outcome is Succeeded, or the stable code of the refusal.
	Outcome string
	// Details hold what else matters: "method", "reason", "field". No secrets.
	Details map[string]any
}

// Succeeded is the outcome of what was done; System is the actor of what
// nobody in particular did.
const (
	Succeeded = "success"
	System    = "system"
)

// Auditor keeps events. Record joins the transaction in ctx, so that a change
// and its entry commit together; its error undoes the change.
type Auditor interface {
	Record(ctx context.Context, e Event) error
}

// Record hands an event to the auditor, if a plugin is one. Where the event
// says no actor, it is the request's signed-in user or whom Acts named, and
// System outside of a request.
func (a *App) Record(ctx context.Context, e Event) error {
	if a.auditor == nil {
		return nil
	}
	if e.Outcome == "" {
		e.Outcome = Succeeded
	}
	CallFrom(ctx).attribute(&e)
	return a.auditor.Record(ctx, e)
}

// attribute fills in who did it, as far as the request tells.
func (c *Call) attribute(e *Event) {
	switch {
	case e.Actor != "":
	case c == nil:
		e.Actor = System
	case c.user != nil:
		e.Actor = c.user.ID
	default:
		e.Actor = c.actor
	}
	if e.Impersonator == "" && c != nil && c.user != nil && e.Actor == c.user.ID {
		e.Impersonator = c.session.ImpersonatedBy()
	}
}

// Acts names the person whose doing the rest of the request is where no
// session says so: who made the account, owns the mailed link or signs out.
func (c *Call) Acts(userID string) {
	if c != nil && c.actor == "" {
		c.actor = userID
	}
}

// Refused keeps an event for the record that ended with a refusal: it is
// stored when the request is over, so that it stays where the refusal rolls
// back what the request began. A nil answer and a fault of ours are no
// refusals. It returns answer.
func (c *Call) Refused(e Event, answer error) error {
	var refusal *Error
	if c.app.auditor == nil || !errors.As(answer, &refusal) || refusal.Status >= http.StatusInternalServerError {
		return answer
	}
	if e.Outcome = refusal.Code; e.Outcome == "" {
		e.Outcome = http.StatusText(refusal.Status)
	}
	c.attribute(&e)
	c.refusals = append(c.refusals, e)
	return answer
}

// recordWait bounds how long an answer waits for the record of its refusal.
const recordWait = 10 * time.Second

// recordRefusals stores what Refused kept. A client that is gone does not
// keep it from being stored.
func (c *Call) recordRefusals() error {
	if len(c.refusals) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c), recordWait)
	defer cancel()
	for _, e := range c.refusals {
		if err := c.app.auditor.Record(ctx, e); err != nil {
			return err
		}
	}
	return nil
}
