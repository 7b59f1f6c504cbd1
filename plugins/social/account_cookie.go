package social

import (
	"time"

	"github.com/gatehouse-auth/gatehouse"
)

// accountSalt names the use of the sealed cookie (PROTOCOL 5.5).
const accountSalt = "better-auth-account"

// accountClaims is an account in its cookie: the row, tokens included.
type accountClaims struct {
	ID                    string     `json:"id,omitempty"`
	AccountID             string     `json:"accountId"`
	ProviderID            string     `json:"providerId"`
	UserID                string     `json:"userId"`
	AccessToken           *string    `json:"accessToken,omitempty"`
	RefreshToken          *string    `json:"refreshToken,omitempty"`
	IDToken               *string    `json:"idToken,omitempty"`
	AccessTokenExpiresAt  *time.Time `json:"accessTokenExpiresAt,omitempty"`
	RefreshTokenExpiresAt *time.Time `json:"refreshTokenExpiresAt,omitempty"`
	Scope                 *string    `json:"scope,omitempty"`
	CreatedAt             time.Time  `json:"createdAt"`
	UpdatedAt             time.Time  `json:"updatedAt"`
}

// setAccountCookie keeps the account in the browser, if that is wanted.
func (s *Social) setAccountCookie(c *gatehouse.Call, a *gatehouse.Account) error {
	if !s.app.Config().Account.StoreAccountCookie {
		return nil
	}
	sealed, err := s.app.SealClaims(accountSalt, accountClaims{
		ID: a.ID, AccountID: a.AccountID, ProviderID: a.ProviderID, UserID: a.UserID,
		AccessToken: a.AccessToken, RefreshToken: a.RefreshToken, IDToken: a.IDToken,
		AccessTokenExpiresAt: a.AccessTokenExpiresAt, RefreshTokenExpiresAt: a.RefreshTokenExpiresAt,
		Scope: a.Scope, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt,
	}, accountCookieLife)
	if err != nil {
		return err
	}
	c.SetChunkedCookie(s.accountCookie, sealed)
	return nil
}

// accountFromCookie is the account that the browser keeps, if it is userID's;
// nil without one.
func (s *Social) accountFromCookie(c *gatehouse.Call, userID string) *gatehouse.Account {
	sealed := c.ChunkedCookie(s.accountCookie)
	var claims accountClaims
	if sealed == "" || s.app.OpenClaims(accountSalt, sealed, &claims) != nil || claims.UserID != userID {
		return nil
	}
	return &gatehouse.Account{
		ID: claims.ID, AccountID: claims.AccountID, ProviderID: claims.ProviderID, UserID: claims.UserID,
		AccessToken: claims.AccessToken, RefreshToken: claims.RefreshToken, IDToken: claims.IDToken,
		AccessTokenExpiresAt: claims.AccessTokenExpiresAt, RefreshTokenExpiresAt: claims.RefreshTokenExpiresAt,
		Scope: claims.Scope, CreatedAt: claims.CreatedAt, UpdatedAt: claims.UpdatedAt,
	}
}
