package account

import (
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/token"
	"github.com/gatehouse-auth/gatehouse/store"
)

var deleteOp = gatehouse.Op{
	ID: "deleteUser", Method: http.MethodPost, Path: "/delete-user",
	Doc:    "Deletes the signed-in person: with the password, with a mailed token, or with a fresh session.",
	Access: gatehouse.SignedIn, OwnerOnly: true,
	Errors: []*gatehouse.Error{gatehouse.ErrNotFound, gatehouse.ErrInvalidPassword, ErrNoPassword, ErrTooLong, ErrDeleteToken, ErrSessionExpired},
}

var openDeleteOp = gatehouse.Op{
	ID: "deleteUserCallback", Method: http.MethodGet, Path: "/delete-user/callback",
	Doc:    "Deletes the person who follows the mailed link in their own session.",
	Access: gatehouse.Public, OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrDeleteDisabled, ErrNoUserInfo, ErrDeleteToken},
}

// ErrNoPassword and ErrTooLong come from the password check.
var (
	ErrNoPassword = gatehouse.NewError(http.StatusBadRequest, "CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found")
	ErrTooLong    = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_LONG", "Password too long")
)

// Delete is the body of POST /delete-user.
type Delete struct {
	CallbackURL *string `json:"callbackURL,omitempty" doc:"Where the mailed link ends; must be trusted."`
	Password    *string `json:"password,omitempty"`
	Token       *string `json:"token,omitempty" doc:"From the mailed link."`
}

// Deleted is the answer.
type Deleted struct {
	Success bool   `json:"success"`
	Message string `json:"message"`
}

var deleted = Deleted{Success: true, Message: "User deleted"}

// deletePurpose starts the identifier of deletion tokens (PROTOCOL 12.3).
const deletePurpose = "delete-account-"

// deleteMail is the kind of the mail with the link.
const deleteMail = "delete-account"

func (o *Own) delete(c *gatehouse.Call, in Delete) (Deleted, error) {
	user := c.User()
	answer, err := o.deleteBy(c, in)
	return answer, c.Refused(deletion(user.ID), err)
}

func deletion(userID string) gatehouse.Event {
	return gatehouse.Event{Action: "user.delete", TargetType: "user", Target: userID}
}

// deleteBy deletes by the proof that the person brings, or mails them one.
func (o *Own) deleteBy(c *gatehouse.Call, in Delete) (Deleted, error) {
	options := o.options.DeleteUser
	if !options.Enabled {
		return Deleted{}, gatehouse.ErrNotFound
	}
	hasPassword := in.Password != nil && *in.Password != ""
	if hasPassword {
		if o.checkPassword == nil {
			return Deleted{}, ErrNoPassword
		}
		if err := o.checkPassword(c, c.User().ID, *in.Password); err != nil {
			return Deleted{}, err
		}
	}
	switch {
	case in.Token != nil && *in.Token != "":
		return deleted, o.deleteWithToken(c, c.User(), *in.Token)
	case options.SendDeleteAccountVerification:
		return Deleted{Success: true, Message: "Verification email sent"}, o.mailDelete(c, in.CallbackURL)
	case !hasPassword && !c.IsFresh(c.CurrentSession()):
		return Deleted{}, ErrSessionExpired
	default:
		return deleted, o.remove(c, c.User(), nil)
	}
}

func (o *Own) mailDelete(c *gatehouse.Call, callbackURL *string) error {
	user, secret := c.User(), token.LowerDigits(o.app.Rand, 32)
	target := "/"
	if callbackURL != nil && *callbackURL != "" {
		target = *callbackURL
	}
	return c.Tx(func() error {
		if err := o.app.Verifications.Create(c, deletePurpose+secret, user.ID, o.options.DeleteUser.DeleteTokenExpiresIn); err != nil {
			return err
		}
		if err := o.app.Record(c, gatehouse.LinkEvent("link.send", deleteMail, user.ID)); err != nil {
			return err
		}
		return o.app.Outbox.Put(c, gatehouse.Mail{Kind: deleteMail, To: user.Email, Data: map[string]any{
			"user": user, "token": secret,
			"url": o.app.URL("/delete-user/callback?token=" + secret + "&callbackURL=" + gatehouse.EscapeComponent(target)),
		}})
	})
}

// OpenDelete is the query of GET /delete-user/callback.
type OpenDelete struct {
	Token       string  `query:"token"`
	CallbackURL *string `query:"callbackURL"`
}

func (o *Own) openDelete(c *gatehouse.Call, in OpenDelete) (Deleted, error) {
	if !o.options.DeleteUser.Enabled {
		return Deleted{}, ErrDeleteDisabled
	}
	session, user, err := c.Session()
	if err != nil {
		return Deleted{}, err
	}
	if session == nil {
		return Deleted{}, ErrNoUserInfo
	}
	if err := o.deleteWithToken(c, user, in.Token); err != nil {
		return Deleted{}, c.Refused(deletion(user.ID), err)
	}
	if in.CallbackURL != nil && *in.CallbackURL != "" {
		return Deleted{}, gatehouse.Redirect(*in.CallbackURL)
	}
	return deleted, nil
}

func (o *Own) deleteWithToken(c *gatehouse.Call, user *gatehouse.User, secret string) error {
	return o.remove(c, user, func() error {
		record, err := o.app.Verifications.Consume(c, deletePurpose+secret)
		if errors.Is(err, store.ErrNotFound) || (err == nil && record.Value != user.ID) {
			// Rolled back: somebody else's token is not used up by a guess.
			return ErrDeleteToken
		}
		if err != nil {
			return err
		}
		return o.app.Record(c, gatehouse.LinkEvent("link.use", deleteMail, user.ID))
	})
}

// remove deletes the user with all that hangs on them, in one transaction
// with the check that allows it.
func (o *Own) remove(c *gatehouse.Call, user *gatehouse.User, allow func() error) error {
	options := o.options.DeleteUser
	err := c.Tx(func() error {
		if allow != nil {
			if err := allow(); err != nil {
				return err
			}
		}
		if options.BeforeDelete != nil {
			if err := options.BeforeDelete(c, user); err != nil {
				return err
			}
		}
		return o.app.Users.Delete(c, user.ID)
	})
	if errors.Is(err, store.ErrNotFound) {
		return gatehouse.ErrUnauthorized // gone already, and the session with them
	}
	if err != nil {
		return err
	}
	c.ClearSession()
	if options.AfterDelete != nil {
		return options.AfterDelete(c, user)
	}
	return nil
}
