package password

import (
	"context"
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/token"
	"github.com/gatehouse-auth/gatehouse/store"
)

var signUpOp = gatehouse.Op{
	ID: "signUpEmail", Method: http.MethodPost, Path: "/sign-up/email",
	Doc:    "Creates an account with an e-mail address and a password.",
	Access: gatehouse.Public, GuardLogin: true, Body: gatehouse.Body{Form: true},
	Errors: []*gatehouse.Error{
		ErrSignUpDisabled, gatehouse.ErrInvalidEmail, gatehouse.ErrInvalidPassword, ErrTooShort, ErrTooLong,
		gatehouse.ErrUserExists, gatehouse.ErrFieldNotAllowed, gatehouse.ErrMissingField, gatehouse.ErrImage, ErrCreateUser,
	},
}

// SignUp is the body of POST /sign-up/email. Other members are looked up in
// the user's additional fields.
type SignUp struct {
	_           struct{}       `check:"record"`
	Name        string         `json:"name"`
	Email       string         `json:"email" check:"email"`
	Password    string         `json:"password" check:"nonempty"`
	Image       *string        `json:"image,omitempty"`
	CallbackURL *string        `json:"callbackURL,omitempty" doc:"Where the verification link ends; must be trusted."`
	Remember    *bool          `json:"rememberMe,omitempty" doc:"false: the cookie ends with the browser."`
	Fields      map[string]any `json:"*"`
}

// SignedUp is the answer. Token is null when the person is not signed in yet.
type SignedUp struct {
	Token *string         `json:"token"`
	User  *gatehouse.User `json:"user"`
}

func (p *Passwords) signUp(c *gatehouse.Call, in SignUp) (SignedUp, error) {
	if !p.options.Enabled || p.options.DisableSignUp {
		return SignedUp{}, ErrSignUpDisabled
	}
	waits, err := p.app.Register(registering(c), in.Email)
	if err != nil {
		return SignedUp{}, err
	}
	hides := waits || p.hidesAccounts()
	if err := p.checkNew(c, nil, in.Email, in.Password); err != nil {
		return SignedUp{}, err
	}
	if in.Image != nil && !gatehouse.SafeImage(*in.Image) {
		return SignedUp{}, gatehouse.ErrImage
	}
	user := &gatehouse.User{Name: in.Name, Email: in.Email, Image: in.Image}
	if err := p.app.UserFieldsOnCreate(in.Fields, user); err != nil {
		return SignedUp{}, err
	}
	known, err := p.app.Users.ByEmail(c, in.Email)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return SignedUp{}, err
	}
	if known != nil && !hides {
		return SignedUp{}, c.Refused(refusedSignUp(known), gatehouse.ErrUserExists)
	}
	// Hashed for a known address too, so that time does not tell.
	hash, err := p.Hash(c, in.Password)
	if err != nil {
		return SignedUp{}, err
	}
	if known != nil {
		return p.pretend(c, known, user)
	}
	answer, err := p.register(c, in, user, hash, hides)
	if errors.Is(err, gatehouse.ErrUserExists) && hides {
		return p.pretend(c, nil, user)
	}
	return answer, err
}

// hidesAccounts: nobody is signed in by signing up, so the answer need not
// say whether the address was free (PROTOCOL 11.1).
func (p *Passwords) hidesAccounts() bool {
	return p.options.RequireEmailVerification || !p.autoSignIn()
}

func (p *Passwords) autoSignIn() bool { return p.options.AutoSignIn == nil || *p.options.AutoSignIn }

// registering says how the account comes to be.
func registering(c *gatehouse.Call) context.Context {
	return gatehouse.WithOrigin(c, gatehouse.Origin{Method: Method})
}

// register creates the account, its mail and, unless that would tell who has
// one, its session in one transaction.
func (p *Passwords) register(c *gatehouse.Call, in SignUp, user *gatehouse.User, hash string, hides bool) (SignedUp, error) {
	answer := SignedUp{User: user}
	err := c.Tx(func() error {
		if err := p.app.Users.Create(registering(c), user); err != nil {
			return creation(err)
		}
		account := &gatehouse.Account{UserID: user.ID, AccountID: user.ID, ProviderID: gatehouse.CredentialProvider, PasswordHash: &hash}
		if err := p.app.Accounts.Create(c, account); err != nil {
			return err
		}
		if err := p.mailOnSignUp(c, in, user); err != nil {
			return err
		}
		if hides {
			return nil
		}
		remember := in.Remember == nil || *in.Remember
		session, err := c.Admit(gatehouse.Proof{User: user, Method: Method, Remember: &remember})
		if err == nil {
			answer.Token = &session.Token
		}
		return err
	})
	return answer, err
}

// creation is the protocol's answer to a user row that the database refuses.
func creation(err error) error {
	var answer *gatehouse.Error
	if errors.As(err, &answer) || errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrTooLong) {
		return err
	}
	return ErrCreateUser.Because(err)
}

func (p *Passwords) mailOnSignUp(c *gatehouse.Call, in SignUp, user *gatehouse.User) error {
	mails := &p.app.Config().EmailVerification
	wanted := p.options.RequireEmailVerification
	if mails.SendOnSignUp != nil {
		wanted = *mails.SendOnSignUp
	}
	if !wanted || !mails.SendVerificationEmail || user.EmailVerified {
		return nil
	}
	callbackURL := ""
	if in.CallbackURL != nil {
		callbackURL = *in.CallbackURL
	}
	return p.app.MailVerification(c, user, callbackURL)
}

// pretend answers a sign-up with somebody's address exactly as if it had been
// free: what was typed comes back with a made-up id, nothing of what is
// stored, and the owner is told by mail.
func (p *Passwords) pretend(c *gatehouse.Call, owner, typed *gatehouse.User) (SignedUp, error) {
	if owner != nil {
		_ = c.Refused(refusedSignUp(owner), gatehouse.ErrUserExists) // for the record; the answer says nothing
		if err := p.tellOwner(c, owner); err != nil {
			return SignedUp{}, err
		}
	}
	now := p.app.Now()
	typed.ID = token.Alphanumeric(p.app.Rand, 32)
	typed.Email = gatehouse.NormalizeEmail(typed.Email)
	typed.CreatedAt, typed.UpdatedAt = now, now
	return SignedUp{User: p.app.Users.Unsaved(typed)}, nil
}

func refusedSignUp(owner *gatehouse.User) gatehouse.Event {
	return gatehouse.Event{Action: "sign-up.fail", TargetType: "user", Target: owner.ID, Details: map[string]any{"method": Method}}
}

func (p *Passwords) tellOwner(c *gatehouse.Call, owner *gatehouse.User) error {
	if p.options.NotifyExistingUserSignUp {
		mail := gatehouse.Mail{Kind: "existing-user-sign-up", To: owner.Email, Data: map[string]any{"user": owner}}
		if err := p.app.Outbox.Put(c, mail); err != nil {
			return err
		}
	}
	if p.options.OnExistingUserSignUp != nil {
		return p.options.OnExistingUserSignUp(c, owner)
	}
	return nil
}
