package account

import (
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var changeEmailOp = gatehouse.Op{
	ID: "changeEmail", Method: http.MethodPost, Path: "/change-email",
	Doc:    "Begins a change of the signed-in person's e-mail address. The answer does not tell whether the new one is taken.",
	Access: gatehouse.SignedIn, OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrChangeEmailDisabled, ErrSameEmail, ErrNoVerification},
}

// ChangeEmail is the body of POST /change-email.
type ChangeEmail struct {
	NewEmail    string  `json:"newEmail" check:"email"`
	CallbackURL *string `json:"callbackURL,omitempty" doc:"Where the mailed link ends; must be trusted."`
}

func (o *Own) changeEmail(c *gatehouse.Call, in ChangeEmail) (gatehouse.Status, error) {
	options := o.options.ChangeEmail
	if !options.Enabled {
		return gatehouse.Status{}, ErrChangeEmailDisabled
	}
	user, wanted := c.User(), gatehouse.NormalizeEmail(in.NewEmail)
	if wanted == user.Email {
		return gatehouse.Status{}, ErrSameEmail
	}
	mails := o.app.Config().EmailVerification.SendVerificationEmail
	atOnce := !user.EmailVerified && options.UpdateEmailWithoutVerification
	if !atOnce && !mails {
		return gatehouse.Status{}, ErrNoVerification
	}
	_, err := o.app.Users.ByEmail(c, wanted)
	if err == nil {
		return gatehouse.Status{Status: true}, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return gatehouse.Status{}, err
	}
	callbackURL := ""
	if in.CallbackURL != nil {
		callbackURL = *in.CallbackURL
	}
	if atOnce {
		err = o.changeAtOnce(c, wanted, callbackURL, mails)
	} else {
		err = o.mailChange(c, user, wanted, callbackURL)
	}
	return gatehouse.Status{Status: err == nil}, err
}

// changeAtOnce changes an address that was never proved. A race for the
// address ends as if it had been taken from the start.
func (o *Own) changeAtOnce(c *gatehouse.Call, wanted, callbackURL string, mails bool) error {
	err := c.Tx(func() error {
		user, err := o.app.Users.Update(c, c.User().ID, store.Change{Field: "email", Value: wanted})
		if err != nil {
			return err
		}
		if mails {
			if err := o.app.MailVerification(c, user, callbackURL); err != nil {
				return err
			}
		}
		return c.SetSession(c.CurrentSession(), user)
	})
	if errors.Is(err, gatehouse.ErrUserExists) {
		return nil
	}
	return err
}

// mailChange asks the old address to agree if that was proved and the options
// say so, or else asks the new address to prove itself.
func (o *Own) mailChange(c *gatehouse.Call, user *gatehouse.User, wanted, callbackURL string) error {
	proof := gatehouse.EmailProof{Email: user.Email, UpdateTo: wanted, UserID: user.ID}
	if user.EmailVerified && o.options.ChangeEmail.SendChangeEmailConfirmation {
		proof.RequestType = gatehouse.ProofConfirmsChange
		return o.app.MailEmailProof(c, "change-email", user.Email, user, proof, callbackURL)
	}
	proof.RequestType = gatehouse.ProofVerifiesChange
	shown := *user
	shown.Email = wanted
	return o.app.MailEmailProof(c, "verification-email", wanted, &shown, proof, callbackURL)
}
