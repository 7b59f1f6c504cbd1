package server

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"html/template"
	"net/http"
	"regexp"
)

//go:embed front.html
var frontHTML string

//go:embed front.css
var frontCSS string

var (
	frontPage   = template.Must(template.New("front").Parse(frontHTML))
	frontPolicy = "default-src 'none'; style-src 'sha256-" + digest(frontCSS) +
		"'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// front is what the page shows.
type front struct {
	Style   template.CSS
	App     string
	Title   string
	Error   string
	Base    string
	Mailbox string
	Missing bool
}

// shownCode is an error code that is shown; anything else could be a text that
// somebody wants this page to say.
var shownCode = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// serveFront says what this is. Flows that fail without a page of their own
// end here too, as /?error=CODE.
func (s *Server) serveFront(w http.ResponseWriter, r *http.Request) {
	page := front{App: s.House.Config().AppName, Base: s.House.Config().BasePath}
	page.Title = page.App
	if s.post.mailbox != nil {
		page.Mailbox = MailboxPath
	}
	if r.URL.Query().Has("error") {
		page.Title, page.Error = "Something went wrong", r.URL.Query().Get("error")
		if !shownCode.MatchString(page.Error) {
			page.Error = "UNKNOWN"
		}
	}
	page.answer(w, http.StatusOK)
}

func serveNotFound(w http.ResponseWriter, _ *http.Request) {
	front{Title: "Nothing is here", Missing: true}.answer(w, http.StatusNotFound)
}

func (page front) answer(w http.ResponseWriter, status int) {
	page.Style = template.CSS(frontCSS) //nolint:gosec // ours, embedded
	var body bytes.Buffer
	if err := frontPage.Execute(&body, page); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", frontPolicy)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the client is gone: nobody to tell
}
