// Package social is sign-in through other identity providers (OAuth 2.0 and
// OpenID Connect) and the accounts that come of it. No provider can be
// configured yet, so that its operations answer what the protocol answers
// then: they know no provider and find no token. Read sign_in.go first.
package social

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

// Social is the feature; New makes one.
type Social struct {
	app *gatehouse.App
}

var _ gatehouse.Plugin = (*Social)(nil)

// New returns the plugin.
func New() *Social { return &Social{} }

// Plug declares the feature.
func (s *Social) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	s.app = app
	return gatehouse.Parts{
		ID: "social",
		Routes: []gatehouse.Route{
			gatehouse.Endpoint(signInOp, s.signIn),
			gatehouse.Endpoint(linkOp, s.link),
			gatehouse.Endpoint(callbackOp, s.callback),
			gatehouse.Endpoint(postedCallbackOp, s.postedCallback),
			gatehouse.Endpoint(accessTokenOp, s.accessToken),
			gatehouse.Endpoint(refreshTokenOp, s.accessToken),
			gatehouse.Endpoint(infoOp, s.info),
		},
	}, nil
}

// The errors of this package.
var (
	ErrProviderNotFound     = gatehouse.NewError(http.StatusNotFound, "PROVIDER_NOT_FOUND", "Provider not found")
	ErrAccountNotFound      = gatehouse.NewError(http.StatusBadRequest, "ACCOUNT_NOT_FOUND", "Account not found")
	ErrProviderNotSupported = gatehouse.NewError(http.StatusBadRequest, "PROVIDER_NOT_SUPPORTED", "Provider not supported")
	ErrNobody               = gatehouse.NewError(http.StatusUnauthorized, "", "")
)
