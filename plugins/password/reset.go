package password

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/token"
	"github.com/gatehouse-auth/gatehouse/store"
)

var requestResetOp = gatehouse.Op{
	ID: "requestPasswordReset", Method: http.MethodPost, Path: "/request-password-reset",
	Doc:    "Mails a link that sets a new password. The answer does not tell whether the address is known.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{ErrResetDisabled},
}

var openResetOp = gatehouse.Op{
	ID: "resetPasswordCallback", Method: http.MethodGet, Path: "/reset-password/:token",
	Doc:    "Leads from the mailed link to the page that asks for the new password. Consumes nothing.",
	Access: gatehouse.Public,
}

var resetOp = gatehouse.Op{
	ID: "resetPassword", Method: http.MethodPost, Path: "/reset-password",
	Doc:    "Sets a new password with the token of a mailed link.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{gatehouse.ErrInvalidToken, gatehouse.ErrUserNotFound, ErrTooShort, ErrTooLong},
}

// RequestReset is the body of POST /request-password-reset.
type RequestReset struct {
	Email      string  `json:"email" check:"email"`
	RedirectTo *string `json:"redirectTo,omitempty" doc:"The page that asks for the new password; must be trusted."`
}

// Requested is the answer, whether or not the address is known.
type Requested struct {
	Status  bool   `json:"status"`
	Message string `json:"message"`
}

// resetPurpose starts the identifier of reset tokens (PROTOCOL 12.3).
const resetPurpose = "reset-password:"

// resetMail is the kind of the mail with the link.
const resetMail = "reset-password"

func (p *Passwords) requestReset(c *gatehouse.Call, in RequestReset) (Requested, error) {
	answer := Requested{Status: true, Message: "If this email exists in our system, check your email for the reset link"}
	if !p.options.SendResetPassword {
		return Requested{}, ErrResetDisabled
	}
	user, err := p.app.Users.ByEmail(c, in.Email)
	event, put := gatehouse.LinkEvent("link.send", resetMail, ""), p.app.Outbox.Put
	switch {
	case errors.Is(err, store.ErrNotFound):
		// The same is written for nobody, or the time would tell.
		user, put = &gatehouse.User{Email: gatehouse.NormalizeEmail(in.Email)}, p.app.Outbox.Pretend
		event.Outcome = gatehouse.ErrUserNotFound.Code
	case err != nil:
		return Requested{}, err
	default:
		event = gatehouse.LinkEvent("link.send", resetMail, user.ID)
	}
	callbackURL := ""
	if in.RedirectTo != nil {
		callbackURL = gatehouse.EscapeComponent(*in.RedirectTo)
	}
	secret := token.Alphanumeric(p.app.Rand, 24)
	err = c.Tx(func() error {
		if err := p.app.Verifications.Create(c, resetPurpose+secret, user.ID, p.options.ResetPasswordTokenExpiresIn); err != nil {
			return err
		}
		if err := p.app.Record(c, event); err != nil {
			return err
		}
		return put(c, gatehouse.Mail{Kind: resetMail, To: user.Email, Data: map[string]any{
			"user": user, "token": secret,
			"url": p.app.URL("/reset-password/" + secret + "?callbackURL=" + callbackURL),
		}})
	})
	return answer, err
}

// OpenReset is the query of GET /reset-password/:token.
type OpenReset struct {
	Token       string `path:"token"`
	CallbackURL string `query:"callbackURL"`
}

func (p *Passwords) openReset(c *gatehouse.Call, in OpenReset) (gatehouse.Status, error) {
	if in.CallbackURL == "" {
		return gatehouse.Status{}, gatehouse.Redirect(p.app.URL("/error?error=INVALID_TOKEN"))
	}
	_, err := p.app.Verifications.Find(c, resetPurpose+in.Token)
	if errors.Is(err, store.ErrNotFound) {
		_ = c.Refused(gatehouse.LinkEvent("link.use", resetMail, ""), gatehouse.ErrInvalidToken) // for the record; the answer is a page
		return gatehouse.Status{}, gatehouse.Redirect(p.resolve(in.CallbackURL, "error", "INVALID_TOKEN"))
	}
	if err != nil {
		return gatehouse.Status{}, err
	}
	return gatehouse.Status{}, gatehouse.Redirect(p.resolve(in.CallbackURL, "token", in.Token))
}

// resolve makes a callback absolute and sets one parameter.
func (p *Passwords) resolve(callback, name, value string) string {
	base, _ := url.Parse(p.app.Origin() + "/")
	target, err := base.Parse(callback)
	if err != nil {
		return p.app.URL("/error?error=INVALID_TOKEN")
	}
	query := target.Query()
	query.Set(name, value)
	target.RawQuery = query.Encode()
	return target.String()
}

// Reset is the body of POST /reset-password.
type Reset struct {
	NewPassword string  `json:"newPassword"`
	Token       *string `json:"token,omitempty"`
	QueryToken  *string `query:"token" json:"-"`
}

func (p *Passwords) reset(c *gatehouse.Call, in Reset) (gatehouse.Status, error) {
	secret := first(in.Token, in.QueryToken)
	if secret == "" {
		return gatehouse.Status{}, gatehouse.ErrInvalidToken
	}
	if err := p.checkLength(in.NewPassword); err != nil {
		return gatehouse.Status{}, err
	}
	record, err := p.app.Verifications.Find(c, resetPurpose+secret)
	if errors.Is(err, store.ErrNotFound) {
		return gatehouse.Status{}, c.Refused(gatehouse.LinkEvent("link.use", resetMail, ""), gatehouse.ErrInvalidToken)
	}
	if err != nil {
		return gatehouse.Status{}, err
	}
	user, err := p.app.Users.ByID(c, record.Value)
	if errors.Is(err, store.ErrNotFound) {
		return gatehouse.Status{}, gatehouse.ErrUserNotFound
	}
	if err != nil {
		return gatehouse.Status{}, err
	}
	if err := p.app.CheckPassword(c, user, user.Email, in.NewPassword); err != nil {
		return gatehouse.Status{}, err
	}
	hash, err := p.Hash(c, in.NewPassword)
	if err != nil {
		return gatehouse.Status{}, err
	}
	if err := p.applyReset(c, user, secret, hash); err != nil {
		return gatehouse.Status{}, err
	}
	if p.options.OnPasswordReset != nil {
		if err := p.options.OnPasswordReset(c, user); err != nil {
			return gatehouse.Status{}, err
		}
	}
	return gatehouse.Status{Status: true}, nil
}

// applyReset consumes the token and changes the password in one transaction:
// of two requests with one token, one changes something.
func (p *Passwords) applyReset(c *gatehouse.Call, user *gatehouse.User, secret, hash string) error {
	return c.Tx(func() error {
		_, err := p.app.Verifications.Consume(c, resetPurpose+secret)
		if errors.Is(err, store.ErrNotFound) {
			return c.Refused(gatehouse.LinkEvent("link.use", resetMail, user.ID), gatehouse.ErrInvalidToken)
		}
		if err != nil {
			return err
		}
		c.Acts(user.ID)
		if err := p.app.Record(c, gatehouse.LinkEvent("link.use", resetMail, user.ID)); err != nil {
			return err
		}
		if err := p.app.Accounts.SetPasswordHash(c, user.ID, hash); err != nil {
			return err
		}
		if p.options.RevokeSessionsOnPasswordReset {
			if err := p.app.Sessions.RevokeAll(c, user.ID, ""); err != nil {
				return err
			}
		}
		if !p.options.NotifyOnPasswordReset {
			return nil
		}
		return p.app.Outbox.Put(c, gatehouse.Mail{Kind: "password-was-reset", To: user.Email, Data: map[string]any{"user": user}})
	})
}

func first(texts ...*string) string {
	for _, t := range texts {
		if t != nil && *t != "" {
			return *t
		}
	}
	return ""
}
