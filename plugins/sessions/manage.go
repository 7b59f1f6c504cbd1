package sessions

import (
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var listOp = gatehouse.Op{
	ID: "listUserSessions", Method: http.MethodGet, Path: "/list-sessions",
	Doc:    "Lists the signed-in person's active sessions, at most 100.",
	Access: gatehouse.Fresh, OwnerOnly: true,
}

var updateOp = gatehouse.Op{
	ID: "updateSession", Method: http.MethodPost, Path: "/update-session",
	Doc:    "Changes additional fields of the current session.",
	Access: gatehouse.SignedInCached,
	Errors: []*gatehouse.Error{gatehouse.ErrFieldNotAllowed, gatehouse.ErrNothingToUpdate, gatehouse.ErrNoSession},
}

var revokeOp = gatehouse.Op{
	ID: "revokeSession", Method: http.MethodPost, Path: "/revoke-session",
	Doc:    "Ends one of the signed-in person's sessions. A token of nobody or of somebody else does nothing.",
	Access: gatehouse.SignedIn,
}

var revokeAllOp = gatehouse.Op{
	ID: "revokeSessions", Method: http.MethodPost, Path: "/revoke-sessions",
	Doc:    "Ends all sessions of the signed-in person, this one too.",
	Access: gatehouse.SignedIn, Body: gatehouse.Body{Optional: true},
}

var revokeOthersOp = gatehouse.Op{
	ID: "revokeOtherSessions", Method: http.MethodPost, Path: "/revoke-other-sessions",
	Doc:    "Ends all sessions of the signed-in person but this one.",
	Access: gatehouse.SignedIn, Body: gatehouse.Body{Optional: true},
}

var signOutOp = gatehouse.Op{
	ID: "signOut", Method: http.MethodPost, Path: "/sign-out",
	Doc:    "Ends the current session and clears its cookies. Without a session it succeeds too.",
	Access: gatehouse.Public, Body: gatehouse.Body{Optional: true},
}

func (s *Sessions) list(c *gatehouse.Call, _ struct{}) ([]*gatehouse.Session, error) {
	active, err := s.app.Sessions.Active(c, c.User().ID)
	own := make([]*gatehouse.Session, 0, len(active))
	for _, session := range active {
		if session.ImpersonatedBy() == "" { // an admin's is not the person's (PROTOCOL 7.6)
			own = append(own, session)
		}
	}
	return own, err
}

// Update is the body of POST /update-session: additional fields by name.
type Update struct {
	Fields map[string]any `json:"*"`
}

// Updated is the answer.
type Updated struct {
	Session *gatehouse.Session `json:"session"`
}

func (s *Sessions) update(c *gatehouse.Call, in Update) (Updated, error) {
	changes, err := s.app.SessionFieldsOnUpdate(in.Fields)
	if err != nil {
		return Updated{}, err
	}
	if len(changes) == 0 {
		return Updated{}, gatehouse.ErrNothingToUpdate
	}
	session, err := s.app.Sessions.Update(c, c.CurrentSession().Token, changes...)
	if errors.Is(err, store.ErrNotFound) {
		c.ClearSession()
		return Updated{}, gatehouse.ErrNoSession
	}
	if err != nil {
		return Updated{}, err
	}
	return Updated{Session: session}, c.SetSession(session, c.User())
}

// Revoke is the body of POST /revoke-session.
type Revoke struct {
	Token string `json:"token"`
}

func (s *Sessions) revoke(c *gatehouse.Call, in Revoke) (gatehouse.Status, error) {
	own := in.Token == c.CurrentSession().Token
	err := s.app.Sessions.RevokeOf(c, c.User().ID, in.Token)
	if err == nil && own {
		c.ClearSession()
	}
	return gatehouse.Status{Status: err == nil}, err
}

func (s *Sessions) revokeAll(c *gatehouse.Call, _ struct{}) (gatehouse.Status, error) {
	err := s.app.Sessions.RevokeAll(c, c.User().ID, "")
	if err == nil {
		c.ClearSession()
	}
	return gatehouse.Status{Status: err == nil}, err
}

func (s *Sessions) revokeOthers(c *gatehouse.Call, _ struct{}) (gatehouse.Status, error) {
	err := s.app.Sessions.RevokeAll(c, c.User().ID, c.CurrentSession().Token)
	return gatehouse.Status{Status: err == nil}, err
}

// SignOut is the body of POST /sign-out. The members serve sign-out at an
// identity provider.
type SignOut struct {
	CallbackURL     *string `json:"callbackURL,omitempty"`
	DisableRedirect *bool   `json:"disableRedirect,omitempty"`
	State           *string `json:"state,omitempty"`
}

// SignedOut is the answer. URL is set where the person leaves an identity
// provider, too.
type SignedOut struct {
	Success  bool    `json:"success"`
	URL      *string `json:"url,omitempty"`
	Redirect *bool   `json:"redirect,omitempty"`
}

func (s *Sessions) signOut(c *gatehouse.Call, in SignOut) (SignedOut, error) {
	who, err := s.leaving(c)
	if err != nil {
		return SignedOut{}, err
	}
	if token := c.SessionToken(); token != "" {
		if err := s.app.Sessions.SignOut(c, token); err != nil {
			return SignedOut{}, err
		}
	}
	c.ClearSession()
	answer := SignedOut{Success: true}
	if who == nil {
		return answer, nil
	}
	target := c.ExitOf(who, gatehouse.Leave{CallbackURL: text(in.CallbackURL), State: text(in.State)})
	if target == "" {
		return answer, nil
	}
	redirect := in.DisableRedirect == nil || !*in.DisableRedirect
	if redirect {
		c.Header().Set("Location", target)
	}
	answer.URL, answer.Redirect = &target, &redirect
	return answer, nil
}

// leaving is whose session ends, nil where that does not matter: most servers
// need not read it.
func (s *Sessions) leaving(c *gatehouse.Call) (*gatehouse.User, error) {
	if !s.app.HasExits() {
		return nil, nil
	}
	_, user, err := c.Session()
	return user, err
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
