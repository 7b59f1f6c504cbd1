package social

import (
	"slices"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
)

// exits is exit, if there is a provider that people can leave.
func (s *Social) exits() []gatehouse.Exit {
	if slices.ContainsFunc(s.options.Providers, mayBeLeft) {
		return []gatehouse.Exit{s.exit}
	}
	return nil
}

// mayBeLeft: a provider that is discovered may say so only then.
func mayBeLeft(p *oauth.Provider) bool { return p.EndSession.URL != "" || p.Discovery != nil }

// exit is where the person leaves the provider that they came by last (OpenID
// Connect RP-Initiated Logout 1.0).
func (s *Social) exit(c *gatehouse.Call, user *gatehouse.User, l gatehouse.Leave) (string, error) {
	accounts, err := s.app.Accounts.OfUser(c, user.ID)
	if err != nil {
		return "", err
	}
	slices.SortStableFunc(accounts, func(a, b *gatehouse.Account) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	asked := map[string]bool{}
	for _, account := range accounts {
		p := s.providers[account.ProviderID]
		if p == nil || asked[p.ID] || !mayBeLeft(p) {
			continue
		}
		asked[p.ID] = true
		target, err := s.client.EndSessionURL(c, p, oauth.Logout{
			IDToken: text(account.IDToken), RedirectURI: l.CallbackURL, BaseURL: s.app.URL(""), State: l.State,
		})
		if err != nil || target != "" {
			return target, err
		}
	}
	return "", nil
}
