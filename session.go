package gatehouse

import (
	"context"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/token"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Session is one browser or device that a user signed in on.
type Session struct {
	ID        string    `db:"id"`
	ExpiresAt time.Time `db:"expiresAt"`
	Token     string    `db:"token,unique,len=255"` // 32 of a-zA-Z0-9: the secret the cookie carries
	CreatedAt time.Time `db:"createdAt"`
	UpdatedAt time.Time `db:"updatedAt"`
	IPAddress *string   `db:"ipAddress,len=45,truncate"`
	UserAgent *string   `db:"userAgent,len=500,truncate"`
	UserID    string    `db:"userId,references=user.id,index"`

	store.Extra
}

// ImpersonatedBy is the id of the admin who acts as the user in this session,
// or "". The column is the admin plugin's.
func (s *Session) ImpersonatedBy() string {
	if s == nil {
		return ""
	}
	value, _ := s.Get("impersonatedBy")
	id, _ := value.(string)
	return id
}

// unrememberedLife is the life of a session that ends with the browser,
// whatever Session.ExpiresIn is (PROTOCOL 7.1).
const unrememberedLife = 24 * time.Hour

// maxUserAgentBytes bounds what a client can make us store.
const maxUserAgentBytes = 2048

// Sessions are the verbs on session records.
type Sessions struct {
	app          *App
	table        *store.Table[Session]
	withUser     *store.Pair[Session, User]
	active       *store.Query[Session]
	extend       *store.Query[Session]
	byToken      *store.Query[Session]
	take         *store.Query[Session]
	takeOfUser   *store.Query[Session]
	takeOthers   *store.Query[Session]
	deleteAll    *store.Exec
	sweepExpired *store.Exec
}

func newSessions(app *App, users *Users) *Sessions {
	table := store.Define[Session](app.DB, "session")
	return &Sessions{
		app:          app,
		table:        table,
		withUser:     store.Join(table, users.table, "{session.userId} = {user.id}", "{session.token} = ?"),
		active:       table.Select("{userId} = ? AND {expiresAt} > ? ORDER BY {createdAt} LIMIT 100"),
		extend:       table.UpdateReturning("{expiresAt} = ?, {updatedAt} = ?", "{token} = ? AND {expiresAt} > ?"),
		byToken:      table.Select("{token} = ?"),
		take:         table.Take("{token} = ?"),
		takeOfUser:   table.Take("{token} = ? AND {userId} = ?"),
		takeOthers:   table.Take("{userId} = ? AND {token} <> ?"),
		deleteAll:    table.Delete("{userId} = ?"),
		sweepExpired: table.Delete("{expiresAt} < ?"),
	}
}

// create stores a session for p.User. Only Admit calls it.
func (s *Sessions) create(c *Call, p Proof) (*Session, error) {
	now := s.app.Now()
	life := s.app.config.Session.ExpiresIn
	if p.Remember != nil && !*p.Remember {
		life = unrememberedLife
	}
	address, agent := c.ClientIP(), c.Request.UserAgent()
	if len(agent) > maxUserAgentBytes {
		agent = agent[:maxUserAgentBytes]
	}
	session := &Session{
		Token: token.Alphanumeric(s.app.Rand, 32), UserID: p.User.ID,
		ExpiresAt: now.Add(life), CreatedAt: now, UpdatedAt: now,
		IPAddress: &address, UserAgent: &agent,
	}
	if p.Prepare != nil {
		p.Prepare(session)
	}
	return session, s.app.Tx(c, func(ctx context.Context) error {
		if err := each(ctx, s.app.hooks, func(h *Hooks) func(context.Context, *Session) error { return h.Session.BeforeCreate }, session); err != nil {
			return err
		}
		if err := s.table.Insert(ctx, session); err != nil {
			return err
		}
		event := Event{Action: "session.create", Actor: p.User.ID, Impersonator: session.ImpersonatedBy(), TargetType: "session", Target: session.ID, Details: map[string]any{"method": p.Method}}
		if err := s.app.Record(ctx, event); err != nil {
			return err
		}
		return each(ctx, s.app.hooks, func(h *Hooks) func(context.Context, *Session) error { return h.Session.AfterCreate }, session)
	})
}

// ByToken returns a session and its user, expired or not, in one indexed
// read, or store.ErrNotFound.
func (s *Sessions) ByToken(ctx context.Context, token string) (*Session, *User, error) {
	return s.withUser.One(ctx, token)
}

// Active lists a user's sessions that have not expired, oldest first, at most 100.
func (s *Sessions) Active(ctx context.Context, userID string) ([]*Session, error) {
	return s.active.All(ctx, userID, s.app.Now())
}

// refresh extends a session that is still alive. Change and condition are one
// statement: a session that was signed out meanwhile stays dead.
func (s *Sessions) refresh(ctx context.Context, token string) (*Session, error) {
	now := s.app.Now()
	var after *Session
	err := s.app.Tx(ctx, func(ctx context.Context) (err error) {
		if after, err = s.extend.One(ctx, now.Add(s.app.config.Session.ExpiresIn), now, token, now); err != nil {
			return err
		}
		return s.app.Record(ctx, Event{Action: "session.refresh", Actor: after.UserID, Impersonator: after.ImpersonatedBy(), TargetType: "session", Target: after.ID})
	})
	return after, err
}

// Update changes fields of a live session and returns it as it then is, or
// store.ErrNotFound.
func (s *Sessions) Update(ctx context.Context, token string, changes ...store.Change) (*Session, error) {
	var after *Session
	err := s.app.Tx(ctx, func(ctx context.Context) error {
		changes = append(changes, store.Change{Field: "updatedAt", Value: s.app.Now()})
		rows, err := s.table.Patch(ctx, changes, "{token} = ?", token)
		if err != nil {
			return fmt.Errorf("update session: %w", err)
		}
		if rows == 0 {
			return store.ErrNotFound
		}
		if after, err = s.byToken.One(ctx, token); err != nil {
			return err
		}
		return s.app.Record(ctx, Event{Action: "session.update", TargetType: "session", Target: after.ID, Details: map[string]any{"fields": fieldNames(changes)}})
	})
	return after, err
}

// Revoke ends one session by its token. An unknown token is no error: what
// was asked for is so.
func (s *Sessions) Revoke(ctx context.Context, token string) error {
	return s.end(ctx, "session.revoke", s.take, token)
}

// SignOut is Revoke by whoever holds the token.
func (s *Sessions) SignOut(ctx context.Context, token string) error {
	return s.end(ctx, "session.sign-out", s.take, token)
}

// expire removes a session whose time is over.
func (s *Sessions) expire(ctx context.Context, token string) error {
	return s.end(ctx, "session.expire", s.take, token)
}

// RevokeOf ends a session if it belongs to the user.
func (s *Sessions) RevokeOf(ctx context.Context, userID, token string) error {
	return s.end(ctx, "session.revoke", s.takeOfUser, token, userID)
}

// RevokeAll ends every session of a user, except the one with token keep (""
// for none).
func (s *Sessions) RevokeAll(ctx context.Context, userID, keep string) error {
	return s.end(ctx, "session.revoke", s.takeOthers, userID, keep)
}

func (s *Sessions) end(ctx context.Context, action string, take *store.Query[Session], args ...any) error {
	return s.app.Tx(ctx, func(ctx context.Context) error {
		ended, err := take.All(ctx, args...)
		if err != nil {
			return fmt.Errorf("revoke sessions: %w", err)
		}
		for _, session := range ended {
			event := Event{Action: action, TargetType: "session", Target: session.ID, Details: map[string]any{"user": session.UserID}}
			switch action {
			case "session.expire":
				event.Actor = System
			case "session.sign-out":
				event.Actor, event.Impersonator = session.UserID, session.ImpersonatedBy()
			}
			if err := s.app.Record(ctx, event); err != nil {
				return err
			}
			if err := each(ctx, s.app.hooks, func(h *Hooks) func(context.Context, *Session) error { return h.Session.AfterDelete }, session); err != nil {
				return err
			}
		}
		return nil
	})
}
