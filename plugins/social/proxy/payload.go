package proxy

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// payload is what production tells a preview of a person (PROTOCOL 18,
// oauth-proxy). Members that are not here are left unread.
type payload struct {
	UserInfo      userInfo      `json:"userInfo"`
	Account       account       `json:"account"`
	Profile       oauth.Profile `json:"profile,omitempty"`
	Scopes        []string      `json:"scopes,omitempty"`
	State         string        `json:"state"`
	CallbackURL   string        `json:"callbackURL"`
	NewUserURL    string        `json:"newUserURL,omitempty"`
	ErrorURL      string        `json:"errorURL,omitempty"`
	DisableSignUp bool          `json:"disableSignUp,omitempty"`
	Timestamp     float64       `json:"timestamp"` // Unix milliseconds
}

type userInfo struct {
	ID            string `json:"id"`
	Email         string `json:"email"`
	Name          string `json:"name"`
	Image         string `json:"image,omitempty"`
	EmailVerified bool   `json:"emailVerified"`
}

type account struct {
	ProviderID            string     `json:"providerId"`
	AccountID             string     `json:"accountId"`
	AccessToken           string     `json:"accessToken,omitempty"`
	RefreshToken          string     `json:"refreshToken,omitempty"`
	IDToken               string     `json:"idToken,omitempty"`
	AccessTokenExpiresAt  *time.Time `json:"accessTokenExpiresAt,omitempty"`
	RefreshTokenExpiresAt *time.Time `json:"refreshTokenExpiresAt,omitempty"`
	Scope                 string     `json:"scope,omitempty"`
}

func (p payload) encode() ([]byte, error) {
	plain, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode profile: %w", err)
	}
	return plain, nil
}

var errPayload = errors.New("the profile lacks a member")

func decodePayload(plain []byte) (*payload, error) {
	var p payload
	if err := json.Unmarshal(plain, &p); err != nil {
		return nil, err
	}
	for _, required := range []string{p.UserInfo.Email, p.Account.ProviderID, strings.TrimSpace(p.Account.AccountID), p.State, p.CallbackURL} {
		if required == "" {
			return nil, errPayload
		}
	}
	if p.Timestamp <= 0 || p.Timestamp > 1<<53 {
		return nil, errPayload
	}
	return &p, nil
}

// ahead is how far production's clock may be ahead of ours.
const ahead = 10 * time.Second

// fresh reports whether the payload was made within maxAge of now.
func (p *payload) fresh(now time.Time, maxAge time.Duration) bool {
	age := now.Sub(time.UnixMilli(int64(p.Timestamp)))
	return age <= maxAge && age >= -ahead
}

func (p *payload) identity() *oauth.Identity {
	return &oauth.Identity{
		Subject: p.Account.AccountID, Email: p.UserInfo.Email, EmailVerified: p.UserInfo.EmailVerified,
		Name: p.UserInfo.Name, Image: p.UserInfo.Image, Profile: p.Profile,
	}
}

func (p *payload) tokens() *oauth.Tokens {
	t := &oauth.Tokens{
		AccessToken: p.Account.AccessToken, RefreshToken: p.Account.RefreshToken, IDToken: p.Account.IDToken, Scopes: p.Scopes,
	}
	if p.Account.AccessTokenExpiresAt != nil {
		t.AccessTokenExpiresAt = *p.Account.AccessTokenExpiresAt
	}
	if p.Account.RefreshTokenExpiresAt != nil {
		t.RefreshTokenExpiresAt = *p.Account.RefreshTokenExpiresAt
	}
	if t.Scopes == nil && p.Account.Scope != "" {
		t.Scopes = strings.Split(p.Account.Scope, ",")
	}
	return t
}

func known(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC().Truncate(time.Millisecond)
	return &at
}
