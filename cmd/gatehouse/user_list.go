package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/store"
)

type listUsersCommand struct {
	Search     string `placeholder:"TEXT" help:"Only addresses that contain TEXT."`
	Name       string `placeholder:"TEXT" help:"Only names that contain TEXT."`
	Role       string `placeholder:"ROLE" help:"Only who has this role."`
	Banned     bool   `xor:"banned" help:"Only who is banned."`
	NotBanned  bool   `xor:"banned" help:"Only who is not banned."`
	Verified   bool   `xor:"verified" help:"Only whose address is proved."`
	Unverified bool   `xor:"verified" help:"Only whose address is not proved."`
	Sort       string `enum:"createdAt,email,name,updatedAt" default:"createdAt" help:"createdAt, email, name or updatedAt. Default ${default}."`
	Ascending  bool   `help:"The least first. Default for email and name."`
	Descending bool   `help:"The greatest first. Default for times."`
	Limit      int    `default:"100" help:"At most this many, up to 1000. Default ${default}."`
	Offset     int    `help:"Leave out this many first."`
	After      string `placeholder:"CURSOR" help:"Go on after a page, at the same cost wherever that is: its cursor, with the same order and filters."`
	JSON       bool   `help:"Print JSON."`
}

// Run lists users.
func (l *listUsersCommand) Run(ctx context.Context, c *console) error {
	if l.Limit < 1 || l.Limit > 1000 || l.Offset < 0 {
		return errors.New("limit is 1 to 1000 and offset is not negative")
	}
	if l.Ascending && l.Descending {
		return errors.New("say --ascending or --descending, not both")
	}
	return c.manage(ctx, func(h *server.House) error {
		users, next, err := l.find(ctx, h)
		if err != nil {
			return plain(err)
		}
		tellNext(&next)
		if l.JSON {
			return c.json(append([]*gatehouse.User{}, users...)) // never null
		}
		rows := make([][]string, len(users))
		for i, u := range users {
			rows[i] = []string{u.ID, u.Email, u.Name, map[bool]string{true: "yes", false: "no"}[u.EmailVerified], moment(u.CreatedAt)}
		}
		return c.table([]string{"ID", "E-MAIL", "NAME", "VERIFIED", "CREATED"}, rows)
	})
}

// tellNext tells the cursor of the next page, if there is one: on stderr, so
// that stdout is the list alone.
func tellNext(cursor *string) {
	if cursor != nil && *cursor != "" {
		fmt.Fprintf(os.Stderr, "gatehouse: there are more: --after %s\n", *cursor)
	}
}

// find asks the admin plugin where it is on: it answers by index, knows roles
// and bans, and gives cursors.
func (l *listUsersCommand) find(ctx context.Context, h *server.House) (users []*gatehouse.User, next string, err error) {
	descending := l.Descending || !l.Ascending && strings.HasSuffix(l.Sort, "At")
	if h.Admin != nil {
		found, err := h.Admin.ListUsers(ctx, admin.Query{
			Where: l.conditions(), SortBy: l.Sort, Descending: descending, Limit: l.Limit, Offset: l.Offset, After: l.After,
		})
		return l.withRole(found.Users), found.Next, err
	}
	if l.Role != "" || l.Banned || l.NotBanned || l.After != "" {
		_, err := admins(h)
		return nil, "", err
	}
	users, err = store.Define[gatehouse.User](h.DB, "user").Find(ctx, store.Search{
		Where: l.conditions(), OrderBy: l.Sort, Descending: descending, Limit: l.Limit, Offset: l.Offset,
	})
	if err != nil {
		return nil, "", err
	}
	return users, "", h.Record(ctx, gatehouse.Event{Action: "user.list", TargetType: "user", Details: map[string]any{"found": len(users)}})
}

func (l *listUsersCommand) conditions() []store.Condition {
	var where []store.Condition
	for _, text := range []struct{ field, value string }{{"email", gatehouse.NormalizeEmail(l.Search)}, {"name", l.Name}, {"role", l.Role}} {
		if text.value != "" {
			where = append(where, store.Condition{Field: text.field, Op: store.Contains, Value: text.value})
		}
	}
	switch {
	case l.Banned:
		where = append(where, store.Condition{Field: "banned", Value: true})
	case l.NotBanned:
		where = append(where, store.Condition{Field: "banned", Value: false})
	}
	if l.Verified || l.Unverified {
		where = append(where, store.Condition{Field: "emailVerified", Value: l.Verified})
	}
	return where
}

// withRole leaves out who has only a role whose name contains the one asked
// for: a user may have several, and they are one text in the database.
func (l *listUsersCommand) withRole(users []*gatehouse.User) []*gatehouse.User {
	if l.Role == "" {
		return users
	}
	var having []*gatehouse.User
	for _, user := range users {
		held, _ := user.Get("role")
		text, _ := held.(string)
		for role := range strings.SplitSeq(text, ",") {
			if role == l.Role {
				having = append(having, user)
				break
			}
		}
	}
	return having
}
