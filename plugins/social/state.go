package social

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/token"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	stateLife    = 10 * time.Minute
	statePurpose = "oauth-state-cookie"
	linkPurpose  = "oauth-link-session-token"
	cookieState  = "cookie" // the strategy
)

// State is a sign-in on its way, as the protocol keeps it (PROTOCOL 13.2).
// Data are the client's members, which stand beside the others.
type State struct {
	CallbackURL   string         `json:"callbackURL"`
	CodeVerifier  string         `json:"codeVerifier"`
	ErrorURL      string         `json:"errorURL,omitempty"`
	NewUserURL    string         `json:"newUserURL,omitempty"`
	Link          *link          `json:"link,omitempty"`
	ServerContext *serverContext `json:"serverContext,omitempty"`
	ExpiresAt     int64          `json:"expiresAt"` // Unix milliseconds
	RequestSignUp *bool          `json:"requestSignUp,omitempty"`
	IDTokenNonce  string         `json:"idTokenNonce,omitempty"`
	OAuthState    string         `json:"oauthState,omitempty"`

	Data map[string]any `json:"-"`
}

// link is who asked for another way to sign in.
type link struct {
	UserID                string `json:"userId"`
	Email                 string `json:"email"`
	EncryptedSessionToken string `json:"encryptedSessionToken,omitempty"`
}

// serverContext is ours alone. The provider is in it, so that a code of one
// cannot be brought to the callback of another (RFC 9700 §4.4); states of a
// better-auth server beside us have none.
type serverContext struct {
	Provider string `json:"gatehouseProvider,omitempty"`
}

const (
	// maxState bounds a state in bytes of JSON, and maxSealedState one in its
	// cookie: browsers drop cookies over 4096 bytes without a word.
	maxState       = 16 << 10
	maxSealedState = 3800
)

// maxData bounds the client's members, in bytes of JSON: they stand in a
// database row, or in a cookie.
const maxData = 2 << 10

// keep stores the state of a departure and sets its cookie.
func (s *Social) keep(c *gatehouse.Call, p *oauth.Provider, d Departure) (*State, error) {
	state := &State{
		CallbackURL: d.CallbackURL, CodeVerifier: token.URLSafe(s.app.Rand, 128),
		ErrorURL: d.ErrorURL, NewUserURL: d.NewUserURL, Link: d.link, ServerContext: &serverContext{Provider: p.ID},
		ExpiresAt: s.app.Now().Add(stateLife).UnixMilli(), RequestSignUp: d.RequestSignUp, IDTokenNonce: s.nonce(p),
		OAuthState: token.URLSafe(s.app.Rand, 32), Data: d.Data,
	}
	if state.CallbackURL == "" {
		state.CallbackURL = s.app.Config().BaseURL
	}
	value, err := state.Encode()
	if err != nil {
		return nil, err
	}
	if len(value) > maxState {
		return nil, gatehouse.ErrFieldTooLong.Saying("callbackURL, errorCallbackURL and newUserCallbackURL are too long together")
	}
	if s.app.Config().Account.StoreStateStrategy == cookieState {
		sealed, err := s.app.SealFor(statePurpose, value)
		if err != nil {
			return nil, fmt.Errorf("seal state: %w", err)
		}
		if len(sealed) > maxSealedState {
			return nil, gatehouse.ErrFieldTooLong.Saying("What is kept of this sign-in is too long for a cookie: shorten the addresses and additionalData")
		}
		c.SetCookie(s.sealedStateCookie, sealed)
		return state, nil
	}
	if err := s.app.Verifications.Create(c, stateIdentifier(state.OAuthState), string(value), stateLife); err != nil {
		return nil, err
	}
	c.SetSignedCookie(s.stateCookie, state.OAuthState)
	return state, nil
}

func stateIdentifier(state string) string { return "auth-state:" + state }

// Encode writes the state with the client's members beside its own, which
// these cannot replace.
func (s *State) Encode() ([]byte, error) {
	own, err := json.Marshal(s)
	if err != nil || len(s.Data) == 0 {
		return own, err
	}
	all := map[string]any{}
	for name, value := range s.Data {
		if !stateMembers[name] {
			all[name] = value
		}
	}
	data, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("encode additional data: %w", err)
	}
	if len(data) > maxData {
		return nil, gatehouse.ErrFieldTooLong.Saying("additionalData is over %d bytes", maxData)
	}
	if len(all) == 0 {
		return own, nil
	}
	return append(append(data[:len(data)-1], ','), own[1:]...), nil
}

var stateMembers = map[string]bool{
	"callbackURL": true, "codeVerifier": true, "errorURL": true, "newUserURL": true, "link": true, "serverContext": true,
	"expiresAt": true, "requestSignUp": true, "idTokenNonce": true, "oauthState": true,
}

// DecodeState reads what Encode wrote.
func DecodeState(value []byte) (*State, error) {
	state := &State{}
	if err := json.Unmarshal(value, state); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(value, &state.Data); err != nil {
		return nil, err
	}
	for name := range stateMembers {
		delete(state.Data, name)
	}
	return state, nil
}

// stateFailure is a state that does not hold. ErrorURL is where its own
// sign-in wanted failures, once that could be read.
type stateFailure struct {
	code     Failure
	errorURL string
}

func (f *stateFailure) Error() string { return "social: " + string(f.code) }

// claim takes back the state that a callback names. Whoever has the state but
// not its cookie is another browser, which must not end the sign-in of the
// first; then the state stays for its owner.
func (s *Social) claim(c *gatehouse.Call, name string) (*State, error) {
	var state *State
	var err error
	if s.app.Config().Account.StoreStateStrategy == cookieState {
		state, err = s.claimCookie(c, name)
	} else {
		state, err = s.claimRecord(c, name)
	}
	if err != nil {
		return nil, err
	}
	if state.ExpiresAt < s.app.Now().UnixMilli() {
		return nil, &stateFailure{stateMismatch, state.ErrorURL}
	}
	return state, nil
}

func (s *Social) claimCookie(c *gatehouse.Call, name string) (*State, error) {
	sealed := c.PlainCookie(s.sealedStateCookie)
	if sealed == "" {
		return nil, &stateFailure{code: stateMismatch}
	}
	value, err := s.app.OpenFor(statePurpose, sealed)
	if err != nil {
		return nil, &stateFailure{code: stateInvalid}
	}
	state, err := DecodeState(value)
	if err != nil {
		return nil, &stateFailure{code: stateInvalid}
	}
	if state.OAuthState == "" || state.OAuthState != name {
		return nil, &stateFailure{stateMismatch, state.ErrorURL}
	}
	c.ExpireCookie(s.sealedStateCookie)
	return state, nil
}

func (s *Social) claimRecord(c *gatehouse.Call, name string) (*State, error) {
	record, err := s.app.Verifications.Find(c, stateIdentifier(name))
	if errors.Is(err, store.ErrNotFound) {
		return nil, &stateFailure{code: stateMismatch}
	}
	if err != nil {
		return nil, err
	}
	state, err := DecodeState([]byte(record.Value))
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	if state.OAuthState != "" && state.OAuthState != name {
		return nil, &stateFailure{stateMismatch, state.ErrorURL}
	}
	if !s.app.Config().Account.SkipStateCookieCheck && c.SignedCookie(s.stateCookie) != name {
		return nil, &stateFailure{stateMismatch, state.ErrorURL}
	}
	c.ExpireCookie(s.stateCookie)
	// Only one of several callbacks with one state gets past this line.
	if _, err := s.app.Verifications.Consume(c, stateIdentifier(name)); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			return nil, &stateFailure{stateMismatch, state.ErrorURL}
		}
		return nil, err
	}
	return state, nil
}

// alive reports whether the session that began a link still is: a link that
// was begun before a sign-out must not end after it.
func (s *Social) alive(ctx context.Context, l *link) (bool, error) {
	if l.EncryptedSessionToken == "" {
		return true, nil
	}
	sessionToken, err := s.app.OpenFor(linkPurpose, l.EncryptedSessionToken)
	if err != nil {
		return false, nil //nolint:nilerr // a token that cannot be read belongs to no session
	}
	session, _, err := s.app.Sessions.ByToken(ctx, string(sessionToken))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return session.UserID == l.UserID && session.ExpiresAt.After(s.app.Now()), nil
}
