package storetest

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Bench measures the read that every request makes, a session with its user,
// through the store and, on hand, as one would write it with database/sql
// alone. Query is the statement for hand, with the placeholder of the database;
// prepared says that hand keeps it prepared, as the store does there.
func Bench(b *testing.B, db *store.DB, hand *sql.DB, query string, prepared bool) {
	h := declare(db)
	pair := store.Join(h.sessions, h.users, "{session.userId} = {user.id}", "{session.token} = ?")
	if _, err := h.Apply(b.Context()); err != nil {
		b.Fatal(err)
	}
	ada := newUser("ada@example.com")
	if err := h.users.Insert(b.Context(), ada); err != nil {
		b.Fatal(err)
	}
	session := &Session{Token: "6vN2bq0cVbq0cVbq0cVbq0cVbq0cVbq0", UserID: ada.ID, IPAddress: ptr("203.0.113.7"),
		UserAgent: ptr("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101"), ExpiresAt: noon, CreatedAt: noon, UpdatedAt: noon}
	if err := h.sessions.Insert(b.Context(), session); err != nil {
		b.Fatal(err)
	}
	b.Run("store", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, u, err := pair.One(b.Context(), session.Token); err != nil || u.ID != ada.ID {
				b.Fatal(u, err)
			}
		}
	})
	b.Run("by hand", func(b *testing.B) {
		ask := func(ctx context.Context, token string) *sql.Row { return hand.QueryRowContext(ctx, query, token) }
		if prepared {
			stmt, err := hand.PrepareContext(b.Context(), query)
			if err != nil {
				b.Fatal(err)
			}
			defer stmt.Close()
			ask = func(ctx context.Context, token string) *sql.Row { return stmt.QueryRowContext(ctx, token) }
		}
		b.ReportAllocs()
		for b.Loop() {
			if u, err := byHand(ask(b.Context(), session.Token)); err != nil || u.ID != ada.ID {
				b.Fatal(u, err)
			}
		}
	})
}

// HandQuery is for Bench; the placeholder is to be appended.
const HandQuery = `SELECT s."id", s."token", s."userId", s."expiresAt", s."ipAddress", s."userAgent", s."createdAt", s."updatedAt",
	u."id", u."name", u."email", u."emailVerified", u."image", u."createdAt", u."updatedAt"
	FROM "session" s JOIN "user" u ON s."userId" = u."id" WHERE s."token" = `

func byHand(row *sql.Row) (*User, error) {
	s, u := new(Session), new(User)
	err := row.Scan(&s.ID, &s.Token, &s.UserID, &s.ExpiresAt, &s.IPAddress, &s.UserAgent, &s.CreatedAt, &s.UpdatedAt,
		&u.ID, &u.Name, &u.Email, &u.EmailVerified, &u.Image, &u.CreatedAt, &u.UpdatedAt)
	for _, at := range []*time.Time{&s.ExpiresAt, &s.CreatedAt, &s.UpdatedAt, &u.CreatedAt, &u.UpdatedAt} {
		*at = at.UTC()
	}
	return u, err
}
