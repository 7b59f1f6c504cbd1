// Package social is sign-in through other identity providers (OAuth 2.0 and
// OpenID Connect) and the accounts that come of it. A sign-in goes
//
//	sign_in.go    POST /sign-in/social: where to send the browser
//	state.go      what is kept meanwhile
//	callback.go   GET /callback/:id: what the browser brought back
//	arrival.go    whose account that is, or whose it becomes
//
// and link.go, token.go and info.go are for people who are signed in. The
// client for providers is package oauth.
package social

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Method is the sign-in method in proofs, gates and the audit log.
const Method = "social"

// Options configure sign-in through other identity providers.
type Options struct {
	// Providers are those that people may choose, most often from package
	// oauth/provider.
	Providers []*oauth.Provider
	// Client connects to them. AllowPrivate lets them live inside our network.
	Client oauth.Options
}

// Social is the feature; New makes one.
type Social struct {
	app       *gatehouse.App
	options   Options
	client    *oauth.Client
	providers map[string]*oauth.Provider

	stateCookie       gatehouse.CookieSpec // strategy database
	sealedStateCookie gatehouse.CookieSpec // strategy cookie
	accountCookie     gatehouse.CookieSpec

	refreshing sync.Map // account id → *flight
	onDepart   []func(*gatehouse.Call, *Departure) error
	onReturn   []func(*gatehouse.Call, *Return) error
}

var _ gatehouse.Plugin = (*Social)(nil)

// New returns the plugin. Without providers its operations know none, as the
// protocol's do.
func New(o Options) *Social { return &Social{options: o, providers: map[string]*oauth.Provider{}} }

// The lives of the cookies (PROTOCOL 5.5).
const (
	stateCookieLife   = 5 * time.Minute
	accountCookieLife = 5 * time.Minute
)

// Plug declares the feature.
func (s *Social) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	s.app = app
	client := s.options.Client
	if client.Now == nil {
		client.Now = app.Now
	}
	s.client = oauth.NewClient(client)
	for _, p := range s.options.Providers {
		if s.providers[p.ID] != nil {
			return gatehouse.Parts{}, fmt.Errorf("two providers are called %q: give one another providerId", p.ID)
		}
		s.providers[p.ID] = p
	}
	cookieLife, sealedLife, accountLife := stateCookieLife, stateLife, accountCookieLife
	s.stateCookie = app.Cookie("state", &cookieLife)
	s.sealedStateCookie = app.Cookie("oauth_state", &sealedLife)
	s.accountCookie = app.Cookie("account_data", &accountLife)
	return gatehouse.Parts{
		ID: "social", Exits: s.exits(),
		Routes: []gatehouse.Route{
			gatehouse.Endpoint(signInOp, s.signIn),
			gatehouse.Endpoint(linkOp, s.link),
			gatehouse.Endpoint(callbackOp, s.callback),
			gatehouse.Endpoint(postedCallbackOp, s.postedCallback),
			gatehouse.Endpoint(accessTokenOp, s.accessToken),
			gatehouse.Endpoint(refreshTokenOp, s.refreshToken),
			gatehouse.Endpoint(infoOp, s.info),
		},
	}, nil
}

// Provider is the provider called id, or ErrProviderNotFound.
func (s *Social) Provider(id string) (*oauth.Provider, error) {
	if p := s.providers[id]; p != nil {
		return p, nil
	}
	return nil, ErrProviderNotFound
}

// Choice is a provider as a sign-in page shows it.
type Choice struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Choices lists the providers in the order of Options.
func (s *Social) Choices() []Choice {
	list := make([]Choice, len(s.options.Providers))
	for i, p := range s.options.Providers {
		list[i] = Choice{p.ID, p.Name}
	}
	return list
}

// The errors of this package.
var (
	ErrProviderNotFound     = gatehouse.NewError(http.StatusNotFound, "PROVIDER_NOT_FOUND", "Provider not found")
	ErrIDTokenNotSupported  = gatehouse.NewError(http.StatusNotFound, "ID_TOKEN_NOT_SUPPORTED", "id_token not supported")
	ErrInvalidIDToken       = gatehouse.NewError(http.StatusUnauthorized, "INVALID_TOKEN", "Invalid token")
	ErrNoUserInfo           = gatehouse.NewError(http.StatusUnauthorized, "FAILED_TO_GET_USER_INFO", "Failed to get user info")
	ErrNoEmail              = gatehouse.NewError(http.StatusUnauthorized, "USER_EMAIL_NOT_FOUND", "User email not found")
	ErrLink                 = gatehouse.NewError(http.StatusUnauthorized, "OAUTH_LINK_ERROR", "account not linked")
	ErrLinkingNotAllowed    = gatehouse.NewError(http.StatusUnauthorized, "LINKING_NOT_ALLOWED", "Account not linked - linking not allowed")
	ErrDifferentEmails      = gatehouse.NewError(http.StatusUnauthorized, "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED", "Account not linked - different emails not allowed")
	ErrAlreadyLinked        = gatehouse.NewError(http.StatusConflict, "SOCIAL_ACCOUNT_ALREADY_LINKED", "Social account already linked")
	ErrAccountNotFound      = gatehouse.NewError(http.StatusBadRequest, "ACCOUNT_NOT_FOUND", "Account not found")
	ErrProviderNotSupported = gatehouse.NewError(http.StatusBadRequest, "PROVIDER_NOT_SUPPORTED", "Provider not supported")
	ErrProviderNotSet       = gatehouse.NewError(http.StatusBadRequest, "PROVIDER_NOT_CONFIGURED", "Account is not associated with a configured social provider.")
	ErrNoRefreshing         = gatehouse.NewError(http.StatusBadRequest, "TOKEN_REFRESH_NOT_SUPPORTED", "Provider does not support token refreshing.")
	ErrNoRefreshToken       = gatehouse.NewError(http.StatusBadRequest, "REFRESH_TOKEN_NOT_FOUND", "Refresh token not found")
	ErrGetAccessToken       = gatehouse.NewError(http.StatusBadRequest, "FAILED_TO_GET_ACCESS_TOKEN", "Failed to get a valid access token")
	ErrRefreshAccessToken   = gatehouse.NewError(http.StatusBadRequest, "FAILED_TO_REFRESH_ACCESS_TOKEN", "Failed to refresh access token")
	ErrNoAccessToken        = gatehouse.NewError(http.StatusBadRequest, "ACCESS_TOKEN_NOT_FOUND", "Access token not found")
	ErrNobody               = gatehouse.NewError(http.StatusUnauthorized, "", "")
	// ErrProviderAway answers while a provider cannot be asked.
	ErrProviderAway = gatehouse.NewError(http.StatusServiceUnavailable, "PROVIDER_UNAVAILABLE", "The provider does not answer. Please try again later")
)
