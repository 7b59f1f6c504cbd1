// Package sessiondata writes and reads the session cookie cache (PROTOCOL §6)
// in its three forms. It knows that there is a session and a user, but not
// what they hold: they pass through as JSON. Whether a payload may be trusted
// for the request at hand is decided elsewhere.
package sessiondata

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/wire"
)

// ErrInvalid is returned for anything that is not a genuine payload.
var ErrInvalid = errors.New("sessiondata: invalid session data")

// ErrExpired is returned for a genuine payload whose time is over.
var ErrExpired = errors.New("sessiondata: session data has expired")

// Payload is what the cookie holds.
type Payload struct {
	Session, User json.RawMessage // objects
	UpdatedAt     int64           // milliseconds since 1970
	Version       string          // "" reads as "1"
	// ExpiresAt is set by Decode; Encode has its own argument.
	ExpiresAt time.Time
}

// append writes the payload in JSON.stringify's form, which the reference
// rebuilds when it verifies a signature, without the closing brace.
func (p Payload) append(dst []byte) ([]byte, error) {
	var err error
	dst = append(dst, `{"session":`...)
	if dst, err = wire.AppendCanonical(dst, p.Session); err != nil {
		return nil, err
	}
	dst = append(dst, `,"user":`...)
	if dst, err = wire.AppendCanonical(dst, p.User); err != nil {
		return nil, err
	}
	dst = strconv.AppendInt(append(dst, `,"updatedAt":`...), p.UpdatedAt, 10)
	return wire.AppendString(append(dst, `,"version":`...), p.version()), nil
}

func (p Payload) version() string {
	if p.Version == "" {
		return "1"
	}
	return p.Version
}

// parse reads a payload; members that it does not know are left alone.
func parse(text []byte) (p Payload, err error) {
	members, err := wire.Members(text)
	if err != nil {
		return Payload{}, ErrInvalid
	}
	updated := false
	for _, m := range members {
		switch m.Key {
		case "session":
			p.Session = m.Raw
		case "user":
			p.User = m.Raw
		case "updatedAt":
			p.UpdatedAt, updated = milliseconds(m.Raw)
		case "version":
			version, err := wire.Parse(m.Raw)
			s, isText := version.(string)
			if err != nil || !isText {
				return Payload{}, ErrInvalid
			}
			p.Version = s
		}
	}
	if !updated || !isObject(p.Session) || !isObject(p.User) {
		return Payload{}, ErrInvalid
	}
	p.Version = p.version()
	return p, nil
}

func isObject(raw []byte) bool { return len(raw) > 0 && raw[0] == '{' }

// milliseconds reads a number; a fraction of a millisecond is cut off.
func milliseconds(raw []byte) (int64, bool) {
	v, err := wire.Parse(raw)
	f, ok := v.(float64)
	if err != nil || !ok || f < -maxMillis || f > maxMillis {
		return 0, false
	}
	return int64(f), true
}

const maxMillis = 8.64e15 // the range of an ECMAScript time value
