package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/server"
)

type lockCommand struct {
	List  listLocksCommand  `cmd:"" help:"List the locks in force, the newest first."`
	Clear clearLocksCommand `cmd:"" help:"End locks, and forget the failures behind them."`
}

// lockouts runs do where the feature is on.
func (c *console) lockouts(ctx context.Context, do func(*server.House) error) error {
	return c.manage(ctx, func(h *server.House) error {
		if h.Lockouts == nil {
			return errors.New("the lockout is off: set the option plugins.lockout, such as `plugins: {lockout: {}}`")
		}
		return do(h)
	})
}

type listLocksCommand struct {
	JSON bool `help:"Print JSON."`
}

// Run lists locks.
func (l *listLocksCommand) Run(ctx context.Context, c *console) error {
	return c.lockouts(ctx, func(h *server.House) error {
		locks, err := h.Lockouts.Locks(ctx)
		if err != nil {
			return err
		}
		if l.JSON {
			return c.json(locks)
		}
		rows := make([][]string, len(locks))
		for i, k := range locks {
			whose := k.UserID
			if whose == nil {
				whose = k.Address
			}
			rows[i] = []string{k.ID, k.Kind, orDash(whose), fmt.Sprint(k.Failures), moment(k.LastAt), moment(k.Until)}
		}
		return c.table([]string{"ID", "KIND", "WHOSE", "FAILURES", "LAST", "UNTIL"}, rows)
	})
}

type clearLocksCommand struct {
	User       string `arg:"" optional:"" help:"E-mail address or id of a user."`
	ID         string `help:"One lock, as listed."`
	Identifier string `placeholder:"EMAIL" help:"An address that people sign in with, of a user or not."`
	Address    string `placeholder:"IP" help:"A client address, as listed."`
	JSON       bool   `help:"Print JSON."`
}

// Run ends the locks of exactly one target.
func (l *clearLocksCommand) Run(ctx context.Context, c *console) error {
	return c.lockouts(ctx, func(h *server.House) error {
		target := lockout.Target{ID: l.ID, Identifier: l.Identifier, Address: l.Address}
		if l.User != "" {
			user, err := findUser(ctx, h, l.User)
			if err != nil {
				return err
			}
			target.UserID = user.ID
		}
		ended, err := h.Lockouts.Clear(ctx, target)
		if errors.Is(err, lockout.ErrTarget) {
			return errors.New("name one: a user, --id, --identifier or --address")
		}
		if err != nil {
			return err
		}
		return c.did(l.JSON, map[string]int{"ended": ended}, "ended %d locks", ended)
	})
}
