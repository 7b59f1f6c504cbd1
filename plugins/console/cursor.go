package console

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// A cursor is the place of a page's last row, with a seal over it and the list
// it belongs to: base64url of 16 bytes of HMAC-SHA256, then JSON. One that was
// made up, or for another search or order, is refused.

const (
	sealBytes      = 16
	maxCursorBytes = 2048
)

type cursorPlace struct {
	Time *time.Time `json:"t,omitempty"` // one of the two
	Text *string    `json:"s,omitempty"`
	ID   string     `json:"i"`
}

func (p cursorPlace) place() *store.Place {
	switch {
	case p.Time != nil:
		return &store.Place{Value: *p.Time, ID: p.ID}
	case p.Text != nil:
		return &store.Place{Value: *p.Text, ID: p.ID}
	}
	return &store.Place{Value: p.ID, ID: p.ID}
}

// cursorTo makes the cursor to the rows behind place, in the list that query
// describes.
func (k *Console) cursorTo(place cursorPlace, list string, query any) (*string, error) {
	text, err := json.Marshal(place)
	if err != nil {
		return nil, err
	}
	seal, err := k.seal(list, query, text)
	if err != nil {
		return nil, err
	}
	cursor := base64.RawURLEncoding.EncodeToString(append(seal, text...))
	return &cursor, nil
}

// readCursor returns nil for none, or ErrCursor.
func (k *Console) readCursor(cursor *string, list string, query any) (*store.Place, error) {
	if cursor == nil || *cursor == "" {
		return nil, nil
	}
	if len(*cursor) > maxCursorBytes || strings.ContainsAny(*cursor, "\r\n") { // which base64 would skip
		return nil, ErrCursor
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(*cursor)
	if err != nil || len(raw) <= sealBytes {
		return nil, ErrCursor
	}
	seal, err := k.seal(list, query, raw[sealBytes:])
	if err != nil {
		return nil, err
	}
	var place cursorPlace
	if !hmac.Equal(seal, raw[:sealBytes]) || json.Unmarshal(raw[sealBytes:], &place) != nil {
		return nil, ErrCursor
	}
	return place.place(), nil
}

func (k *Console) seal(list string, query any, text []byte) ([]byte, error) {
	described, err := json.Marshal([]any{"console", list, query})
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(k.app.Secret()))
	mac.Write(described) // JSON ends where it ends: nothing of text can be taken for it
	mac.Write(text)
	return mac.Sum(nil)[:sealBytes], nil
}
