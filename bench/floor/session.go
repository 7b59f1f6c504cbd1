package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "modernc.org/sqlite"             // driver "sqlite"

	"github.com/gatehouse-auth/gatehouse/bench/internal/fixture"
)

type session struct {
	ExpiresAt string  `json:"expiresAt"`
	Token     string  `json:"token"`
	CreatedAt string  `json:"createdAt"`
	UpdatedAt string  `json:"updatedAt"`
	IPAddress *string `json:"ipAddress"`
	UserAgent *string `json:"userAgent"`
	UserID    string  `json:"userId"`
	ID        string  `json:"id"`
}

type user struct {
	Name          string  `json:"name"`
	Email         string  `json:"email"`
	EmailVerified bool    `json:"emailVerified"`
	Image         *string `json:"image"`
	CreatedAt     string  `json:"createdAt"`
	UpdatedAt     string  `json:"updatedAt"`
	ID            string  `json:"id"`
}

const readSession = `SELECT s."id", s."expiresAt", s."token", s."createdAt", s."updatedAt", s."ipAddress", s."userAgent", s."userId",
	u."id", u."name", u."email", u."emailVerified", u."image", u."createdAt", u."updatedAt"
	FROM "session" s JOIN "user" u ON u."id" = s."userId" WHERE s."token" = $1`

// sessions answers who the cookie of a request belongs to.
type sessions struct{ read *sql.Stmt }

func openSessions(address string) (*sessions, error) {
	driver, source := "pgx", address
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver = "sqlite"
		source = "file:" + path + "?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	read, err := db.Prepare(readSession)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	return &sessions{read}, nil
}

func (h *sessions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, ok := verifiedToken(r)
	if !ok {
		http.Error(w, "no session", http.StatusUnauthorized)
		return
	}
	var s session
	var u user
	var expires, created, updated, userCreated, userUpdated time.Time
	err := h.read.QueryRowContext(r.Context(), token).Scan(
		&s.ID, &expires, &s.Token, &created, &updated, &s.IPAddress, &s.UserAgent, &s.UserID,
		&u.ID, &u.Name, &u.Email, &u.EmailVerified, &u.Image, &userCreated, &userUpdated)
	if err != nil || time.Now().After(expires) {
		http.Error(w, "no session", http.StatusUnauthorized)
		return
	}
	s.ExpiresAt, s.CreatedAt, s.UpdatedAt = wire(expires), wire(created), wire(updated)
	u.CreatedAt, u.UpdatedAt = wire(userCreated), wire(userUpdated)
	body, err := json.Marshal(map[string]any{"session": &s, "user": &u})
	if err != nil {
		http.Error(w, "encode", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

func wire(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// verifiedToken is the session token of the request's cookie, if its signature
// holds (PROTOCOL §4.3).
func verifiedToken(r *http.Request) (string, bool) {
	cookie, err := r.Cookie(fixture.CookieName)
	if err != nil {
		return "", false
	}
	value, err := url.QueryUnescape(cookie.Value)
	if err != nil {
		return "", false
	}
	dot := strings.LastIndexByte(value, '.')
	if dot < 1 {
		return "", false
	}
	given, err := base64.StdEncoding.DecodeString(value[dot+1:])
	if err != nil {
		return "", false
	}
	mac := hmac.New(sha256.New, []byte(fixture.Secret))
	mac.Write([]byte(value[:dot]))
	return value[:dot], hmac.Equal(given, mac.Sum(nil))
}
