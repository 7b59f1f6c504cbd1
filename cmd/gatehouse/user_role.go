package main

import (
	"context"
	"errors"
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
func (c *console) govern(ctx context.Context, who string, asJSON bool, do func(*admin.Admin, *gatehouse.User) (done string, after *gatehouse.User, err error)) error {
	return c.manage(ctx, func(h *server.House) error {
		adm, err := admins(h)
		if err != nil {
			return err
		}
		user, err := findUser(ctx, h, who)
		if err != nil {
			return err
		}
		done, after, err := do(adm, user)
		if err != nil {
			return plain(err)
		}
		return c.did(asJSON, after, "%s (%s) %s", printable(user.Email), user.ID, done)
	})
}

type roleCommand struct {
	User  string   `arg:"" help:"E-mail address or id."`
	Roles []string `arg:"" help:"The roles: user, moderator, admin, or those of plugins.admin.roles."`
	JSON  bool     `help:"Print JSON."`
}

// Run gives the roles.
func (r *roleCommand) Run(ctx context.Context, c *console) error {
	return c.govern(ctx, r.User, r.JSON, func(adm *admin.Admin, user *gatehouse.User) (string, *gatehouse.User, error) {
		after, err := adm.SetRoles(ctx, user.ID, r.Roles...)
		return "is " + strings.Join(r.Roles, ", ") + " now", after, err
	})
}

type banCommand struct {
	User   string        `arg:"" help:"E-mail address or id."`
	Reason string        `help:"Why. Default: option plugins.admin.defaultBanReason."`
	For    time.Duration `help:"How long, such as 24h. Default: option plugins.admin.defaultBanExpiresIn, or for ever."`
	JSON   bool          `help:"Print JSON."`
}

// Run bans the user.
func (b *banCommand) Run(ctx context.Context, c *console) error {
	if b.For < 0 {
		return errors.New("a ban cannot end before it begins")
	}
	return c.govern(ctx, b.User, b.JSON, func(adm *admin.Admin, user *gatehouse.User) (string, *gatehouse.User, error) {
		after, err := adm.Ban(ctx, user.ID, admin.Ban{Reason: b.Reason, ExpiresIn: b.For})
		return "is banned; all sessions are over", after, err
	})
}

type unbanCommand struct {
	User string `arg:"" help:"E-mail address or id."`
	JSON bool   `help:"Print JSON."`
}

// Run lifts the ban.
func (u *unbanCommand) Run(ctx context.Context, c *console) error {
	return c.govern(ctx, u.User, u.JSON, func(adm *admin.Admin, user *gatehouse.User) (string, *gatehouse.User, error) {
		after, err := adm.Unban(ctx, user.ID)
		return "may sign in again", after, err
	})
}
