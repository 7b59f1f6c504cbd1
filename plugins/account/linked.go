package account

import (
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var listOp = gatehouse.Op{
	ID: "listUserAccounts", Method: http.MethodGet, Path: "/list-accounts",
	Doc:    "Lists the ways in which the signed-in person can sign in.",
	Access: gatehouse.SignedInCached,
}

var unlinkOp = gatehouse.Op{
	ID: "unlinkAccount", Method: http.MethodPost, Path: "/unlink-account",
	Doc:    "Removes one way to sign in, but not the last.",
	Access: gatehouse.Fresh, OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrAccountNotFound, ErrLastAccount},
}

func (o *Own) list(c *gatehouse.Call, _ struct{}) ([]*gatehouse.Account, error) {
	accounts, err := o.app.Accounts.OfUser(c, c.User().ID)
	if accounts == nil {
		accounts = []*gatehouse.Account{}
	}
	return accounts, err
}

// Unlink is the body of POST /unlink-account.
type Unlink struct {
	AccountID string `json:"accountId" doc:"The id of the account's row, from /list-accounts."`
}

func (o *Own) unlink(c *gatehouse.Call, in Unlink) (gatehouse.Status, error) {
	err := c.Tx(func() error {
		accounts, err := o.app.Accounts.OfUser(c, c.User().ID)
		if err != nil {
			return err
		}
		if len(accounts) == 1 && !o.app.Config().Account.AccountLinking.AllowUnlinkingAll {
			return ErrLastAccount
		}
		err = o.app.Accounts.Delete(c, c.User().ID, in.AccountID)
		if errors.Is(err, store.ErrNotFound) {
			return ErrAccountNotFound
		}
		return err
	})
	return gatehouse.Status{Status: err == nil}, err
}
