// Package email proves that a person receives mail at their address: it sends
// the link and takes it back, for new addresses and for changed ones. The
// link's token is gatehouse.EmailProof. Read verify.go first.
package email

import (
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
)

// Emails is the feature; New makes one.
type Emails struct {
	app *gatehouse.App
}

var _ gatehouse.Plugin = (*Emails)(nil)

// New returns the plugin. Its options are gatehouse.Config.EmailVerification.
func New() *Emails { return &Emails{} }

// Plug declares the feature.
func (e *Emails) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	e.app = app
	return gatehouse.Parts{
		ID: "email",
		Routes: []gatehouse.Route{
			gatehouse.Endpoint(sendOp, e.send),
			gatehouse.Endpoint(verifyOp, e.verify),
		},
	}, nil
}

// The errors of this package.
var (
	ErrNotEnabled      = gatehouse.NewError(http.StatusBadRequest, "VERIFICATION_EMAIL_NOT_ENABLED", "Verification email isn't enabled")
	ErrMismatch        = gatehouse.NewError(http.StatusBadRequest, "EMAIL_MISMATCH", "Email mismatch")
	ErrAlreadyVerified = gatehouse.NewError(http.StatusBadRequest, "EMAIL_ALREADY_VERIFIED", "Email is already verified")
	ErrWrongUser       = gatehouse.NewError(http.StatusUnauthorized, "INVALID_USER", "Invalid user")
	// On a link the answers below are 401, elsewhere in the protocol 400.
	ErrLinkInvalid  = gatehouse.NewError(http.StatusUnauthorized, "INVALID_TOKEN", "Invalid token")
	ErrLinkNoUser   = gatehouse.NewError(http.StatusUnauthorized, "USER_NOT_FOUND", "User not found")
	ErrAddressTaken = gatehouse.NewError(http.StatusUnauthorized, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email.")
)

var sendOp = gatehouse.Op{
	ID: "sendVerificationEmail", Method: http.MethodPost, Path: "/send-verification-email",
	Doc:    "Mails the link that proves an address. Without a session the answer does not tell whether the address is known.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{ErrNotEnabled, ErrMismatch, ErrAlreadyVerified},
}

// Send is the body of POST /send-verification-email.
type Send struct {
	Email       string  `json:"email" check:"email"`
	CallbackURL *string `json:"callbackURL,omitempty" doc:"Where the link ends; must be trusted."`
}

// strangersWait is how long the answer to somebody without a session takes,
// whatever happened: its time does not tell whether a mail was queued
// (PROTOCOL 11.4).
const strangersWait = 500 * time.Millisecond

func (e *Emails) send(c *gatehouse.Call, in Send) (gatehouse.Status, error) {
	if !e.app.Config().EmailVerification.SendVerificationEmail {
		return gatehouse.Status{}, ErrNotEnabled
	}
	callbackURL := ""
	if in.CallbackURL != nil {
		callbackURL = *in.CallbackURL
	}
	session, user, err := c.SessionCached()
	if err != nil {
		return gatehouse.Status{}, err
	}
	if session == nil {
		err := e.sendToStranger(c, in.Email, callbackURL)
		return gatehouse.Status{Status: err == nil}, err
	}
	if user.Email != gatehouse.NormalizeEmail(in.Email) {
		return gatehouse.Status{}, ErrMismatch
	}
	if user.EmailVerified {
		return gatehouse.Status{}, ErrAlreadyVerified
	}
	err = e.app.MailVerification(c, user, callbackURL)
	return gatehouse.Status{Status: err == nil}, err
}

func (e *Emails) sendToStranger(c *gatehouse.Call, address, callbackURL string) error {
	wait := time.NewTimer(strangersWait)
	defer wait.Stop()
	user, err := e.app.Users.ByEmail(c, address)
	switch {
	case isNotFound(err):
		err = nil
	case err == nil && !user.EmailVerified:
		err = e.app.MailVerification(c, user, callbackURL)
	}
	if err != nil {
		return err
	}
	select {
	case <-wait.C:
	case <-c.Done():
	}
	return nil
}
