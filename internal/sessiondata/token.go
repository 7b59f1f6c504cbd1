package sessiondata

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/jwe"
	"github.com/gatehouse-auth/gatehouse/internal/jwt"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/internal/wire"
)

const (
	jweSalt      = "better-auth-session"
	jweTolerance = 15 * time.Second
)

// JWT is the form that other programs can verify: HS256 over the payload, iat
// and exp.
type JWT struct{ Secret string }

// Encode writes p, issued now and valid until expires, in whole seconds.
// random is not needed.
func (f JWT) Encode(p Payload, now, expires time.Time, random io.Reader) (string, error) {
	claims, err := claims(p, now, expires)
	if err != nil {
		return "", err
	}
	return jwt.Sign(f.Secret, json.RawMessage(append(claims, '}')))
}

// Decode returns the payload of a genuine token, ErrExpired or ErrInvalid.
func (f JWT) Decode(value string, now time.Time) (Payload, error) {
	text, err := jwt.Verify(f.Secret, value, now)
	return fromClaims(text, err)
}

// JWE is the form that nobody can read: claims as in JWT, encrypted under a
// key derived from the current secret. Old secrets still open it.
type JWE struct{ Secrets seal.Keys }

// Encode writes p, issued now and valid until expires, in whole seconds. 32
// bytes are read from random.
func (f JWE) Encode(p Payload, now, expires time.Time, random io.Reader) (string, error) {
	claims, err := claims(p, now, expires)
	if err != nil {
		return "", err
	}
	id, err := uuid(random)
	if err != nil {
		return "", err
	}
	return jwe.Encrypt(f.Secrets, jweSalt, append(claims, `,"jti":"`+id+`"}`...), random)
}

// Decode returns the payload of a genuine token, ErrExpired or ErrInvalid. It
// tolerates clocks that differ by 15 seconds.
func (f JWE) Decode(value string, now time.Time) (Payload, error) {
	text, err := jwe.Decrypt(f.Secrets, jweSalt, value)
	if err == nil {
		err = jwt.CheckTimes(text, now, jweTolerance)
	}
	return fromClaims(text, err)
}

// claims is the payload with iat and exp, without the closing brace.
func claims(p Payload, now, expires time.Time) ([]byte, error) {
	text, err := p.append(nil)
	if err != nil {
		return nil, err
	}
	text = strconv.AppendInt(append(text, `,"iat":`...), now.Unix(), 10)
	return strconv.AppendInt(append(text, `,"exp":`...), expires.Unix(), 10), nil
}

func fromClaims(text []byte, err error) (Payload, error) {
	if errors.Is(err, jwt.ErrExpired) {
		return Payload{}, ErrExpired
	}
	if err != nil {
		return Payload{}, ErrInvalid
	}
	p, err := parse(text)
	if err != nil {
		return Payload{}, err
	}
	members, err := wire.Members(text)
	if err != nil {
		return Payload{}, ErrInvalid
	}
	for _, m := range members {
		if m.Key != "exp" {
			continue
		}
		seconds, ok := milliseconds(m.Raw)
		if !ok {
			return Payload{}, ErrInvalid
		}
		p.ExpiresAt = time.Unix(seconds, 0)
	}
	if p.ExpiresAt.IsZero() {
		return Payload{}, ErrInvalid
	}
	return p, nil
}

// uuid is a random UUID (RFC 9562 §5.4).
func uuid(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("sessiondata: reading randomness: %w", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
}
