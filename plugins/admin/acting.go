package admin

import (
	"maps"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// What other interfaces to administration need: the operations on one person
// with all of their rules but the permission, and a look at the roles. Names
// and types are plain, so that who asks need not know this package.

// MayTouch reports whether the caller may act on target at all: who is no admin
// may not act on one.
func (a *Admin) MayTouch(c *gatehouse.Call, target *gatehouse.User) (bool, error) {
	protected, err := a.IsAdmin(target)
	if err != nil || !protected {
		return err == nil, err
	}
	return a.IsAdmin(c.User())
}

// BanFor is the operation banUser. Zero values are the options'.
func (a *Admin) BanFor(c *gatehouse.Call, id, reason string, expiresIn time.Duration) error {
	seconds := expiresIn.Seconds()
	_, err := a.ban(c, BanUser{UserID: id, Reason: &reason, ExpiresIn: &seconds})
	return err
}

// UnbanFor is the operation unbanUser.
func (a *Admin) UnbanFor(c *gatehouse.Call, id string) error {
	_, err := a.unban(c, UserID{id})
	return err
}

// SetRolesFor is the operation setUserRole.
func (a *Admin) SetRolesFor(c *gatehouse.Call, id string, roles []string) error {
	_, err := a.setRole(c, SetRole{UserID: id, Role: roles})
	return err
}

// RevokeSessionsFor is the operation revokeUserSessions, for somebody who is
// there: others are ErrUserNotFound.
func (a *Admin) RevokeSessionsFor(c *gatehouse.Call, id string) error {
	target, err := a.find(c, id)
	if err != nil {
		return err
	}
	_, err = a.revokeSessions(c, UserID{target.ID})
	return err
}

// RemoveFor is the operation removeUser.
func (a *Admin) RemoveFor(c *gatehouse.Call, id string) error {
	_, err := a.remove(c, UserID{id})
	return err
}

// IsBanned reports whether a user is banned now: a ban that is over is none.
func (a *Admin) IsBanned(user *gatehouse.User) (bool, error) { return a.isBanned(user) }

// Holding are the conditions for users who hold a role, beside others too. Who
// has none stored holds the default role. What leaves out exactly the default
// role is there for the index: nearly everybody has that.
func (a *Admin) Holding(role string) []store.Condition {
	terms := []store.Condition{
		{Field: "role", Value: role}, {Field: "role", Op: store.StartsWith, Value: role + ","},
		{Field: "role", Op: store.EndsWith, Value: "," + role}, {Field: "role", Op: store.Contains, Value: "," + role + ","},
	}
	if usual := a.options.DefaultRole; role != usual {
		return []store.Condition{
			{Any: []store.Condition{{Field: "role", Op: store.Less, Value: usual}, {Field: "role", Op: store.Greater, Value: usual}}},
			{Any: terms},
		}
	}
	return []store.Condition{{Any: append(terms, store.Condition{Field: "role"}, store.Condition{Field: "role", Value: ""})}}
}

// RoleTable is what may be allowed, what each role allows, which roles are
// admins', and the default one. custom: the options define the roles.
func (a *Admin) RoleTable() (statements map[string][]string, roles map[string]map[string][]string, admins []string, usual string, custom bool) {
	statements = a.options.Statements
	if statements == nil {
		statements = defaultStatements
	}
	roles = make(map[string]map[string][]string, len(a.roles))
	for name, role := range a.roles {
		roles[name] = maps.Clone(role)
	}
	return maps.Clone(statements), roles, slices.Clone(a.options.AdminRoles), a.options.DefaultRole, a.options.Roles != nil
}
