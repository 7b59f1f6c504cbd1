package gatehouse

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/wire"
	"github.com/gatehouse-auth/gatehouse/store"
)

// The records' JSON is written by hand: it is the body of the busiest answer,
// and its member order is a fact of the protocol (PROTOCOL 2.2: table order,
// id last) that signed cookies depend on.

// MarshalJSON gives the user as clients see it.
func (u *User) MarshalJSON() ([]byte, error) { return u.AppendJSON(nil) }

// AppendJSON appends what MarshalJSON gives.
func (u *User) AppendJSON(dst []byte) ([]byte, error) {
	dst = append(dst, `{"name":`...)
	dst = wire.AppendString(dst, u.Name)
	dst = append(dst, `,"email":`...)
	dst = wire.AppendString(dst, u.Email)
	dst = append(dst, `,"emailVerified":`...)
	dst = appendBool(dst, u.EmailVerified)
	dst = append(dst, `,"image":`...)
	dst = appendOptional(dst, u.Image)
	dst = appendTime(dst, `,"createdAt":`, u.CreatedAt)
	dst = appendTime(dst, `,"updatedAt":`, u.UpdatedAt)
	dst, err := appendExtra(dst, &u.Extra)
	if err != nil {
		return nil, err
	}
	dst = append(dst, `,"id":`...)
	dst = wire.AppendString(dst, u.ID)
	return append(dst, '}'), nil
}

// MarshalJSON gives the session as its own user sees it, token included.
func (s *Session) MarshalJSON() ([]byte, error) { return s.AppendJSON(nil) }

// AppendJSON appends what MarshalJSON gives.
func (s *Session) AppendJSON(dst []byte) ([]byte, error) {
	dst = appendTime(dst, `{"expiresAt":`, s.ExpiresAt)
	dst = append(dst, `,"token":`...)
	dst = wire.AppendString(dst, s.Token)
	dst = appendTime(dst, `,"createdAt":`, s.CreatedAt)
	dst = appendTime(dst, `,"updatedAt":`, s.UpdatedAt)
	dst = append(dst, `,"ipAddress":`...)
	dst = appendOptional(dst, s.IPAddress)
	dst = append(dst, `,"userAgent":`...)
	dst = appendOptional(dst, s.UserAgent)
	dst = append(dst, `,"userId":`...)
	dst = wire.AppendString(dst, s.UserID)
	dst, err := appendExtra(dst, &s.Extra)
	if err != nil {
		return nil, err
	}
	dst = append(dst, `,"id":`...)
	dst = wire.AppendString(dst, s.ID)
	return append(dst, '}'), nil
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}

func appendOptional(dst []byte, s *string) []byte {
	if s == nil {
		return append(dst, "null"...)
	}
	return wire.AppendString(dst, *s)
}

func appendTime(dst []byte, key string, t time.Time) []byte {
	return wire.AppendTime(append(dst, key...), t)
}

func appendExtra(dst []byte, extra *store.Extra) ([]byte, error) {
	for _, f := range extra.Fields() {
		if f.Field.Hidden {
			continue
		}
		value := f.Value
		if t, ok := value.(time.Time); ok {
			dst = append(append(append(dst, `,"`...), f.Field.Name...), `":`...)
			dst = wire.AppendTime(dst, t)
			continue
		}
		encoded, err := wire.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("encode field %s: %w", f.Field.Name, err)
		}
		dst = append(append(append(dst, `,"`...), f.Field.Name...), `":`...)
		dst = append(dst, encoded...)
	}
	return dst, nil
}

// accountView is an account as its owner sees it: no token, no password hash,
// and the scope column as a list.
type accountView struct {
	ProviderID string          `json:"providerId"`
	AccountID  string          `json:"accountId"`
	UserID     string          `json:"userId"`
	CreatedAt  json.RawMessage `json:"createdAt"`
	UpdatedAt  json.RawMessage `json:"updatedAt"`
	ID         string          `json:"id"`
	Scopes     []string        `json:"scopes"`
}

// MarshalJSON gives the account without its secrets.
func (a *Account) MarshalJSON() ([]byte, error) {
	return wire.Marshal(accountView{
		ProviderID: a.ProviderID, AccountID: a.AccountID, UserID: a.UserID,
		CreatedAt: wire.AppendTime(nil, a.CreatedAt), UpdatedAt: wire.AppendTime(nil, a.UpdatedAt),
		ID: a.ID, Scopes: a.Scopes(),
	})
}
