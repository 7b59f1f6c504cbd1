package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/server"
)

type sessionCommand struct {
	List   listSessionsCommand  `cmd:"" help:"List a user's sessions, the oldest first."`
	Revoke revokeSessionCommand `cmd:"" help:"End sessions of a user."`
}

type listSessionsCommand struct {
	User string `arg:"" help:"E-mail address or id."`
	JSON bool   `help:"Print JSON."`
}

// listed is a session as commands show it: without its token, which is as good
// as the user's password while it lives.
type listed struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"createdAt"`
	ExpiresAt time.Time `json:"expiresAt"`
	IPAddress *string   `json:"ipAddress"`
	UserAgent *string   `json:"userAgent"`
}

// Run lists live sessions.
func (l *listSessionsCommand) Run(ctx context.Context, c *console) error {
	return c.manage(ctx, func(h *server.House) error {
		_, sessions, err := activeSessions(ctx, h, l.User)
		if err != nil {
			return err
		}
		all := make([]listed, len(sessions))
		rows := make([][]string, len(sessions))
		for i, s := range sessions {
			all[i] = listed{s.ID, s.CreatedAt, s.ExpiresAt, s.IPAddress, s.UserAgent}
			rows[i] = []string{s.ID, moment(s.CreatedAt), moment(s.ExpiresAt), orDash(s.IPAddress), orDash(s.UserAgent)}
		}
		if l.JSON {
			return c.json(all)
		}
		return c.table([]string{"ID", "CREATED", "EXPIRES", "ADDRESS", "CLIENT"}, rows)
	})
}

func activeSessions(ctx context.Context, h *server.House, who string) (*gatehouse.User, []*gatehouse.Session, error) {
	user, err := findUser(ctx, h, who)
	if err != nil {
		return nil, nil, err
	}
	sessions, err := h.Sessions.Active(ctx, user.ID)
	return user, sessions, err
}

type revokeSessionCommand struct {
	User string   `arg:"" help:"E-mail address or id."`
	IDs  []string `arg:"" optional:"" name:"session" help:"Ids of sessions."`
	All  bool     `help:"Every session of the user."`
	JSON bool     `help:"Print JSON."`
}

// Run ends the named sessions, or all.
func (r *revokeSessionCommand) Run(ctx context.Context, c *console) error {
	if r.All == (len(r.IDs) > 0) {
		return errors.New("name the ids of sessions (see `gatehouse session list`), or say --all")
	}
	return c.manage(ctx, func(h *server.House) error {
		user, sessions, err := activeSessions(ctx, h, r.User)
		if err != nil {
			return err
		}
		if r.All {
			if err := h.Sessions.RevokeAll(ctx, user.ID, ""); err != nil {
				return err
			}
			return c.did(r.JSON, revoked{user.ID, idsOf(sessions)}, "revoked %d sessions of %s", len(sessions), printable(user.Email))
		}
		return r.revoke(ctx, c, h, user, sessions)
	})
}

func (r *revokeSessionCommand) revoke(ctx context.Context, c *console, h *server.House, user *gatehouse.User, sessions []*gatehouse.Session) error {
	for _, id := range r.IDs {
		at := slices.IndexFunc(sessions, func(s *gatehouse.Session) bool { return s.ID == id })
		if at < 0 {
			return fmt.Errorf("%s has no session %q", printable(user.Email), id)
		}
		if err := h.Sessions.RevokeOf(ctx, user.ID, sessions[at].Token); err != nil {
			return err
		}
		if !r.JSON {
			fmt.Fprintf(c.out, "revoked session %s of %s\n", id, printable(user.Email))
		}
	}
	if r.JSON {
		return c.json(revoked{user.ID, r.IDs})
	}
	return nil
}

// revoked is what was ended, as JSON.
type revoked struct {
	User     string   `json:"user"`
	Sessions []string `json:"sessions"`
}

func idsOf(sessions []*gatehouse.Session) []string {
	ids := make([]string, len(sessions))
	for i, s := range sessions {
		ids[i] = s.ID
	}
	return ids
}
