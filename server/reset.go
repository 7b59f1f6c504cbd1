package server

import (
	"bytes"
	_ "embed" // the page
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"strings"
)

// ResetPath is the page that a mailed link to set a password ends at unless
// an application names its own.
const ResetPath = "/reset-password"

//go:embed reset.html
var resetHTML string

var (
	resetPage   = template.Must(template.New("reset").Parse(resetHTML))
	resetPolicy = strings.Replace(frontPolicy, "form-action 'none'", "form-action 'self'", 1)
)

// resetForm is what the page shows; without a token there is no form.
type resetForm struct {
	Style    template.CSS
	Title    string
	Message  string
	Token    string
	Min, Max int
	Done     bool
}

// serveReset asks for the new password and hands it to the protocol's own
// operation, so that limits, rules and errors are the same. The token is all
// that counts: cookies are not looked at, so there is nothing to forge.
func (s *Server) serveReset(w http.ResponseWriter, r *http.Request) {
	o := &s.House.Options.EmailAndPassword
	form := resetForm{Title: "Choose a new password", Min: o.MinPasswordLength, Max: o.MaxPasswordLength}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		form.Token = r.URL.Query().Get("token")
		if form.Token == "" {
			form.Message = "This link does not work: it is old, used or incomplete. Ask for a new one."
		}
		form.answer(w, http.StatusOK)
	case http.MethodPost:
		if err := r.ParseForm(); err != nil {
			form.Message = "The form did not arrive. Open the link from your mail again."
			form.answer(w, http.StatusBadRequest)
			return
		}
		s.submitReset(w, r, form)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

func (s *Server) submitReset(w http.ResponseWriter, r *http.Request, form resetForm) {
	form.Token = r.PostForm.Get("token")
	inner, err := s.inner(r, "/reset-password", map[string]string{"token": form.Token, "newPassword": r.PostForm.Get("newPassword")})
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	inner.Header.Del("Cookie")
	answer := &kept{header: http.Header{}}
	s.House.ServeHTTP(answer, inner)
	switch answer.status {
	case http.StatusOK:
		form.Title, form.Message, form.Token, form.Done = "Your password is set", "You can sign in with it now.", "", true
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		form.Message = "That was too much at once. Wait a moment and try again."
	default:
		form.Message = answer.message()
	}
	form.answer(w, answer.status)
}

// inner is the request of the protocol's operation at path that a form stands
// for, from the same client.
func (s *Server) inner(r *http.Request, path string, fields map[string]string) (*http.Request, error) {
	body, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.URL.RawPath, inner.URL.RawQuery = s.House.Config().BasePath+path, "", ""
	inner.Header.Set("Content-Type", "application/json")
	inner.Body, inner.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return inner, nil
}

func (form resetForm) answer(w http.ResponseWriter, status int) {
	form.Style = template.CSS(frontCSS) //nolint:gosec // ours, embedded
	var body bytes.Buffer
	if err := resetPage.Execute(&body, form); err != nil {
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

// kept is an answer that stays here.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header { return k.header }

func (k *kept) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

func (k *kept) Write(p []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(p)
}

// message is the protocol's own text for what went wrong.
func (k *kept) message() string {
	var said struct{ Message string }
	if err := json.Unmarshal(k.body.Bytes(), &said); err != nil || said.Message == "" {
		return "That did not work. Try again."
	}
	return said.Message + "."
}
