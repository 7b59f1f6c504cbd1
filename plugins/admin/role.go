package admin

import (
	"context"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var setRoleOp = gatehouse.Op{
	ID: "setUserRole", Method: http.MethodPost, Path: "/admin/set-role",
	Doc:    "Gives a person a role, or several, in place of what they had.",
	Access: gatehouse.Can("user", "set-role").Answering(ErrNobody, ErrSetRole), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrSetRole, ErrUnknownRole, ErrUserNotFound, ErrLastAdmin},
}

// SetRole is the body of POST /admin/set-role.
type SetRole struct {
	UserID string   `json:"userId" check:"coerce"`
	Role   []string `json:"role" check:"single,union" doc:"One role or a list of them."`
}

func (a *Admin) setRole(c *gatehouse.Call, in SetRole) (One, error) {
	if err := a.checkRoles(c, in.Role); err != nil {
		return One{}, err
	}
	target, err := a.find(c, in.UserID)
	if err != nil {
		return One{}, err
	}
	if err := a.guard(c, target, ErrSetRole); err != nil {
		return One{}, err
	}
	user, err := a.SetRoles(c, target.ID, in.Role...)
	return One{user}, err
}

// SetRoles gives a user roles in place of what they had; none is the default
// role. It holds from their next request on. It returns ErrUserNotFound and
// ErrLastAdmin.
func (a *Admin) SetRoles(ctx context.Context, id string, roles ...string) (*gatehouse.User, error) {
	joined := strings.Join(roles, ",")
	var user *gatehouse.User
	err := a.app.Tx(ctx, func(ctx context.Context) (err error) {
		if user, err = a.change(ctx, id, store.Change{Field: "role", Value: joined}); err != nil {
			return err
		}
		return a.record(ctx, "user.role", id, map[string]any{"role": joined})
	})
	return user, err
}

// giveDefaultRole runs before a user is stored, on whatever path.
func (a *Admin) giveDefaultRole(_ context.Context, user *gatehouse.User) error {
	if _, given := user.Get("role"); !given {
		a.role.Set(user, &a.options.DefaultRole)
	}
	return nil
}
