package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/server"
)

type inviteCommand struct {
	Create createInvitationCommand `cmd:"" help:"Make an invitation. Its link is printed this once, or mailed."`
	List   listInvitationsCommand  `cmd:"" help:"List invitations, the newest first."`
	Revoke revokeInvitationCommand `cmd:"" help:"End an invitation. Who accepted it stays."`
}

type createInvitationCommand struct {
	Email   string        `help:"Bind it to an address. Default: whoever has the link."`
	Mail    bool          `help:"Mail the link to the address instead of printing it."`
	Role    string        `help:"Role of who accepts. Default: the usual one."`
	Uses    int64         `default:"1" help:"How many may accept. Default ${default}."`
	Expires time.Duration `placeholder:"DURATION" help:"How long it works, such as 48h. Default: option plugins.approval.invitationExpiresIn."`
	JSON    bool          `help:"Print JSON."`
}

// Run makes the invitation.
func (i *createInvitationCommand) Run(ctx context.Context, c *console) error {
	return c.registrations(ctx, func(h *server.House) error {
		invited, err := h.Approvals.Invite(ctx, gatehouse.System, approval.NewInvitation{
			Email: i.Email, SendEmail: i.Mail, Role: i.Role, MaxUses: i.Uses, ExpiresIn: i.Expires,
		})
		if err != nil {
			return plain(err)
		}
		if i.JSON {
			return c.json(invited)
		}
		fmt.Fprintf(c.out, "invitation %s works until %s\n", invited.Invitation.ID, moment(invited.Invitation.ExpiresAt))
		if invited.URL == nil {
			fmt.Fprintln(c.out, "queued a mail with its link; the server delivers it")
			return nil
		}
		fmt.Fprintln(c.out, *invited.URL)
		return nil
	})
}

type listInvitationsCommand struct {
	Limit int    `default:"50" help:"At most this many, up to 100. Default ${default}."`
	After string `placeholder:"CURSOR" help:"Go on after a page: its cursor."`
	JSON  bool   `help:"Print JSON."`
}

// Run lists invitations.
func (l *listInvitationsCommand) Run(ctx context.Context, c *console) error {
	if l.Limit < 1 || l.Limit > 100 {
		return errors.New("limit is 1 to 100")
	}
	return c.registrations(ctx, func(h *server.House) error {
		page, err := h.Approvals.Invitations(ctx, approval.Page{Limit: l.Limit, Cursor: l.After})
		if err != nil {
			return plain(err)
		}
		tellNext(page.Next)
		if l.JSON {
			return c.json(page.Invitations)
		}
		rows := make([][]string, len(page.Invitations))
		for n, i := range page.Invitations {
			state := "open"
			switch {
			case i.RevokedAt != nil:
				state = "revoked"
			case i.Uses >= i.MaxUses:
				state = "used"
			case !i.ExpiresAt.After(h.Now()):
				state = "expired"
			}
			rows[n] = []string{i.ID, state, fmt.Sprintf("%d of %d", i.Uses, i.MaxUses), orDash(i.Email), orDash(i.Role), moment(i.ExpiresAt)}
		}
		return c.table([]string{"ID", "STATE", "USED", "E-MAIL", "ROLE", "EXPIRES"}, rows)
	})
}

type revokeInvitationCommand struct {
	ID   string `arg:"" help:"Id of the list."`
	Yes  bool   `short:"y" help:"Do not ask."`
	JSON bool   `help:"Print JSON."`
}

// Run ends the invitation.
func (r *revokeInvitationCommand) Run(ctx context.Context, c *console) error {
	return c.registrations(ctx, func(h *server.House) error {
		if err := c.confirm(r.Yes, fmt.Sprintf("End invitation %s? Its link will work for nobody again.", printable(r.ID))); err != nil {
			return err
		}
		if err := h.Approvals.Revoke(ctx, gatehouse.System, r.ID); err != nil {
			return plain(err)
		}
		return c.did(r.JSON, map[string]string{"revoked": r.ID}, "revoked invitation %s", printable(r.ID))
	})
}
