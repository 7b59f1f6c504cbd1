package firstadmin

import (
	"context"
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var claimOp = gatehouse.Op{
	ID: "claimFirstAdmin", Method: http.MethodPost, Path: "/first-admin",
	Doc:    "Makes the account of the first administrator, with the link that the server printed, and signs it in.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{
		ErrLink, gatehouse.ErrUserExists, gatehouse.ErrFieldNotAllowed, gatehouse.ErrMissingField,
		// Of the password, whose rules are another plugin's.
		gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_SHORT", "Password too short"),
		gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_LONG", "Password too long"),
	},
}

// Claim is the body of POST /first-admin.
type Claim struct {
	Token    string `json:"token" check:"nonempty,max=128" doc:"Of the link."`
	Email    string `json:"email" check:"email"`
	Password string `json:"password" check:"nonempty"`
	Name     string `json:"name" check:"nonempty"`
}

// Claimed is the answer.
type Claimed struct {
	Token string          `json:"token"`
	User  *gatehouse.User `json:"user"`
}

func (f *FirstAdmin) claim(c *gatehouse.Call, in Claim) (Claimed, error) {
	// A guess costs no hash.
	if err := f.holds(c, in.Token); err != nil {
		return Claimed{}, f.refused(c, err)
	}
	roster, err := f.roster()
	if err != nil {
		return Claimed{}, err
	}
	heir := &gatehouse.User{Name: in.Name, Email: in.Email}
	roster.Appoint(heir) // an administrator's password is judged as one
	hash, err := f.hash(c, heir, in.Password)
	if err != nil {
		return Claimed{}, err
	}
	var answer Claimed
	err = c.Tx(func() error {
		answer, err = f.appoint(c, in, hash)
		return err
	})
	if err != nil {
		return Claimed{}, f.refused(c, err)
	}
	return answer, nil
}

// holds reports whether a link would work now, and consumes nothing.
func (f *FirstAdmin) holds(ctx context.Context, secret string) error {
	found, err := f.offers.CountWhere(ctx, []store.Condition{
		{Field: "tokenHash", Value: hashOf(secret)}, {Field: "expiresAt", Op: store.Greater, Value: f.app.Now()},
	})
	if err == nil && found == 0 {
		return ErrLink
	}
	return err
}

// appoint takes the link and makes the account, or neither. The link is one
// row, so who takes it is alone; and whoever made an administrator in another
// way meanwhile was first.
func (f *FirstAdmin) appoint(c *gatehouse.Call, in Claim, hash string) (Claimed, error) {
	_, err := f.take.One(c, hashOf(in.Token), f.app.Now())
	if errors.Is(err, store.ErrNotFound) {
		return Claimed{}, ErrLink
	}
	if err != nil {
		return Claimed{}, err
	}
	needed, err := f.Needed(c)
	if err != nil {
		return Claimed{}, err
	}
	if !needed {
		return Claimed{}, ErrLink
	}
	roster, err := f.roster()
	if err != nil {
		return Claimed{}, err
	}
	// Who reads the server's output vouches for the address, and may run a
	// server that cannot send mail yet.
	user := &gatehouse.User{Name: in.Name, Email: in.Email, EmailVerified: true}
	if err := f.app.UserFieldsOnCreate(map[string]any{}, user); err != nil {
		return Claimed{}, err
	}
	roster.Appoint(user)
	ctx := gatehouse.WithOrigin(c, gatehouse.Origin{Method: "first-admin", Actor: gatehouse.System})
	if err := f.app.Users.Create(ctx, user); err != nil {
		return Claimed{}, err
	}
	account := &gatehouse.Account{UserID: user.ID, AccountID: user.ID, ProviderID: gatehouse.CredentialProvider, PasswordHash: &hash}
	if err := f.app.Accounts.Create(c, account); err != nil {
		return Claimed{}, err
	}
	if err := f.app.Record(c, gatehouse.Event{Action: "first-admin.claim", Actor: user.ID, TargetType: "user", Target: user.ID}); err != nil {
		return Claimed{}, err
	}
	session, err := c.Admit(gatehouse.Proof{User: user, Method: "first-admin"})
	if err != nil {
		return Claimed{}, err
	}
	return Claimed{Token: session.Token, User: user}, nil
}

// refused records who tried with a link that does not work.
func (f *FirstAdmin) refused(c *gatehouse.Call, err error) error {
	if !errors.Is(err, ErrLink) {
		return err
	}
	if err := f.app.Record(c, gatehouse.Event{Action: "first-admin.claim", Outcome: ErrLink.Code}); err != nil {
		return err
	}
	return err
}
