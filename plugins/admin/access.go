package admin

import (
	"context"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
)

// Role is what one role may do: resource → actions.
type Role map[string][]string

// defaultStatements are the protocol's, and those of our own: the audit log and
// what is in the console beside people.
var defaultStatements = map[string][]string{
	"user": {
		"create", "list", "set-role", "ban", "impersonate", "impersonate-admins", "delete",
		"set-password", "set-email", "set-phone", "get", "update",
	},
	"session": {"list", "revoke", "delete"},
	"audit":   {"read"},
	"mail":    {"read", "retry"},
	"system":  {"read"},
	"people":  {"import", "export"},
}

// defaultRoles are the protocol's user and admin, and a moderator of ours: who
// sees people and their sessions, ends sessions and bans, and changes nobody.
var defaultRoles = map[string]Role{
	"user":      {"user": {}, "session": {}},
	"moderator": {"user": {"list", "get", "ban"}, "session": {"list", "revoke"}},
	"admin": {
		"user": {
			"create", "list", "set-role", "ban", "impersonate", "delete",
			"set-password", "set-email", "set-phone", "get", "update",
		},
		"session": {"list", "revoke", "delete"},
		"audit":   {"read"},
		"mail":    {"read", "retry"},
		"system":  {"read"},
		"people":  {"import", "export"},
	},
}

// allows reports whether the role allows all of what is asked for, which must
// be something.
func (r Role) allows(asked map[string][]string) bool {
	for resource, actions := range asked {
		if len(actions) == 0 {
			return false
		}
		for _, action := range actions {
			if !slices.Contains(r[resource], action) {
				return false
			}
		}
	}
	return len(asked) > 0
}

var _ gatehouse.Authority = (*Admin)(nil)

// Roles are the roles that a user holds: the column's, or the default.
func (a *Admin) Roles(user *gatehouse.User) ([]string, error) {
	held, err := a.role.Of(user)
	if err != nil {
		return nil, err
	}
	if held == nil || *held == "" {
		return []string{a.options.DefaultRole}, nil
	}
	return strings.Split(*held, ","), nil
}

// HasRole reports whether user holds one of roles. Those of AdminUserIDs hold
// the admin roles.
func (a *Admin) HasRole(_ context.Context, user *gatehouse.User, roles ...string) (bool, error) {
	return a.holds(user, roles)
}

func (a *Admin) holds(user *gatehouse.User, roles []string) (bool, error) {
	held, err := a.Roles(user)
	if err != nil {
		return false, err
	}
	if slices.Contains(a.options.AdminUserIDs, user.ID) {
		held = append(held, a.options.AdminRoles...)
	}
	return slices.ContainsFunc(held, func(role string) bool { return slices.Contains(roles, role) }), nil
}

// Can reports whether user may do action on resource.
func (a *Admin) Can(_ context.Context, user *gatehouse.User, resource, action string) (bool, error) {
	return a.Permits(user, map[string][]string{resource: {action}})
}

// Permits reports whether one of the user's roles alone allows all of asked.
func (a *Admin) Permits(user *gatehouse.User, asked map[string][]string) (bool, error) {
	if slices.Contains(a.options.AdminUserIDs, user.ID) {
		return true, nil
	}
	held, err := a.Roles(user)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(held, func(role string) bool { return a.roles[role].allows(asked) }), nil
}

// IsAdmin reports whether user is an admin: holds one of AdminRoles or is one
// of AdminUserIDs. A ban does not change that.
func (a *Admin) IsAdmin(user *gatehouse.User) (bool, error) {
	return a.holds(user, a.options.AdminRoles)
}

// may asks for one more permission in the middle of an operation.
func (a *Admin) may(c *gatehouse.Call, action string, refusal *gatehouse.Error) error {
	allowed, err := a.Can(c, c.User(), "user", action)
	if err == nil && !allowed {
		return refusal
	}
	return err
}

// guard keeps who is no admin from touching one. A role that may ban, or set
// passwords, would otherwise be a way to become admin.
func (a *Admin) guard(c *gatehouse.Call, target *gatehouse.User, refusal *gatehouse.Error) error {
	protected, err := a.IsAdmin(target)
	if err != nil || !protected {
		return err
	}
	return a.adminsOnly(c, refusal)
}

func (a *Admin) adminsOnly(c *gatehouse.Call, refusal *gatehouse.Error) error {
	trusted, err := a.IsAdmin(c.User())
	if err == nil && !trusted {
		return refusal
	}
	return err
}

// checkRoles refuses roles that are not defined, where roles are defined at
// all, and roles that the caller may not hand out.
func (a *Admin) checkRoles(c *gatehouse.Call, roles []string) error {
	if a.options.Roles != nil {
		for _, role := range roles {
			if _, known := a.roles[role]; !known {
				return ErrUnknownRole
			}
		}
	}
	for _, role := range strings.Split(strings.Join(roles, ","), ",") {
		if slices.Contains(a.options.AdminRoles, role) {
			return a.adminsOnly(c, ErrSetRole)
		}
	}
	return nil
}
