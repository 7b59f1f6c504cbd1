package gatehouse

import (
	"strconv"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/cookie"
)

// SetChunkedCookie writes a value in as many cookies as it needs, and expires the
// form and the chunks of an earlier, longer value.
func (c *Call) SetChunkedCookie(spec CookieSpec, value string) {
	parts := cookie.Split(cookie.Cookie{Name: spec.Name, Value: value, Attributes: spec.Attributes})
	c.dropQueued(spec.Name)
	sent := map[string]bool{}
	for _, p := range parts {
		sent[p.Name] = true
	}
	zero := 0
	for _, name := range c.jar.Names() {
		if (name == spec.Name || isChunk(name, spec.Name)) && !sent[name] {
			gone := cookie.Cookie{Name: name, Attributes: spec.Attributes}
			gone.MaxAge = &zero
			c.queued = append(c.queued, gone)
		}
	}
	c.queued = append(c.queued, parts...)
}

// ChunkedCookie reads a cookie set by SetChunkedCookie, "" without one. It may
// be forged: the value has to prove itself.
func (c *Call) ChunkedCookie(spec CookieSpec) string {
	value, _ := c.jar.Join(spec.Name)
	return value
}

func isChunk(name, base string) bool {
	rest, ok := strings.CutPrefix(name, base+".")
	if !ok {
		return false
	}
	_, err := strconv.Atoi(rest)
	return err == nil
}

// expireChunked removes a cookie in whatever form the browser has it.
func (c *Call) expireChunked(spec CookieSpec) {
	c.ExpireCookie(spec)
	zero := 0
	for _, name := range c.jar.Names() {
		if isChunk(name, spec.Name) {
			gone := cookie.Cookie{Name: name, Attributes: spec.Attributes}
			gone.MaxAge = &zero
			c.queued = append(c.queued, gone)
		}
	}
}
