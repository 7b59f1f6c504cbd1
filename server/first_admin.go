package server

import (
	"bytes"
	"context"
	_ "embed" // the page
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"net/http"

	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/firstadmin"
)

// FirstAdminPath is the page that the first administrator's link leads to.
const FirstAdminPath = "/first-admin"

//go:embed first_admin.html
var firstAdminHTML string

var firstAdminPage = template.Must(template.New("first admin").Parse(firstAdminHTML))

// firstAdminForm is what the page shows; without a token there is no form.
type firstAdminForm struct {
	Style       template.CSS
	Title       string
	Message     string
	Token       string
	Name, Email string
	Min, Max    int
	Done        bool
}

// serveFirstAdmin asks for the account and hands it to the protocol's own
// operation, as serveReset does. Opening the page consumes nothing.
func (s *Server) serveFirstAdmin(w http.ResponseWriter, r *http.Request) {
	o := &s.House.Options.EmailAndPassword
	form := firstAdminForm{Title: "Become the first administrator", Min: o.MinPasswordLength, Max: o.MaxPasswordLength}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		form.Token = r.URL.Query().Get("token")
		if form.Token == "" {
			form.Message = "This link is incomplete. Copy the whole line that the server printed."
		}
		form.answer(w, http.StatusOK)
	case http.MethodPost:
		if err := r.ParseForm(); err != nil {
			form.Message = "The form did not arrive. Open the link again."
			form.answer(w, http.StatusBadRequest)
			return
		}
		s.submitFirstAdmin(w, r, form)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

func (s *Server) submitFirstAdmin(w http.ResponseWriter, r *http.Request, form firstAdminForm) {
	sent := r.PostForm.Get
	form.Token, form.Name, form.Email = sent("token"), sent("name"), sent("email")
	body, err := json.Marshal(map[string]string{
		"token": form.Token, "name": form.Name, "email": form.Email, "password": sent("password"),
	})
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.URL.RawPath, inner.URL.RawQuery = s.House.Config().BasePath+"/first-admin", "", ""
	inner.Header.Del("Cookie")
	inner.Header.Set("Content-Type", "application/json")
	inner.Body, inner.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer := &kept{header: http.Header{}}
	s.House.ServeHTTP(answer, inner)
	switch answer.status {
	case http.StatusOK:
		form.Title, form.Message, form.Token, form.Done = "You are the administrator", "Your account is made, and you are signed in.", "", true
		w.Header()["Set-Cookie"] = answer.header["Set-Cookie"]
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		form.Message = "That was too much at once. Wait a moment and try again."
	default:
		form.Message = answer.message()
	}
	form.answer(w, answer.status)
}

func (form firstAdminForm) answer(w http.ResponseWriter, status int) {
	form.Style = template.CSS(frontCSS) //nolint:gosec // ours, embedded
	var body bytes.Buffer
	if err := firstAdminPage.Execute(&body, form); err != nil {
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

// admission is who may have an account, for people, and the link by which the
// first administrator comes in, if there is none.
func (h *House) admission(ctx context.Context) (registration, firstAdmin string, err error) {
	if h.Approvals == nil {
		registration = "open to anybody"
	} else {
		mode, err := h.Approvals.InForce(ctx)
		if err != nil {
			return "", "", err
		}
		if registration = registrationTexts[mode]; mode == approval.Closed && h.Options.Features.Approval.Mode != approval.Closed {
			registration = "closed until there is an administrator, then " + registrationTexts[h.Options.Features.Approval.Mode]
		}
	}
	if h.FirstAdmin == nil {
		return registration, "", nil
	}
	firstAdmin, err = h.FirstAdmin.Offer(ctx)
	if errors.Is(err, firstadmin.ErrNoRoster) {
		err = nil // nobody is an administrator here
	}
	return registration, firstAdmin, err
}

var registrationTexts = map[approval.Mode]string{
	approval.Open:     "open to anybody",
	approval.Approval: "by approval of an administrator",
	approval.Invite:   "by invitation",
	approval.Closed:   "closed: administrators create accounts",
}
