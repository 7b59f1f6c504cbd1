package oauth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ErrRefused is returned when a provider says no: to a code, a refresh token
// or an access token. Any other error is a fault on the way.
var ErrRefused = errors.New("oauth: the provider refused")

// ErrNoRefresh is returned by Refresh where a provider has no such thing.
var ErrNoRefresh = errors.New("oauth: the provider does not refresh tokens")

// Exchange is what a person brought back.
type Exchange struct {
	Code, Verifier, RedirectURI string
	// DeviceID is VK's; it goes along when it is set.
	DeviceID string
}

// Exchange turns a code into tokens (RFC 6749 §4.1.3). The ID token among
// them is not judged yet: Identity does.
func (c *Client) Exchange(ctx context.Context, p *Provider, e Exchange) (*Tokens, error) {
	p, err := c.resolve(ctx, p)
	if err != nil {
		return nil, err
	}
	form := url.Values{}
	set(form, "grant_type", "authorization_code")
	set(form, "code", e.Code)
	if !p.Authorization.NoPKCE {
		set(form, "code_verifier", e.Verifier)
	}
	set(form, "client_key", p.ClientKey)
	set(form, "device_id", e.DeviceID)
	set(form, "redirect_uri", first(p.RedirectURI, e.RedirectURI))
	addMissing(form, p.Token.Params)
	return c.tokens(ctx, p, "authorization_code", form)
}

// Refresh renews an access token (RFC 6749 §6). A RefreshToken of "" in the
// answer means that the old one stays.
func (c *Client) Refresh(ctx context.Context, p *Provider, refreshToken string) (*Tokens, error) {
	p, err := c.resolve(ctx, p)
	if err != nil {
		return nil, err
	}
	if p.Token.NoRefresh {
		return nil, ErrNoRefresh
	}
	form := url.Values{}
	set(form, "grant_type", "refresh_token")
	set(form, "refresh_token", refreshToken)
	addMissing(form, p.Token.RefreshParams)
	return c.tokens(ctx, p, "refresh_token", form)
}

// tokens sends one request to the token endpoint and reads the answer.
func (c *Client) tokens(ctx context.Context, p *Provider, grant string, form url.Values) (*Tokens, error) {
	call := &TokenCall{Grant: grant, Method: http.MethodPost, URL: p.TokenURL, Header: p.Token.Headers.Clone(), Form: form}
	if call.Header == nil {
		call.Header = http.Header{}
	}
	if err := p.authenticate(ctx, call); err != nil {
		return nil, err
	}
	if p.Token.Customize != nil {
		p.Token.Customize(call)
	}
	answer, err := c.send(ctx, call)
	if err != nil {
		return nil, fmt.Errorf("token endpoint of %s: %w", p.ID, err)
	}
	if p.Token.Read != nil {
		if answer, err = p.Token.Read(answer); err != nil {
			return nil, err
		}
	}
	if answer.Text("error") != "" {
		return nil, fmt.Errorf("%w: %s answered %q", ErrRefused, p.ID, errorCode(answer))
	}
	t := p.readTokens(answer, c.now())
	if t.AccessToken == "" && (t.IDToken == "" || grant == "refresh_token") {
		return nil, fmt.Errorf("%w: the answer of %s has no access_token", ErrRefused, p.ID)
	}
	return t, nil
}

func (c *Client) send(ctx context.Context, call *TokenCall) (Profile, error) {
	if call.Method == http.MethodGet {
		separator := "?"
		if strings.Contains(call.URL, "?") {
			separator = "&"
		}
		return c.Get(ctx, call.URL+separator+call.Form.Encode(), call.Header)
	}
	return c.PostForm(ctx, call.URL, call.Header, call.Form)
}

func (p *Provider) readTokens(answer Profile, now time.Time) *Tokens {
	expiry := func(member string) time.Time {
		seconds, err := strconv.ParseFloat(answer.Text(member), 64)
		if err != nil || !(seconds > 0) { // NaN is not
			return time.Time{}
		}
		return now.Add(time.Duration(min(seconds, maxSeconds)) * time.Second)
	}
	t := &Tokens{
		AccessToken: answer.Text("access_token"), RefreshToken: answer.Text("refresh_token"),
		IDToken: answer.Text("id_token"), TokenType: answer.Text("token_type"),
		AccessTokenExpiresAt: expiry("expires_in"), RefreshTokenExpiresAt: expiry("refresh_token_expires_in"),
		Scopes: answer.Words("scope"), Raw: answer,
	}
	if t.AccessTokenExpiresAt.IsZero() && p.Token.DefaultLife > 0 {
		t.AccessTokenExpiresAt = now.Add(p.Token.DefaultLife)
	}
	return t
}

// maxSeconds bounds what a provider may claim for a life: a century.
const maxSeconds = 100 * 365 * 24 * 3600

// authenticate proves who we are (RFC 6749 §2.3, OpenID Connect Core §9).
func (p *Provider) authenticate(ctx context.Context, call *TokenCall) error {
	switch p.ClientAuth {
	case BasicAuth:
		pair := formEscape(p.clientID()) + ":" + formEscape(p.ClientSecret)
		call.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	case AssertionAuth:
		if p.ClientAssertion == nil {
			return fmt.Errorf("oauth: provider %s has no ClientAssertion", p.ID)
		}
		assertion, err := p.ClientAssertion(ctx, call.URL)
		if err != nil {
			return fmt.Errorf("client assertion for %s: %w", p.ID, err)
		}
		set(call.Form, "client_id", p.clientID())
		set(call.Form, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		set(call.Form, "client_assertion", assertion)
	case PostAuth:
		set(call.Form, "client_id", p.clientID())
		set(call.Form, "client_secret", p.ClientSecret)
	case NoAuth:
	}
	return nil
}

func set(form url.Values, name, value string) {
	if value != "" {
		form.Set(name, value)
	}
}

func addMissing(form url.Values, params Params) {
	for _, param := range params {
		if !form.Has(param.Name) {
			form.Set(param.Name, param.Value)
		}
	}
}
