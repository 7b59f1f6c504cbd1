// Package account is what a person does to their own record: change the name,
// picture and additional fields, change the e-mail address, see and unlink
// accounts, delete it all. It refuses to know how one signs in. Read
// update.go first.
package account

import (
	"context"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

// Own is the feature; New makes one.
type Own struct {
	options       *gatehouse.UserOptions
	checkPassword CheckPassword
	app           *gatehouse.App
}

// CheckPassword returns nil if password is the user's; the password plugin's
// method of that name is one.
type CheckPassword func(ctx context.Context, userID, password string) error

var _ gatehouse.Plugin = (*Own)(nil)

// New returns the plugin. Its options are gatehouse.Config.User. With a nil
// check, nobody can delete their account by password.
func New(check CheckPassword) *Own { return &Own{checkPassword: check} }

// Plug declares the feature.
func (o *Own) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	o.app, o.options = app, &app.Config().User
	return gatehouse.Parts{
		ID: "account",
		Routes: []gatehouse.Route{
			gatehouse.Endpoint(updateOp, o.update),
			gatehouse.Endpoint(changeEmailOp, o.changeEmail),
			gatehouse.Endpoint(listOp, o.list),
			gatehouse.Endpoint(unlinkOp, o.unlink),
			gatehouse.Endpoint(deleteOp, o.delete),
			gatehouse.Endpoint(openDeleteOp, o.openDelete),
		},
	}, nil
}

// The errors of this package.
var (
	ErrEmailHere           = gatehouse.NewError(http.StatusBadRequest, "EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated")
	ErrChangeEmailDisabled = gatehouse.NewError(http.StatusBadRequest, "CHANGE_EMAIL_DISABLED", "Change email is disabled")
	ErrSameEmail           = gatehouse.NewError(http.StatusBadRequest, "", "Email is the same")
	ErrNoVerification      = gatehouse.NewError(http.StatusBadRequest, "", "Verification email isn't enabled")
	ErrAccountNotFound     = gatehouse.NewError(http.StatusBadRequest, "ACCOUNT_NOT_FOUND", "Account not found")
	ErrLastAccount         = gatehouse.NewError(http.StatusBadRequest, "FAILED_TO_UNLINK_LAST_ACCOUNT", "You can't unlink your last account")
	ErrSessionExpired      = gatehouse.NewError(http.StatusBadRequest, "SESSION_EXPIRED", "Session expired. Re-authenticate to perform this action.")
	ErrDeleteToken         = gatehouse.NewError(http.StatusNotFound, "INVALID_TOKEN", "Invalid token")
	ErrNoUserInfo          = gatehouse.NewError(http.StatusNotFound, "FAILED_TO_GET_USER_INFO", "Failed to get user info")
	ErrDeleteDisabled      = gatehouse.NewError(http.StatusNotFound, "NOT_FOUND", "Not found")
)
