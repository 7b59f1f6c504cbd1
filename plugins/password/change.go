package password

import (
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

var changeOp = gatehouse.Op{
	ID: "changePassword", Method: http.MethodPost, Path: "/change-password",
	Doc:    "Changes the password of the signed-in person, who must know the old one.",
	Access: gatehouse.SignedIn, OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrTooShort, ErrTooLong, ErrNoCredential, gatehouse.ErrInvalidPassword},
}

var verifyOp = gatehouse.Op{
	ID: "verifyPassword", Method: http.MethodPost, Path: "/verify-password",
	Doc:    "Tells whether this is the signed-in person's password.",
	Access: gatehouse.SignedIn, OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrTooLong, gatehouse.ErrInvalidPassword},
}

// Change is the body of POST /change-password.
type Change struct {
	NewPassword     string `json:"newPassword"`
	CurrentPassword string `json:"currentPassword"`
	RevokeOthers    *bool  `json:"revokeOtherSessions,omitempty" doc:"true: every session ends, and this browser gets a new one."`
}

// Changed is the answer. Token is that of the new session, if there is one.
type Changed struct {
	Token *string         `json:"token"`
	User  *gatehouse.User `json:"user"`
}

func (p *Passwords) change(c *gatehouse.Call, in Change) (Changed, error) {
	user := c.User()
	if err := p.checkLength(in.NewPassword); err != nil {
		return Changed{}, err
	}
	if err := p.CheckPassword(c, user.ID, in.CurrentPassword); err != nil {
		return Changed{}, c.Refused(failed("password.set", user.ID), err)
	}
	// After the old password only: a rule that compares with earlier ones would
	// tell them to whoever has but the session.
	if err := p.app.CheckPassword(c, user, user.Email, in.NewPassword); err != nil {
		return Changed{}, err
	}
	hash, err := p.Hash(c, in.NewPassword)
	if err != nil {
		return Changed{}, err
	}
	answer, revoke := Changed{User: user}, in.RevokeOthers != nil && *in.RevokeOthers
	err = c.Tx(func() error {
		if revoke {
			if _, err := p.app.Users.Lock(c, user.ID); err != nil {
				return err
			}
		}
		if err := p.app.Accounts.SetPasswordHash(c, user.ID, hash); err != nil {
			return err
		}
		// A link that was asked for under the old password opens nothing now.
		if err := p.app.Verifications.Forget(c, resetPurpose, user.ID); err != nil {
			return err
		}
		if !revoke {
			return nil
		}
		if err := p.app.Sessions.RevokeAll(c, user.ID, ""); err != nil {
			return err
		}
		session, err := c.Admit(gatehouse.Proof{User: user, Method: "password-change"})
		if err == nil {
			answer.Token = &session.Token
		}
		return err
	})
	return answer, err
}

// Verify is the body of POST /verify-password.
type Verify struct {
	Password string `json:"password"`
}

func (p *Passwords) verifyOwn(c *gatehouse.Call, in Verify) (gatehouse.Status, error) {
	err := p.CheckPassword(c, c.User().ID, in.Password)
	if errors.Is(err, ErrNoCredential) {
		err = gatehouse.ErrInvalidPassword
	}
	return gatehouse.Status{Status: err == nil}, c.Refused(failed("password.verify", c.User().ID), err)
}

func failed(action, userID string) gatehouse.Event {
	return gatehouse.Event{Action: action, TargetType: "user", Target: userID}
}
