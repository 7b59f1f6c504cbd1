package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/store"
)

type approvalCommand struct {
	List    listApprovalsCommand `cmd:"" help:"List who waits for approval, the longest first."`
	Approve approveCommand       `cmd:"" help:"Let people in. They are told by mail."`
	Reject  rejectCommand        `cmd:"" help:"Turn people down. They are told by mail."`
}

// registrations opens the database for a command about who may register.
func (c *console) registrations(ctx context.Context, do func(*server.House) error) error {
	return c.manage(ctx, func(h *server.House) error {
		if h.Approvals == nil {
			return errors.New("anybody may register: the option plugins.approval is not set")
		}
		return do(h)
	})
}

type listApprovalsCommand struct {
	Limit int    `default:"50" help:"At most this many, up to 100. Default ${default}."`
	After string `placeholder:"CURSOR" help:"Go on after a page: its cursor."`
	JSON  bool   `help:"Print JSON."`
}

// Run lists who waits.
func (l *listApprovalsCommand) Run(ctx context.Context, c *console) error {
	if l.Limit < 1 || l.Limit > 100 {
		return errors.New("limit is 1 to 100")
	}
	return c.registrations(ctx, func(h *server.House) error {
		page, err := h.Approvals.Pending(ctx, approval.Page{Limit: l.Limit, Cursor: l.After})
		if err != nil {
			return plain(err)
		}
		tellNext(page.Next)
		if l.JSON {
			return c.json(page.Registrations)
		}
		rows := make([][]string, len(page.Registrations))
		for i, r := range page.Registrations {
			rows[i] = []string{r.ID, r.User.Email, r.User.Name, moment(r.CreatedAt), orDash(&r.Reason)}
		}
		return c.table([]string{"ID", "E-MAIL", "NAME", "SINCE", "REASON"}, rows)
	})
}

type approveCommand struct {
	Who  []string `arg:"" help:"Ids of the list, or e-mail addresses."`
	JSON bool     `help:"Print JSON."`
}

// Run approves.
func (a *approveCommand) Run(ctx context.Context, c *console) error {
	return c.registrations(ctx, func(h *server.House) error {
		ids, err := registrationIDs(ctx, h, a.Who)
		if err != nil {
			return err
		}
		outcomes, err := h.Approvals.Approve(ctx, gatehouse.System, ids...)
		return errors.Join(c.outcomes(a.Who, outcomes, a.JSON), err)
	})
}

type rejectCommand struct {
	Who    []string `arg:"" help:"Ids of the list, or e-mail addresses."`
	Reason string   `help:"Mailed to them. Default none."`
	Yes    bool     `short:"y" help:"Do not ask."`
	JSON   bool     `help:"Print JSON."`
}

// Run rejects after asking.
func (r *rejectCommand) Run(ctx context.Context, c *console) error {
	return c.registrations(ctx, func(h *server.House) error {
		ids, err := registrationIDs(ctx, h, r.Who)
		if err != nil {
			return err
		}
		question := fmt.Sprintf("Reject %s? This cannot be undone.", printable(strings.Join(r.Who, ", ")))
		if err := c.confirm(r.Yes, question); err != nil {
			return err
		}
		outcomes, err := h.Approvals.Reject(ctx, gatehouse.System, r.Reason, ids...)
		return errors.Join(c.outcomes(r.Who, outcomes, r.JSON), err)
	})
}

// registrationIDs takes addresses and ids.
func registrationIDs(ctx context.Context, h *server.House, who []string) ([]string, error) {
	ids := make([]string, len(who))
	for i, name := range who {
		if ids[i] = name; !strings.Contains(name, "@") {
			continue
		}
		user, err := findUser(ctx, h, name)
		if err != nil {
			return nil, err
		}
		request, err := h.Approvals.RequestOf(ctx, user.ID)
		if errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("%s never asked for approval", name)
		}
		if err != nil {
			return nil, err
		}
		ids[i] = request.ID
	}
	return ids, nil
}

// outcomes prints what became of each, and fails if one was not decided.
func (c *console) outcomes(who []string, outcomes []approval.Outcome, json bool) error {
	failed := false
	for i, outcome := range outcomes {
		failed = failed || outcome.State == ""
		if json {
			continue
		}
		word := outcome.State
		if word == "" {
			word = "not decided: " + outcome.Message
		}
		fmt.Fprintf(c.out, "%s: %s\n", printable(who[i]), word)
	}
	if json {
		if err := c.json(outcomes); err != nil {
			return err
		}
	}
	if failed {
		return errSaid
	}
	return nil
}
