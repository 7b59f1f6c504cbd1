package social

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
)

// flight is one renewal under way, which all who need it wait for.
type flight struct {
	done    chan struct{}
	account *gatehouse.Account
	err     error
}

const (
	// renewalLife is how long one process may take for a renewal before another
	// tries: more than a provider is given to answer.
	renewalLife = 20 * time.Second
	// renewalPoll is how often a process looks whether another is done.
	renewalPoll = 100 * time.Millisecond
)

// renew refreshes an account's tokens at the provider. A refresh token may be
// good for one use only, so that of any number of requests, in any number of
// processes, one asks the provider and the others take what it got.
func (s *Social) renew(c *gatehouse.Call, p *oauth.Provider, h held) (*gatehouse.Account, error) {
	if h.account.ID == "" {
		return s.ask(c, c, p, h)
	}
	mine := &flight{done: make(chan struct{}), err: errors.New("the renewal ended early")} // what the others see if it panics
	other, taken := s.refreshing.LoadOrStore(h.account.ID, mine)
	if taken {
		theirs := other.(*flight)
		select {
		case <-theirs.done:
			if theirs.err != nil {
				return nil, theirs.err
			}
			return theirs.account, s.keepInCookie(c, h, theirs.account)
		case <-c.Done():
			return nil, c.Err()
		}
	}
	defer close(mine.done)
	defer s.refreshing.Delete(h.account.ID)
	// The others wait for it, so it goes on when its own client leaves.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c), renewalLife)
	defer cancel()
	mine.account, mine.err = s.renewOnce(ctx, c, p, h)
	return mine.account, mine.err
}

// renewOnce is the renewal of this process.
func (s *Social) renewOnce(ctx context.Context, c *gatehouse.Call, p *oauth.Provider, h held) (*gatehouse.Account, error) {
	for {
		reservation, err := s.app.Verifications.Reserve(ctx, "oauth-refresh:"+h.account.ID, renewalLife)
		switch {
		case err == nil:
			defer func() { _ = reservation.Release(context.WithoutCancel(ctx)) }()
			fresh, done, err := s.renewedMeanwhile(ctx, h)
			if err != nil || done {
				return fresh, err
			}
			return s.ask(ctx, c, p, held{fresh, h.cookie})
		case !errors.Is(err, gatehouse.ErrReserved):
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(renewalPoll):
		}
		if fresh, done, err := s.renewedMeanwhile(ctx, h); err != nil || done {
			return fresh, err
		}
	}
}

// renewedMeanwhile reads the account again: another process may have been
// faster.
func (s *Social) renewedMeanwhile(ctx context.Context, h held) (*gatehouse.Account, bool, error) {
	accounts, err := s.app.Accounts.OfUser(ctx, h.account.UserID)
	if err != nil {
		return nil, false, err
	}
	for _, account := range accounts {
		if account.ID == h.account.ID {
			return account, text(account.AccessToken) != text(h.account.AccessToken), nil
		}
	}
	return nil, false, ErrAccountNotFound
}

// ask refreshes at the provider and stores what comes. A provider that sends
// no new refresh token keeps the old one in use.
func (s *Social) ask(ctx context.Context, c *gatehouse.Call, p *oauth.Provider, h held) (*gatehouse.Account, error) {
	refresh, err := s.openToken(h.account.RefreshToken)
	if err != nil {
		return nil, err
	}
	tokens, err := s.client.Refresh(ctx, p, refresh)
	if errors.Is(err, oauth.ErrRefused) {
		// The person took the grant back there, or it ran out.
		event := gatehouse.Event{Action: "account.refresh.fail", TargetType: "user", Target: h.account.UserID, Details: map[string]any{"provider": p.ID}}
		_ = c.Refused(event, gatehouse.NewError(http.StatusBadRequest, "grant_refused", ""))
	}
	if err != nil {
		return nil, err
	}
	if h.account.ID == "" {
		account := *h.account
		if err := s.fillTokens(&account, tokens); err != nil {
			return nil, err
		}
		if account.RefreshToken == nil {
			account.RefreshToken = h.account.RefreshToken
		}
		return &account, s.keepInCookie(c, h, &account)
	}
	changes, err := s.tokenChanges(tokens)
	if err != nil {
		return nil, err
	}
	account, err := s.app.Accounts.Update(ctx, h.account.ID, changes...)
	if err != nil {
		return nil, err
	}
	return account, s.keepInCookie(c, h, account)
}

// keepInCookie renews the account cookie where the account came from it.
func (s *Social) keepInCookie(c *gatehouse.Call, h held, account *gatehouse.Account) error {
	if !h.cookie {
		return nil
	}
	return s.setAccountCookie(c, account)
}
