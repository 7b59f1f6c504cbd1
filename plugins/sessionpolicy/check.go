package sessionpolicy

import (
	"errors"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// checkSession ends a session that is over and notes the use of any other.
func (p *Policy) checkSession(c *gatehouse.Call, s *gatehouse.Session, u *gatehouse.User) error {
	limits, err := p.limits(c, u)
	if err != nil {
		return err
	}
	used, err := p.usedAt(s)
	if err != nil {
		return err
	}
	now := p.app.Now()
	if limits.over(s, used, now) {
		return errOver
	}
	// A client that asks without refreshing is a page that looks on by itself.
	if limits.IdleLifetime == 0 || now.Sub(used) < limits.noteEvery() || c.Request.URL.Query().Get("disableRefresh") != "" {
		return nil
	}
	_, err = p.app.Sessions.Update(c, s.Token, store.Change{Field: p.lastUsed.Name(), Value: now})
	if errors.Is(err, store.ErrNotFound) {
		return errOver // signed out between the read and the write
	}
	if err != nil {
		return fmt.Errorf("note use of session: %w", err)
	}
	return nil
}

// usedAt is when a session was last used, as far as we know.
func (p *Policy) usedAt(s *gatehouse.Session) (time.Time, error) {
	used, err := p.lastUsed.Of(s)
	if err != nil {
		return time.Time{}, err
	}
	if used == nil {
		return s.UpdatedAt, nil
	}
	return *used, nil
}

func (l *Limits) over(s *gatehouse.Session, used, now time.Time) bool {
	return (l.AbsoluteLifetime > 0 && now.Sub(s.CreatedAt) >= l.AbsoluteLifetime) ||
		(l.IdleLifetime > 0 && now.Sub(used) >= l.IdleLifetime)
}

// noteEvery is how long a use goes without being written down, so that not
// every request writes.
func (l *Limits) noteEvery() time.Duration { return min(l.IdleLifetime/10, time.Minute) }
