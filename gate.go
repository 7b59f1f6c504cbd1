package gatehouse

import (
	"errors"
	"fmt"
)

// Proof is what a sign-in method established: who it is, and how.
type Proof struct {
	User *User
	// Method is the sign-in method: "password", "social", "magic-link", ….
	Method string
	// Remember is the person's choice. Nil: as the browser was told before
	// (the dont_remember cookie), and a full-length session.
	Remember *bool
	// Prepare changes the session before it is stored: a shorter life, a
	// column of a plugin. Usually nil.
	Prepare func(*Session)
}

// Gate is asked before any session exists. Refusals run before detours,
// whatever the order of plugins: who is banned is not asked for a second
// factor.
type Gate struct {
	Kind GateKind
	// Ask admits with nil, refuses with an *Error, or answers with a *Detour.
	Ask func(*Call, Proof) error
}

// GateKind orders gates.
type GateKind int

const (
	// Refuse gates say no: banned, locked, not verified, pending approval.
	Refuse GateKind = iota
	// Defer gates ask for more: a second factor.
	Defer
)

// Admit is the only way to a session: it asks every gate, then creates the
// session and sets its cookies. A new session always has a new token, so a
// planted cookie is worth nothing (session fixation).
func (c *Call) Admit(p Proof) (*Session, error) {
	if p.User == nil {
		return nil, errors.New("gatehouse: Admit needs a user")
	}
	for _, gate := range c.app.gates {
		if err := gate.Ask(c, p); err != nil {
			return nil, c.Refused(signInFailed(p), err)
		}
	}
	session, err := c.app.Sessions.create(c, p)
	if err != nil {
		return nil, fmt.Errorf("create session: %w", err)
	}
	if err := c.setSessionCookies(session, p.User, p.Remember); err != nil {
		return nil, err
	}
	return session, nil
}

func signInFailed(p Proof) Event {
	return Event{Action: "sign-in.fail", TargetType: "user", Target: p.User.ID, Details: map[string]any{"method": p.Method}}
}
