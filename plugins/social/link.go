package social

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/store"
)

var linkOp = gatehouse.Op{
	ID: "linkSocialAccount", Method: http.MethodPost, Path: "/link-social",
	Doc:    "Begins linking an identity at a provider to the signed-in person, or links the one of an ID token.",
	Access: gatehouse.SignedIn, OwnerOnly: true,
	Errors: []*gatehouse.Error{
		ErrProviderNotFound, ErrProviderAway, ErrIDTokenNotSupported, ErrInvalidIDToken, ErrNoUserInfo, ErrNoEmail,
		ErrAlreadyLinked, ErrLinkingNotAllowed, ErrDifferentEmails,
	},
}

// Link is the body of POST /link-social.
type Link struct {
	CallbackURL      *string           `json:"callbackURL,omitempty"`
	Provider         string            `json:"provider" check:"union"`
	IDToken          *IDToken          `json:"idToken,omitempty"`
	RequestSignUp    *bool             `json:"requestSignUp,omitempty"`
	Scopes           []string          `json:"scopes,omitempty" check:"optional"`
	ErrorCallbackURL *string           `json:"errorCallbackURL,omitempty"`
	DisableRedirect  *bool             `json:"disableRedirect,omitempty"`
	LoginHint        *string           `json:"loginHint,omitempty"`
	AdditionalParams map[string]string `json:"additionalParams,omitempty" check:"optional"`
	AdditionalData   map[string]any    `json:"additionalData,omitempty" check:"optional"`
}

// Linked is the answer of /link-social.
type Linked struct {
	URL      string `json:"url"`
	Redirect bool   `json:"redirect"`
	Status   bool   `json:"status,omitempty" doc:"true: linked already, by an ID token."`
}

func (s *Social) link(c *gatehouse.Call, in Link) (Linked, error) {
	if err := checkParams(in.AdditionalParams); err != nil {
		return Linked{}, err
	}
	p, err := s.Provider(in.Provider)
	if err != nil {
		return Linked{}, err
	}
	if in.IDToken != nil {
		return s.linkIDToken(c, p, in)
	}
	sealed, err := s.app.SealFor(linkPurpose, []byte(c.CurrentSession().Token))
	if err != nil {
		return Linked{}, err
	}
	target, err := s.Begin(c, Departure{
		Provider: p, CallbackURL: text(in.CallbackURL), ErrorURL: text(in.ErrorCallbackURL), RequestSignUp: in.RequestSignUp,
		Scopes: in.Scopes, LoginHint: text(in.LoginHint), Params: params(in.AdditionalParams), Data: in.AdditionalData,
		link: &link{UserID: c.User().ID, Email: c.User().Email, EncryptedSessionToken: sealed},
	})
	if err != nil {
		return Linked{}, err
	}
	begun := redirectTo(c, target, in.DisableRedirect)
	return Linked{URL: target, Redirect: begun.Redirect}, nil
}

// linkIDToken links at once: the token proves the identity.
func (s *Social) linkIDToken(c *gatehouse.Call, p *oauth.Provider, in Link) (Linked, error) {
	tokens, identity, err := s.Judge(c, p, in.IDToken)
	if err != nil {
		return Linked{}, err
	}
	err = c.Tx(func() error { return s.join(c, p, c.User(), tokens, identity) })
	var failure Failure
	if errors.As(err, &failure) {
		return Linked{}, linkAnswers[failure]
	}
	return Linked{Status: err == nil}, err
}

// linkAnswers are the failures of a link in a JSON answer.
var linkAnswers = map[Failure]*gatehouse.Error{
	linkedToAnother: ErrAlreadyLinked, unableToLink: ErrLinkingNotAllowed, emailDoesNotMatch: ErrDifferentEmails,
}

// finishLink ends a link by redirect, for the person who began it.
func (s *Social) finishLink(c *gatehouse.Call, r *Return, tokens *oauth.Tokens, identity *oauth.Identity) error {
	alive, err := s.alive(c, r.State.Link)
	if err != nil {
		return err
	}
	if !alive {
		return unableToLink
	}
	owner, err := s.app.Users.ByID(c, r.State.Link.UserID)
	if errors.Is(err, store.ErrNotFound) {
		return unableToLink
	}
	if err != nil {
		return err
	}
	c.Acts(owner.ID)
	return c.Tx(func() error { return s.join(c, r.Provider, owner, tokens, identity) })
}

// join makes an identity the user's (PROTOCOL 14.4). It runs in a transaction.
func (s *Social) join(c *gatehouse.Call, p *oauth.Provider, user *gatehouse.User, t *oauth.Tokens, i *oauth.Identity) error {
	if err := s.app.Accounts.LockIdentity(c, p.ID, i.Subject); err != nil {
		return err
	}
	known, err := s.app.Accounts.ByIdentity(c, p.ID, i.Subject)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err := s.mayJoin(c, p, user, i, known); err != nil {
		return err
	}
	if known == nil {
		_, err = s.createAccount(c, Arrival{Provider: p, Identity: i, Tokens: t}, user.ID)
	} else {
		err = s.relink(c, known, t)
	}
	if err != nil {
		return err
	}
	if s.app.Config().Account.AccountLinking.UpdateUserInfoOnLink {
		if i.Name == "" { // unlike at a sign-in, a name that is not told stays
			known := *i
			known.Name, i = user.Name, &known
		}
		_, err = s.copyProfile(c, user, i)
	}
	return err
}

func (s *Social) mayJoin(c *gatehouse.Call, p *oauth.Provider, user *gatehouse.User, i *oauth.Identity, known *gatehouse.Account) error {
	rules := &s.app.Config().Account.AccountLinking
	// With an ID token, an account that is linked already tells so first; by
	// redirect the rules come first. Both are the protocol's.
	byToken := c.Op().ID == linkOp.ID
	if known != nil && byToken {
		if known.UserID == user.ID {
			return nil
		}
		return linkedToAnother
	}
	if off(rules.Enabled) || !i.EmailVerified && !slices.Contains(rules.TrustedProviders, p.ID) {
		return unableToLink
	}
	if gatehouse.NormalizeEmail(i.Email) != gatehouse.NormalizeEmail(user.Email) && !rules.AllowDifferentEmails {
		return emailDoesNotMatch
	}
	if known != nil && known.UserID != user.ID {
		return linkedToAnother
	}
	return nil
}

// relink renews the tokens of an account that is linked already, and adds the
// scopes that were granted now.
func (s *Social) relink(c *gatehouse.Call, account *gatehouse.Account, t *oauth.Tokens) error {
	changes, err := s.tokenChanges(t)
	if err != nil {
		return err
	}
	merged := account.Scopes()
	for _, scope := range t.Scopes {
		if !slices.Contains(merged, scope) {
			merged = append(merged, scope)
		}
	}
	if len(merged) > 0 {
		changes = append(changes, store.Change{Field: "scope", Value: strings.Join(merged, ",")})
	}
	if len(changes) == 0 {
		return nil
	}
	_, err = s.app.Accounts.Update(c, account.ID, changes...)
	return err
}
