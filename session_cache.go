package gatehouse

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/sessiondata"
	"github.com/gatehouse-auth/gatehouse/internal/wire"
)

// sessionCodec is one of the three forms of the session cookie cache.
type sessionCodec interface {
	Encode(p sessiondata.Payload, now, expires time.Time, rand io.Reader) (string, error)
	Decode(value string, now time.Time) (sessiondata.Payload, error)
}

// unrememberedCacheLife is how long the copy is trusted when its cookie ends
// with the browser (PROTOCOL 6.2).
const unrememberedCacheLife = time.Minute

func (c *Call) writeSessionCache(session *Session, user *User, forget bool) error {
	options := &c.app.config.Session.CookieCache
	if !options.Enabled {
		return nil
	}
	sessionJSON, err := session.AppendJSON(nil)
	if err != nil {
		return err
	}
	userJSON, err := user.AppendJSON(nil)
	if err != nil {
		return err
	}
	now := c.app.Now()
	spec, life := c.app.cookies.sessionData, options.MaxAge
	if forget {
		spec.Attributes.MaxAge = nil
		life = unrememberedCacheLife
		if options.Strategy != "compact" {
			life = 5 * time.Minute
		}
	}
	payload := sessiondata.Payload{Session: sessionJSON, User: userJSON, UpdatedAt: now.UnixMilli(), Version: options.Version}
	value, err := c.app.sessionCodec.Encode(payload, now, now.Add(life), c.app.Rand)
	if err != nil {
		return fmt.Errorf("encode session cache: %w", err)
	}
	c.SetChunkedCookie(spec, value)
	return nil
}

// cachedSession returns the session of the cache cookie if that may be used:
// genuine, of this session token, of the current version, not expired
// (PROTOCOL 6.5). Anything else expires the cookie and returns nil.
func (c *Call) cachedSession(token string) (*Session, *User, error) {
	spec := c.app.cookies.sessionData
	value, _ := c.jar.Join(spec.Name)
	if value == "" {
		return nil, nil, nil
	}
	if c.app.config.Session.CookieCache.Strategy == "compact" && !inBase64URL(value) {
		// The protocol's reference cannot decode this and says so; clients see
		// no session either way.
		return nil, nil, ErrSessionUnreadable
	}
	now := c.app.Now()
	payload, err := c.app.sessionCodec.Decode(value, now)
	if err == nil && payload.Version == c.app.config.Session.CookieCache.Version {
		session, user, err := c.app.decodeCached(payload)
		if err == nil && session.Token == token && session.UserID == user.ID && session.ExpiresAt.After(now) {
			return session, user, nil
		}
	}
	c.ExpireCookie(spec)
	return nil, nil, nil
}

// inBase64URL reports whether s has only characters of base64url.
func inBase64URL(s string) bool {
	for i := range len(s) {
		b := s[i]
		if (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && (b < '0' || b > '9') && b != '-' && b != '_' && b != '=' {
			return false
		}
	}
	return true
}

func (a *App) decodeCached(payload sessiondata.Payload) (*Session, *User, error) {
	session, user := new(Session), new(User)
	rest, err := decodeRecord(payload.Session, map[string]any{
		"id": &session.ID, "expiresAt": &session.ExpiresAt, "token": &session.Token, "createdAt": &session.CreatedAt,
		"updatedAt": &session.UpdatedAt, "ipAddress": &session.IPAddress, "userAgent": &session.UserAgent, "userId": &session.UserID,
	})
	if err != nil {
		return nil, nil, err
	}
	a.restore("session", &session.Extra, rest)
	rest, err = decodeRecord(payload.User, map[string]any{
		"id": &user.ID, "name": &user.Name, "email": &user.Email, "emailVerified": &user.EmailVerified,
		"image": &user.Image, "createdAt": &user.CreatedAt, "updatedAt": &user.UpdatedAt,
	})
	if err != nil {
		return nil, nil, err
	}
	a.restore("user", &user.Extra, rest)
	return session, user, nil
}

// decodeRecord fills known members and returns the others as wire values.
func decodeRecord(raw json.RawMessage, known map[string]any) (map[string]any, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	rest := map[string]any{}
	for name, value := range members {
		if target, ok := known[name]; ok {
			if err := json.Unmarshal(value, target); err != nil {
				return nil, fmt.Errorf("member %s: %w", name, err)
			}
			continue
		}
		parsed, err := wire.Parse(value)
		if err != nil {
			return nil, err
		}
		rest[name] = parsed
	}
	return rest, nil
}
