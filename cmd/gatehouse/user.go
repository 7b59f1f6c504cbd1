package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/check"
	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/store"
)

type userCommand struct {
	Create      createUserCommand  `cmd:"" help:"Create a user. Without a password a link that sets one is mailed."`
	List        listUsersCommand   `cmd:"" help:"List users, the newest first."`
	Show        showUserCommand    `cmd:"" help:"Show one user."`
	Update      updateUserCommand  `cmd:"" help:"Change a user's name, address, image, fields or roles."`
	SetPassword setPasswordCommand `cmd:"" help:"Set a user's password and end the user's sessions."`
	Role        roleCommand        `cmd:"" aliases:"set-role" help:"Give a user roles, in place of what they had."`
	Ban         banCommand         `cmd:"" help:"Keep a user out, and end the user's sessions."`
	Unban       unbanCommand       `cmd:"" help:"Let a banned user in again."`
	Delete      deleteUserCommand  `cmd:"" help:"Delete a user with all sessions and accounts."`
	Import      importUsersCommand `cmd:"" help:"Bring people in from CSV, JSON Lines or a live better-auth database."`
	Export      exportUsersCommand `cmd:"" help:"Write every user to a file that import reads."`
	Data        dataCommand        `cmd:"" help:"Write everything that is kept about one person as JSON."`
}

type createUserCommand struct {
	Email         string            `arg:"" help:"E-mail address."`
	Name          string            `help:"Name. Default: the part of the address before the @."`
	Verified      bool              `help:"Take the address as proved."`
	Role          []string          `placeholder:"ROLE" help:"Give these roles, such as admin. Needs plugins.admin."`
	Password      bool              `xor:"password" help:"Ask for a password on the terminal."`
	PasswordStdin bool              `xor:"password" help:"Read a password from stdin."`
	RedirectTo    string            `default:"/reset-password" placeholder:"URL" help:"Page that the mailed link ends at. Default ${default}."`
	Field         map[string]string `mapsep:"none" placeholder:"NAME=VALUE" help:"Set an additional text field. May be repeated."`
	JSON          bool              `help:"Print JSON."`
}

// Run creates the user, or nothing if any part of it fails.
func (u *createUserCommand) Run(ctx context.Context, c *console) error {
	if !check.IsEmail(u.Email) {
		return fmt.Errorf("%q is not an e-mail address", u.Email)
	}
	user := &gatehouse.User{Email: u.Email, Name: u.Name, EmailVerified: u.Verified}
	if user.Name == "" {
		user.Name, _, _ = strings.Cut(u.Email, "@")
	}
	password := ""
	if u.Password || u.PasswordStdin {
		var err error
		if password, err = c.password(u.PasswordStdin); err != nil {
			return err
		}
	}
	return c.manage(ctx, func(h *server.House) error {
		if err := u.create(ctx, h, user, password); err != nil {
			return err
		}
		if u.JSON {
			return c.json(user)
		}
		fmt.Fprintf(c.out, "created %s (%s)\n", printable(user.Email), user.ID)
		if password == "" {
			fmt.Fprintln(c.out, "queued a mail with a link that sets a password; the server delivers it")
		}
		return nil
	})
}

func (u *createUserCommand) create(ctx context.Context, h *server.House, user *gatehouse.User, password string) error {
	fields := map[string]any{}
	for name, value := range u.Field {
		fields[name] = value
	}
	if err := h.UserFieldsOnCreate(fields, user); err != nil {
		return plain(err)
	}
	if len(u.Role) > 0 {
		if _, err := admins(h); err != nil {
			return err
		}
		user.Set("role", strings.Join(u.Role, ","))
	}
	err := h.Users.Create(gatehouse.WithOrigin(ctx, gatehouse.Origin{Method: "command", Actor: gatehouse.System}), user)
	if err != nil {
		return plain(err)
	}
	// The password is hashed outside of a transaction, so a refused one takes
	// the user back.
	if password != "" {
		err = h.Passwords.Reset(ctx, user.ID, password)
	} else {
		err = h.Passwords.MailSetPassword(ctx, user, u.RedirectTo)
	}
	if err != nil {
		return errors.Join(plain(err), h.Users.Delete(ctx, user.ID))
	}
	return nil
}

// plain is an error as a person reads it: its text instead of its code.
func plain(err error) error {
	var answer *gatehouse.Error
	if errors.As(err, &answer) && answer.Message != "" {
		return errors.New(answer.Message)
	}
	return err
}

// findUser takes an address or an id.
func findUser(ctx context.Context, h *server.House, who string) (*gatehouse.User, error) {
	find := h.Users.ByID
	if strings.Contains(who, "@") {
		find = h.Users.ByEmail
	}
	user, err := find(ctx, who)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("there is no user %q", who)
	}
	return user, err
}

type setPasswordCommand struct {
	User          string `arg:"" help:"E-mail address or id."`
	PasswordStdin bool   `help:"Read the password from stdin instead of asking for it."`
	KeepSessions  bool   `help:"Leave the user signed in."`
	JSON          bool   `help:"Print JSON."`
}

// Run sets the password.
func (s *setPasswordCommand) Run(ctx context.Context, c *console) error {
	return c.manage(ctx, func(h *server.House) error {
		user, err := findUser(ctx, h, s.User)
		if err != nil {
			return err
		}
		password, err := c.password(s.PasswordStdin)
		if err != nil {
			return err
		}
		if err := h.Passwords.Reset(ctx, user.ID, password); err != nil {
			return plain(err)
		}
		if !s.KeepSessions {
			if err := h.Sessions.RevokeAll(ctx, user.ID, ""); err != nil {
				return err
			}
		}
		return c.did(s.JSON, user, "password of %s is set", printable(user.Email))
	})
}

type deleteUserCommand struct {
	User string `arg:"" help:"E-mail address or id."`
	Yes  bool   `short:"y" help:"Do not ask."`
	JSON bool   `help:"Print JSON."`
}

// Run deletes the user after asking.
func (d *deleteUserCommand) Run(ctx context.Context, c *console) error {
	return c.manage(ctx, func(h *server.House) error {
		user, err := findUser(ctx, h, d.User)
		if err != nil {
			return err
		}
		if err := c.confirm(d.Yes, fmt.Sprintf("Delete %s (%s) for ever?", printable(user.Email), user.ID)); err != nil {
			return err
		}
		if err := h.Users.Delete(ctx, user.ID); err != nil {
			return plain(err)
		}
		return c.did(d.JSON, user, "deleted %s (%s)", printable(user.Email), user.ID)
	})
}
