package admin

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// A house that had an admin keeps one who can sign in, whoever changes or
// removes users on whatever path. Each such change holds one lock from before
// it reads to its commit, so that two processes that each take away "an admin
// of two" cannot both be right.

const adminLock = "admin: the last admin stays"

// decisive are the columns that make an active admin.
var decisive = []string{"role", "banned", "banExpires"}

// lockAdmins runs before a user who is to be changed is read.
func (a *Admin) lockAdmins(ctx context.Context, _ string, changes []store.Change) error {
	for _, change := range changes {
		if slices.Contains(decisive, change.Field) {
			return a.app.DB.Lock(ctx, adminLock)
		}
	}
	return nil
}

// keepAnAdmin refuses the change that would leave no admin.
func (a *Admin) keepAnAdmin(ctx context.Context, before, after *gatehouse.User) error {
	was, err := a.isActiveAdmin(before)
	if err != nil || !was {
		return err
	}
	if is, err := a.isActiveAdmin(after); err != nil || is {
		return err
	}
	return a.needOtherAdmin(ctx, after.ID)
}

// keepLastAdmin refuses the removal that would leave no admin, by themselves
// too. The user is read again because it may have changed until the lock.
func (a *Admin) keepLastAdmin(ctx context.Context, user *gatehouse.User) error {
	if err := a.app.DB.Lock(ctx, adminLock); err != nil {
		return err
	}
	user, err := a.app.Users.ByID(ctx, user.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if is, err := a.isActiveAdmin(user); err != nil || !is {
		return err
	}
	return a.needOtherAdmin(ctx, user.ID)
}

// isActiveAdmin: an admin who can sign in.
func (a *Admin) isActiveAdmin(user *gatehouse.User) (bool, error) {
	is, err := a.IsAdmin(user)
	if err != nil || !is {
		return false, err
	}
	banned, err := a.isBanned(user)
	return !banned, err
}

func (a *Admin) needOtherAdmin(ctx context.Context, except string) error {
	there, err := a.otherAdmin.exists(ctx, except)
	if err == nil && !there {
		return ErrLastAdmin
	}
	return err
}

// HasAdmin reports whether there is an admin who can sign in.
func (a *Admin) HasAdmin(ctx context.Context) (bool, error) {
	admins, err := a.Administrators(ctx, 1)
	return len(admins) > 0, err
}

// otherAdmin finds an admin besides one user.
type otherAdmin struct {
	admin *Admin
	held  *store.Query[gatehouse.User]
	all   *store.Query[gatehouse.User]
	args  []any
}

var likeEscapes = strings.NewReplacer(`_`, `\_`)

// prepareOtherAdmin writes the search for admin roles in the comma-separated
// column. What leaves out the default role is there for the index: nearly
// everybody has that.
func (a *Admin) prepareOtherAdmin() otherAdmin {
	var terms []string
	found := otherAdmin{admin: a}
	for _, role := range a.options.AdminRoles {
		terms = append(terms, `{role} = ? OR {role} LIKE ? ESCAPE '\' OR {role} LIKE ? ESCAPE '\' OR {role} LIKE ? ESCAPE '\'`)
		name := likeEscapes.Replace(role)
		found.args = append(found.args, role, name+",%", "%,"+name, "%,"+name+",%")
	}
	where := "(" + strings.Join(terms, " OR ") + ")"
	if slices.Contains(a.options.AdminRoles, a.options.DefaultRole) {
		where = "(" + where + " OR {role} IS NULL OR {role} = '')"
	} else {
		where = "({role} < ? OR {role} > ?) AND " + where
		found.args = append([]any{a.options.DefaultRole, a.options.DefaultRole}, found.args...)
	}
	where = "({banned} IS NULL OR {banned} = ? OR {banExpires} < ?) AND " + where
	found.held = a.users.Select("{id} <> ? AND " + where + " LIMIT 1")
	found.all = a.users.Select(where + " ORDER BY {createdAt} LIMIT ?")
	return found
}

func (o otherAdmin) exists(ctx context.Context, except string) (bool, error) {
	args := append([]any{except, false, o.admin.app.Now()}, o.args...)
	_, err := o.held.One(ctx, args...)
	if !errors.Is(err, store.ErrNotFound) {
		return err == nil, err
	}
	for _, id := range o.admin.options.AdminUserIDs {
		user, err := o.admin.app.Users.ByID(ctx, id)
		if id == except || errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		if banned, err := o.admin.isBanned(user); err != nil || !banned {
			return err == nil, err
		}
	}
	return false, nil
}
