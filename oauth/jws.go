package oauth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// maxToken bounds a signed token in bytes.
const maxToken = 64 << 10

// VerifyJWS returns the payload of a compact JWS (RFC 7515) that one of the
// keys at rules.JWKSURL signed. It judges no claims; Identity and
// SignedIdentity do. ErrIDToken is returned for a token that does not hold,
// any other error when the keys cannot be had.
func (c *Client) VerifyJWS(ctx context.Context, rules *IDTokenRules, token string) ([]byte, error) {
	jws, err := parseJWS(token, rules.algorithms())
	if err != nil {
		return nil, err
	}
	source := c.keysOf(rules)
	keys, err := source.get(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("keys of the provider: %w", err)
	}
	if payload, ok := keys.verify(token, jws); ok {
		return payload, nil
	}
	// The keys may have changed since: asked again, within bounds.
	newer, err := source.get(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("keys of the provider: %w", err)
	}
	if newer != keys {
		if payload, ok := newer.verify(token, jws); ok {
			return payload, nil
		}
	}
	return nil, fmt.Errorf("%w: no key of the provider signed it", ErrIDToken)
}

func (s *keySet) verify(token string, jws *jose.JSONWebSignature) (payload []byte, ok bool) {
	header, signature := jws.Signatures[0].Protected, jws.Signatures[0].Signature
	input := token[:strings.LastIndexByte(token, '.')]
	for _, key := range s.find(header.KeyID) {
		if !keyFits(key, header.Algorithm) {
			continue
		}
		if payload, err := jws.Verify(key.Key); err == nil && strictPSS(key.Key, header.Algorithm, input, signature) {
			return payload, true
		}
	}
	return nil, false
}

// parseJWS reads a compact JWS of one of the algorithms: the list is ours,
// never the header's. Keys that the header brings (jwk, jku, x5c, x5u) are
// nobody's.
func parseJWS(token string, algorithms []jose.SignatureAlgorithm) (*jose.JSONWebSignature, error) {
	if len(token) > maxToken {
		return nil, fmt.Errorf("%w: it is over %d bytes", ErrIDToken, maxToken)
	}
	// Strictly, so that a token has one spelling.
	parts := strings.Split(token, ".")
	for _, part := range parts {
		if _, err := base64.RawURLEncoding.Strict().DecodeString(part); err != nil || len(parts) != 3 || strings.ContainsAny(part, "\r\n") {
			return nil, fmt.Errorf("%w: it is not a compact JWS", ErrIDToken)
		}
	}
	jws, err := jose.ParseSignedCompact(token, algorithms)
	var unexpected *jose.ErrUnexpectedSignatureAlgorithm
	switch {
	case errors.As(err, &unexpected):
		return nil, fmt.Errorf("%w: its algorithm %.20q is not one of %q", ErrIDToken, string(unexpected.Got), algorithms)
	case err != nil || len(jws.Signatures) != 1:
		return nil, fmt.Errorf("%w: its header is not that of a JWS", ErrIDToken) // the cause quotes the token
	}
	return jws, checkHeader(jws.Signatures[0].Protected)
}

// checkHeader refuses extensions (RFC 7515 §4.1.11), the payload without
// base64 (RFC 7797), and tokens that say that they are of another kind (RFC
// 8725 §3.11): an access token, a logout token.
func checkHeader(header jose.Header) error {
	for _, name := range []jose.HeaderKey{"crit", "b64"} {
		if _, has := header.ExtraHeaders[name]; has {
			return fmt.Errorf("%w: its header has %s", ErrIDToken, name)
		}
	}
	kind, _ := header.ExtraHeaders[jose.HeaderType].(string)
	if strings.HasSuffix(strings.ToLower(kind), "+jwt") {
		return fmt.Errorf("%w: it is a token of another kind", ErrIDToken)
	}
	return nil
}

func (r *IDTokenRules) algorithms() []jose.SignatureAlgorithm {
	if len(r.Algorithms) == 0 {
		return []jose.SignatureAlgorithm{jose.RS256}
	}
	var list []jose.SignatureAlgorithm
	for _, name := range r.Algorithms {
		if asymmetric[name] {
			list = append(list, jose.SignatureAlgorithm(name))
		}
	}
	return list
}

// asymmetric are the algorithms of keys that a provider can publish.
var asymmetric = map[string]bool{
	"RS256": true, "RS384": true, "RS512": true, "PS256": true, "PS384": true, "PS512": true,
	"ES256": true, "ES384": true, "ES512": true, "EdDSA": true,
}

// unverified is the payload of a compact JWS, whoever signed it.
func unverified(token string) ([]byte, error) {
	all := []jose.SignatureAlgorithm{jose.HS256, jose.HS384, jose.HS512}
	for name := range asymmetric {
		all = append(all, jose.SignatureAlgorithm(name))
	}
	jws, err := parseJWS(token, all)
	if err != nil {
		return nil, err
	}
	return jws.UnsafePayloadWithoutVerification(), nil
}
