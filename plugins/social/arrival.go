package social

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Arrival is a person whom a provider vouches for.
type Arrival struct {
	Provider *oauth.Provider
	Identity *oauth.Identity
	Tokens   *oauth.Tokens
	// CallbackURL is where a verification link ends, if one has to be mailed.
	CallbackURL string
	// MaySignUp allows a new account, as far as the registration mode does.
	MaySignUp bool
	// OverrideUserInfo copies the profile over the user.
	OverrideUserInfo bool
	// Data are the client's members; a registration reads its own among them.
	Data map[string]any
	// Trusted providers are believed about addresses.
	Trusted bool
}

// Arrived is who was signed in.
type Arrived struct {
	Session *gatehouse.Session
	User    *gatehouse.User
	New     bool
}

// Arrive signs a person in: the owner of the account, or of the address where
// linking is allowed (PROTOCOL 14.1, 14.2), or somebody new (14.3). Failures
// of the sign-in are a Failure; gates answer with their own errors.
//
// The account is settled in one transaction and the session made in another:
// who waits for approval has an account, and no session.
func (s *Social) Arrive(c *gatehouse.Call, a Arrival) (Arrived, error) {
	var arrived Arrived
	err := c.Tx(func() (err error) {
		arrived, err = s.settle(c, a)
		return err
	})
	if err != nil {
		return Arrived{}, err
	}
	if a.Provider.SignUp.RequireVerifiedEmail && !arrived.User.EmailVerified {
		if err := s.mailVerification(c, a, arrived); err != nil {
			return Arrived{}, err
		}
		return Arrived{}, EmailNotVerified
	}
	if err := s.mailOnSignUp(c, a, arrived); err != nil {
		return Arrived{}, err
	}
	err = c.Tx(func() (err error) {
		arrived.Session, err = c.Admit(gatehouse.Proof{User: arrived.User, Method: Method})
		return err
	})
	return arrived, err
}

// settle finds, links or makes the account. It runs in a transaction.
func (s *Social) settle(c *gatehouse.Call, a Arrival) (Arrived, error) {
	if err := s.app.Accounts.LockIdentity(c, a.Provider.ID, a.Identity.Subject); err != nil {
		return Arrived{}, err
	}
	account, err := s.app.Accounts.ByIdentity(c, a.Provider.ID, a.Identity.Subject)
	if err == nil {
		return s.returning(c, a, account)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return Arrived{}, err
	}
	user, err := s.app.Users.ByEmail(c, a.Identity.Email)
	switch {
	case err == nil:
		return s.linking(c, a, user)
	case errors.Is(err, store.ErrNotFound):
		return s.joining(c, a)
	default:
		return Arrived{}, err
	}
}

// returning is a person whose account is known.
func (s *Social) returning(c *gatehouse.Call, a Arrival, account *gatehouse.Account) (Arrived, error) {
	user, err := s.app.Users.ByID(c, account.UserID)
	if errors.Is(err, store.ErrNotFound) {
		return Arrived{}, because(unableToLink, errors.New("the account's user is gone; delete the account"))
	}
	if err != nil {
		return Arrived{}, err
	}
	if update := s.app.Config().Account.UpdateAccountOnSignIn; update == nil || *update {
		changes, err := s.tokenChanges(a.Tokens)
		if err != nil {
			return Arrived{}, err
		}
		if len(changes) > 0 {
			if account, err = s.app.Accounts.Update(c, account.ID, changes...); err != nil {
				return Arrived{}, err
			}
		}
	}
	return s.welcome(c, a, user, account)
}

// linking is a person whose address has a user here, who becomes reachable by
// the provider if both sides vouch for the address.
func (s *Social) linking(c *gatehouse.Call, a Arrival, user *gatehouse.User) (Arrived, error) {
	rules := &s.app.Config().Account.AccountLinking
	vouched := a.Identity.EmailVerified || a.Trusted || slices.Contains(rules.TrustedProviders, a.Provider.ID)
	proved := user.EmailVerified || off(rules.RequireLocalEmailVerified)
	if !vouched || !proved || off(rules.Enabled) || rules.DisableImplicitLinking {
		return Arrived{}, accountNotLinked
	}
	account, err := s.createAccount(c, a, user.ID)
	if err != nil {
		return Arrived{}, err
	}
	if rules.UpdateUserInfoOnLink {
		if user, err = s.copyProfile(c, user, a.Identity); err != nil {
			return Arrived{}, err
		}
	}
	return s.welcome(c, a, user, account)
}

func off(option *bool) bool { return option != nil && !*option }

// welcome brings the user up to date with what the provider knows.
func (s *Social) welcome(c *gatehouse.Call, a Arrival, user *gatehouse.User, account *gatehouse.Account) (_ Arrived, err error) {
	if err := s.setAccountCookie(c, account); err != nil {
		return Arrived{}, err
	}
	sameAddress := gatehouse.NormalizeEmail(a.Identity.Email) == user.Email
	var changes []store.Change
	if a.OverrideUserInfo {
		changes = profileChanges(a.Identity)
		if !sameAddress {
			changes = append(changes, store.Change{Field: "email", Value: gatehouse.NormalizeEmail(a.Identity.Email)})
		}
		changes = append(changes, store.Change{Field: "emailVerified", Value: a.Identity.EmailVerified || sameAddress && user.EmailVerified})
	} else if sameAddress && a.Identity.EmailVerified && !user.EmailVerified {
		changes = []store.Change{{Field: "emailVerified", Value: true}}
	}
	if len(changes) > 0 {
		c.Acts(user.ID)
		if user, err = s.app.Users.Update(c, user.ID, changes...); err != nil {
			return Arrived{}, err
		}
	}
	return Arrived{User: user}, nil
}

// joining is somebody new.
func (s *Social) joining(c *gatehouse.Call, a Arrival) (Arrived, error) {
	if !a.MaySignUp {
		return Arrived{}, signUpDisabled
	}
	origin := gatehouse.WithSaid(gatehouse.WithOrigin(c, gatehouse.Origin{Method: Method}), a.Data)
	if _, err := s.app.Register(origin, a.Identity.Email); err != nil {
		return Arrived{}, err
	}
	user := &gatehouse.User{
		Name: a.Identity.Name, Email: a.Identity.Email, EmailVerified: a.Identity.EmailVerified, Image: image(a.Identity),
	}
	for name, value := range a.Identity.Fields {
		user.Set(name, value)
	}
	if err := s.app.Users.Create(origin, user); err != nil {
		return Arrived{}, err
	}
	account, err := s.createAccount(c, a, user.ID)
	if err != nil {
		return Arrived{}, err
	}
	return Arrived{User: user, New: true}, s.setAccountCookie(c, account)
}

func (s *Social) createAccount(ctx context.Context, a Arrival, userID string) (*gatehouse.Account, error) {
	account := &gatehouse.Account{UserID: userID, ProviderID: a.Provider.ID, AccountID: a.Identity.Subject}
	if err := s.fillTokens(account, a.Tokens); err != nil {
		return nil, err
	}
	if a.Tokens.Scopes != nil {
		granted := strings.Join(a.Tokens.Scopes, ",")
		account.Scope = &granted
	}
	return account, s.app.Accounts.Create(ctx, account)
}

// copyProfile copies name and image of a linked identity; never the address,
// by which the person is known here.
func (s *Social) copyProfile(ctx context.Context, user *gatehouse.User, i *oauth.Identity) (*gatehouse.User, error) {
	changes := profileChanges(i)
	if len(changes) == 0 {
		return user, nil
	}
	return s.app.Users.Update(ctx, user.ID, changes...)
}

func profileChanges(i *oauth.Identity) []store.Change {
	changes := []store.Change{{Field: "name", Value: i.Name}}
	if picture := image(i); picture != nil {
		changes = append(changes, store.Change{Field: "image", Value: *picture})
	}
	for name, value := range i.Fields {
		changes = append(changes, store.Change{Field: name, Value: value})
	}
	return changes
}

// image is the person's picture, unless its address is none a page may show.
func image(i *oauth.Identity) *string {
	if i.Image == "" || !gatehouse.SafeImage(i.Image) {
		return nil
	}
	return &i.Image
}

// mailOnSignUp mails a verification link to a new person whose address the
// provider does not vouch for.
func (s *Social) mailOnSignUp(c *gatehouse.Call, a Arrival, arrived Arrived) error {
	wanted := s.app.Config().EmailVerification.SendOnSignUp
	if !arrived.New || arrived.User.EmailVerified || wanted == nil || !*wanted {
		return nil
	}
	return s.sendLink(c, a, arrived.User)
}

// mailVerification mails a link to somebody who may not come in without.
func (s *Social) mailVerification(c *gatehouse.Call, a Arrival, arrived Arrived) error {
	mails := &s.app.Config().EmailVerification
	if arrived.New && off(mails.SendOnSignUp) || !arrived.New && !mails.SendOnSignIn {
		return nil
	}
	return s.sendLink(c, a, arrived.User)
}

func (s *Social) sendLink(c *gatehouse.Call, a Arrival, user *gatehouse.User) error {
	if !s.app.Config().EmailVerification.SendVerificationEmail {
		return nil
	}
	return s.app.MailVerification(c, user, a.CallbackURL)
}
