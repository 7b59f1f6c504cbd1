package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var listSessionsOp = gatehouse.Op{
	ID: "adminListUserSessions", Method: http.MethodPost, Path: "/admin/list-user-sessions",
	Doc:    "Lists a person's active sessions, at most 100, oldest first. Nobody's are none.",
	Access: gatehouse.Can("session", "list").Answering(ErrNobody, ErrListSessions), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrListSessions},
}

var revokeSessionOp = gatehouse.Op{
	ID: "revokeUserSession", Method: http.MethodPost, Path: "/admin/revoke-user-session",
	Doc:    "Ends one session. An unknown token does nothing.",
	Access: gatehouse.Can("session", "revoke").Answering(ErrNobody, ErrRevokeSessions), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrRevokeSessions},
}

var revokeSessionsOp = gatehouse.Op{
	ID: "revokeUserSessions", Method: http.MethodPost, Path: "/admin/revoke-user-sessions",
	Doc:    "Ends all sessions of a person.",
	Access: gatehouse.Can("session", "revoke").Answering(ErrNobody, ErrRevokeSessions), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrRevokeSessions},
}

// SessionList is the answer of POST /admin/list-user-sessions.
type SessionList struct {
	Sessions []*gatehouse.Session `json:"sessions"`
}

func (a *Admin) listSessions(c *gatehouse.Call, in UserID) (SessionList, error) {
	if err := a.guardID(c, in.UserID, ErrListSessions); err != nil {
		return SessionList{}, err
	}
	sessions, err := a.Sessions(c, in.UserID)
	return SessionList{sessions}, err
}

// Sessions lists a user's active sessions, those of admins who act as the user
// included, oldest first and at most 100.
func (a *Admin) Sessions(ctx context.Context, userID string) ([]*gatehouse.Session, error) {
	if err := a.record(ctx, "session.list", userID, nil); err != nil {
		return nil, err
	}
	sessions, err := a.app.Sessions.Active(ctx, userID)
	if sessions == nil {
		sessions = []*gatehouse.Session{}
	}
	return sessions, err
}

// RevokeUserSession is the body of POST /admin/revoke-user-session.
type RevokeUserSession struct {
	Token string `json:"sessionToken"`
}

func (a *Admin) revokeSession(c *gatehouse.Call, in RevokeUserSession) (Success, error) {
	_, owner, err := a.app.Sessions.ByToken(c, in.Token)
	if errors.Is(err, store.ErrNotFound) {
		return Success{true}, nil
	}
	if err != nil {
		return Success{}, err
	}
	if err := a.guard(c, owner, ErrRevokeSessions); err != nil {
		return Success{}, err
	}
	err = a.RevokeSession(c, in.Token)
	return Success{err == nil}, err
}

// RevokeSession ends the session with a token, if there is one.
func (a *Admin) RevokeSession(ctx context.Context, token string) error {
	return a.app.Sessions.Revoke(ctx, token)
}

func (a *Admin) revokeSessions(c *gatehouse.Call, in UserID) (Success, error) {
	if err := a.guardID(c, in.UserID, ErrRevokeSessions); err != nil {
		return Success{}, err
	}
	err := a.RevokeSessions(c, in.UserID)
	return Success{err == nil}, err
}

// RevokeSessions ends all sessions of a user.
func (a *Admin) RevokeSessions(ctx context.Context, userID string) error {
	return a.app.Sessions.RevokeAll(ctx, userID, "")
}

// guardID is guard where nobody is no error.
func (a *Admin) guardID(c *gatehouse.Call, id string, refusal *gatehouse.Error) error {
	target, err := a.app.Users.ByID(c, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.guard(c, target, refusal)
}
