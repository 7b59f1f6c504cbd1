package server

import (
	"bytes"
	_ "embed" // the page
	"html/template"
	"net/http"
)

// UnlockPath is the page that a mailed link to unlock an account ends at
// unless the option plugins.lockout.unlockURL names another.
const UnlockPath = "/unlock"

//go:embed unlock.html
var unlockHTML string

var unlockPage = template.Must(template.New("unlock").Parse(unlockHTML))

// unlockForm is what the page shows; without a token there is no form.
type unlockForm struct {
	Style   template.CSS
	Title   string
	Message string
	Token   string
	Done    bool
}

// serveUnlock asks for a click, for programs that look at mails open links but
// send no forms, and hands the token to the protocol's own operation.
func (s *Server) serveUnlock(w http.ResponseWriter, r *http.Request) {
	form := unlockForm{Title: "Unlock your account"}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		form.Token = r.URL.Query().Get("token")
		if form.Token == "" {
			form.Message = "This link does not work: it is old, used or incomplete."
		}
		form.answer(w, http.StatusOK)
	case http.MethodPost:
		if err := r.ParseForm(); err != nil {
			form.Message = "The form did not arrive. Open the link from your mail again."
			form.answer(w, http.StatusBadRequest)
			return
		}
		s.submitUnlock(w, r, form)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

func (s *Server) submitUnlock(w http.ResponseWriter, r *http.Request, form unlockForm) {
	form.Token = r.PostForm.Get("token")
	inner, err := s.inner(r, "/lockout/unlock", map[string]string{"token": form.Token})
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	// The token is all that counts. The cookies go along because the answer
	// adds to the one that says to whom the browser is known.
	inner.Header.Set("Origin", s.House.Origin())
	answer := &kept{header: http.Header{}}
	s.House.ServeHTTP(answer, inner)
	switch answer.status {
	case http.StatusOK:
		form.Title, form.Message, form.Token, form.Done = "Your account is unlocked", "You can sign in now, in this browser.", "", true
		for _, cookie := range answer.header.Values("Set-Cookie") {
			w.Header().Add("Set-Cookie", cookie)
		}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		form.Message = "That was too much at once. Wait a moment and try again."
	default:
		form.Message, form.Token = "This link does not work: it is old, used or incomplete.", ""
	}
	form.answer(w, answer.status)
}

func (form unlockForm) answer(w http.ResponseWriter, status int) {
	form.Style = template.CSS(frontCSS) //nolint:gosec // ours, embedded
	var body bytes.Buffer
	if err := unlockPage.Execute(&body, form); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", resetPolicy)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the client is gone: nobody to tell
}
