package approval

import (
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
)

var (
	inviteOp = gatehouse.Op{
		ID: "createInvitation", Method: http.MethodPost, Path: "/registration/invite",
		Doc:    "Makes an invitation. With a role it needs the permission to set roles too.",
		Access: gatehouse.Can("user", "create"), OwnerOnly: true,
		Errors: []*gatehouse.Error{gatehouse.ErrInvalidEmail, ErrDomain, ErrInvitationEmail, ErrInvitationLimits, ErrNoRoles},
	}
	invitationsOp = gatehouse.Op{
		ID: "listInvitations", Method: http.MethodGet, Path: "/registration/invitations",
		Doc:    "Lists the invitations, the newest first, without their secrets.",
		Access: gatehouse.Can("user", "list"), OwnerOnly: true,
		Errors: []*gatehouse.Error{ErrCursor},
	}
	revokeOp = gatehouse.Op{
		ID: "revokeInvitation", Method: http.MethodPost, Path: "/registration/revoke-invitation",
		Doc:    "Ends an invitation. Who accepted it stays.",
		Access: gatehouse.Can("user", "create"), OwnerOnly: true,
		Errors: []*gatehouse.Error{ErrNoInvitation},
	}
)

// InviteBody is the body of POST /registration/invite.
type InviteBody struct {
	Email     *string `json:"email,omitempty" check:"email" doc:"Binds it to an address."`
	SendEmail *bool   `json:"sendEmail,omitempty" doc:"Mails the link and does not answer it. Default: true with email."`
	Role      *string `json:"role,omitempty" check:"nonempty,max=255" doc:"Of who accepts."`
	MaxUses   *int64  `json:"maxUses,omitempty" check:"min=1" doc:"How many may accept. Default 1."`
	ExpiresIn *int64  `json:"expiresIn,omitempty" check:"min=1,max=31536000" doc:"Life in seconds."`
}

func (a *Approvals) invite(c *gatehouse.Call, in InviteBody) (Invited, error) {
	var n NewInvitation
	if in.Email != nil {
		n.Email, n.SendEmail = *in.Email, true
	}
	if in.SendEmail != nil {
		n.SendEmail = *in.SendEmail
	}
	if in.MaxUses != nil {
		n.MaxUses = *in.MaxUses
	}
	if in.ExpiresIn != nil {
		n.ExpiresIn = time.Duration(*in.ExpiresIn) * time.Second
	}
	if in.Role != nil {
		n.Role = *in.Role
		// Otherwise an invitation would be a way to a role that one may not give.
		may, err := a.app.Authority().Can(c, c.User(), "user", "set-role")
		if err != nil {
			return Invited{}, err
		}
		if !may {
			return Invited{}, gatehouse.ErrForbidden
		}
	}
	return a.Invite(c, c.User().ID, n)
}

func (a *Approvals) listInvitations(c *gatehouse.Call, in List) (Invitations, error) {
	answer, err := a.Invitations(c, in.page())
	if err != nil {
		return answer, err
	}
	return answer, a.app.Record(c, gatehouse.Event{Action: "invitation.list", Details: map[string]any{"count": len(answer.Invitations)}})
}

// RevokeBody is the body of POST /registration/revoke-invitation.
type RevokeBody struct {
	ID string `json:"id"`
}

func (a *Approvals) revoke(c *gatehouse.Call, in RevokeBody) (gatehouse.Status, error) {
	err := a.Revoke(c, c.User().ID, in.ID)
	return gatehouse.Status{Status: err == nil}, err
}
