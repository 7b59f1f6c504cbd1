package social

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
)

var infoOp = gatehouse.Op{
	ID: "accountInfo", Method: http.MethodGet, Path: "/account-info",
	Doc:    "Returns what a provider tells about one of the person's accounts.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{ErrNobody, ErrAccountNotFound, ErrProviderNotSet, ErrGetAccessToken, ErrNoAccessToken, ErrNoUserInfo},
}

// Info is the answer of /account-info.
type Info struct {
	User    map[string]any `json:"user" doc:"name, email, image, emailVerified, and fields that the operator maps."`
	Data    oauth.Profile  `json:"data" doc:"The provider's own answer."`
	Account AccountName    `json:"account"`
}

// AccountName is how an account is called here and there.
type AccountName struct {
	ID         string `json:"id"`
	ProviderID string `json:"providerId"`
	AccountID  string `json:"accountId"`
}

func (s *Social) info(c *gatehouse.Call, _ struct{}) (Info, error) {
	choice, err := chooseByQuery(c)
	if err != nil {
		return Info{}, err
	}
	h, err := s.hold(c, choice)
	if err != nil {
		return Info{}, err
	}
	p := s.providers[h.account.ProviderID]
	if p == nil {
		return Info{}, ErrProviderNotSet
	}
	account, err := s.current(c, p, h)
	if err != nil {
		return Info{}, ErrGetAccessToken.Because(err)
	}
	access, err := s.openToken(account.AccessToken)
	if err != nil {
		return Info{}, ErrGetAccessToken.Because(err)
	}
	if access == "" {
		return Info{}, ErrNoAccessToken
	}
	identity, err := s.client.StoredIdentity(c, p, &oauth.Tokens{AccessToken: access, IDToken: text(account.IDToken)})
	if err != nil {
		return Info{}, ErrNoUserInfo.Because(err)
	}
	return Info{
		User: profileOf(identity), Data: identity.Profile,
		Account: AccountName{ID: account.ID, ProviderID: account.ProviderID, AccountID: account.AccountID},
	}, nil
}

func chooseByQuery(c *gatehouse.Call) (chosen, error) {
	// A query has no true, only the text, which the protocol does not take: the
	// cookie cannot be chosen here.
	fields := map[string]any{}
	for name, values := range c.Request.URL.Query() {
		if fields[name] = any(values); len(values) == 1 {
			fields[name] = values[0]
		}
	}
	return choose("query", fields)
}

// profileOf is an identity as clients see it; what the provider did not tell
// is left out.
func profileOf(i *oauth.Identity) map[string]any {
	user := map[string]any{"emailVerified": i.EmailVerified}
	for name, value := range map[string]string{"name": i.Name, "email": i.Email, "image": i.Image} {
		if value != "" {
			user[name] = value
		}
	}
	for name, value := range i.Fields {
		user[name] = value
	}
	return user
}
