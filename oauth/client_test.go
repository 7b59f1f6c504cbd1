package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

func TestRequests(t *testing.T) {
	s, client, _ := start(t)
	var seen []string
	s.Misbehave(func(b *oauthtest.Behaviour) {
		b.Replace = map[string]http.Handler{
			"/list": oauthtest.Answer(200, `[{"id":12345678901234567890},{"id":"b"}]`), "/object": oauthtest.Answer(200, `{}`),
			"/picture": headed(http.Header{"Content-Type": {"image/png"}}, "\x89PNG"),
			"/post": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				seen = append(seen, r.Header.Get("Content-Type"), r.Header.Get("X-Own"), string(body))
				writeJSON(w, map[string]int{"a": 1})
			}),
		}
	})
	list, err := client.GetList(t.Context(), s.URL+"/list", nil)
	if err != nil || len(list) != 2 || list[0].Text("id") != "12345678901234567890" {
		t.Errorf("list %v, %v", list, err)
	}
	if list, err := client.GetList(t.Context(), s.URL+"/object", nil); err == nil {
		t.Errorf("an object is no list: %v", list)
	}
	if object, err := client.Get(t.Context(), s.URL+"/list", nil); err == nil {
		t.Errorf("a list is no object: %v", object)
	}
	picture, media, err := client.GetBytes(t.Context(), s.URL+"/picture", nil)
	if err != nil || string(picture) != "\x89PNG" || media != "image/png" {
		t.Errorf("picture %q, %q, %v", picture, media, err)
	}
	header := http.Header{"x-own": {"yes"}}
	answer, err := client.PostJSON(t.Context(), s.URL+"/post", header, map[string]string{"q": "é"})
	if err != nil || answer.Text("a") != "1" || !reflect.DeepEqual(seen, []string{"application/json", "yes", `{"q":"é"}`}) {
		t.Errorf("sent %q, got %v, %v", seen, answer, err)
	}
	if header.Get("Content-Type") != "" {
		t.Error("the caller's header was changed")
	}
	if _, err := client.PostJSON(t.Context(), s.URL+"/post", nil, func() {}); err == nil {
		t.Error("a function is JSON")
	}
}

// TestAnswerSize: a megabyte is the most, after unpacking.
func TestAnswerSize(t *testing.T) {
	s, client, _ := start(t)
	for size, good := range map[int]bool{1 << 20: true, 1<<20 + 1: false} {
		s.Misbehave(func(b *oauthtest.Behaviour) {
			b.Replace = map[string]http.Handler{"/big": headed(nil, string(make([]byte, size)))}
		})
		if body, _, err := client.GetBytes(t.Context(), s.URL+"/big", nil); good != (err == nil) || good && len(body) != size {
			t.Errorf("%d bytes: %d, %v", size, len(body), err)
		}
	}
}

func TestProfile(t *testing.T) {
	p := oauth.Profile{
		"text": "t", "empty": "", "number": json.Number("12345678901234567890"), "float": 1.5, "true": true, "null": nil,
		"inner": map[string]any{"user": oauth.Profile{"id": "7"}}, "list": []any{map[string]any{"a": "1"}, "x", nil},
	}
	for name, want := range map[string]string{"text": "t", "number": "12345678901234567890", "float": "1.5", "true": "", "null": "", "inner": "", "none": ""} {
		if got := p.Text(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if got := p.First("none", "empty", "true", "text", "number"); got != "t" {
		t.Errorf("the first is %q", got)
	}
	if got := p.In("inner", "user").Text("id"); got != "7" || p.In("inner", "none") != nil || p.In("text") != nil || p.In("none").Text("x") != "" {
		t.Errorf("within is %q", got)
	}
	if got := p.List("list"); len(got) != 1 || got[0].Text("a") != "1" || p.List("text") != nil {
		t.Errorf("the list is %v", got)
	}
	for text, want := range map[string]int64{"7": 7, "7.0": 7, "-7": -7, "9223372036854775807": 1<<63 - 1} {
		if got, ok := (oauth.Profile{"n": json.Number(text)}).Number("n"); !ok || got != want {
			t.Errorf("%s is %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"7.5", "", "x", "1e3", "9223372036854775808", "."} {
		if got, ok := (oauth.Profile{"n": text}).Number("n"); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
}

// TestTooMuch: what is over the bounds is cut off, packed or not, in the body
// or before it, long before any timeout.
func TestTooMuch(t *testing.T) {
	s := oauthtest.New(t)
	client := oauth.NewClient(oauth.Options{AllowPrivate: true, Timeout: time.Minute})
	for name, fault := range map[string]http.Handler{"endless": oauthtest.Endless(), "bomb": oauthtest.Bomb(), "header flood": oauthtest.HeaderFlood()} {
		s.Misbehave(func(b *oauthtest.Behaviour) { b.Replace = map[string]http.Handler{"/much": fault} })
		if body, _, err := client.GetBytes(t.Context(), s.URL+"/much", nil); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %d bytes, %v", name, len(body), err)
		}
	}
}

// TestTimeout bounds the whole of a request, the body included.
func TestTimeout(t *testing.T) {
	s := oauthtest.New(t)
	s.Misbehave(func(b *oauthtest.Behaviour) {
		b.Replace = map[string]http.Handler{"/hang": oauthtest.Hang(), "/trickle": oauthtest.Trickle()}
	})
	client := oauth.NewClient(oauth.Options{AllowPrivate: true, Timeout: 50 * time.Millisecond})
	for _, path := range []string{"/hang", "/trickle"} {
		if _, err := client.Get(t.Context(), s.URL+path, nil); err == nil {
			t.Errorf("%s has an answer", path)
		}
	}
}
