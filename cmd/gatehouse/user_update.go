package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/check"
	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/store"
)

type showUserCommand struct {
	User string `arg:"" help:"E-mail address or id."`
	JSON bool   `help:"Print JSON."`
}

// Run shows the user; that somebody looked is recorded.
func (s *showUserCommand) Run(ctx context.Context, c *console) error {
	return c.manage(ctx, func(h *server.House) error {
		user, err := findUser(ctx, h, s.User)
		if err != nil {
			return err
		}
		if err := h.Record(ctx, gatehouse.Event{Action: "user.read", TargetType: "user", Target: user.ID}); err != nil {
			return err
		}
		if s.JSON {
			return c.json(user)
		}
		rows, err := fieldRows(user)
		if err != nil {
			return err
		}
		return c.table([]string{"FIELD", "VALUE"}, rows)
	})
}

// fieldRows are the fields that a client may see, by name.
func fieldRows(user *gatehouse.User) ([][]string, error) {
	text, err := json.Marshal(user)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := "-"
		if fields[name] != nil {
			value = fmt.Sprint(fields[name])
		}
		rows = append(rows, []string{name, orDash(&value)})
	}
	return rows, nil
}

type updateUserCommand struct {
	User       string            `arg:"" help:"E-mail address or id."`
	Name       *string           `help:"New name."`
	Email      string            `help:"New address. It counts as not proved unless --verified is said, and links that were mailed before open nothing any more."`
	Image      string            `xor:"image" placeholder:"URL" help:"New image: an http(s) address or a path."`
	NoImage    bool              `xor:"image" help:"Take the image away."`
	Verified   bool              `xor:"verified" help:"Take the address as proved."`
	Unverified bool              `xor:"verified" help:"Take the address as not proved."`
	Role       []string          `placeholder:"ROLE" help:"Give these roles, in place of what the user had. Needs plugins.admin."`
	Field      map[string]string `mapsep:"none" placeholder:"NAME=VALUE" help:"Set an additional text field. May be repeated."`
	JSON       bool              `help:"Print JSON."`
}

// Run changes all that is named, or nothing.
func (u *updateUserCommand) Run(ctx context.Context, c *console) error {
	return c.manage(ctx, func(h *server.House) error {
		user, err := findUser(ctx, h, u.User)
		if err != nil {
			return err
		}
		changes, err := u.changes(h, user)
		if err != nil {
			return plain(err)
		}
		update := h.Users.Update
		if h.Admin != nil {
			update = h.Admin.UpdateUser // which records roles, and keeps the last admin
		}
		if user, err = update(ctx, user.ID, changes...); err != nil {
			return plain(err)
		}
		return c.did(u.JSON, user, "updated %s (%s)", printable(user.Email), user.ID)
	})
}

func (u *updateUserCommand) changes(h *server.House, user *gatehouse.User) ([]store.Change, error) {
	fields := map[string]any{}
	for name, value := range u.Field {
		if _, known := h.Config().User.AdditionalFields[name]; !known {
			return nil, fmt.Errorf("there is no additional field %q: see user.additionalFields in the configuration", name)
		}
		fields[name] = value
	}
	changes, err := h.UserFieldsOnUpdate(fields)
	if err != nil {
		return nil, err
	}
	set := func(field string, value any) { changes = append(changes, store.Change{Field: field, Value: value}) }
	if u.Name != nil {
		set("name", *u.Name)
	}
	verified, decided := u.Verified, u.Verified || u.Unverified
	if email := gatehouse.NormalizeEmail(u.Email); email != "" && email != user.Email {
		if !check.IsEmail(email) {
			return nil, fmt.Errorf("%q is not an e-mail address", u.Email)
		}
		set("email", email)
		decided = true
	}
	if decided {
		set("emailVerified", verified)
	}
	switch {
	case u.Image != "" && !gatehouse.SafeImage(u.Image):
		return nil, gatehouse.ErrImage
	case u.Image != "":
		set("image", u.Image)
	case u.NoImage:
		set("image", nil)
	}
	if len(u.Role) > 0 {
		if _, err := admins(h); err != nil {
			return nil, err
		}
		set("role", strings.Join(u.Role, ","))
	}
	if len(changes) == 0 {
		return nil, errors.New("nothing to change: name a new value, such as --name or --email")
	}
	return changes, nil
}
