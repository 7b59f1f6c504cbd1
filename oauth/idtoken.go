package oauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// ErrIDToken is returned for an ID token that does not hold.
var ErrIDToken = errors.New("oauth: the ID token is not valid")

// IDTokenRules say how an ID token is judged (OpenID Connect Core §3.1.3.7).
type IDTokenRules struct {
	// JWKSURL has the provider's keys. Without one the token is believed
	// because it came straight from the token endpoint (§3.1.3.7, step 6), and
	// never from a client.
	JWKSURL     string
	JWKSHeaders http.Header
	// Issuers are the accepted iss. With none Check judges it, and with keys
	// there must be a Check then: they may be many tenants'.
	Issuers []string
	// Audiences are the accepted aud. Default: the provider's ClientIDs.
	Audiences []string
	// Algorithms are the accepted signatures. Default RS256.
	Algorithms []string
	// MaxAge is how long ago the token may have been issued. 0: any time.
	MaxAge time.Duration
	// HashedNonce accepts the nonce as its SHA-256 in hexadecimal, too (Apple).
	HashedNonce bool
	// Opaque accepts a token that is not a JWT and leaves it to FetchProfile
	// to ask the provider about it (Facebook).
	Opaque bool
	// Check judges what is particular to a provider.
	Check func(claims Profile) error
	// Verify replaces all of this (LINE asks its own endpoint).
	Verify func(ctx context.Context, c *Client, p *Provider, token, nonce string) (Profile, error)
}

// clockSkew is allowed on exp, nbf and iat.
const clockSkew = 30 * time.Second

// verify judges a token that came with an access token from the provider.
func (c *Client) verify(ctx context.Context, p *Provider, token, nonce string) (Profile, error) {
	rules := p.IDToken
	if rules.Verify != nil {
		return rules.Verify(ctx, c, p, token, nonce)
	}
	var payload []byte
	var err error
	if rules.JWKSURL == "" {
		payload, err = unverified(token)
	} else {
		payload, err = c.VerifyJWS(ctx, rules, token)
	}
	if err != nil {
		return nil, err
	}
	claims, err := decodeObject(payload)
	if err != nil {
		return nil, fmt.Errorf("%w: its payload is not an object", ErrIDToken)
	}
	if err := rules.judge(p, claims, nonce, c.now()); err != nil {
		return nil, err
	}
	return claims, nil
}

// provable: there is a way to judge a token without believing who brings it.
func (r *IDTokenRules) provable() bool { return r.JWKSURL != "" || r.Verify != nil }

// verifyBrought judges a token that a client brought: its signature proves
// everything, so there must be one.
func (c *Client) verifyBrought(ctx context.Context, p *Provider, token, nonce string) (Profile, error) {
	rules := p.IDToken
	if rules == nil || p.NoIDTokenSignIn {
		return nil, fmt.Errorf("%w: %s takes none from clients", ErrIDToken, p.ID)
	}
	if rules.Opaque && strings.Count(token, ".") != 2 {
		return nil, nil
	}
	if !rules.provable() {
		return nil, fmt.Errorf("%w: the keys of %s are not known", ErrIDToken, p.ID)
	}
	return c.verify(ctx, p, token, nonce)
}

// judge checks the claims.
func (r *IDTokenRules) judge(p *Provider, claims Profile, nonce string, now time.Time) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrIDToken}, args...)...)
	}
	if claims.Text("sub") == "" {
		return fail("it has no sub")
	}
	issuer, _ := claims["iss"].(string)
	switch {
	case issuer == "" || len(r.Issuers) > 0 && !slices.Contains(r.Issuers, issuer):
		return fail("its issuer is %.200q", issuer)
	case len(r.Issuers) == 0 && r.Check == nil && r.JWKSURL != "":
		return fail("no issuer is configured")
	}
	if err := r.judgeAudience(p, claims); err != nil {
		return err
	}
	if err := r.judgeTimes(claims, now); err != nil {
		return err
	}
	if claimed, _ := claims["nonce"].(string); nonce != "" && !r.sameNonce(claimed, nonce) {
		return fail("its nonce is not the request's")
	}
	if r.Check != nil {
		if err := r.Check(claims); err != nil {
			return fail("%w", err)
		}
	}
	return nil
}

// judgeAudience: made out to us; and where it is made out to several, azp says
// that we asked for it. With us alone in aud, azp may be a sister of ours: the
// app on a phone that asked on our behalf.
func (r *IDTokenRules) judgeAudience(p *Provider, claims Profile) error {
	accepted := r.Audiences
	if len(accepted) == 0 {
		accepted = p.ClientIDs
	}
	var audiences []string
	switch aud := claims["aud"].(type) {
	case string:
		audiences = []string{aud}
	case []any:
		for _, one := range aud {
			text, _ := one.(string)
			audiences = append(audiences, text)
		}
	}
	ours := func(id string) bool { return id != "" && slices.Contains(accepted, id) }
	if !slices.ContainsFunc(audiences, ours) {
		return fmt.Errorf("%w: it is not made out to us", ErrIDToken)
	}
	if azp, _ := claims["azp"].(string); len(audiences) > 1 && !ours(azp) {
		return fmt.Errorf("%w: another client asked for it", ErrIDToken)
	}
	return nil
}

func (r *IDTokenRules) judgeTimes(claims Profile, now time.Time) error {
	at := func(name string) (time.Time, bool) {
		number, _ := claims[name].(json.Number)
		seconds, err := number.Float64()
		return time.Unix(int64(seconds), 0), err == nil && seconds > 0 && seconds < 1<<33 // more are milliseconds
	}
	expires, ok := at("exp")
	if !ok || !now.Before(expires.Add(clockSkew)) {
		return fmt.Errorf("%w: it has expired", ErrIDToken)
	}
	issued, ok := at("iat")
	if !ok || issued.After(now.Add(clockSkew)) || (r.MaxAge > 0 && now.After(issued.Add(r.MaxAge+clockSkew))) {
		return fmt.Errorf("%w: it was not issued just now", ErrIDToken)
	}
	if _, has := claims["nbf"]; has {
		if from, ok := at("nbf"); !ok || from.After(now.Add(clockSkew)) {
			return fmt.Errorf("%w: it is not valid yet", ErrIDToken)
		}
	}
	return nil
}

func (r *IDTokenRules) sameNonce(claimed, sent string) bool {
	if subtle.ConstantTimeCompare([]byte(claimed), []byte(sent)) == 1 {
		return true
	}
	sum := sha256.Sum256([]byte(sent))
	return r.HashedNonce && subtle.ConstantTimeCompare([]byte(claimed), []byte(hex.EncodeToString(sum[:]))) == 1
}
