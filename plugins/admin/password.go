package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var setPasswordOp = gatehouse.Op{
	ID: "setUserPassword", Method: http.MethodPost, Path: "/admin/set-user-password",
	Doc:    "Gives a person a password, whether or not they had one. Their sessions go on.",
	Access: gatehouse.Can("user", "set-password").Answering(ErrNobody, ErrSetPassword), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrSetPassword, ErrUserNotFound, ErrTooShort, ErrTooLong, ErrNoPasswords},
}

// SetPassword is the body of POST /admin/set-user-password.
type SetPassword struct {
	NewPassword string `json:"newPassword" check:"filled"`
	UserID      string `json:"userId" check:"coerce,filled"`
}

// Set is the answer.
type Set struct {
	Status bool `json:"status"`
}

func (a *Admin) setPassword(c *gatehouse.Call, in SetPassword) (Set, error) {
	if err := a.checkLength(in.NewPassword, false); err != nil {
		return Set{}, err
	}
	target, err := a.find(c, in.UserID)
	if err != nil {
		return Set{}, err
	}
	if err := a.guard(c, target, ErrSetPassword); err != nil {
		return Set{}, err
	}
	err = a.SetPassword(c, target.ID, in.NewPassword)
	return Set{err == nil}, err
}

// SetPassword gives a user a password, which obeys the same rules as one that
// people choose, and kills the reset links that were mailed before. It returns
// ErrUserNotFound, ErrTooShort, ErrTooLong or what a rule says.
func (a *Admin) SetPassword(ctx context.Context, id, password string) error {
	if err := a.checkLength(password, false); err != nil {
		return err
	}
	user, err := a.app.Users.ByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return ErrUserNotFound
	}
	if err != nil {
		return err
	}
	hash, err := a.hash(ctx, user, user.Email, password)
	if err != nil {
		return err
	}
	return a.app.Tx(ctx, func(ctx context.Context) error {
		if err := a.passwords.SetHash(ctx, id, hash); err != nil {
			return err
		}
		return a.record(ctx, "user.set-password", id, nil)
	})
}

func (a *Admin) checkLength(password string, allowShort bool) error {
	if a.passwords == nil {
		return ErrNoPasswords
	}
	return a.passwords.CheckLength(password, allowShort)
}

// hash judges a password of the right length and hashes it.
func (a *Admin) hash(ctx context.Context, user *gatehouse.User, email, password string) (string, error) {
	if err := a.app.CheckPassword(ctx, user, email, password); err != nil {
		return "", err
	}
	return a.passwords.Hash(ctx, password)
}
