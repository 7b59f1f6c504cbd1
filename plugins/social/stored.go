package social

import (
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/store"
)

// fillTokens puts tokens on a new account.
func (s *Social) fillTokens(account *gatehouse.Account, t *oauth.Tokens) (err error) {
	if account.AccessToken, err = s.sealToken(t.AccessToken); err != nil {
		return err
	}
	if account.RefreshToken, err = s.sealToken(t.RefreshToken); err != nil {
		return err
	}
	account.IDToken = optional(t.IDToken)
	account.AccessTokenExpiresAt, account.RefreshTokenExpiresAt = known(t.AccessTokenExpiresAt), known(t.RefreshTokenExpiresAt)
	return nil
}

// tokenChanges are tokens as changes of an account: what the provider did not
// send stays.
func (s *Social) tokenChanges(t *oauth.Tokens) ([]store.Change, error) {
	var sealed gatehouse.Account
	if err := s.fillTokens(&sealed, t); err != nil {
		return nil, err
	}
	var changes []store.Change
	for _, text := range []struct {
		field string
		value *string
	}{{"accessToken", sealed.AccessToken}, {"refreshToken", sealed.RefreshToken}, {"idToken", sealed.IDToken}} {
		if text.value != nil {
			changes = append(changes, store.Change{Field: text.field, Value: *text.value})
		}
	}
	for _, instant := range []struct {
		field string
		value *time.Time
	}{{"accessTokenExpiresAt", sealed.AccessTokenExpiresAt}, {"refreshTokenExpiresAt", sealed.RefreshTokenExpiresAt}} {
		if instant.value != nil {
			changes = append(changes, store.Change{Field: instant.field, Value: *instant.value})
		}
	}
	return changes, nil
}

func (s *Social) sealToken(token string) (*string, error) {
	if token == "" || !s.app.Config().Account.EncryptOAuthTokens {
		return optional(token), nil
	}
	sealed, err := s.app.Seal([]byte(token))
	return &sealed, err
}

// openToken reads a stored token; one that was stored before encryption was
// switched on is plain (PROTOCOL 14.7).
func (s *Social) openToken(stored *string) (string, error) {
	if stored == nil || !s.app.Config().Account.EncryptOAuthTokens || !looksSealed(*stored) {
		return text(stored), nil
	}
	opened, err := s.app.Open(*stored)
	return string(opened), err
}

func looksSealed(token string) bool {
	if strings.HasPrefix(token, "$ba$") {
		return true
	}
	return len(token)%2 == 0 && strings.Trim(strings.ToLower(token), "0123456789abcdef") == ""
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func known(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC().Truncate(time.Millisecond)
	return &at
}
