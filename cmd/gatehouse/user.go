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
	SetPassword setPasswordCommand `cmd:"" help:"Set a user's password and end the user's sessions."`
	Delete      deleteUserCommand  `cmd:"" help:"Delete a user with all sessions and accounts."`
}

type createUserCommand struct {
	Email         string            `arg:"" help:"E-mail address."`
	Name          string            `help:"Name. Default: the part of the address before the @."`
	Verified      bool              `help:"Take the address as proved."`
	Password      bool              `xor:"password" help:"Ask for a password on the terminal."`
	PasswordStdin bool              `xor:"password" help:"Read a password from stdin."`
	RedirectTo    string            `default:"/reset-password" placeholder:"URL" help:"Page that the mailed link ends at. Default ${default}."`
	Field         map[string]string `mapsep:"none" placeholder:"NAME=VALUE" help:"Set an additional text field. May be repeated."`
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

type listUsersCommand struct {
	Search string `placeholder:"TEXT" help:"Only addresses that contain TEXT."`
	Limit  int    `default:"100" help:"At most this many. Default ${default}."`
	Offset int    `help:"Leave out this many first."`
	JSON   bool   `help:"Print JSON."`
}

// Run lists users.
func (l *listUsersCommand) Run(ctx context.Context, c *console) error {
	if l.Limit < 1 || l.Limit > 10_000 || l.Offset < 0 {
		return errors.New("limit is 1 to 10000 and offset is not negative")
	}
	return c.manage(ctx, func(h *server.House) error {
		search := store.Search{OrderBy: "createdAt", Descending: true, Limit: l.Limit, Offset: l.Offset}
		if l.Search != "" {
			search.Where = []store.Condition{{Field: "email", Op: store.Contains, Value: strings.ToLower(l.Search)}}
		}
		users, err := store.Define[gatehouse.User](h.DB, "user").Find(ctx, search)
		if err != nil {
			return err
		}
		if l.JSON {
			return c.json(append([]*gatehouse.User{}, users...)) // never null
		}
		rows := make([][]string, len(users))
		for i, u := range users {
			verified := "no"
			if u.EmailVerified {
				verified = "yes"
			}
			rows[i] = []string{u.ID, u.Email, u.Name, verified, moment(u.CreatedAt)}
		}
		return c.table([]string{"ID", "E-MAIL", "NAME", "VERIFIED", "CREATED"}, rows)
	})
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
		_, err = fmt.Fprintf(c.out, "password of %s is set\n", printable(user.Email))
		return err
	})
}

type deleteUserCommand struct {
	User string `arg:"" help:"E-mail address or id."`
	Yes  bool   `short:"y" help:"Do not ask."`
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
			return err
		}
		_, err = fmt.Fprintf(c.out, "deleted %s (%s)\n", printable(user.Email), user.ID)
		return err
	})
}
