package sessiondata

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strconv"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/wire"
)

var encoding = base64.RawURLEncoding.Strict()

// Compact is the default form: base64url of
// {"session":PAYLOAD,"expiresAt":MS,"signature":SIG}, readable by anyone.
type Compact struct{ Secret string }

// Encode writes p, valid until expires. now and random are not needed; they
// are there so that the three forms are alike.
func (c Compact) Encode(p Payload, now, expires time.Time, random io.Reader) (string, error) {
	text, err := p.append([]byte(`{"session":`))
	if err != nil {
		return "", err
	}
	payload := text[len(`{"session":`):]
	expiry := strconv.FormatInt(expires.UnixMilli(), 10)
	signature := encoding.EncodeToString(c.signature(payload, expiry))
	text = append(text, `},"expiresAt":`...)
	text = append(text, expiry...)
	text = append(text, `,"signature":"`...)
	text = append(text, signature...)
	return encoding.EncodeToString(append(text, `"}`...)), nil
}

// signature signs the payload with the expiry as its last member. The payload
// comes without its closing brace.
func (c Compact) signature(payload []byte, expiry string) []byte {
	mac := hmac.New(sha256.New, []byte(c.Secret))
	mac.Write(payload)
	mac.Write([]byte(`,"expiresAt":` + expiry + `}`))
	return mac.Sum(nil)
}

// Decode returns the payload of a cookie that Encode or the reference wrote.
// It signs the bytes that were received instead of writing the payload anew,
// so it never depends on how someone else spells JSON.
func (c Compact) Decode(value string, now time.Time) (Payload, error) {
	text, err := encoding.DecodeString(value)
	if err != nil {
		return Payload{}, ErrInvalid
	}
	members, err := wire.Members(text)
	if err != nil || len(members) != 3 || members[0].Key != "session" || members[1].Key != "expiresAt" || members[2].Key != "signature" {
		return Payload{}, ErrInvalid
	}
	payload, expiry, quoted := members[0].Raw, members[1].Raw, members[2].Raw
	expires, ok := milliseconds(expiry)
	if !ok || !isObject(payload) || len(quoted) < 2 || quoted[0] != '"' {
		return Payload{}, ErrInvalid
	}
	signature, err := encoding.DecodeString(string(quoted[1 : len(quoted)-1]))
	if err != nil || !hmac.Equal(signature, c.signature(payload[:len(payload)-1], string(expiry))) {
		return Payload{}, ErrInvalid
	}
	p, err := parse(payload)
	if err != nil {
		return Payload{}, err
	}
	if p.ExpiresAt = time.UnixMilli(expires); p.ExpiresAt.Before(now) {
		return Payload{}, ErrExpired
	}
	return p, nil
}
