package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/server"
)

// admins is the plugin that knows roles and bans.
func admins(h *server.House) (*admin.Admin, error) {
	if h.Admin == nil {
		return nil, errors.New("there are no roles and bans here: switch plugins.admin on")
	}
	return h.Admin, nil
}

// govern finds a user and does something to it that takes the plugin.
func (c *console) govern(ctx context.Context, who string, asJSON bool, do func(*admin.Admin, *gatehouse.User) (after *gatehouse.User, done string, err error)) error {
	return c.manage(ctx, func(h *server.House) error {
		adm, err := admins(h)
		if err != nil {
			return err
		}
		user, err := findUser(ctx, h, who)
		if err != nil {
			return err
		}
		after, done, err := do(adm, user)
		if err != nil {
			return plain(err)
		}
		if asJSON {
			return c.json(after)
		}
		_, err = fmt.Fprintf(c.out, "%s (%s) %s\n", printable(user.Email), user.ID, done)
		return err
	})
}

type roleCommand struct {
	User  string   `arg:"" help:"E-mail address or id."`
	Roles []string `arg:"" help:"The roles: user, moderator, admin, or those of plugins.admin.roles."`
	JSON  bool     `help:"Print the user as JSON."`
}

// Run gives the roles.
func (r *roleCommand) Run(ctx context.Context, c *console) error {
	return c.govern(ctx, r.User, r.JSON, func(adm *admin.Admin, user *gatehouse.User) (*gatehouse.User, string, error) {
		after, err := adm.SetRoles(ctx, user.ID, r.Roles...)
		return after, "is " + strings.Join(r.Roles, ", ") + " now", err
	})
}

type banCommand struct {
	User   string        `arg:"" help:"E-mail address or id."`
	Reason string        `help:"Why. Default: option plugins.admin.defaultBanReason."`
	For    time.Duration `help:"How long, such as 24h. Default: option plugins.admin.defaultBanExpiresIn, or for ever."`
	JSON   bool          `help:"Print the user as JSON."`
}

// Run bans the user.
func (b *banCommand) Run(ctx context.Context, c *console) error {
	if b.For < 0 {
		return errors.New("a ban cannot end before it begins")
	}
	return c.govern(ctx, b.User, b.JSON, func(adm *admin.Admin, user *gatehouse.User) (*gatehouse.User, string, error) {
		after, err := adm.Ban(ctx, user.ID, admin.Ban{Reason: b.Reason, ExpiresIn: b.For})
		return after, "is banned; all sessions are over", err
	})
}

type unbanCommand struct {
	User string `arg:"" help:"E-mail address or id."`
	JSON bool   `help:"Print the user as JSON."`
}

// Run lifts the ban.
func (u *unbanCommand) Run(ctx context.Context, c *console) error {
	return c.govern(ctx, u.User, u.JSON, func(adm *admin.Admin, user *gatehouse.User) (*gatehouse.User, string, error) {
		after, err := adm.Unban(ctx, user.ID)
		return after, "may sign in again", err
	})
}
