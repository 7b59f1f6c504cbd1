package admin

import (
	"context"
	"errors"
	"slices"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var _ gatehouse.Roster = (*Admin)(nil)

// Administrators lists the admins who can sign in, the oldest first, then
// those named by AdminUserIDs; at most limit.
func (a *Admin) Administrators(ctx context.Context, limit int) ([]*gatehouse.User, error) {
	args := append([]any{false, a.app.Now()}, a.otherAdmin.args...)
	found, err := a.otherAdmin.all.All(ctx, append(args, limit)...)
	if err != nil {
		return nil, err
	}
	for _, id := range a.options.AdminUserIDs {
		if len(found) >= limit || slices.ContainsFunc(found, func(u *gatehouse.User) bool { return u.ID == id }) {
			continue
		}
		user, err := a.app.Users.ByID(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		banned, err := a.isBanned(user)
		if err != nil {
			return nil, err
		}
		if !banned {
			found = append(found, user)
		}
	}
	return found, nil
}

// Appoint gives a user that is about to be created the first admin role.
func (a *Admin) Appoint(user *gatehouse.User) { a.role.Set(user, &a.options.AdminRoles[0]) }
