package server

import (
	"bytes"
	_ "embed" // the page
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

//go:embed form.html
var formHTML string

var (
	formTemplate = template.Must(template.New("form").Parse(formHTML))
	formPolicy   = strings.Replace(frontPolicy, "form-action 'none'", "form-action 'self'", 1)
)

// formPage is a small page, given as data, whose forms stand for operations of
// the protocol: what is sent goes to the operation itself, so that limits,
// rules and errors are the same. Opening a page consumes nothing. pages.go has
// the pages.
type formPage struct {
	house *House
	path  string
	title string
	// incomplete is said in place of the forms to who comes without the token
	// that the page takes from its address; "": the page takes none.
	incomplete string
	// lost is said when what was sent cannot be read.
	lost  string
	forms []form
}

// form is one form of a page. A page with several names them.
type form struct {
	Name   string
	Lead   string // above the fields
	Fields []field
	Button string

	// operation is the path, below the base path, of the operation that gets
	// the fields as its body.
	operation string
	// doneTitle and done are said when it succeeds.
	doneTitle, done string
	// refused is said in place of the operation's own words, and of the form,
	// when it fails for good.
	refused string
	// leads: success goes on to the address in the answer, or else to the one of
	// the field callbackURL, which the operation has checked.
	leads bool
	// withCookies sends the browser's cookies along, and the operation takes
	// the form for one of our own pages: only where a token is all that counts.
	// Else there are none, so there is nothing to forge.
	withCookies bool
}

// field is one input. Type is hidden, or one that people see.
type field struct {
	Name, Label, Type, Autocomplete string
	Min, Max                        int // characters; 0: any
	Value                           string
}

// tokenField carries what a link was mailed or printed with.
const tokenField = "token"

// callbackField is where the person wants to go afterwards.
const callbackField = "callbackURL"

var callbackInput = field{Name: callbackField, Type: "hidden"}

// failed says that something elsewhere did not work. A code that looks like
// none could be a text that somebody wants this page to say.
func failed(code string) string {
	if !shownCode.MatchString(code) {
		code = "UNKNOWN"
	}
	return "That did not work (" + code + ")."
}

var tokenInput = field{Name: tokenField, Type: "hidden"}

// shown is what the template sees.
type shown struct {
	Style   template.CSS
	Path    string
	Title   string
	Message string
	Done    bool   // Message is good news
	Next    string // where the browser goes by itself
	Forms   []form
}

func (p *formPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		query := r.URL.Query()
		page := shown{Title: p.title, Forms: p.filled(url.Values{
			tokenField: {query.Get(tokenField)}, callbackField: {query.Get(callbackField)},
		})}
		if page.Forms == nil {
			page.Message = p.incomplete
		} else if query.Has("error") {
			page.Message = failed(query.Get("error"))
		}
		p.answer(w, http.StatusOK, page)
	case http.MethodPost:
		p.submit(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

// filled are the forms with the values that were sent, passwords excepted, or
// nil where the token is missing.
func (p *formPage) filled(values url.Values) []form {
	if p.incomplete != "" && values.Get(tokenField) == "" {
		return nil
	}
	forms := slices.Clone(p.forms)
	for i := range forms {
		forms[i].Fields = slices.Clone(forms[i].Fields)
		for j := range forms[i].Fields {
			if f := &forms[i].Fields[j]; f.Value == "" && f.Type != "password" {
				f.Value = values.Get(f.Name)
			}
		}
	}
	return forms
}

func (p *formPage) submit(w http.ResponseWriter, r *http.Request) {
	page := shown{Title: p.title}
	if err := r.ParseForm(); err != nil {
		page.Message = p.lost
		p.answer(w, http.StatusBadRequest, page)
		return
	}
	sent := p.sent(r.PostForm)
	answer, err := p.hand(r, sent)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	switch {
	case answer.status == http.StatusOK:
		page.Title, page.Message, page.Done = sent.doneTitle, sent.done, true
		if sent.leads {
			page.Next = first(answer.member("url"), r.PostForm.Get(callbackField))
		}
		for _, cookie := range answer.header.Values("Set-Cookie") {
			w.Header().Add("Set-Cookie", cookie)
		}
	case answer.status == http.StatusTooManyRequests || answer.status == http.StatusServiceUnavailable:
		page.Message, page.Forms = "That was too much at once. Wait a moment and try again.", p.filled(r.PostForm)
	case sent.refused != "":
		page.Message = sent.refused
	default:
		page.Message, page.Forms = answer.message(), p.filled(r.PostForm)
	}
	p.answer(w, answer.status, page)
}

// sent is the form whose button was pressed: the first unless it says another.
func (p *formPage) sent(values url.Values) *form {
	at := slices.IndexFunc(p.forms, func(f form) bool { return f.Name == values.Get("form") })
	return &p.forms[max(at, 0)]
}

// hand calls the operation that a form stands for, from the same client.
func (p *formPage) hand(r *http.Request, sent *form) (*kept, error) {
	members := map[string]string{}
	for _, f := range sent.Fields {
		if value := r.PostForm.Get(f.Name); value != "" || f.Name != callbackField {
			members[f.Name] = value
		}
	}
	body, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.URL.RawPath, inner.URL.RawQuery = p.house.Config().BasePath+sent.operation, "", ""
	inner.Header.Set("Content-Type", "application/json")
	if sent.withCookies {
		inner.Header.Set("Origin", p.house.Origin())
	} else {
		inner.Header.Del("Cookie")
	}
	inner.Body, inner.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer := &kept{header: http.Header{}}
	p.house.ServeHTTP(answer, inner)
	return answer, nil
}

func (p *formPage) answer(w http.ResponseWriter, status int, page shown) {
	page.Style, page.Path = template.CSS(frontCSS), p.path //nolint:gosec // ours, embedded
	var body bytes.Buffer
	if err := formTemplate.Execute(&body, page); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", formPolicy)
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
	if said := k.member("message"); said != "" {
		return said + "."
	}
	return "That did not work. Try again."
}

// member is a text of the answer, "" without one.
func (k *kept) member(name string) string {
	var members map[string]any
	if err := json.Unmarshal(k.body.Bytes(), &members); err != nil {
		return ""
	}
	text, _ := members[name].(string)
	return text
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
