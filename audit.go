package gatehouse

import "context"

// Event is something that happened which an operator must be able to account
// for. It names people and things by id and carries no secret.
type Event struct {
	// Action is "<thing>.<verb>": "session.create", "password.change", ….
	Action string
	// Actor is who did it: a user's id, "" for somebody unknown, or System.
	Actor string
	// Impersonator is the admin who acted as Actor, if one did.
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
// says no actor, it is the request's signed-in user, with the admin who acts
// as that user if one does.
func (a *App) Record(ctx context.Context, e Event) error {
	if a.auditor == nil {
		return nil
	}
	if e.Outcome == "" {
		e.Outcome = Succeeded
	}
	if c := CallFrom(ctx); c != nil && c.user != nil {
		if e.Actor == "" {
			e.Actor = c.user.ID
		}
		if e.Actor == c.user.ID && e.Impersonator == "" && c.session != nil {
			e.Impersonator = c.session.ImpersonatedBy()
		}
	}
	return a.auditor.Record(ctx, e)
}
