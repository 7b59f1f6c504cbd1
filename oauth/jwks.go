package oauth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// keysLife is how long a set of keys is used without asking again.
	keysLife = 10 * time.Minute
	// keysPause is the least time between two questions for one set: a token
	// with an unknown key id costs the provider nothing more.
	keysPause = 30 * time.Second
	// maxKeys bounds a set; a provider has a handful.
	maxKeys = 100
)

// keySet is a provider's keys as last seen.
type keySet []jose.JSONWebKey

// keys is where the provider's keys are learned.
func (c *Client) keysOf(rules *IDTokenRules) *learned[keySet] {
	return sourceOf(c, c.keys, sourceKey(rules.JWKSURL, rules.JWKSHeaders), func() *learned[keySet] {
		return &learned[keySet]{life: keysLife, pause: keysPause, ask: func(ctx context.Context) (*keySet, error) {
			return c.fetchKeys(ctx, rules.JWKSURL, rules.JWKSHeaders)
		}}
	})
}

func (c *Client) fetchKeys(ctx context.Context, target string, headers http.Header) (*keySet, error) {
	raw, err := c.fetch(ctx, http.MethodGet, target, headers, nil)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil || answer.Keys == nil {
		return nil, errors.New("oauth: the answer is not a set of keys")
	}
	if len(answer.Keys) > maxKeys {
		return nil, fmt.Errorf("oauth: the set has %d keys, more than %d", len(answer.Keys), maxKeys)
	}
	set := keySet{}
	for _, text := range answer.Keys {
		if key, ok := readKey(text); ok {
			set = append(set, key)
		}
	}
	return &set, nil
}

// readKey reads a public key that may verify signatures. One of a kind that we
// do not know is none of ours (RFC 7517 §5); nor is one with its private half.
func readKey(text []byte) (key jose.JSONWebKey, ok bool) {
	var use struct {
		Operations []string `json:"key_ops"`
	}
	if json.Unmarshal(text, &use) != nil || use.Operations != nil && !slices.Contains(use.Operations, "verify") {
		return key, false
	}
	if key.UnmarshalJSON(text) != nil || !key.Valid() || !key.IsPublic() || (key.Use != "" && key.Use != "sig") {
		return key, false
	}
	if public, isRSA := key.Key.(*rsa.PublicKey); isRSA {
		return key, goodRSA(public)
	}
	return key, true
}

// find returns the keys of an id; a token without one may be of any key.
func (s *keySet) find(kid string) []jose.JSONWebKey {
	if kid == "" {
		return *s
	}
	var found []jose.JSONWebKey
	for _, key := range *s {
		if key.KeyID == kid {
			found = append(found, key)
		}
	}
	return found
}

// keyFits reports whether a key may be used with an algorithm: of its kind and
// curve, and not published for another.
func keyFits(key jose.JSONWebKey, algorithm string) bool {
	if key.Algorithm != "" && key.Algorithm != algorithm {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(algorithm, "RS") || strings.HasPrefix(algorithm, "PS")
	case *ecdsa.PublicKey:
		return algorithm == map[int]string{256: "ES256", 384: "ES384", 521: "ES512"}[public.Curve.Params().BitSize]
	case ed25519.PublicKey:
		return algorithm == "EdDSA"
	default:
		return false
	}
}
