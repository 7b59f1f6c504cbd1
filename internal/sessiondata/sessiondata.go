// Package sessiondata is the session cookie cache (PROTOCOL §6).
package sessiondata

import (
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// ErrInvalid is returned for anything that is not a genuine, living payload.
var ErrInvalid = errors.New("sessiondata: invalid session data")

// Payload is the content of the cookie.
type Payload struct {
	Session, User json.RawMessage
	UpdatedAt     int64 // milliseconds since 1970
	Version       string
}

// Compact is the default form.
type Compact struct{ Secret string }

// JWT is the HS256 form.
type JWT struct{ Secret string }

// JWE is the encrypted form.
type JWE struct{ Secrets seal.Keys }

// Encode encodes.
func (c Compact) Encode(p Payload, now, expires time.Time, rand io.Reader) (string, error) {
	return "", ErrInvalid
}

// Decode decodes.
func (c Compact) Decode(value string, now time.Time) (Payload, error) { return Payload{}, ErrInvalid }

// Encode encodes.
func (c JWT) Encode(p Payload, now, expires time.Time, rand io.Reader) (string, error) {
	return "", ErrInvalid
}

// Decode decodes.
func (c JWT) Decode(value string, now time.Time) (Payload, error) { return Payload{}, ErrInvalid }

// Encode encodes.
func (c JWE) Encode(p Payload, now, expires time.Time, rand io.Reader) (string, error) {
	return "", ErrInvalid
}

// Decode decodes.
func (c JWE) Decode(value string, now time.Time) (Payload, error) { return Payload{}, ErrInvalid }
