package gatehouse

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/jwt"
)

// EmailVerificationOptions configure how people prove their e-mail address.
type EmailVerificationOptions struct {
	// SendVerificationEmail switches verification mails on.
	SendVerificationEmail bool
	// ExpiresIn is how long a link works. Default 1 hour.
	ExpiresIn time.Duration
	// SendOnSignUp mails a link after sign-up. Default: when sign-in requires
	// a verified address.
	SendOnSignUp *bool
	// SendOnSignIn mails a new link when an unverified person signs in.
	SendOnSignIn bool
	// AutoSignInAfterVerification signs in whoever opens the link.
	AutoSignInAfterVerification bool

	BeforeEmailVerification func(context.Context, *User) error `option:"-"`
	AfterEmailVerification  func(context.Context, *User) error `option:"-"`
}

// The purposes of an e-mail proof that changes an address.
const (
	ProofConfirmsChange = "change-email-confirmation" // the old address agrees
	ProofVerifiesChange = "change-email-verification" // the new address exists
)

// EmailProof is what a verification link carries: a signed statement that
// whoever can read Email's mail received it (PROTOCOL 11.3). Member order is
// part of the format.
type EmailProof struct {
	Email       string `json:"email"`
	UpdateTo    string `json:"updateTo,omitempty"`
	RequestType string `json:"requestType,omitempty"`
	UserID      string `json:"userId,omitempty"`
	IssuedAt    int64  `json:"iat"`
	ExpiresAt   int64  `json:"exp"`
}

// SignEmailProof makes the token of a verification link, alive for
// EmailVerification.ExpiresIn.
func (a *App) SignEmailProof(p EmailProof) (string, error) {
	p.Email, p.UpdateTo = NormalizeEmail(p.Email), NormalizeEmail(p.UpdateTo)
	now := a.Now()
	p.IssuedAt, p.ExpiresAt = now.Unix(), now.Add(a.config.EmailVerification.ExpiresIn).Unix()
	return jwt.Sign(a.secret, p)
}

// ReadEmailProof checks a token of SignEmailProof: ErrTokenExpired, or
// ErrInvalidToken for everything else that is wrong with it.
func (a *App) ReadEmailProof(token string) (EmailProof, error) {
	var p EmailProof
	payload, err := jwt.Verify(a.secret, token, a.Now())
	if errors.Is(err, jwt.ErrExpired) {
		return p, ErrTokenExpired
	}
	if err != nil {
		return p, ErrInvalidToken.Because(err)
	}
	if err := json.Unmarshal(payload, &p); err != nil || p.Email == "" {
		return p, ErrInvalidToken.Because(err)
	}
	return p, nil
}

// MailEmailProof mails the link for proof p to address to. user is shown to
// the mail's template; callbackURL is where the link ends, "/" if empty.
func (a *App) MailEmailProof(ctx context.Context, kind, to string, user *User, p EmailProof, callbackURL string) error {
	token, err := a.SignEmailProof(p)
	if err != nil {
		return err
	}
	data := map[string]any{"user": user, "token": token, "url": a.verifyURL(token, callbackURL)}
	if kind == "change-email" {
		data["newEmail"] = p.UpdateTo
	}
	return a.Tx(ctx, func(ctx context.Context) error {
		if err := a.Record(ctx, LinkEvent("link.send", kind, user.ID)); err != nil {
			return err
		}
		return a.Outbox.Put(ctx, Mail{Kind: kind, To: to, Data: data})
	})
}

// LinkEvent is "link.send" or "link.use" of a mailed link, named by its mail's
// kind. userID is whose link it is, "" when nobody's.
func LinkEvent(action, kind, userID string) Event {
	e := Event{Action: action, Details: map[string]any{"mail": kind}}
	if userID != "" {
		e.TargetType, e.Target = "user", userID
	}
	return e
}

func (a *App) verifyURL(token, callbackURL string) string {
	if callbackURL == "" {
		callbackURL = "/"
	}
	return a.URL("/verify-email?token=" + token + "&callbackURL=" + EscapeComponent(callbackURL))
}

// MailVerification mails user the link that proves their address.
func (a *App) MailVerification(ctx context.Context, user *User, callbackURL string) error {
	return a.MailEmailProof(ctx, "verification-email", user.Email, user, EmailProof{Email: user.Email, UserID: user.ID}, callbackURL)
}

// EscapeComponent is JavaScript's encodeURIComponent, which the protocol's
// links are built with.
func EscapeComponent(s string) string {
	escaped := url.QueryEscape(s)
	return componentEscapes.Replace(escaped)
}

var componentEscapes = strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")
