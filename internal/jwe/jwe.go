// Package jwe encrypts and opens the compact JWEs that the protocol keeps in
// cookies (PROTOCOL §6.4; RFC 7516, RFC 7518 §4.5 and §5.2.5): direct use of a
// shared key, A256CBC-HS512, and nothing else. It does not look at claims.
package jwe

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/internal/wire"
)

// ErrInvalid is returned for anything that is not a JWE under one of the keys.
var ErrInvalid = errors.New("jwe: invalid token")

var encoding = base64.RawURLEncoding.Strict()

const (
	keyInfo  = "BetterAuth.js Generated Encryption Key"
	tagBytes = sha512.Size / 2
)

// key is the content encryption key: the MAC key, then the AES key.
type key [64]byte

func deriveKey(secret, salt string) (k key) {
	raw, err := hkdf.Key(sha256.New, []byte(secret), []byte(salt), keyInfo, len(k))
	if err != nil {
		panic(err) // only for a length beyond 255 hashes
	}
	return key(raw)
}

// thumbprint is the RFC 7638 thumbprint of k as a JWK, the kid of a token.
func (k *key) thumbprint() string {
	sum := sha256.Sum256([]byte(`{"k":"` + encoding.EncodeToString(k[:]) + `","kty":"oct"}`))
	return encoding.EncodeToString(sum[:])
}

// Encrypt returns the compact JWE of plaintext under the key that is derived
// from the current secret (or the legacy one, if there is no rotation) and
// salt, which names the use. The 16 bytes of the IV come from random.
func Encrypt(keys seal.Keys, salt string, plaintext []byte, random io.Reader) (string, error) {
	all := secrets(keys)
	if len(all) == 0 {
		return "", seal.ErrNoKey
	}
	k := deriveKey(all[0], salt)
	header := encoding.EncodeToString([]byte(`{"alg":"dir","enc":"A256CBC-HS512","kid":"` + k.thumbprint() + `"}`))
	iv := make([]byte, aes.BlockSize)
	if _, err := io.ReadFull(random, iv); err != nil {
		return "", fmt.Errorf("jwe: reading randomness: %w", err)
	}
	padding := aes.BlockSize - len(plaintext)%aes.BlockSize
	text := make([]byte, len(plaintext), len(plaintext)+padding)
	copy(text, plaintext)
	for range padding {
		text = append(text, byte(padding))
	}
	cipher.NewCBCEncrypter(k.aes(), iv).CryptBlocks(text, text)
	tag := k.tag(header, iv, text)
	return header + ".." + encoding.EncodeToString(iv) + "." + encoding.EncodeToString(text) + "." + encoding.EncodeToString(tag), nil
}

// Decrypt opens a token made by Encrypt under any of keys. A token that names
// its key is tried with that one alone. The tag is checked, in constant time,
// before anything is decrypted.
func Decrypt(keys seal.Keys, salt, token string) ([]byte, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 5 || parts[1] != "" {
		return nil, ErrInvalid
	}
	kid, named, ok := readHeader(parts[0])
	iv, err1 := encoding.DecodeString(parts[2])
	text, err2 := encoding.DecodeString(parts[3])
	tag, err3 := encoding.DecodeString(parts[4])
	if !ok || err1 != nil || err2 != nil || err3 != nil || len(iv) != aes.BlockSize || len(text) == 0 || len(text)%aes.BlockSize != 0 {
		return nil, ErrInvalid
	}
	for _, secret := range secrets(keys) {
		k := deriveKey(secret, salt)
		if named && k.thumbprint() != kid || !hmac.Equal(tag, k.tag(parts[0], iv, text)) {
			continue
		}
		cipher.NewCBCDecrypter(k.aes(), iv).CryptBlocks(text, text)
		return unpad(text)
	}
	return nil, ErrInvalid
}

// readHeader accepts dir with A256CBC-HS512 and no extension: "crit" names one
// that we do not have, "zip" would make a small token large.
func readHeader(encoded string) (kid string, named, ok bool) {
	text, err := encoding.DecodeString(encoded)
	if err != nil {
		return "", false, false
	}
	parsed, err := wire.Parse(text)
	fields, ok := parsed.(map[string]any)
	if err != nil || !ok || fields["alg"] != "dir" || fields["enc"] != "A256CBC-HS512" {
		return "", false, false
	}
	for _, extension := range []string{"crit", "zip"} {
		if _, has := fields[extension]; has {
			return "", false, false
		}
	}
	value, named := fields["kid"]
	kid, isText := value.(string)
	return kid, named, !named || isText
}

func (k *key) aes() cipher.Block {
	block, err := aes.NewCipher(k[32:])
	if err != nil {
		panic(err) // only for another key length
	}
	return block
}

// tag is the authentication tag of RFC 7518 §5.2.2.1 step 5.
func (k *key) tag(header string, iv, text []byte) []byte {
	h := hmac.New(sha512.New, k[:32])
	h.Write([]byte(header))
	h.Write(iv)
	h.Write(text)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(header))*8))
	return h.Sum(nil)[:tagBytes]
}

// unpad removes PKCS #7 padding. The text is authentic, so this leaks nothing.
func unpad(text []byte) ([]byte, error) {
	n := int(text[len(text)-1])
	if n < 1 || n > aes.BlockSize {
		return nil, ErrInvalid
	}
	for _, b := range text[len(text)-n:] {
		if int(b) != n {
			return nil, ErrInvalid
		}
	}
	return text[:len(text)-n], nil
}

// secrets lists the secrets of a rotation, the one that writes first.
func secrets(keys seal.Keys) []string {
	var list []string
	add := func(secret string) {
		if secret != "" {
			list = append(list, secret)
		}
	}
	add(keys.Current.Value)
	for _, old := range keys.Old {
		add(old.Value)
	}
	add(keys.Legacy)
	return list
}
