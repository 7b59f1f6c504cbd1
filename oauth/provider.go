package oauth

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Provider is one identity provider as data, with a function where it strays
// from the standards. It is not changed once it is in use.
type Provider struct {
	// ID stands in addresses (/callback/<ID>) and in account.providerId. Name
	// is for people.
	ID, Name string

	// ClientIDs are who we are there; the first asks, and an ID token may be
	// made out to any of them.
	ClientIDs    []string
	ClientSecret string
	// ClientKey goes along as client_key; TikTok has it in place of an id.
	ClientKey string
	// ClientAuth says how we prove who we are at the token endpoint.
	ClientAuth ClientAuth
	// ClientAssertion makes the signed statement of AssertionAuth (RFC 7523).
	ClientAssertion func(ctx context.Context, tokenURL string) (string, error)
	// RedirectURI replaces the callback's own address.
	RedirectURI string

	Endpoints
	// EndSession is where a person leaves the provider, too.
	EndSession EndSession
	// Discovery fills in what Endpoints and IDToken lack, at the first use.
	Discovery *Discovery

	Authorization Authorization
	Token         TokenRequest
	// IDToken says how an ID token is judged; nil when there is none to judge.
	IDToken *IDTokenRules
	// BindNonce sends a nonce and wants it back in the ID token.
	BindNonce bool
	// IDTokenAlone: an ID token that a client brings must tell everything by
	// itself; the access token beside it is not asked.
	IDTokenAlone bool
	// NoIDTokenSignIn refuses ID tokens that a client brings itself.
	NoIDTokenSignIn bool

	// FetchProfile asks who the person is. Default: UserInfo.
	FetchProfile func(ctx context.Context, c *Client, p *Provider, t *Tokens) (Profile, error)
	// Identify reads a profile. Default: StandardClaims.
	Identify func(Profile) (Identity, error)
	// MapProfile is the operator's own last word on what Identify read. It
	// cannot change the Subject.
	MapProfile func(Profile, *Identity)

	SignUp SignUp
}

// Endpoints are where a provider answers.
type Endpoints struct {
	AuthorizeURL, TokenURL, UserInfoURL string
	// Issuer is compared with the callback's iss, if it has one (RFC 9207).
	Issuer string
	// IssuerRequired refuses a callback without iss: the provider said that it
	// always sends one.
	IssuerRequired bool
}

// ClientAuth is a way to authenticate at a token endpoint (OpenID Connect
// Core §9).
type ClientAuth int

const (
	// PostAuth sends client_id and client_secret in the form; without a
	// secret, client_id alone (a public client).
	PostAuth ClientAuth = iota
	// BasicAuth sends both in the Authorization header (RFC 6749 §2.3.1).
	BasicAuth
	// AssertionAuth sends a signed JWT (private_key_jwt).
	AssertionAuth
	// NoAuth leaves it to Token.Customize.
	NoAuth
)

// Authorization is the request that a person's browser carries.
type Authorization struct {
	// Scopes are always asked for. The request's own come after them, or with
	// ScopesFromRequestFirst before.
	Scopes                 []string
	ScopesFromRequestFirst bool
	// LastScopes come after all of these.
	LastScopes []string
	// OpenID puts "openid" first unless it is among them.
	OpenID bool
	// ScopeSeparator joins them. Default " ".
	ScopeSeparator string
	// NoPKCE leaves the code challenge out, for a provider that refuses it.
	NoPKCE bool

	ResponseType string // default "code"
	ResponseMode string
	Prompt       string
	AccessType   string
	Display      string
	HostedDomain string
	Duration     string
	// Claims asks for these in the ID token, besides email and email_verified.
	Claims []string
	// NoLoginHint drops the login hint, for a provider that refuses it.
	NoLoginHint bool
	// Params are added at the end, before the request's own.
	Params Params
	// Customize has the last word on the address.
	Customize func(target string, params Params) (string, Params)
	// IDPInitiated restarts a callback that comes without a state.
	IDPInitiated bool
}

// TokenRequest is what a provider wants at its token endpoint.
type TokenRequest struct {
	Headers http.Header
	// Params are added to the exchange of a code, RefreshParams to a refresh.
	Params, RefreshParams Params
	// DefaultLife is how long an access token lives when the answer does not
	// say. 0: unknown.
	DefaultLife time.Duration
	// Customize changes the request before it is sent.
	Customize func(*TokenCall)
	// Read reads an answer that is not RFC 6749's. It may return ErrRefused.
	Read func(Profile) (Profile, error)
	// NoRefresh: there is no refreshing at this provider.
	NoRefresh bool
}

// TokenCall is a request to a token endpoint on its way.
type TokenCall struct {
	Grant  string // "authorization_code" or "refresh_token"
	Method string // POST; a GET carries Form as its query
	URL    string
	Header http.Header
	Form   url.Values
}

// SignUp says what a sign-in by a provider may do to our users.
type SignUp struct {
	// Disabled never makes an account; Explicit only when the sign-in asked to
	// sign up.
	Disabled, Explicit bool
	// OverrideUserInfo copies the profile over the user at every sign-in.
	OverrideUserInfo bool
	// RequireVerifiedEmail signs nobody in whose address is not verified.
	RequireVerifiedEmail bool
}

// Identity is a person as a provider knows them.
type Identity struct {
	// Subject is their stable name there: account.accountId.
	Subject string
	// Email is "" when the provider does not tell one.
	Email         string
	EmailVerified bool
	Name, Image   string
	// Fields are further fields of the user, by their names in our options.
	Fields map[string]any
	// Profile is what the provider answered.
	Profile Profile
}

// Tokens are what a provider issued.
type Tokens struct {
	AccessToken, RefreshToken, IDToken, TokenType string
	// The expiries are zero when unknown.
	AccessTokenExpiresAt, RefreshTokenExpiresAt time.Time
	// Scopes are the granted ones, nil when the answer did not say.
	Scopes []string
	// Claims are those of the ID token, once it was judged. nil without one.
	Claims Profile
	// Raw is the whole answer.
	Raw Profile
	// PostedUser is the "user" member of a form-post callback (Apple).
	PostedUser Profile
}

func (p *Provider) clientID() string {
	if len(p.ClientIDs) == 0 {
		return ""
	}
	return p.ClientIDs[0]
}
