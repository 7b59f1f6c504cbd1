package gatehousetest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strings"
	"testing"
)

// Browser talks to the house with a cookie jar and an Origin of its own, as
// the official client in a page does.
type Browser struct {
	house   *House
	cookies map[string]string
	// Header goes with every request. It starts with the house's own Origin.
	Header http.Header
	// Address is the connection's address.
	Address string
}

// Browser returns one without cookies.
func (h *House) Browser() *Browser {
	return &Browser{
		house: h, cookies: map[string]string{}, Address: "192.0.2.1:1234",
		Header: http.Header{"Origin": {BaseURL}, "User-Agent": {"gatehousetest/1"}},
	}
}

// Post sends a body as JSON from a browser without cookies.
func (h *House) Post(path string, body any) *Answer { return h.Browser().Post(path, body) }

// Get sends a request from a browser without cookies.
func (h *House) Get(path string) *Answer { return h.Browser().Get(path) }

// SignIn returns a browser in which the person is signed in.
func (h *House) SignIn(email, password string) *Browser {
	h.t.Helper()
	b := h.Browser()
	b.Post("/sign-in/email", map[string]any{"email": email, "password": password}).ExpectStatus(http.StatusOK)
	return b
}

// Clone is another browser with the same cookies: a thief's, or another tab.
func (b *Browser) Clone() *Browser {
	twin := b.house.Browser()
	twin.Header, twin.Address = b.Header.Clone(), b.Address
	for name, value := range b.cookies {
		twin.cookies[name] = value
	}
	return twin
}

// Cookie is a cookie's value as it was set, still escaped.
func (b *Browser) Cookie(name string) string { return b.cookies[name] }

// SetCookie puts a cookie into the jar; an empty value removes it.
func (b *Browser) SetCookie(name, value string) {
	if value == "" {
		delete(b.cookies, name)
		return
	}
	b.cookies[name] = value
}

// Post sends body as JSON to a path below the base path.
func (b *Browser) Post(path string, body any) *Answer {
	b.house.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.house.t.Fatalf("encode body: %v", err)
	}
	return b.Send(http.MethodPost, path, "application/json", string(raw))
}

// Get requests a path below the base path, or a whole URL of the house.
func (b *Browser) Get(path string) *Answer {
	b.house.t.Helper()
	return b.Send(http.MethodGet, path, "", "")
}

// Send sends any request. The answer's cookies go into the jar.
func (b *Browser) Send(method, path, contentType, body string) *Answer {
	h := b.house
	h.t.Helper()
	target := strings.TrimPrefix(path, BaseURL)
	if target == path {
		target = h.Config().BasePath + path
	}
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	u, err := url.ParseRequestURI(target)
	if err != nil {
		h.t.Fatalf("request %s: %v", target, err)
	}
	r.URL, r.RequestURI, r.RemoteAddr = u, target, b.Address
	r.Header = b.Header.Clone()
	if body == "" {
		r.Body = http.NoBody
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if sent := b.cookieHeader(); sent != "" {
		r.Header.Set("Cookie", sent)
	}
	h.secrets.fromRequest(body)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	answer := &Answer{t: h.t, house: h, request: method + " " + target + " " + body, method: method, path: path,
		Status: w.Code, Header: w.Header(), Body: w.Body.Bytes(), Cookies: map[string]*http.Cookie{}}
	for _, c := range w.Result().Cookies() {
		answer.Cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c.Value
		h.secrets.add(c.Value)
	}
	answer.checkDeclared()
	return answer
}

func (b *Browser) cookieHeader() string {
	var pairs []string
	for name, value := range b.cookies {
		pairs = append(pairs, name+"="+value)
	}
	sort.Strings(pairs)
	return strings.Join(pairs, "; ")
}

// fromRequest remembers the secrets that a body carries.
func (s *secrets) fromRequest(body string) {
	var members map[string]any
	if json.Unmarshal([]byte(body), &members) != nil {
		return
	}
	for name, value := range members {
		if text, ok := value.(string); ok && (strings.Contains(strings.ToLower(name), "password") || name == "token") {
			s.add(text)
		}
	}
}

// Answer is what came back.
type Answer struct {
	Status  int
	Header  http.Header
	Body    []byte
	Cookies map[string]*http.Cookie

	t       testing.TB
	house   *House
	request string
	method  string
	path    string
}

// JSON decodes the body.
func (a *Answer) JSON(into any) *Answer {
	a.t.Helper()
	if err := json.NewDecoder(bytes.NewReader(a.Body)).Decode(into); err != nil {
		a.t.Fatalf("%s: body %q: %v", a.request, a.Body, err)
	}
	return a
}

// Text is a text member of the body's top level, "" when it is not there.
func (a *Answer) Text(name string) string {
	var members map[string]any
	_ = json.Unmarshal(a.Body, &members)
	text, _ := members[name].(string)
	return text
}
