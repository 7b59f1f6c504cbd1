package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/check"
	"github.com/gatehouse-auth/gatehouse/store"
)

var createOp = gatehouse.Op{
	ID: "createUser", Method: http.MethodPost, Path: "/admin/create-user",
	Doc:    "Creates an account, with or without a password.",
	Access: gatehouse.Can("user", "create").Answering(ErrNobody, ErrCreate), OwnerOnly: true,
	Errors: []*gatehouse.Error{
		ErrCreate, ErrSetRole, ErrBan, ErrUnknownRole, ErrRoleType, gatehouse.ErrInvalidEmail, ErrTooLong, ErrEmailTaken,
		ErrNoPasswords, gatehouse.ErrFieldNotAllowed, gatehouse.ErrImage,
	},
}

var getOp = gatehouse.Op{
	ID: "getUser", Method: http.MethodGet, Path: "/admin/get-user",
	Doc:    "Shows one person.",
	Access: gatehouse.Can("user", "get").Answering(ErrNobody, ErrGet), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrGet, ErrUserNotFound},
}

var updateOp = gatehouse.Op{
	ID: "adminUpdateUser", Method: http.MethodPost, Path: "/admin/update-user",
	Doc:    "Changes a person's record. Roles, bans, addresses and telephone numbers take a permission each.",
	Access: gatehouse.Can("user", "update").Answering(ErrNobody, ErrUpdate), OwnerOnly: true,
	Errors: []*gatehouse.Error{
		ErrUpdate, ErrNoData, ErrPasswordHere, ErrIDHere, ErrSetRole, ErrRoleType, ErrUnknownRole, ErrBan, ErrBanOneself, ErrSetEmail,
		gatehouse.ErrInvalidEmail, ErrEmailTaken, ErrSetPhone, ErrUserNotFound, ErrLastAdmin, gatehouse.ErrFieldNotAllowed, gatehouse.ErrImage,
	},
}

var removeOp = gatehouse.Op{
	ID: "removeUser", Method: http.MethodPost, Path: "/admin/remove-user",
	Doc:    "Removes a person with all that is theirs. This cannot be undone.",
	Access: gatehouse.Can("user", "delete").Answering(ErrNobody, ErrRemove), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrRemove, ErrRemoveOneself, ErrUserNotFound, ErrLastAdmin},
}

// CreateUser is the body of POST /admin/create-user.
type CreateUser struct {
	Email    string         `json:"email"`
	Password *string        `json:"password,omitempty" doc:"Absent or empty: the person has none, and signs in in another way."`
	Name     string         `json:"name"`
	Role     []string       `json:"role,omitempty" check:"single,union,optional" doc:"One role or a list of them."`
	Data     map[string]any `json:"data,omitempty" check:"optional" doc:"More columns of the user."`
}

func (a *Admin) create(c *gatehouse.Call, in CreateUser) (One, error) {
	roles := in.Role
	if given, there := in.Data["role"]; roles == nil && there {
		if err := a.may(c, "set-role", ErrSetRole); err != nil {
			return One{}, err
		}
		var err error
		if roles, err = roleList(given); err != nil {
			return One{}, err
		}
	}
	if roles != nil {
		if err := a.may(c, "set-role", ErrSetRole); err != nil {
			return One{}, err
		}
		if err := a.checkRoles(c, roles); err != nil {
			return One{}, err
		}
	}
	changes, err := a.readData(c, in.Data, creating)
	if err != nil {
		return One{}, err
	}
	password := ""
	if in.Password != nil {
		password = *in.Password
	}
	user, err := a.CreateUser(c, NewUser{Email: in.Email, Name: in.Name, Password: password, Roles: roles, Fields: changes})
	return One{user}, err
}

// NewUser is an account to be made.
type NewUser struct {
	Email, Name string
	// Password "" makes an account without one. It may be shorter than people
	// may choose, for it is to be changed.
	Password string
	// Roles nil is the default role.
	Roles []string
	// Fields are further columns, such as emailVerified.
	Fields []store.Change
}

// CreateUser makes an account. It returns gatehouse.ErrInvalidEmail,
// ErrEmailTaken, ErrTooLong or what a rule for passwords says.
func (a *Admin) CreateUser(ctx context.Context, n NewUser) (*gatehouse.User, error) {
	email := gatehouse.NormalizeEmail(n.Email)
	if !check.IsEmail(email) {
		return nil, gatehouse.ErrInvalidEmail
	}
	if n.Password != "" {
		if err := a.checkLength(n.Password, true); err != nil {
			return nil, err
		}
	}
	if err := a.refuseTaken(ctx, email, ""); err != nil {
		return nil, err
	}
	user := &gatehouse.User{Email: email, Name: n.Name}
	if n.Roles != nil {
		a.role.Set(user, joined(n.Roles))
	}
	setFields(user, n.Fields)
	hash := ""
	if n.Password != "" {
		var err error
		if hash, err = a.hash(ctx, user, email, n.Password); err != nil {
			return nil, err
		}
	}
	err := a.app.Tx(ctx, func(ctx context.Context) error {
		if err := a.app.Users.Create(ctx, user); err != nil {
			return taken(err)
		}
		if n.Roles != nil {
			if err := a.record(ctx, "user.role", user.ID, map[string]any{"role": *joined(n.Roles)}); err != nil {
				return err
			}
		}
		if hash == "" {
			return nil
		}
		return a.passwords.SetHash(ctx, user.ID, hash)
	})
	if err != nil {
		return nil, err
	}
	return user, nil
}

// refuseTaken answers ErrEmailTaken when somebody but the user except has the
// address.
func (a *Admin) refuseTaken(ctx context.Context, email, except string) error {
	known, err := a.app.Users.ByEmail(ctx, email)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	case known.ID != except:
		return ErrEmailTaken
	}
	return nil
}

// taken gives a lost race for an address the answer of these operations.
func taken(err error) error {
	if errors.Is(err, gatehouse.ErrUserExists) {
		return ErrEmailTaken.Because(err)
	}
	return err
}

// GetUser is the query of GET /admin/get-user.
type GetUser struct {
	ID string `query:"id"`
}

func (a *Admin) get(c *gatehouse.Call, in GetUser) (*gatehouse.User, error) {
	return a.User(c, in.ID)
}

// User returns a user, or ErrUserNotFound.
func (a *Admin) User(ctx context.Context, id string) (*gatehouse.User, error) {
	user, err := a.find(ctx, id)
	if err != nil {
		return nil, err
	}
	return user, a.record(ctx, "user.read", user.ID, nil)
}

// find is User for those who then change it, which is recorded anyway.
func (a *Admin) find(ctx context.Context, id string) (*gatehouse.User, error) {
	user, err := a.app.Users.ByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, ErrUserNotFound
	}
	return user, err
}

// UpdateUser is the body of POST /admin/update-user.
type UpdateUser struct {
	UserID string         `json:"userId" check:"coerce"`
	Data   map[string]any `json:"data"`
}

func (a *Admin) update(c *gatehouse.Call, in UpdateUser) (*gatehouse.User, error) {
	if len(in.Data) == 0 {
		return nil, ErrNoData
	}
	if _, there := in.Data["password"]; there {
		return nil, ErrPasswordHere
	}
	if _, there := in.Data["id"]; there {
		return nil, ErrIDHere
	}
	changes, err := a.readData(c, in.Data, updating)
	if err != nil {
		return nil, err
	}
	if in.Data["banned"] == true && in.UserID == c.User().ID {
		return nil, ErrBanOneself
	}
	if email, there := emailIn(changes); there {
		if err := a.refuseTaken(c, email, in.UserID); err != nil {
			return nil, err
		}
	}
	target, err := a.find(c, in.UserID)
	if err != nil {
		return nil, err
	}
	if err := a.guard(c, target, ErrUpdate); err != nil {
		return nil, err
	}
	return a.UpdateUser(c, target.ID, changes...)
}

func emailIn(changes []store.Change) (string, bool) {
	for _, change := range changes {
		if email, ok := change.Value.(string); ok && change.Field == "email" {
			return email, true
		}
	}
	return "", false
}

// resetLinks starts the identifier of password reset tokens (PROTOCOL 12.3).
const resetLinks = "reset-password:"

// UpdateUser changes columns of a user. A ban among them ends the sessions, a
// new address kills the reset links that the old one was mailed. It returns
// ErrUserNotFound, ErrEmailTaken and ErrLastAdmin.
func (a *Admin) UpdateUser(ctx context.Context, id string, changes ...store.Change) (*gatehouse.User, error) {
	var user *gatehouse.User
	err := a.app.Tx(ctx, func(ctx context.Context) (err error) {
		if user, err = a.change(ctx, id, changes...); err != nil {
			return taken(err)
		}
		for _, change := range changes {
			if err := a.followUp(ctx, id, change); err != nil {
				return err
			}
		}
		return nil
	})
	return user, err
}

// followUp does what a change of one column brings with it.
func (a *Admin) followUp(ctx context.Context, id string, change store.Change) error {
	switch {
	case change.Field == "role":
		return a.record(ctx, "user.role", id, map[string]any{"role": change.Value})
	case change.Field == "email":
		return a.app.Verifications.Forget(ctx, resetLinks, id)
	case change.Field == "banned" && change.Value == true:
		if err := a.app.Sessions.RevokeAll(ctx, id, ""); err != nil {
			return err
		}
		return a.record(ctx, "user.ban", id, nil)
	case change.Field == "banned":
		return a.record(ctx, "user.unban", id, nil)
	}
	return nil
}

func (a *Admin) remove(c *gatehouse.Call, in UserID) (Success, error) {
	if in.UserID == c.User().ID {
		return Success{}, ErrRemoveOneself
	}
	target, err := a.find(c, in.UserID)
	if err != nil {
		return Success{}, err
	}
	if err := a.guard(c, target, ErrRemove); err != nil {
		return Success{}, err
	}
	err = a.RemoveUser(c, target.ID)
	return Success{err == nil}, err
}

// RemoveUser deletes a user with sessions and accounts, or returns
// ErrUserNotFound or ErrLastAdmin.
func (a *Admin) RemoveUser(ctx context.Context, id string) error {
	err := a.app.Users.Delete(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return ErrUserNotFound
	}
	return err
}
