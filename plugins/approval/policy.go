package approval

import (
	"context"
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/maildomain"
)

// InForce is the mode that holds now: the configured one, or Closed while
// there is no administrator and the options say to wait for one.
func (a *Approvals) InForce(ctx context.Context) (Mode, error) {
	mode := a.options.Mode
	if !a.options.ClosedUntilFirstAdmin || (mode != Approval && mode != Invite) || a.administered.Load() {
		return mode, nil
	}
	roster, ok := a.app.Authority().(gatehouse.Roster)
	if !ok {
		return mode, nil // who has the command line decides
	}
	admins, err := roster.Administrators(ctx, 1)
	if err != nil {
		return "", err
	}
	if len(admins) == 0 {
		return Closed, nil
	}
	a.administered.Store(true)
	return mode, nil
}

// Register judges a person who asks for an account, before the address is
// looked up.
func (a *Approvals) Register(ctx context.Context, email string) (waits bool, err error) {
	origin := gatehouse.OriginOf(ctx)
	if origin.Actor != "" {
		return false, nil
	}
	if waits, err = a.judge(ctx, email); err == nil && waits {
		_, err = a.readForm(ctx)
	}
	var refusal *gatehouse.Error
	if errors.As(err, &refusal) {
		event := gatehouse.Event{Action: "registration.refuse", Outcome: refusal.Code, Details: map[string]any{"method": origin.Method}}
		if err := a.app.Record(ctx, event); err != nil {
			return false, err
		}
	}
	return waits, err
}

func (a *Approvals) judge(ctx context.Context, email string) (waits bool, err error) {
	if err := a.checkDomain(email); err != nil {
		return false, err
	}
	mode, err := a.InForce(ctx)
	if err != nil {
		return false, err
	}
	secret := invitationSecret(ctx)
	switch {
	case mode == Closed:
		return false, ErrClosed
	case secret != "":
		return false, a.invitations.check(ctx, secret, email)
	case mode == Invite:
		return false, ErrInvitationRequired
	}
	return mode == Approval, nil
}

// Foresee gives user the role of the invitation that the request brings.
func (a *Approvals) Foresee(ctx context.Context, user *gatehouse.User) error {
	secret := invitationSecret(ctx)
	if secret == "" || gatehouse.OriginOf(ctx).Actor != "" || !a.hasRoles() {
		return nil
	}
	invitation, err := a.invitations.valid.One(ctx, hashOf(secret), a.app.Now())
	if isNotFound(err) {
		return nil // the registration will be refused
	}
	if err == nil && invitation.Role != nil && invitation.fits(user.Email) {
		user.Set("role", *invitation.Role)
	}
	return err
}

// beforeCreate holds the rule for every way to an account there is, in the
// transaction that makes it.
func (a *Approvals) beforeCreate(ctx context.Context, user *gatehouse.User) error {
	if gatehouse.OriginOf(ctx).Actor != "" {
		return a.checkDomain(user.Email)
	}
	if _, err := a.judge(ctx, user.Email); err != nil {
		return err
	}
	if secret := invitationSecret(ctx); secret != "" {
		return a.accept(ctx, secret, user)
	}
	return nil
}

// afterCreate puts who waits on the list and tells who decides.
func (a *Approvals) afterCreate(ctx context.Context, user *gatehouse.User) error {
	origin := gatehouse.OriginOf(ctx)
	if origin.Actor != "" {
		return nil
	}
	if secret := invitationSecret(ctx); secret != "" {
		return a.recordAccepted(ctx, secret, user)
	}
	if mode, err := a.InForce(ctx); err != nil || mode != Approval {
		return err
	}
	return a.ask(ctx, user, origin.Method)
}

// afterDelete follows the foreign key where a schema made by others lacks it.
func (a *Approvals) afterDelete(ctx context.Context, user *gatehouse.User) error {
	_, err := a.requests.forget.Run(ctx, user.ID)
	return err
}

// userChanged holds the domain rule for a new address; one that was taken
// before the rule stays.
func (a *Approvals) userChanged(_ context.Context, before, after *gatehouse.User) error {
	if before.Email == after.Email {
		return nil
	}
	return a.checkDomain(after.Email)
}

// beforeChangeEmail says no at once, and not only when the mailed links come
// back. The answer depends on the domain alone.
func (a *Approvals) beforeChangeEmail(c *gatehouse.Call) error {
	address, _ := c.BodyText("newEmail")
	return a.checkDomain(address)
}

// checkDomain refuses an address by its domain. What has no readable domain is
// on no list that allows.
func (a *Approvals) checkDomain(address string) error {
	if a.allow.Empty() && a.deny.Empty() && a.trash.Empty() {
		return nil
	}
	domain, err := maildomain.Of(address)
	if err != nil {
		return ErrDomain.Because(err)
	}
	if a.deny.Has(domain) || a.trash.Has(domain) || (!a.allow.Empty() && !a.allow.Has(domain)) {
		return ErrDomain
	}
	return nil
}

// refuseUndecided is the gate: who waits or was turned down gets no session,
// whatever they proved. Who never had to ask is on no list.
func (a *Approvals) refuseUndecided(c *gatehouse.Call, proof gatehouse.Proof) error {
	request, err := a.requests.byUser.One(c, proof.User.ID)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var refusal *gatehouse.Error
	switch request.State {
	case Approved:
		return nil
	case Rejected:
		refusal = ErrRejected
	default:
		refusal = ErrPending
	}
	event := gatehouse.Event{
		Action: "sign-in.fail", Actor: proof.User.ID, TargetType: "user", Target: proof.User.ID,
		Outcome: refusal.Code, Details: map[string]any{"method": proof.Method},
	}
	if err := a.app.Record(c, event); err != nil {
		return err
	}
	if page := landing(c); page != "" {
		return gatehouse.Redirect(gatehouse.AddQuery(page, "error", refusal.Code))
	}
	return refusal
}

// landing is the page that a mailed link names; the person who followed it
// sees pages, not JSON. Its trust was checked before the operation ran.
func landing(c *gatehouse.Call) string {
	if c.Request.Method != http.MethodGet {
		return ""
	}
	query := c.Request.URL.Query()
	if page := query.Get("errorCallbackURL"); page != "" {
		return page
	}
	return query.Get("callbackURL")
}

var conditionsOp = gatehouse.Op{
	ID: "registrationConditions", Method: http.MethodGet, Path: "/registration",
	Doc:    "Tells a sign-up page who may register now and what is asked.",
	Access: gatehouse.Public,
}

// Conditions are what a sign-up page needs to know.
type Conditions struct {
	Mode           Mode    `json:"mode"`
	ReasonRequired bool    `json:"reasonRequired"`
	Questions      []Asked `json:"questions"`
}

// Asked is one question.
type Asked struct {
	Name      string `json:"name"`
	Label     string `json:"label"`
	Required  bool   `json:"required"`
	MaxLength int    `json:"maxLength"`
}

func (a *Approvals) conditions(c *gatehouse.Call, _ struct{}) (Conditions, error) {
	mode, err := a.InForce(c)
	answer := Conditions{Mode: mode, Questions: []Asked{}}
	if mode == Approval {
		answer.ReasonRequired = a.options.RequireReason
		for _, q := range a.options.Questions {
			answer.Questions = append(answer.Questions, Asked(q))
		}
	}
	return answer, err
}
