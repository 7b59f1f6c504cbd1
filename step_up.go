package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Factor is a way in which a signed-in person can prove afresh who they are.
// Whoever checks it calls Call.Proved.
type Factor struct {
	// Name is how STEP_UP_REQUIRED lists it: "password", "totp", "passkey".
	Name string
	// Has reports whether the person has it.
	Has func(ctx context.Context, u *User) (bool, error)
}

// StepUp keeps when the person of a session last proved who they are. The
// proof is the session's: another session of the same person has its own.
type StepUp interface {
	// ProvedAt returns when that was, the zero time for never. The database
	// has confirmed s.
	ProvedAt(s *Session) (time.Time, error)
	// Proved stores that it was now.
	Proved(ctx context.Context, s *Session) error
}

// StepUp is a with a fresh proof: the person signed in or proved who they are
// on this session within the last d, which is more than 0. Who did not gets
// ErrStepUpRequired. New refuses it where no plugin keeps proofs.
func (a Access) StepUp(d time.Duration) Access {
	a.proofWithin = d
	return a
}

// RequireProof is for handlers that know only then whether they need a fresh
// proof: it returns ErrStepUpRequired unless there was one within the last d.
// Where no plugin keeps proofs, nobody has one.
func (c *Call) RequireProof(d time.Duration) error {
	session, user, err := c.Session()
	if err != nil {
		return err
	}
	if session == nil {
		return ErrUnauthorized
	}
	if c.app.stepUp != nil {
		at, err := c.app.stepUp.ProvedAt(session)
		if err != nil {
			return fmt.Errorf("read last proof: %w", err)
		}
		if !at.IsZero() && c.app.Now().Sub(at) < d {
			return nil
		}
	}
	factors, err := c.app.Factors(c, user)
	if err != nil {
		return err
	}
	return ErrStepUpRequired.With("factors", factors)
}

// Proved marks the request's session as freshly proved. Only what checks a
// Factor calls it, after the check.
func (c *Call) Proved() error {
	if c.app.stepUp == nil || c.session == nil || c.lookedUp != lookedUpLive {
		return errors.New("gatehouse: Proved needs a session from the database and a plugin that keeps proofs")
	}
	return c.app.stepUp.Proved(c, c.session)
}

// Factors lists by what user can prove who they are, in the order of plugins.
func (a *App) Factors(ctx context.Context, user *User) ([]string, error) {
	names := []string{}
	for _, factor := range a.factors {
		has, err := factor.Has(ctx, user)
		if err != nil {
			return nil, fmt.Errorf("factor %s: %w", factor.Name, err)
		}
		if has {
			names = append(names, factor.Name)
		}
	}
	return names, nil
}
