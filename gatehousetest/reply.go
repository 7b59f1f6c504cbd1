package gatehousetest

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
)

// Reply is what a test expects.
type Reply struct {
	status   int
	body     string
	location string
}

// OK is status 200 with a JSON body. In it "…" as a value stands for any
// value, and a last member …, as in {"a":1,…}, for any other members.
func OK(body string) Reply { return Reply{status: http.StatusOK, body: body} }

// Fails is the answer of a declared error: its status, code and message.
func Fails(e *gatehouse.Error) Reply {
	reply := Reply{status: e.Status}
	if e.Message != "" {
		body := map[string]string{"message": e.Message}
		if e.Code != "" {
			body["code"] = e.Code
		}
		raw, _ := json.Marshal(body)
		reply.body = string(raw)
	}
	return reply
}

// Redirects is status 302 to a place.
func Redirects(location string) Reply {
	return Reply{status: http.StatusFound, location: location}
}

// Expect compares the answer with reply, exactly.
func (a *Answer) Expect(reply Reply) *Answer {
	a.t.Helper()
	if a.Status != reply.status {
		a.t.Fatalf("%s\n got %d %s\nwant %d %s", a.request, a.Status, a.Body, reply.status, reply.body)
	}
	if got := a.Header.Get("Location"); reply.location != "" && got != reply.location {
		a.t.Fatalf("%s\n got Location %s\nwant Location %s", a.request, got, reply.location)
	}
	if reply.body == "" {
		if len(a.Body) != 0 {
			a.t.Fatalf("%s\n got %d %s\nwant an empty body", a.request, a.Status, a.Body)
		}
		return a
	}
	var got, want any
	if err := json.Unmarshal(a.Body, &got); err != nil {
		a.t.Fatalf("%s: body %q is not JSON: %v", a.request, a.Body, err)
	}
	pattern := strings.ReplaceAll(strings.ReplaceAll(reply.body, ",…}", `,"…":"…"}`), ":…", `:"…"`)
	if err := json.Unmarshal([]byte(pattern), &want); err != nil {
		a.t.Fatalf("the expected body %q is not JSON: %v", reply.body, err)
	}
	if !matches(got, want) {
		a.t.Fatalf("%s\n got %s\nwant %s", a.request, a.Body, reply.body)
	}
	return a
}

// ExpectStatus compares the status only.
func (a *Answer) ExpectStatus(status int) *Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s\n got %d %s\nwant %d", a.request, a.Status, a.Body, status)
	}
	return a
}

func matches(got, want any) bool {
	if want == "…" {
		return true
	}
	switch want := want.(type) {
	case map[string]any:
		have, ok := got.(map[string]any)
		if !ok {
			return false
		}
		_, open := want["…"]
		if !open && len(have) != len(want) {
			return false
		}
		for name, value := range want {
			found, there := have[name]
			if name != "…" && (!there || !matches(found, value)) {
				return false
			}
		}
		return true
	case []any:
		have, ok := got.([]any)
		if !ok || len(have) != len(want) {
			return false
		}
		for i := range want {
			if !matches(have[i], want[i]) {
				return false
			}
		}
		return true
	default:
		return reflect.DeepEqual(got, want)
	}
}

// always are the errors that any operation may answer with.
var always = []*gatehouse.Error{
	gatehouse.ErrValidation, gatehouse.ErrBadJSON, gatehouse.ErrMediaType, gatehouse.ErrBodyTooLarge,
	gatehouse.ErrUnauthorized, gatehouse.ErrSessionNotFresh, gatehouse.ErrForbidden,
	gatehouse.ErrMissingOrigin, gatehouse.ErrInvalidOrigin, gatehouse.ErrCrossSiteLogin, gatehouse.ErrCallbackURL,
	gatehouse.ErrRedirectURL, gatehouse.ErrErrorCallback, gatehouse.ErrNewUserCallback,
	gatehouse.ErrTooManyRequests, gatehouse.ErrUnavailable, gatehouse.ErrNotFound, gatehouse.ErrFieldTooLong, gatehouse.ErrInvalidText,
}

// Allow lists errors that gates and hooks of the test answer with, on whatever
// operation they are asked.
func (h *House) Allow(errs ...*gatehouse.Error) { h.allowed = append(h.allowed, errs...) }

// checkDeclared fails the test when an operation answers with an error that
// its Op does not list: the documents would be wrong.
func (a *Answer) checkDeclared() {
	a.t.Helper()
	code := a.Text("code")
	if a.Status < 400 || code == "" {
		return
	}
	got := &gatehouse.Error{Status: a.Status, Code: code}
	path, _, _ := strings.Cut(a.path, "?")
	for _, route := range a.house.Routes() {
		if route.Op.Method != a.method || route.Op.Path != path {
			continue
		}
		for _, declared := range slices.Concat(always, a.house.allowed, route.Op.Errors, a.house.SharedErrors()) {
			if errors.Is(got, declared) {
				return
			}
		}
		a.t.Errorf("%s answers %d %s, which its Op does not list", a.request, a.Status, code)
	}
}
