package sessionpolicy

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatehouse-auth/gatehouse"
)

// makeRoom runs in the transaction that creates a session. It holds the
// person's lock from here to the commit, so that of any number of sign-ins, in
// any process, each sees the sessions of those before it.
func (p *Policy) makeRoom(ctx context.Context, s *gatehouse.Session) error {
	now := p.app.Now()
	p.lastUsed.Set(s, &now)
	if isImpersonation(s) {
		return nil // the admin's, and it ends within the hour
	}
	if !p.options.limitsSessions() {
		return nil
	}
	user, err := p.app.Users.Lock(ctx, s.UserID)
	if err != nil {
		return fmt.Errorf("limit sessions: %w", err)
	}
	limits, err := p.limits(ctx, user)
	if err != nil || limits.MaxSessions == 0 {
		return err
	}
	for {
		more, err := p.thin(ctx, user.ID, limits)
		if err != nil || !more {
			return err
		}
	}
}

// limitsSessions reports whether anybody's sessions may be limited in number.
func (o *Options) limitsSessions() bool {
	return o.For != nil || o.MaxSessions > 0 || slices.ContainsFunc(o.Roles, func(r RoleLimits) bool { return r.MaxSessions > 0 })
}

// activePage is how many sessions Sessions.Active lists at most.
const activePage = 100

// thin ends what is over among a person's oldest sessions, then those beyond
// the limit. more: there may be others behind them.
func (p *Policy) thin(ctx context.Context, userID string, limits Limits) (more bool, err error) {
	active, err := p.app.Sessions.Active(ctx, userID)
	if err != nil {
		return false, fmt.Errorf("limit sessions: %w", err)
	}
	own := ""
	if c := gatehouse.CallFrom(ctx); c != nil {
		own = c.SessionToken()
	}
	var live []*gatehouse.Session
	var replaced *gatehouse.Session
	ended := 0
	for _, s := range active {
		used, err := p.usedAt(s)
		switch {
		case err != nil:
			return false, err
		case limits.over(s, used, p.app.Now()):
			if err := p.app.Sessions.Revoke(ctx, s.Token); err != nil {
				return false, err
			}
			ended++
		case isImpersonation(s):
		case s.Token == own:
			replaced = s
		default:
			live = append(live, s)
		}
	}
	if replaced != nil {
		// Who signs in again in the same browser loses that session first.
		live = append([]*gatehouse.Session{replaced}, live...)
	}
	surplus := len(live) - (limits.MaxSessions - 1)
	if surplus > 0 && limits.WhenFull == refuse && (replaced == nil || surplus > 1) {
		return false, ErrLimitReached
	}
	for i := range max(surplus, 0) {
		if err := p.app.Sessions.Revoke(ctx, live[i].Token); err != nil {
			return false, err
		}
		ended++
	}
	return ended > 0 && len(active) == activePage, nil
}

// isImpersonation reports whether an admin acts as the person in s. The column
// is the admin plugin's; without it nobody does.
func isImpersonation(s *gatehouse.Session) bool {
	by, _ := s.Get("impersonatedBy")
	id, _ := by.(string)
	return id != ""
}
