// Package web is the pages that people see: the ones around signing in, their
// account, and the console. Their sources are in auth, console and ui; what is
// served is built from them into dist, which is committed (scripts/web.sh). It
// refuses to know how anybody signs in: the pages ask the protocol. Read
// boot.go for what a page is told, then page.go.
package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// Options say what the pages show. Everything here is public.
type Options struct {
	// AppName stands in titles. Required.
	AppName string
	// BasePath is where the protocol is, such as "/api/auth".
	BasePath string
	Brand    Brand
	Methods  Methods
	Account  Account
	// Registration tells who may register now; it is asked for every page.
	Registration func(context.Context) (Registration, error)
	// Trusts reports whether a browser may be sent on to an address. Default:
	// to none.
	Trusts   func(r *http.Request, target string) bool
	Password PasswordRule
	// Plain is a page to sign in that needs no scripts; "": there is none.
	Plain string
}

// Handler serves the pages, their files, and a plain 404 for anything else
// below /auth, /account and /admin. Mount it at what Serves reports.
func Handler(o Options) (http.Handler, error) {
	if !BuiltIn {
		return nil, errors.New("web: this program was built without the pages")
	}
	if err := o.Brand.Check(); err != nil {
		return nil, err
	}
	site := &site{options: o, apps: map[string]*app{}}
	for name, base := range bases {
		loaded, err := loadApp(name, base)
		if err != nil {
			return nil, err
		}
		site.apps[name] = loaded
	}
	return site, nil
}

// bases are where the two builds have their files.
var bases = map[string]string{"auth": "/auth/", "console": "/admin/"}

// Serves reports whether a path is one of the pages' or of their files.
func Serves(path string) bool {
	for _, area := range []string{"/auth", "/account", "/admin"} {
		if rest, ok := strings.CutPrefix(path, area); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// Collides reports whether a protocol at basePath would stand in the pages'
// place.
func Collides(basePath string) bool { return basePath == "" || Serves(basePath) }

type site struct {
	options Options
	apps    map[string]*app
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	path := r.URL.EscapedPath()
	for _, app := range s.apps {
		if name, ok := strings.CutPrefix(path, app.base+"assets/"); ok {
			app.serveFile(w, r, "assets/"+name)
			return
		}
	}
	a, status := s.apps["auth"], http.StatusOK
	name, below := strings.CutPrefix(path, "/auth/")
	own, known := a.start.Pages[name]
	switch {
	case path == "/auth" || below && name == "":
		http.Redirect(w, r, SignInPath, http.StatusFound)
		return
	case path == continuePath:
		s.goOn(w, r)
		return
	case strings.HasPrefix(path, "/admin"):
		a = s.apps["console"]
	case below && !known:
		status = http.StatusNotFound
	}
	s.servePage(w, r, a, own, status)
}

// goOn sends the browser where the person wanted to go before signing in, if
// that is trusted. Pages come here instead of judging an address themselves.
func (s *site) goOn(w http.ResponseWriter, r *http.Request) {
	target := r.URL.Query().Get("callbackURL")
	switch {
	case target == "":
		target = AccountPath
	case s.options.Trusts == nil || !s.options.Trusts(r, target):
		target = ErrorPath + "?error=INVALID_CALLBACK_URL"
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusFound)
}
