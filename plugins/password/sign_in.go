package password

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/check"
	"github.com/gatehouse-auth/gatehouse/store"
)

var signInOp = gatehouse.Op{
	ID: "signInEmail", Method: http.MethodPost, Path: "/sign-in/email",
	Doc:    "Signs in with an e-mail address and a password.",
	Access: gatehouse.Public, GuardLogin: true, Body: gatehouse.Body{Form: true},
	Errors: []*gatehouse.Error{ErrSignInDisabled, gatehouse.ErrInvalidEmail, ErrTooLong, ErrInvalidCredentials, ErrEmailNotVerified},
}

// SignIn is the body of POST /sign-in/email.
type SignIn struct {
	Email       string  `json:"email" doc:"Any letter case."`
	Password    string  `json:"password"`
	CallbackURL *string `json:"callbackURL,omitempty" doc:"Where the browser goes next; must be trusted."`
	Remember    *bool   `json:"rememberMe,omitempty" doc:"false: the cookie ends with the browser. Default true."`
}

// SignedIn is the answer to a successful sign-in.
type SignedIn struct {
	Redirect bool            `json:"redirect"`
	Token    string          `json:"token"`
	URL      *string         `json:"url,omitempty"`
	User     *gatehouse.User `json:"user"`
}

func (p *Passwords) signIn(c *gatehouse.Call, in SignIn) (SignedIn, error) {
	if !p.options.Enabled {
		return SignedIn{}, ErrSignInDisabled
	}
	if !check.IsEmail(in.Email) {
		return SignedIn{}, gatehouse.ErrInvalidEmail
	}
	if err := p.checkTooLong(units(in.Password)); err != nil {
		return SignedIn{}, err
	}
	user, err := p.verify(c, in.Email, in.Password)
	if err != nil {
		return SignedIn{}, err
	}
	remember := in.Remember == nil || *in.Remember
	session, err := c.Admit(gatehouse.Proof{User: user, Method: Method, Remember: &remember})
	if err != nil {
		return SignedIn{}, err
	}
	answer := SignedIn{Token: session.Token, User: user, URL: in.CallbackURL}
	if in.CallbackURL != nil && *in.CallbackURL != "" {
		answer.Redirect = true
		c.Header().Set("Location", *in.CallbackURL)
	}
	return answer, nil
}

// Method is how a Proof of this package says that a password was checked.
const Method = "password"

// verify returns the user whose password this is. Every failure costs one
// hash and gives the same error; a database fault is not a wrong password.
func (p *Passwords) verify(c *gatehouse.Call, email, password string) (*gatehouse.User, error) {
	user, account, err := p.find(c, email)
	if err != nil && !isUnknown(err) {
		return nil, err
	}
	outdated, err := p.attempt(c, user, email, account, password)
	if errors.Is(err, gatehouse.ErrInvalidPassword) {
		err = ErrInvalidCredentials
	}
	if err != nil {
		return nil, p.refused(c, user, err)
	}
	if outdated {
		p.rehash(c, account, password)
	}
	return user, nil
}

// attempt is one guess at a password, wherever it is made: the guards are asked
// before anything is hashed, and hear how it went. It returns their refusal,
// ErrInvalidPassword, or a fault of ours; outdated tells of a right one that its
// hash is of an older form. user and account are nil for nobody, whose guess
// costs as much.
func (p *Passwords) attempt(c *gatehouse.Call, user *gatehouse.User, email string, account *gatehouse.Account, password string) (outdated bool, err error) {
	a := gatehouse.Attempt{Method: Method, Identifier: gatehouse.NormalizeEmail(email), User: user}
	if err := c.Begin(a); err != nil {
		return false, err
	}
	match, outdated, err := p.compare(c, account, password)
	if err != nil {
		return false, undecided(c, a, fmt.Errorf("verify password: %w", busy(err)))
	}
	if !match {
		return false, gatehouse.ErrInvalidPassword
	}
	if err := c.Passed(a); err != nil {
		return false, undecided(c, a, err)
	}
	return outdated, nil
}

func (p *Passwords) compare(ctx context.Context, account *gatehouse.Account, password string) (match, outdated bool, err error) {
	if account == nil {
		return false, false, p.hashes.Burn(ctx, password)
	}
	return p.hashes.Verify(ctx, *account.PasswordHash, password)
}

// undecided takes an attempt back that a fault of ours kept from being decided.
// One that the client broke off counts, or hanging up would make guesses free.
func undecided(c *gatehouse.Call, a gatehouse.Attempt, fault error) error {
	if !errors.Is(fault, context.Canceled) {
		c.Void(a)
	}
	return fault
}

// isUnknown: there is no such account, or it has no password.
func isUnknown(err error) bool {
	return errors.Is(err, store.ErrNotFound) || errors.Is(err, ErrNoCredential)
}

// refused records a sign-in that failed, for the owner of the account if
// there is one, and returns the answer.
func (p *Passwords) refused(c *gatehouse.Call, user *gatehouse.User, answer error) error {
	event := gatehouse.Event{Action: "sign-in.fail", Details: map[string]any{"method": Method}}
	if user != nil {
		event.TargetType, event.Target = "user", user.ID
	}
	return c.Refused(event, answer)
}

func (p *Passwords) find(ctx context.Context, email string) (*gatehouse.User, *gatehouse.Account, error) {
	user, err := p.app.Users.ByEmail(ctx, email)
	if errors.Is(err, store.ErrNotFound) {
		// As much is asked for nobody, so that time does not tell.
		if _, err := p.credential(ctx, "nobody"); !isUnknown(err) {
			return nil, nil, err
		}
	}
	if err != nil {
		return nil, nil, err
	}
	account, err := p.credential(ctx, user.ID)
	return user, account, err
}

// credential returns the user's password account, or ErrNoCredential when
// there is none or it has no password.
func (p *Passwords) credential(ctx context.Context, userID string) (*gatehouse.Account, error) {
	account, err := p.app.Accounts.Credential(ctx, userID)
	if errors.Is(err, store.ErrNotFound) || (err == nil && (account.PasswordHash == nil || *account.PasswordHash == "")) {
		return nil, ErrNoCredential
	}
	return account, err
}

// rehash replaces a hash of an older form, now that the password is at hand.
// If that fails the person is signed in all the same: the next time will do.
func (p *Passwords) rehash(c *gatehouse.Call, account *gatehouse.Account, password string) {
	hash, err := p.hashes.Hash(c, password)
	if err == nil {
		err = p.app.Accounts.Rehash(c, account, hash)
	}
	if err != nil {
		c.Log().WarnContext(c, "password not rehashed", "user", account.UserID, "err", err)
	}
}

// refuseUnverified is the gate that keeps people with an unproved address out
// where the options ask for proof. It is asked only after the right password,
// so it tells a stranger nothing.
func (p *Passwords) refuseUnverified(c *gatehouse.Call, proof gatehouse.Proof) error {
	if proof.Method != Method || !p.options.RequireEmailVerification || proof.User.EmailVerified {
		return nil
	}
	mails := &p.app.Config().EmailVerification
	if mails.SendVerificationEmail && mails.SendOnSignIn {
		callbackURL, _ := c.BodyText("callbackURL")
		if err := p.app.MailVerification(c, proof.User, callbackURL); err != nil {
			return err
		}
	}
	return ErrEmailNotVerified
}
