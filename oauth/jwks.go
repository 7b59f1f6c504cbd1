package oauth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
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

// keySet is a provider's keys as last seen. Old keys stay in use while the
// provider is away.
type keySet struct {
	mu      sync.Mutex // held while asking, so that one of many asks
	keys    []jose.JSONWebKey
	fetched time.Time // last success
	asked   time.Time // last try
}

// keysFor returns the keys that may have signed a token with this key id.
func (c *Client) keysFor(ctx context.Context, rules *IDTokenRules, kid string) ([]jose.JSONWebKey, error) {
	set := c.keySet(rules.JWKSURL)
	set.mu.Lock()
	defer set.mu.Unlock()
	now := c.now()
	found := set.find(kid)
	stale := now.Sub(set.fetched) > keysLife
	if (stale || len(found) == 0) && (set.asked.IsZero() || now.Sub(set.asked) >= keysPause) {
		set.asked = now
		keys, err := c.fetchKeys(ctx, rules)
		switch {
		case err == nil:
			set.keys, set.fetched = keys, now
			found = set.find(kid)
		case ctx.Err() != nil:
			set.asked = time.Time{} // the person left; the provider was not asked
			return nil, err
		case len(found) == 0:
			return nil, fmt.Errorf("keys of the provider: %w", err)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: the provider has no such key", ErrIDToken)
	}
	return found, nil
}

func (c *Client) keySet(url string) *keySet {
	c.mu.Lock()
	defer c.mu.Unlock()
	set := c.keys[url]
	if set == nil {
		set = &keySet{}
		c.keys[url] = set
	}
	return set
}

// find returns the keys of an id; a token without one may be of any key.
func (s *keySet) find(kid string) []jose.JSONWebKey {
	if kid == "" {
		return s.keys
	}
	var found []jose.JSONWebKey
	for _, key := range s.keys {
		if key.KeyID == kid {
			found = append(found, key)
		}
	}
	return found
}

func (c *Client) fetchKeys(ctx context.Context, rules *IDTokenRules) ([]jose.JSONWebKey, error) {
	raw, err := c.fetch(ctx, http.MethodGet, rules.JWKSURL, rules.JWKSHeaders, nil)
	if err != nil {
		return nil, err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(raw, &set); err != nil || set.Keys == nil {
		return nil, fmt.Errorf("oauth: the answer is not a set of keys")
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("oauth: the set has %d keys, more than %d", len(set.Keys), maxKeys)
	}
	var keys []jose.JSONWebKey
	for _, text := range set.Keys {
		var key jose.JSONWebKey
		// A key of a kind we do not know is none of ours (RFC 7517 §5).
		if err := key.UnmarshalJSON(text); err == nil && key.Valid() && key.IsPublic() && key.Use != "enc" {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// keyFits reports whether a key may be used with an algorithm: of its kind and
// curve, strong enough, and not published for another.
func keyFits(key jose.JSONWebKey, algorithm string) bool {
	if key.Algorithm != "" && key.Algorithm != algorithm {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return (strings.HasPrefix(algorithm, "RS") || strings.HasPrefix(algorithm, "PS")) && public.N.BitLen() >= 2048
	case *ecdsa.PublicKey:
		return algorithm == map[int]string{256: "ES256", 384: "ES384", 521: "ES512"}[public.Curve.Params().BitSize]
	case ed25519.PublicKey:
		return algorithm == "EdDSA"
	default:
		return false
	}
}
