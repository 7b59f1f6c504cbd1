package gatehouse

import (
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/cookie"
)

// CookieSpec is the name and attributes of one of our cookies.
type CookieSpec struct {
	Name       string
	Attributes cookie.Attributes
}

// cookieJar builds every cookie's spec from the options (PROTOCOL 5.1, 5.2).
type cookieNames struct {
	sessionToken CookieSpec
	sessionData  CookieSpec
	dontRemember CookieSpec
	accountData  CookieSpec
	oauthState   CookieSpec
}

// accountCookieLife is how long a provider account's copy is kept
// (PROTOCOL 5.5).
const accountCookieLife = 5 * time.Minute

// stateCookieLife is how long a sign-in may stay at a provider, where its state
// is kept in the browser (PROTOCOL 5.5).
const stateCookieLife = 10 * time.Minute

func (a *App) nameCookies() {
	expires := a.config.Session.ExpiresIn
	cache, accountLife, stateLife := a.config.Session.CookieCache.MaxAge, accountCookieLife, stateCookieLife
	a.cookies = cookieNames{
		sessionToken: a.Cookie("session_token", &expires),
		sessionData:  a.Cookie("session_data", &cache),
		dontRemember: a.Cookie("dont_remember", nil),
		accountData:  a.Cookie("account_data", &accountLife),
		oauthState:   a.Cookie("oauth_state", &stateLife),
	}
}

// Cookie gives the spec of the cookie called key, which lives for life (nil:
// until the browser closes). Plugins call it once, in Plug.
func (a *App) Cookie(key string, life *time.Duration) CookieSpec {
	advanced := &a.config.Advanced
	override := advanced.Cookies[key]
	secure := strings.HasPrefix(a.config.BaseURL, "https://")
	if advanced.UseSecureCookies != nil {
		secure = *advanced.UseSecureCookies
	}
	spec := CookieSpec{
		Name:       override.Name,
		Attributes: cookie.Attributes{Path: "/", HTTPOnly: true, SameSite: "Lax", Secure: secure},
	}
	if spec.Name == "" {
		spec.Name = advanced.CookiePrefix + "." + key
	}
	if secure {
		spec.Name = "__Secure-" + spec.Name
	}
	if life != nil {
		seconds := int(*life / time.Second)
		spec.Attributes.MaxAge = &seconds
	}
	if cross := advanced.CrossSubDomainCookies; cross.Enabled {
		spec.Attributes.Domain = cross.Domain
		if base, err := url.Parse(a.config.BaseURL); cross.Domain == "" && err == nil {
			spec.Attributes.Domain = base.Hostname()
		}
	}
	advanced.DefaultCookieAttributes.apply(&spec.Attributes)
	override.Attributes.apply(&spec.Attributes)
	return spec
}

func (o CookieAttributes) apply(a *cookie.Attributes) {
	if o.Domain != "" {
		a.Domain = o.Domain
	}
	if o.Path != "" {
		a.Path = o.Path
	}
	if o.SameSite != "" {
		a.SameSite = strings.ToUpper(o.SameSite[:1]) + strings.ToLower(o.SameSite[1:])
	}
	for _, flag := range []struct {
		from *bool
		to   *bool
	}{{o.HTTPOnly, &a.HTTPOnly}, {o.Secure, &a.Secure}, {o.Partitioned, &a.Partitioned}} {
		if flag.from != nil {
			*flag.to = *flag.from
		}
	}
	if o.MaxAge != nil {
		seconds := int(*o.MaxAge / time.Second)
		a.MaxAge = &seconds
	}
}

// SetCookie queues a cookie. An earlier one of the same name in this answer
// is replaced.
func (c *Call) SetCookie(spec CookieSpec, value string) {
	c.dropQueued(spec.Name)
	c.queued = append(c.queued, cookie.Cookie{Name: spec.Name, Value: value, Attributes: spec.Attributes})
}

// SetSignedCookie queues a cookie whose value cannot be forged.
func (c *Call) SetSignedCookie(spec CookieSpec, value string) {
	c.SetCookie(spec, cookie.Sign(c.app.secret, value))
}

// SignedCookie reads a cookie set by SetSignedCookie; a missing or forged one
// is "".
func (c *Call) SignedCookie(spec CookieSpec) string {
	raw, ok := c.jar.First(spec.Name)
	if !ok {
		return ""
	}
	value, ok := cookie.Verify(c.app.secret, raw)
	if !ok {
		return ""
	}
	return value
}

// PlainCookie reads a cookie set by SetCookie, "" without one. It may be
// forged: the value has to prove itself.
func (c *Call) PlainCookie(spec CookieSpec) string {
	value, _ := c.jar.First(spec.Name)
	return value
}

// ExpireCookie queues the removal of a cookie, and takes back one of the same
// name that this answer was about to set, so that no log on the way sees a
// value that was withdrawn.
func (c *Call) ExpireCookie(spec CookieSpec) {
	zero := 0
	spec.Attributes.MaxAge = &zero
	c.SetCookie(spec, "")
}

func (c *Call) dropQueued(name string) {
	kept := c.queued[:0]
	for _, q := range c.queued {
		if q.Name != name && !strings.HasPrefix(q.Name, name+".") {
			kept = append(kept, q)
		}
	}
	c.queued = kept
}

// setSessionCookies writes the session cookie and its companions (PROTOCOL
// 5.7). A nil remember reads the person's earlier choice from the request.
func (c *Call) setSessionCookies(session *Session, user *User, remember *bool) error {
	names := &c.app.cookies
	hadChoice := c.SignedCookie(names.dontRemember) != ""
	forget := hadChoice
	if remember != nil {
		forget = !*remember
	}
	token := names.sessionToken
	if forget {
		token.Attributes.MaxAge = nil
	}
	c.SetSignedCookie(token, session.Token)
	if forget {
		c.SetSignedCookie(names.dontRemember, "true")
	} else if hadChoice {
		c.ExpireCookie(names.dontRemember)
	}
	if err := c.writeSessionCache(session, user, forget); err != nil {
		return err
	}
	c.session, c.user, c.lookedUp = session, user, lookedUpLive
	for i := range c.app.hooks {
		if hook := c.app.hooks[i].SessionSet; hook != nil {
			hook(c, session, user)
		}
	}
	return nil
}

// SetSession re-issues the session cookies for a session that changed (its
// user was renamed, its fields updated).
func (c *Call) SetSession(session *Session, user *User) error {
	return c.setSessionCookies(session, user, nil)
}

// ResumeSession makes a session that exists already the browser's, remembered
// or ending with the browser: where an admin returns to their own.
func (c *Call) ResumeSession(session *Session, user *User, remember bool) error {
	return c.setSessionCookies(session, user, &remember)
}

// ClearSession expires the session cookie and its companions (PROTOCOL 5.8).
func (c *Call) ClearSession() {
	names := &c.app.cookies
	c.ExpireCookie(names.sessionToken)
	c.expireChunked(names.sessionData)
	if c.app.config.Account.StoreAccountCookie {
		c.expireChunked(names.accountData)
	}
	if c.app.config.Account.StoreStateStrategy == "cookie" {
		c.ExpireCookie(names.oauthState)
	}
	c.ExpireCookie(names.dontRemember)
	c.session, c.user, c.lookedUp = nil, nil, lookedUpLive
}
