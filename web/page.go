package web

import (
	"bytes"
	"crypto/rand"
	_ "embed" // the page
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// page is what the template sees: an empty document that starts an app.
type page struct {
	Boot      boot
	Direction string
	Nonce     string
	Base      string
	Start     start
	Own       []string     // files of the page alone
	Catalogue string       // of the page's language, "" where it is built in
	Accent    template.CSS // the operator's colours
	Plain     string
}

func (s *site) servePage(w http.ResponseWriter, r *http.Request, a *app, own []string, status int) {
	boot, err := s.boot(r)
	if err != nil {
		http.Error(w, "the server cannot answer now", http.StatusServiceUnavailable)
		return
	}
	shown := page{
		Boot: boot, Direction: "ltr", Nonce: rand.Text(), Base: a.base, Start: a.start, Own: own,
		Catalogue: a.start.Locales[boot.Locale], Accent: s.options.Brand.style(), Plain: s.options.Plain,
	}
	if extra := a.start.PageLocales[boot.Locale]; extra != "" && len(own) > 0 {
		shown.Own = append(slices.Clone(own), extra)
	}
	if boot.Locale == "ar" {
		shown.Direction = "rtl"
	}
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, shown); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	policy := s.policy(shown.Nonce)
	if a.base == bases["console"] {
		policy += "; frame-src 'self'" // the preview of a mail: framed without any right
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Referrer-Policy", "no-referrer") // addresses carry tokens of mails
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body.Bytes()) // the client is gone: nobody to tell
	}
}

// policy lets a page load its own files and nothing else, write no markup from
// text (Trusted Types), post nowhere else and be framed by nobody.
func (s *site) policy(nonce string) string {
	images := []string{"'self'", "data:"}
	for _, address := range []string{s.options.Brand.Logo, s.options.Brand.LogoDark} {
		if u, err := url.Parse(address); err == nil && u.Host != "" && !slices.Contains(images, "https://"+u.Host) {
			images = append(images, "https://"+u.Host)
		}
	}
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; img-src " + strings.Join(images, " ") +
		"; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" +
		"; require-trusted-types-for 'script'; trusted-types 'none'"
}
