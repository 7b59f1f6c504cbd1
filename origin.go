package gatehouse

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// trusts reports whether u may be called from or redirected to. Relative
// paths are allowed for redirects only.
func (a *App) trusts(r *http.Request, u string, relative bool) bool {
	if a.trusted.Match(u, relative) {
		return true
	}
	if a.config.TrustedOriginsFunc == nil {
		return false
	}
	return origin.Patterns(a.config.TrustedOriginsFunc(r)).Match(u, relative)
}

// Trusts reports whether a browser that sent r may be sent on to target: an
// address of a trusted origin, or a path of ours.
func (a *App) Trusts(r *http.Request, target string) bool { return a.trusts(r, target, true) }

// Trusts reports whether a browser may be sent to target: an address of a
// trusted origin or, if relative is set, a path of ours.
func (c *Call) Trusts(target string, relative bool) bool {
	return c.app.trusts(c.Request, target, relative)
}

// checkOrigin is the CSRF check of every request that may change state
// (PROTOCOL 9.3): with cookies, the page that sent it must be ours.
func (c *Call) checkOrigin(force bool) error {
	if c.app.config.Advanced.DisableCSRFCheck {
		return nil
	}
	header := c.Request.Header
	if !force && len(header["Cookie"]) == 0 {
		return nil
	}
	from := header.Get("Origin")
	if from == "" {
		from = header.Get("Referer")
	}
	if from == "null" && header.Get("Sec-Fetch-Site") == "same-origin" {
		from = c.app.origin
	}
	if from == "" || from == "null" {
		return ErrMissingOrigin
	}
	if !c.app.trusts(c.Request, from, false) {
		return ErrInvalidOrigin
	}
	return nil
}

// checkFormOrigin guards operations that sign somebody in, which a hostile
// page could submit without any cookie (login CSRF, PROTOCOL 9.4).
func (c *Call) checkFormOrigin() error {
	if c.app.config.Advanced.DisableCSRFCheck {
		return nil
	}
	header := c.Request.Header
	if len(header["Cookie"]) > 0 {
		return c.checkOrigin(false)
	}
	site, mode := header.Get("Sec-Fetch-Site"), header.Get("Sec-Fetch-Mode")
	if strings.TrimSpace(site+mode+header.Get("Sec-Fetch-Dest")) != "" {
		if site == "cross-site" && mode == "navigate" {
			return ErrCrossSiteLogin
		}
		return c.checkOrigin(true)
	}
	if header.Get("Origin") != "" || header.Get("Referer") != "" {
		return c.checkOrigin(true)
	}
	return nil
}

// checkBodyURLs refuses redirect targets that are not ours, on every
// operation that takes one and before anything is done (PROTOCOL 9.5).
func (c *Call) checkBodyURLs() error {
	if c.app.config.Advanced.DisableOriginCheck {
		return nil
	}
	body, _ := c.body.(map[string]any)
	callback := body["callbackURL"]
	if !truthy(callback) {
		callback = nil
		if fromQuery := c.query()["callbackURL"]; len(fromQuery) > 0 {
			callback = fromQuery[0]
		}
	}
	for _, target := range []struct {
		value   any
		name    string
		refusal *Error
	}{
		{callback, "callbackURL", ErrCallbackURL},
		{body["redirectTo"], "redirectURL", ErrRedirectURL},
		{body["errorCallbackURL"], "errorCallbackURL", ErrErrorCallback},
		{body["newUserCallbackURL"], "newUserCallbackURL", ErrNewUserCallback},
	} {
		if !truthy(target.value) {
			continue
		}
		text, ok := target.value.(string)
		if !ok {
			return NewError(http.StatusBadRequest, "", "Invalid "+target.name+": expected a string")
		}
		if !c.app.trusts(c.Request, text, true) {
			return target.refusal
		}
	}
	return nil
}

// urlParameters are the query parameters of GET links that lead somewhere.
var urlParameters = []string{"callbackURL", "newUserCallbackURL", "errorCallbackURL"}

// checkQueryURLs is checkBodyURLs for links that are followed with GET.
func (c *Call) checkQueryURLs() error {
	if c.app.config.Advanced.DisableOriginCheck {
		return nil
	}
	query := c.query()
	for _, name := range urlParameters {
		for _, target := range query[name] {
			if target != "" && !c.app.trusts(c.Request, target, true) {
				return ErrCallbackURL
			}
		}
	}
	return nil
}

// AddQuery appends parameters to a URL or path and keeps what it has.
func AddQuery(target string, pairs ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	target, fragment, hasFragment := strings.Cut(target, "#")
	target, query, _ := strings.Cut(target, "?")
	if scheme, host, ok := strings.Cut(target, "://"); ok && webScheme(scheme) && !strings.Contains(host, "/") {
		target += "/" // as browsers write it; an app's own scheme has no such rule
	}
	target += "?"
	if query = strings.TrimSuffix(query, "&"); query != "" {
		target += query + "&"
	}
	target += formSigns.Replace(values.Encode())
	if hasFragment {
		target += "#" + fragment
	}
	return target
}

func webScheme(scheme string) bool {
	return strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")
}

// formSigns are the two signs that Go encodes unlike browsers do (URL Standard
// §5.2).
var formSigns = strings.NewReplacer("%2A", "*", "~", "%7E")
