package gatehouse

import (
	"net/http"
	"strings"
)

// corsExposed are the answer headers that scripts of a trusted origin need.
const corsExposed = "set-auth-token, set-auth-jwt, X-Retry-After, Retry-After"

// corsHeaders are the request headers a trusted origin may send.
var corsHeaders = map[string]bool{
	"content-type": true, "authorization": true, "x-requested-with": true, "x-captcha-response": true,
	"x-api-key": true, "cookie": true, "accept": true, "accept-language": true, "user-agent": true,
	"expo-origin": true, "x-skip-oauth-proxy": true,
}

// CORS answers browsers on other origins: trusted ones may call us with
// cookies, nobody else may, and there is no "*". The protocol leaves this to
// the host, so it is a wrapper of its own.
func (a *App) CORS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := r.Header.Get("Origin")
		if from == "" || from == a.origin {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Add("Vary", "Origin")
		trusted := from != "null" && a.trusts(r, from, false)
		if trusted {
			h.Set("Access-Control-Allow-Origin", from)
			h.Set("Access-Control-Allow-Credentials", "true")
			h.Set("Access-Control-Expose-Headers", corsExposed)
		}
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		if !trusted {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		var allowed []string
		for _, name := range strings.Split(r.Header.Get("Access-Control-Request-Headers"), ",") {
			if name = strings.ToLower(strings.TrimSpace(name)); corsHeaders[name] {
				allowed = append(allowed, name)
			}
		}
		h.Set("Access-Control-Allow-Methods", "GET, POST")
		h.Set("Access-Control-Allow-Headers", strings.Join(allowed, ", "))
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	})
}
