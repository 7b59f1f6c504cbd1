// Package seal encrypts what the database keeps secret: XChaCha20-Poly1305
// with the protocol's envelopes and key rotation (PROTOCOL §4.2, §8.3, §8.4).
// It does not know what it seals.
package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

const prefix = "$ba$"

// ErrNoKey is returned when the text names a key version that Keys lacks, or
// is a bare text and there is no legacy secret. No other key is tried.
var ErrNoKey = errors.New("seal: no key for this text")

// ErrOpen is returned for a text that is damaged, or sealed by another key.
var ErrOpen = errors.New("seal: cannot open")

// Key is one version of a secret. Its key bytes are the SHA-256 of Value.
type Key struct {
	Version int // 0 or more, unique
	Value   string
}

// Keys is a rotation: Current writes, Current and Old read. Legacy reads the
// bare texts of the time before rotation; with no Current (empty Value) it
// also writes them, and envelopes cannot be read.
type Keys struct {
	Current Key
	Old     []Key
	Legacy  string
}

// Purpose returns the keys that PurposeSecret derives from k, version by
// version.
func (k Keys) Purpose(purpose string) Keys {
	derive := func(secret string) string {
		if secret == "" {
			return ""
		}
		return PurposeSecret(secret, purpose)
	}
	out := Keys{Current: Key{k.Current.Version, derive(k.Current.Value)}, Legacy: derive(k.Legacy)}
	for _, old := range k.Old {
		out.Old = append(out.Old, Key{old.Version, derive(old.Value)})
	}
	return out
}

func (k Keys) find(version int) (string, bool) {
	for _, key := range append([]Key{k.Current}, k.Old...) {
		if key.Value != "" && key.Version == version {
			return key.Value, true
		}
	}
	return "", false
}

// Encrypt seals plaintext under the current key: lower-case hex of nonce,
// ciphertext and tag, after "$ba$<version>$" if the key has a version. The 24
// bytes of the nonce come from random.
func Encrypt(keys Keys, plaintext []byte, random io.Reader) (string, error) {
	if keys.Current.Value != "" {
		text, err := encrypt(keys.Current.Value, plaintext, random)
		return prefix + strconv.Itoa(keys.Current.Version) + "$" + text, err
	}
	if keys.Legacy == "" {
		return "", ErrNoKey
	}
	return encrypt(keys.Legacy, plaintext, random)
}

// Decrypt opens what Encrypt sealed. It returns ErrNoKey or ErrOpen.
func Decrypt(keys Keys, text string) ([]byte, error) {
	secret := keys.Legacy
	if version, body, ok := Envelope(text); ok && keys.Current.Value != "" {
		text = body
		if secret, ok = keys.find(version); !ok {
			return nil, fmt.Errorf("%w: version %d", ErrNoKey, version)
		}
	}
	if secret == "" {
		return nil, ErrNoKey
	}
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) < chacha20poly1305.NonceSizeX {
		return nil, ErrOpen
	}
	key := sha256.Sum256([]byte(secret))
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return nil, err
	}
	nonce, sealed := raw[:chacha20poly1305.NonceSizeX], raw[chacha20poly1305.NonceSizeX:]
	plaintext, err := aead.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}

// Envelope splits "$ba$<version>$<body>". ok is false for a bare text and for
// a version that is not a whole number of 0 or more.
func Envelope(text string) (version int, body string, ok bool) {
	rest, found := strings.CutPrefix(text, prefix)
	number, body, cut := strings.Cut(rest, "$")
	version, err := strconv.Atoi(number)
	if !found || !cut || err != nil || version < 0 || number[0] == '+' {
		return 0, "", false
	}
	return version, body, true
}

func encrypt(secret string, plaintext []byte, random io.Reader) (string, error) {
	key := sha256.Sum256([]byte(secret))
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plaintext)+aead.Overhead())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return "", fmt.Errorf("seal: reading randomness: %w", err)
	}
	return hex.EncodeToString(aead.Seal(nonce, nonce, plaintext, nil)), nil
}

// PurposeSecret derives the secret for one use from the main secret:
// HKDF-SHA256, 32 bytes, as lower-case hex. The hex text is the new secret.
func PurposeSecret(secret, purpose string) string {
	key, err := hkdf.Key(sha256.New, []byte(secret), []byte("better-auth:oauth-encryption:v1"), "better-auth:"+purpose+":v1", 32)
	if err != nil {
		panic(err) // only for a length beyond 255 hashes
	}
	return hex.EncodeToString(key)
}
