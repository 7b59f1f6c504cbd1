package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/web"
)

// handler is everything the server answers. Paths are told apart by hand:
// net/http's mux would clean "//" and "/../" and redirect, where the protocol
// answers 404.
func (s *Server) handler() (http.Handler, error) {
	proxies, err := parseProxies(s.House.Options.Advanced.IPAddress.TrustedProxies)
	if err != nil {
		return nil, err
	}
	protocol := http.Handler(s.House)
	if s.House.Options.CORS {
		protocol = s.House.CORS(protocol)
	}
	own := map[string]http.Handler{
		"/":        get(s.serveFront),
		"/healthz": get(serveHealth),
		"/readyz":  get(s.serveReady),
	}
	if s.post.mailbox != nil {
		own[MailboxPath] = s.post.mailbox
	}
	base := s.House.Config().BasePath
	if base != "" { // else the path is the protocol's own
		own[ResetPath] = s.House.resetPage()
		own[SignInPath] = s.House.signInPage()
		if s.House.FirstAdmin != nil {
			own[FirstAdminPath] = s.House.firstAdminPage()
		}
		if s.House.Lockouts != nil {
			own[UnlockPath] = s.House.unlockPage()
		}
	}
	pages, err := s.pages()
	if err != nil {
		return nil, err
	}
	if pages != nil {
		own[changePasswordPath] = get(leadToPassword)
	}
	routes := &router{base: base, protocol: protocol, own: own, pages: pages}
	limits := &s.House.Options.Limits
	return &door{
		log: s.log, proxies: proxies, maxBody: limits.MaxBodyBytes, uploads: s.House.UploadBytes,
		places: make(chan struct{}, limits.MaxRequests), next: routes,
	}, nil
}

// changePasswordPath is where password managers look for the page that changes
// a password (W3C, A Well-Known URL for Changing Passwords).
const changePasswordPath = "/.well-known/change-password" //nolint:gosec // a path

func leadToPassword(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, web.PasswordPath, http.StatusFound)
}

// router gives the protocol everything below its base path, and the pages
// what is theirs of the rest.
type router struct {
	base     string
	protocol http.Handler
	own      map[string]http.Handler
	pages    http.Handler // nil: there are none
}

func (rt *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if handler := rt.own[path]; handler != nil {
		handler.ServeHTTP(w, r)
		return
	}
	if strings.HasPrefix(path, rt.base+"/") {
		rt.protocol.ServeHTTP(w, r)
		return
	}
	if rt.pages != nil && web.Serves(path) {
		rt.pages.ServeHTTP(w, r)
		return
	}
	serveNotFound(w, r)
}

// get answers GET and HEAD only.
func get(serve http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		serve(w, r)
	})
}

// door is what every request passes: an id, bounds, headers, the access line,
// and the last net for a panic.
type door struct {
	log     *slog.Logger
	proxies []netip.Prefix
	maxBody int64
	uploads func(*http.Request) int64 // how long a body may be instead, or 0
	places  chan struct{}
	next    http.Handler
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	id := d.requestID(r)
	r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
	seen := &observed{ResponseWriter: w}
	guard(w.Header(), id)
	defer func() {
		fault := recover()
		if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(fault)
		}
		if fault != nil {
			d.log.ErrorContext(r.Context(), "request panicked", "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
			if seen.status == 0 {
				seen.WriteHeader(http.StatusInternalServerError)
			}
		}
		d.log.DebugContext(r.Context(), "request", "method", r.Method, "path", loggedPath(r.URL.EscapedPath()),
			"status", seen.status, "bytes", seen.bytes, "peer", r.RemoteAddr, "took", time.Since(begin))
	}()
	select {
	case d.places <- struct{}{}:
		defer func() { <-d.places }()
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(seen, "the server is busy", http.StatusServiceUnavailable)
		return
	}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = http.MaxBytesReader(w, r.Body, max(d.maxBody, d.uploads(r)))
	}
	d.next.ServeHTTP(seen, r)
}

// guard sets what holds for every answer of this server.
func guard(h http.Header, id string) {
	h.Set("X-Request-Id", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
}

// saneID is an id that can stand in a log and a header.
var saneID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$`)

// requestID is the one a trusted proxy gave, or a new one: a stranger must not
// choose what his lines in the log are found by.
func (d *door) requestID(r *http.Request) string {
	if given := r.Header.Get("X-Request-Id"); saneID.MatchString(given) && d.fromProxy(r) {
		return given
	}
	return rand.Text()
}

func (d *door) fromProxy(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	peer, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	peer = peer.Unmap().WithZone("")
	for _, proxy := range d.proxies {
		if proxy.Contains(peer) {
			return true
		}
	}
	return false
}

func parseProxies(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			addr, addrErr := netip.ParseAddr(text)
			if addrErr != nil {
				return nil, fmt.Errorf("advanced.ipAddress.trustedProxies: %q is neither an address nor a range such as 10.0.0.0/8", text)
			}
			prefix = netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}

// observed remembers what was answered.
type observed struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (o *observed) WriteHeader(status int) {
	if o.status == 0 {
		o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *observed) Write(p []byte) (int, error) {
	if o.status == 0 {
		o.status = http.StatusOK
	}
	n, err := o.ResponseWriter.Write(p)
	o.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }
