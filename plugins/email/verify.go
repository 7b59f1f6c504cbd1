package email

import (
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var verifyOp = gatehouse.Op{
	ID: "verifyEmail", Method: http.MethodGet, Path: "/verify-email",
	Doc:    "Takes a verification link back: proves an address, or completes one step of changing it.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{gatehouse.ErrTokenExpired, ErrLinkInvalid, ErrLinkNoUser, ErrWrongUser, ErrAddressTaken},
}

// Verify is the query of GET /verify-email.
type Verify struct {
	Token       string  `query:"token"`
	CallbackURL *string `query:"callbackURL"`
}

// Verified is the answer where the link names no page to go to. User is
// present, and null unless the address was changed.
type Verified struct {
	Status bool            `json:"status"`
	User   *gatehouse.User `json:"user"`
}

// verificationMail is the kind of the mail that proves an address.
const verificationMail = "verification-email"

// verify answers with JSON, or leads to the link's page with or without an
// error code (PROTOCOL 11.3, 11.5).
func (e *Emails) verify(c *gatehouse.Call, in Verify) (any, error) {
	callbackURL := ""
	if in.CallbackURL != nil {
		callbackURL = *in.CallbackURL
	}
	answer, err := e.take(c, in.Token, callbackURL)
	err = c.Refused(gatehouse.LinkEvent("link.use", verificationMail, ""), err)
	var refusal *gatehouse.Error
	switch {
	case callbackURL == "":
		return answer, err
	case err == nil:
		return nil, gatehouse.Redirect(callbackURL)
	case errors.As(err, &refusal) && refusal.Status == http.StatusUnauthorized:
		return nil, gatehouse.Redirect(gatehouse.AddQuery(callbackURL, "error", refusal.Code))
	default:
		return nil, err
	}
}

func (e *Emails) take(c *gatehouse.Call, token, callbackURL string) (any, error) {
	proof, err := e.app.ReadEmailProof(token)
	if errors.Is(err, gatehouse.ErrInvalidToken) {
		return nil, ErrLinkInvalid.Because(err)
	}
	if err != nil {
		return nil, err
	}
	if proof.UpdateTo != "" {
		return e.takeChange(c, proof, callbackURL)
	}
	user, err := e.app.Users.ByEmail(c, proof.Email)
	if isNotFound(err) {
		return nil, ErrLinkNoUser
	}
	if err != nil {
		return nil, err
	}
	if proof.UserID != "" && proof.UserID != user.ID {
		return nil, ErrLinkInvalid
	}
	if user.EmailVerified {
		return Verified{Status: true}, nil
	}
	return Verified{Status: true}, e.prove(c, user)
}

// prove marks the address as verified and signs in where the options say so.
func (e *Emails) prove(c *gatehouse.Call, user *gatehouse.User) error {
	options := &e.app.Config().EmailVerification
	if hook := options.BeforeEmailVerification; hook != nil {
		if err := hook(c, user); err != nil {
			return err
		}
	}
	user, err := e.use(c, verificationMail, user.ID, store.Change{Field: "emailVerified", Value: true})
	if err != nil {
		return err
	}
	if hook := options.AfterEmailVerification; hook != nil {
		if err := hook(c, user); err != nil {
			return err
		}
	}
	if !options.AutoSignInAfterVerification {
		return nil
	}
	session, current, err := c.SessionCached()
	if err != nil {
		return err
	}
	if session != nil && current.ID == user.ID {
		return c.SetSession(session, user)
	}
	_, err = c.Admit(gatehouse.Proof{User: user, Method: "email-verification"})
	return err
}

// takeChange is one step of changing an address. The proof is bound to the
// user who asked and to the address they had: after another change, after a
// new password, or in somebody else's session, it is worth nothing.
func (e *Emails) takeChange(c *gatehouse.Call, proof gatehouse.EmailProof, callbackURL string) (any, error) {
	if proof.UserID == "" {
		return nil, ErrLinkInvalid
	}
	user, err := e.app.Users.ByID(c, proof.UserID)
	if isNotFound(err) {
		return nil, ErrLinkNoUser
	}
	if err != nil {
		return nil, err
	}
	if gatehouse.NormalizeEmail(user.Email) != proof.Email {
		return nil, ErrLinkInvalid
	}
	if err := e.refuseOlderThanPassword(c, user.ID, proof); err != nil {
		return nil, err
	}
	session, current, err := c.SessionCached()
	if err != nil {
		return nil, err
	}
	if session != nil && current.ID != user.ID {
		return nil, ErrWrongUser
	}
	switch proof.RequestType {
	case gatehouse.ProofConfirmsChange:
		return gatehouse.Status{Status: true}, e.askNewAddress(c, user, proof, callbackURL)
	case gatehouse.ProofVerifiesChange:
		return e.changeAddress(c, session, user, proof)
	default:
		return nil, ErrLinkInvalid
	}
}

// refuseOlderThanPassword ends the links that were asked for before the
// password changed: the change may have locked out who asked. Proofs count
// whole seconds.
func (e *Emails) refuseOlderThanPassword(c *gatehouse.Call, userID string, proof gatehouse.EmailProof) error {
	credential, err := e.app.Accounts.Credential(c, userID)
	if isNotFound(err) {
		return nil
	}
	if err == nil && credential.UpdatedAt.Unix() > proof.IssuedAt {
		return ErrLinkInvalid
	}
	return err
}

// askNewAddress mails the second link, to the new address.
func (e *Emails) askNewAddress(c *gatehouse.Call, user *gatehouse.User, proof gatehouse.EmailProof, callbackURL string) error {
	if !e.app.Config().EmailVerification.SendVerificationEmail {
		return nil
	}
	shown := *user
	shown.Email = proof.UpdateTo
	proof.RequestType = gatehouse.ProofVerifiesChange
	c.Acts(user.ID)
	return c.Tx(func() error {
		if err := e.app.Record(c, gatehouse.LinkEvent("link.use", "change-email", user.ID)); err != nil {
			return err
		}
		return e.app.MailEmailProof(c, verificationMail, proof.UpdateTo, &shown, proof, callbackURL)
	})
}

func (e *Emails) changeAddress(c *gatehouse.Call, session *gatehouse.Session, user *gatehouse.User, proof gatehouse.EmailProof) (any, error) {
	updated, err := e.use(c, verificationMail, user.ID, store.Change{Field: "email", Value: proof.UpdateTo})
	if errors.Is(err, gatehouse.ErrUserExists) {
		return nil, ErrAddressTaken.Because(err)
	}
	if err != nil {
		return nil, err
	}
	if hook := e.app.Config().EmailVerification.AfterEmailVerification; hook != nil && updated.EmailVerified {
		if err := hook(c, updated); err != nil {
			return nil, err
		}
	}
	if session != nil {
		if err := c.SetSession(session, updated); err != nil {
			return nil, err
		}
	}
	return Verified{Status: true, User: updated}, nil
}

// use changes the owner of a link, who acts by following it.
func (e *Emails) use(c *gatehouse.Call, mail, userID string, change store.Change) (updated *gatehouse.User, err error) {
	c.Acts(userID)
	err = c.Tx(func() error {
		if err := e.app.Record(c, gatehouse.LinkEvent("link.use", mail, userID)); err != nil {
			return err
		}
		updated, err = e.app.Users.Update(c, userID, change)
		return err
	})
	return updated, err
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }
