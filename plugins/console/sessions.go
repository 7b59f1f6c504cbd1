package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var sessionsOp = gatehouse.Op{
	ID: "consoleSessions", Method: http.MethodGet, Path: "/console/sessions",
	Doc:    "Returns a page of everybody's live sessions, the newest first, without their tokens.",
	Access: gatehouse.Can("session", "list"), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrCursor},
}

var revokeSessionOp = gatehouse.Op{
	ID: "consoleRevokeSession", Method: http.MethodPost, Path: "/console/sessions/revoke",
	Doc:    "Ends one session, by its id.",
	Access: gatehouse.Can("session", "revoke"), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrRevoke},
}

// ListSessions is the query of GET /console/sessions.
type ListSessions struct {
	UserID       *string `query:"userId" check:"max=255"`
	Address      *string `query:"address" check:"max=64" doc:"A client address as it is listed."`
	Impersonated *string `query:"impersonated" check:"enum=true" doc:"Only those in which an admin acts as the person."`
	Cursor       *string `query:"cursor" check:"max=2048"`
	Limit        *int    `query:"limit" check:"min=1"`
}

// SessionQuery chooses live sessions.
type SessionQuery struct {
	UserID, Address string
	Impersonated    bool
	After           string `json:"-"`
	Limit           int    `json:"-"`
}

// Session is a live session, without what would let its reader use it.
type Session struct {
	ID             string    `json:"id"`
	CreatedAt      time.Time `json:"createdAt"`
	UpdatedAt      time.Time `json:"updatedAt"`
	ExpiresAt      time.Time `json:"expiresAt"`
	IPAddress      *string   `json:"ipAddress"`
	UserAgent      *string   `json:"userAgent"`
	Device         Device    `json:"device"`
	User           Person    `json:"user"`
	ImpersonatedBy *Person   `json:"impersonatedBy"`
	Current        bool      `json:"current"`
}

// Person names a user.
type Person struct {
	ID    string  `json:"id"`
	Name  string  `json:"name"`
	Email string  `json:"email"`
	Image *string `json:"image"`
}

// SessionPage is a page of sessions.
type SessionPage struct {
	Sessions []Session `json:"sessions"`
	Next     *string   `json:"next"`
}

func (k *Console) listSessions(c *gatehouse.Call, in ListSessions) (SessionPage, error) {
	limit, err := k.limit(in.Limit)
	if err != nil {
		return SessionPage{}, err
	}
	page, err := k.Sessions(c, SessionQuery{
		UserID: or(in.UserID, ""), Address: or(in.Address, ""), Impersonated: in.Impersonated != nil, After: or(in.Cursor, ""), Limit: limit,
	})
	for i := range page.Sessions {
		page.Sessions[i].Current = page.Sessions[i].ID == c.CurrentSession().ID
	}
	return page, err
}

// Sessions returns a page of live sessions, the newest first, or ErrCursor.
func (k *Console) Sessions(ctx context.Context, q SessionQuery) (SessionPage, error) {
	setDefault(&q.Limit, usualPage)
	place, err := k.readCursor(&q.After, "sessions", q)
	if err != nil {
		return SessionPage{}, err
	}
	where := []store.Condition{{Field: "expiresAt", Op: store.Greater, Value: k.app.Now()}}
	if q.UserID != "" {
		where = append(where, store.Condition{Field: "userId", Value: q.UserID})
	}
	if q.Address != "" {
		where = append(where, store.Condition{Field: "ipAddress", Value: q.Address})
	}
	if q.Impersonated {
		where = append(where, store.Condition{Field: "impersonatedBy", Op: store.NotEqual})
	}
	limit := min(q.Limit, k.options.MaxPage)
	page := SessionPage{Sessions: []Session{}}
	found, err := k.sessions.Find(ctx, store.Search{Where: where, OrderBy: "createdAt", Descending: true, After: place, Limit: limit + 1})
	if errors.Is(err, store.ErrCondition) {
		return page, nil // an id that no user can have
	}
	if err != nil {
		return page, err
	}
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		if page.Next, err = k.cursorTo(cursorPlace{Time: &last.CreatedAt, ID: last.ID}, "sessions", q); err != nil {
			return page, err
		}
	}
	people, err := k.people(ctx, found)
	if err != nil {
		return page, err
	}
	for _, s := range found {
		page.Sessions = append(page.Sessions, showSession(s, people))
	}
	details := map[string]any{"found": len(found)}
	return page, k.record(ctx, gatehouse.Event{Action: "session.list", TargetType: "user", Target: q.UserID, Details: details})
}

func showSession(s *gatehouse.Session, people map[string]Person) Session {
	shown := Session{
		ID: s.ID, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt, ExpiresAt: s.ExpiresAt,
		IPAddress: s.IPAddress, UserAgent: s.UserAgent, User: people[s.UserID],
	}
	shown.User.ID = s.UserID
	if s.UserAgent != nil {
		shown.Device = deviceOf(*s.UserAgent)
	} else {
		shown.Device = deviceOf("")
	}
	if by := s.ImpersonatedBy(); by != "" {
		admin := people[by]
		admin.ID = by
		shown.ImpersonatedBy = &admin
	}
	return shown
}

// peopleAtOnce is how many ids one condition takes.
const peopleAtOnce = 100

// people are who the sessions belong to and who acts in them, by id.
func (k *Console) people(ctx context.Context, sessions []*gatehouse.Session) (map[string]Person, error) {
	people := map[string]Person{}
	var ids []string
	ask := func(id string) {
		if _, known := people[id]; !known && id != "" {
			people[id] = Person{ID: id}
			ids = append(ids, id)
		}
	}
	for _, s := range sessions {
		ask(s.UserID)
		ask(s.ImpersonatedBy())
	}
	for len(ids) > 0 {
		some := ids[:min(peopleAtOnce, len(ids))]
		ids = ids[len(some):]
		found, err := k.users.Find(ctx, store.Search{Where: []store.Condition{{Field: "id", Op: store.In, Value: some}}, Limit: len(some)})
		if err != nil {
			return nil, err
		}
		for _, user := range found {
			people[user.ID] = Person{user.ID, user.Name, user.Email, user.Image}
		}
	}
	return people, nil
}

// RevokeSession is the body of POST /console/sessions/revoke.
type RevokeSession struct {
	ID string `json:"id" check:"nonempty,max=255"`
}

// Revoked is the answer. False: there was no such session any more.
type Revoked struct {
	Revoked bool `json:"revoked"`
}

func (k *Console) revokeSession(c *gatehouse.Call, in RevokeSession) (Revoked, error) {
	found, err := k.sessions.Find(c, store.Search{Where: []store.Condition{{Field: "id", Value: in.ID}}, Limit: 1})
	if errors.Is(err, store.ErrCondition) || err == nil && len(found) == 0 {
		return Revoked{}, nil
	}
	if err != nil {
		return Revoked{}, err
	}
	owner, err := k.app.Users.ByID(c, found[0].UserID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Revoked{}, err
	}
	if err == nil {
		may, err := k.sources.Admin.MayTouch(c, owner)
		if err != nil {
			return Revoked{}, err
		}
		if !may {
			return Revoked{}, ErrRevoke
		}
	}
	err = k.app.Sessions.Revoke(c, found[0].Token)
	return Revoked{err == nil}, err
}
