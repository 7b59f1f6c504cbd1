package social

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

var accessTokenOp = gatehouse.Op{
	ID: "getAccessToken", Method: http.MethodPost, Path: "/get-access-token",
	Doc:    "Returns a provider's access token for one of the person's accounts.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{ErrNobody, ErrAccountNotFound, ErrProviderNotSupported},
}

var refreshTokenOp = gatehouse.Op{
	ID: "refreshToken", Method: http.MethodPost, Path: "/refresh-token",
	Doc:    "Renews a provider's access token for one of the person's accounts.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{ErrNobody, ErrAccountNotFound, ErrProviderNotSupported},
}

var infoOp = gatehouse.Op{
	ID: "accountInfo", Method: http.MethodGet, Path: "/account-info",
	Doc:    "Returns what a provider tells about one of the person's accounts.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{ErrNobody, ErrAccountNotFound, ErrProviderNotSupported},
}

// Selection names an account: by the id of its row, or by the account cookie.
// Nothing else may stand in it.
type Selection struct {
	Fields map[string]any `json:"*"`
}

func (s *Social) accessToken(c *gatehouse.Call, in Selection) (any, error) {
	id, ok := in.Fields["accountId"].(string)
	byCookie := in.Fields["useAccountCookie"] == true
	for name := range in.Fields {
		known := name == "userId" || (name == "accountId" && ok) || (name == "useAccountCookie" && byCookie)
		if !known || ok == byCookie {
			return nil, gatehouse.ErrValidation.Saying("[body] Invalid input")
		}
	}
	if !ok && !byCookie {
		return nil, gatehouse.ErrValidation.Saying("[body] Invalid input")
	}
	return nil, s.withoutToken(c, id)
}

func (s *Social) info(c *gatehouse.Call, _ struct{}) (any, error) {
	query := c.Request.URL.Query()
	if !query.Has("accountId") && query.Get("useAccountCookie") != "true" {
		return nil, gatehouse.ErrValidation.Saying("[query] Invalid input")
	}
	return nil, s.withoutToken(c, query.Get("accountId"))
}

// withoutToken says why there is no token: nobody is signed in, the account
// is not theirs, or its provider is not configured.
func (s *Social) withoutToken(c *gatehouse.Call, accountID string) error {
	session, user, err := c.Session()
	if err != nil {
		return err
	}
	if session == nil {
		return ErrNobody
	}
	accounts, err := s.app.Accounts.OfUser(c, user.ID)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		if account.ID == accountID {
			return ErrProviderNotSupported.Saying("Provider %s is not supported", account.ProviderID)
		}
	}
	return ErrAccountNotFound
}
