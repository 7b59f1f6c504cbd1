// Package sessions is what a person does with sessions: read the current one,
// list and end them, change its fields, sign out. It refuses to know how a
// session begins. Read get.go first.
package sessions

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

// Sessions is the feature; New makes one.
type Sessions struct {
	app *gatehouse.App
}

var _ gatehouse.Plugin = (*Sessions)(nil)

// New returns the plugin. Its options are gatehouse.Config.Session.
func New() *Sessions { return &Sessions{} }

// Plug declares the feature.
func (s *Sessions) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	s.app = app
	return gatehouse.Parts{
		ID: "sessions",
		Routes: []gatehouse.Route{
			gatehouse.Endpoint(getOp, s.get),
			gatehouse.Endpoint(refreshOp, s.refresh),
			gatehouse.Endpoint(listOp, s.list),
			gatehouse.Endpoint(updateOp, s.update),
			gatehouse.Endpoint(revokeOp, s.revoke),
			gatehouse.Endpoint(revokeAllOp, s.revokeAll),
			gatehouse.Endpoint(revokeOthersOp, s.revokeOthers),
			gatehouse.Endpoint(signOutOp, s.signOut),
		},
	}, nil
}

// ErrPostNeedsDefer answers POST /get-session where GET does the refreshing.
var ErrPostNeedsDefer = gatehouse.NewError(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED",
	"POST method requires deferSessionRefresh to be enabled in session config")
