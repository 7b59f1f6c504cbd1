package gatehouse

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/jwe"
	"github.com/gatehouse-auth/gatehouse/internal/jwt"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/internal/token"
)

// Seal encrypts a secret for storage; Open reverses it. Any configured secret
// version opens what an older one sealed.
func (a *App) Seal(plain []byte) (string, error) { return seal.Encrypt(a.keys, plain, a.Rand) }

// Open decrypts what Seal made.
func (a *App) Open(sealed string) ([]byte, error) { return seal.Decrypt(a.keys, sealed) }

// SealFor is Seal under a key of its own for one purpose (PROTOCOL 8.4), so
// that a text sealed for another cannot be put in its place.
func (a *App) SealFor(purpose string, plain []byte) (string, error) {
	return seal.Encrypt(a.keys.Purpose(purpose), plain, a.Rand)
}

// OpenFor decrypts what SealFor made for the same purpose.
func (a *App) OpenFor(purpose, sealed string) ([]byte, error) {
	return seal.Decrypt(a.keys.Purpose(purpose), sealed)
}

// claimsTolerance is how far the clocks of two servers may differ.
const claimsTolerance = 15 * time.Second

// SealClaims encrypts a struct as a token that lives for life, the protocol's
// JWE form (PROTOCOL 6.4). salt names the use.
func (a *App) SealClaims(salt string, claims any, life time.Duration) (string, error) {
	text, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("seal claims: %w", err)
	}
	now := a.Now()
	text = append(text[:len(text)-1], `,"iat":`...)
	text = strconv.AppendInt(text, now.Unix(), 10)
	text = strconv.AppendInt(append(text, `,"exp":`...), now.Add(life).Unix(), 10)
	text = append(text, `,"jti":"`+token.Alphanumeric(a.Rand, 32)+`"}`...)
	return jwe.Encrypt(a.keys, salt, text, a.Rand)
}

// OpenClaims decrypts what SealClaims made for the same use. A token that is
// damaged, foreign or expired is an error.
func (a *App) OpenClaims(salt, sealed string, claims any) error {
	text, err := jwe.Decrypt(a.keys, salt, sealed)
	if err != nil {
		return err
	}
	if err := jwt.CheckTimes(text, a.Now(), claimsTolerance); err != nil {
		return err
	}
	if err := json.Unmarshal(text, claims); err != nil {
		return errors.New("the sealed claims are of another kind")
	}
	return nil
}
