package sessions

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

var getOp = gatehouse.Op{
	ID: "getSession", Method: http.MethodGet, Path: "/get-session",
	Doc:    "Returns the current session and its user, or null.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{gatehouse.ErrNoSession, gatehouse.ErrSessionUnreadable},
}

var refreshOp = gatehouse.Op{
	ID: "refreshSession", Method: http.MethodPost, Path: "/get-session",
	Doc:    "Returns the current session after extending it, where GET is kept free of writes.",
	Access: gatehouse.Public, Body: gatehouse.Body{Ignored: true},
	Errors: []*gatehouse.Error{ErrPostNeedsDefer, gatehouse.ErrNoSession},
}

// Current is the answer of GET /get-session; no session is the answer null.
type Current struct {
	Session *gatehouse.Session `json:"session"`
	User    *gatehouse.User    `json:"user"`
	// NeedsRefresh is told only where refreshing is left to POST.
	NeedsRefresh *bool `json:"needsRefresh,omitempty"`
}

// AppendJSON writes the answer without a detour over reflection: this is the
// busiest answer there is.
func (a *Current) AppendJSON(dst []byte) ([]byte, error) {
	if a == nil {
		return append(dst, "null"...), nil
	}
	dst, err := a.Session.AppendJSON(append(dst, `{"session":`...))
	if err != nil {
		return nil, err
	}
	if dst, err = a.User.AppendJSON(append(dst, `,"user":`...)); err != nil {
		return nil, err
	}
	if a.NeedsRefresh != nil {
		dst = append(dst, `,"needsRefresh":`...)
		if *a.NeedsRefresh {
			dst = append(dst, "true"...)
		} else {
			dst = append(dst, "false"...)
		}
	}
	return append(dst, '}'), nil
}

func (s *Sessions) get(c *gatehouse.Call, _ struct{}) (*Current, error) {
	noStore(c)
	session, user, err := c.SessionCached()
	if err != nil || session == nil {
		return nil, err
	}
	answer := &Current{Session: session, User: user}
	if s.app.Config().Session.DeferSessionRefresh {
		due := c.RefreshDue(session)
		answer.NeedsRefresh = &due
	}
	return answer, nil
}

func (s *Sessions) refresh(c *gatehouse.Call, _ struct{}) (*Current, error) {
	noStore(c)
	if !s.app.Config().Session.DeferSessionRefresh {
		return nil, ErrPostNeedsDefer
	}
	session, user, err := c.RefreshSession()
	if err != nil || session == nil {
		return nil, err
	}
	return &Current{Session: session, User: user}, nil
}

// noStore keeps sessions out of every cache on the way (PROTOCOL 2.8).
func noStore(c *gatehouse.Call) {
	c.Header().Set("Cache-Control", "no-store")
	c.Header().Set("Pragma", "no-cache")
	c.Header().Set("Vary", "Cookie")
}
