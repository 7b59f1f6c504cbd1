package social

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
)

var accessTokenOp = gatehouse.Op{
	ID: "getAccessToken", Method: http.MethodPost, Path: "/get-access-token",
	Doc:    "Returns a provider's access token for one of the person's accounts, renewed if it is about to end.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{ErrNobody, ErrAccountNotFound, ErrProviderNotSupported, ErrGetAccessToken},
}

var refreshTokenOp = gatehouse.Op{
	ID: "refreshToken", Method: http.MethodPost, Path: "/refresh-token",
	Doc:    "Renews a provider's access token for one of the person's accounts.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{
		ErrNobody, ErrAccountNotFound, ErrProviderNotSupported, ErrNoRefreshing, ErrNoRefreshToken, ErrRefreshAccessToken,
	},
}

// Selection names an account: by the id of its row, or by the account cookie.
// Nothing else may stand in it.
type Selection struct {
	_      struct{}       `check:"union"`
	Fields map[string]any `json:"*"`
}

// chosen is a Selection that was understood. id "" is the account cookie.
type chosen struct{ id string }

func (in Selection) choose() (chosen, error) {
	return choose("body", in.Fields)
}

// choose wants an account's id or the cookie's true, and the sentences of a
// union of the two: a member that only one of them does not know is named.
func choose(where string, fields map[string]any) (chosen, error) {
	id, byID := fields["accountId"].(string)
	byCookie := fields["useAccountCookie"] == true
	if user, sent := fields["userId"]; sent {
		if _, isText := user.(string); !isText {
			byID, byCookie = false, false
		}
	}
	idRest, cookieRest := besides(fields, "accountId"), besides(fields, "useAccountCookie")
	switch {
	case byID && len(idRest) == 0:
		return chosen{id}, nil
	case byCookie && len(cookieRest) == 0:
		return chosen{}, nil
	case byID == byCookie:
		return chosen{}, gatehouse.ErrValidation.Saying("[%s] Invalid input", where)
	case byID:
		return chosen{}, unrecognized(where, idRest)
	default:
		return chosen{}, unrecognized(where, cookieRest)
	}
}

// besides are the members that do not belong to a selection by name.
func besides(fields map[string]any, name string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(member string) bool {
		return member == name || member == "userId"
	})
}

func unrecognized(where string, names []string) error {
	word := "key"
	if len(names) > 1 {
		word = "keys"
	}
	for i, name := range names {
		names[i] = strconv.Quote(name)
	}
	return gatehouse.ErrValidation.Saying("[%s] Unrecognized %s: %s", where, word, strings.Join(names, ", "))
}

// held is an account of the signed-in person with its provider.
type held struct {
	account *gatehouse.Account
	cookie  bool // it came from the account cookie
}

// hold finds the chosen account. The session is read from the database: these
// operations hand out other people's doors.
func (s *Social) hold(c *gatehouse.Call, choice chosen) (held, error) {
	session, user, err := c.Session()
	if err != nil {
		return held{}, err
	}
	if session == nil {
		return held{}, ErrNobody
	}
	if choice.id == "" {
		if s.app.Config().Account.StoreAccountCookie {
			if account := s.accountFromCookie(c, user.ID); account != nil {
				return held{account, true}, nil
			}
		}
		return held{}, ErrAccountNotFound
	}
	accounts, err := s.app.Accounts.OfUser(c, user.ID)
	if err != nil {
		return held{}, err
	}
	for _, account := range accounts {
		if account.ID == choice.id {
			return held{account: account}, nil
		}
	}
	return held{}, ErrAccountNotFound
}

// AccessToken is the answer of /get-access-token.
type AccessToken struct {
	AccessToken          string     `json:"accessToken"`
	AccessTokenExpiresAt *time.Time `json:"accessTokenExpiresAt,omitempty"`
	Scopes               []string   `json:"scopes"`
	IDToken              *string    `json:"idToken,omitempty"`
}

func (s *Social) accessToken(c *gatehouse.Call, in Selection) (AccessToken, error) {
	choice, err := in.choose()
	if err != nil {
		return AccessToken{}, err
	}
	h, err := s.hold(c, choice)
	if err != nil {
		return AccessToken{}, err
	}
	p := s.providers[h.account.ProviderID]
	if p == nil {
		return AccessToken{}, ErrProviderNotSupported.Saying("Provider %s is not supported.", h.account.ProviderID)
	}
	account, err := s.current(c, p, h)
	if err != nil {
		return AccessToken{}, ErrGetAccessToken.Because(err)
	}
	opened, err := s.openToken(account.AccessToken)
	if err != nil {
		return AccessToken{}, ErrGetAccessToken.Because(err)
	}
	return AccessToken{
		AccessToken: opened, AccessTokenExpiresAt: account.AccessTokenExpiresAt, Scopes: account.Scopes(), IDToken: account.IDToken,
	}, nil
}

// refreshAhead is how long before its end an access token is renewed.
const refreshAhead = 5 * time.Second

// current is the account with an access token that is good now.
func (s *Social) current(c *gatehouse.Call, p *oauth.Provider, h held) (*gatehouse.Account, error) {
	ends := h.account.AccessTokenExpiresAt
	if h.account.RefreshToken == nil || ends == nil || ends.Sub(s.app.Now()) >= refreshAhead || p.Token.NoRefresh {
		return h.account, nil
	}
	return s.renew(c, p, h)
}

// Refreshed is the answer of /refresh-token.
type Refreshed struct {
	AccessToken           string     `json:"accessToken"`
	RefreshToken          string     `json:"refreshToken"`
	AccessTokenExpiresAt  *time.Time `json:"accessTokenExpiresAt,omitempty"`
	RefreshTokenExpiresAt *time.Time `json:"refreshTokenExpiresAt"`
	Scope                 *string    `json:"scope"`
	IDToken               *string    `json:"idToken"`
	ProviderID            string     `json:"providerId"`
	AccountID             string     `json:"accountId" doc:"The id of the account's row."`
}

func (s *Social) refreshToken(c *gatehouse.Call, in Selection) (Refreshed, error) {
	choice, err := in.choose()
	if err != nil {
		return Refreshed{}, err
	}
	h, err := s.hold(c, choice)
	if err != nil {
		return Refreshed{}, err
	}
	p := s.providers[h.account.ProviderID]
	switch {
	case p == nil:
		return Refreshed{}, ErrProviderNotSupported.Saying("Provider %s is not supported.", h.account.ProviderID)
	case p.Token.NoRefresh:
		return Refreshed{}, ErrNoRefreshing.Saying("Provider %s does not support token refreshing.", h.account.ProviderID)
	case h.account.RefreshToken == nil:
		return Refreshed{}, ErrNoRefreshToken
	}
	account, err := s.renew(c, p, h)
	if errors.Is(err, oauth.ErrNoRefresh) {
		return Refreshed{}, ErrNoRefreshing.Saying("Provider %s does not support token refreshing.", h.account.ProviderID)
	}
	if err != nil {
		return Refreshed{}, ErrRefreshAccessToken.Because(err)
	}
	access, err := s.openToken(account.AccessToken)
	if err != nil {
		return Refreshed{}, ErrRefreshAccessToken.Because(err)
	}
	refresh, err := s.openToken(account.RefreshToken)
	if err != nil {
		return Refreshed{}, ErrRefreshAccessToken.Because(err)
	}
	return Refreshed{
		AccessToken: access, RefreshToken: refresh,
		AccessTokenExpiresAt: account.AccessTokenExpiresAt, RefreshTokenExpiresAt: account.RefreshTokenExpiresAt,
		Scope: account.Scope, IDToken: account.IDToken, ProviderID: account.ProviderID, AccountID: account.ID,
	}, nil
}
