package admin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// A cursor is the place of a page's last row, with a seal over it and the list
// it belongs to: base64url of 16 bytes of HMAC-SHA256, then JSON. So one that
// was made up, or for another search or order, is refused.

const sealBytes = 16

type cursorPlace struct {
	Value json.RawMessage `json:"v"`
	ID    string          `json:"i"`
}

func (a *Admin) makeCursor(q Query, last *gatehouse.User) (string, error) {
	value, err := json.Marshal(valueOf(last, q.SortBy))
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(cursorPlace{value, last.ID})
	if err != nil {
		return "", err
	}
	seal, err := a.seal(q, text)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(seal, text...)), nil
}

func (a *Admin) readCursor(q Query, kind store.Type) (*store.Place, error) {
	raw, err := base64.RawURLEncoding.DecodeString(q.After)
	if err != nil || len(raw) < sealBytes {
		return nil, errCursor
	}
	seal, err := a.seal(q, raw[sealBytes:])
	if err != nil {
		return nil, err
	}
	var place cursorPlace
	if !hmac.Equal(seal, raw[:sealBytes]) || json.Unmarshal(raw[sealBytes:], &place) != nil {
		return nil, errCursor
	}
	value, err := place.value(kind)
	if err != nil {
		return nil, errCursor
	}
	return &store.Place{Value: value, ID: place.ID}, nil
}

func (a *Admin) seal(q Query, text []byte) ([]byte, error) {
	list, err := json.Marshal([]any{"admin.list-users", q.SortBy, q.Descending, q.Where})
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(a.app.Secret()))
	mac.Write(list) // JSON ends where it ends: nothing of text can be taken for it
	mac.Write(text)
	return mac.Sum(nil)[:sealBytes], nil
}

func (p cursorPlace) value(kind store.Type) (any, error) {
	if string(p.Value) == "null" {
		return nil, nil
	}
	switch kind {
	case store.Date:
		var t time.Time
		err := json.Unmarshal(p.Value, &t)
		return t, err
	case store.Boolean:
		var b bool
		err := json.Unmarshal(p.Value, &b)
		return b, err
	case store.Number:
		var f float64
		err := json.Unmarshal(p.Value, &f)
		return f, err
	}
	var s string
	err := json.Unmarshal(p.Value, &s)
	return s, err
}

// valueOf is a column of a user by its name.
func valueOf(user *gatehouse.User, field string) any {
	switch field {
	case "id":
		return user.ID
	case "name":
		return user.Name
	case "email":
		return user.Email
	case "emailVerified":
		return user.EmailVerified
	case "image":
		return user.Image
	case "createdAt":
		return user.CreatedAt
	case "updatedAt":
		return user.UpdatedAt
	}
	value, _ := user.Get(field)
	return value
}
