package sessiondata_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/internal/sessiondata"
	"github.com/gatehouse-auth/gatehouse/internal/vectors"
)

type form interface {
	Encode(p sessiondata.Payload, now, expires time.Time, random io.Reader) (string, error)
	Decode(value string, now time.Time) (sessiondata.Payload, error)
}

func forms(secret string) map[string]form {
	return map[string]form{
		"compact": sessiondata.Compact{Secret: secret},
		"jwt":     sessiondata.JWT{Secret: secret},
		"jwe":     sessiondata.JWE{Secrets: seal.Keys{Legacy: secret}},
	}
}

type input struct {
	Secret, Strategy, Version string
	Now                       int64
	MaxAge                    int
	Session, User             json.RawMessage
}

// TestVectors writes what the reference wrote, byte for byte, and reads it.
func TestVectors(t *testing.T) {
	for _, v := range vectors.All(t, "session-data-") {
		var in input
		var want struct{ Value string }
		v.Decode(t, &in, &want)
		now := time.UnixMilli(in.Now)
		expires := now.Add(time.Duration(in.MaxAge) * time.Second)
		f := forms(in.Secret)[in.Strategy]
		p := sessiondata.Payload{Session: in.Session, User: in.User, UpdatedAt: in.Now, Version: in.Version}
		got, err := f.Encode(p, now, expires, rand.Reader)
		if err != nil || in.Strategy != "jwe" && got != want.Value {
			t.Errorf("%s: %v\ngot  %s\nwant %s", v.ID, err, got, want.Value)
		}
		for _, value := range []string{got, want.Value} {
			read, err := f.Decode(value, now)
			if err != nil {
				t.Errorf("%s: %v", v.ID, err)
				continue
			}
			if !sameJSON(read.Session, in.Session) || !sameJSON(read.User, in.User) || read.UpdatedAt != in.Now || read.Version != in.Version {
				t.Errorf("%s: reads as %+v", v.ID, read)
			}
			if left := expires.Sub(read.ExpiresAt); left < 0 || left >= time.Second {
				t.Errorf("%s: expires at %v, want %v", v.ID, read.ExpiresAt, expires)
			}
		}
	}
}

func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && x.String() == y.String()
}

var (
	now     = time.UnixMilli(1767323045678)
	payload = sessiondata.Payload{
		Session: json.RawMessage(`{ "token": "t", "n": 1.0, "s": "\u003c\u2028" }`),
		User:    json.RawMessage(`{"id":"u"}`), UpdatedAt: 1767323045678,
	}
)

func TestLifetimes(t *testing.T) {
	expires := now.Add(300 * time.Second)
	for name, f := range forms("secret") {
		value, err := f.Encode(payload, now, expires, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		last := map[string]time.Duration{"compact": 300 * time.Second, "jwt": 299 * time.Second, "jwe": 314 * time.Second}[name]
		if p, err := f.Decode(value, now.Add(last)); err != nil || p.Version != "1" || string(p.Session) != "{\"token\":\"t\",\"n\":1,\"s\":\"<\u2028\"}" {
			t.Errorf("%s: after %v: %+v, %v", name, last, p, err)
		}
		if _, err := f.Decode(value, now.Add(last+time.Second)); !errors.Is(err, sessiondata.ErrExpired) {
			t.Errorf("%s: after %v and a second: %v", name, last, err)
		}
	}
}

func TestForgedData(t *testing.T) {
	for name, f := range forms("secret") {
		good, err := f.Encode(payload, now, now.Add(time.Minute), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := forms("other")[name].Encode(payload, now, now.Add(time.Minute), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		for what, value := range map[string]string{
			"empty": "", "garbage": "garbage", "cut": good[:len(good)-1], "extended": good + "A", "padded": good + "=",
			"other secret": foreign, "a changed byte": good[:40] + string(good[40]^1) + good[41:], "JSON": `{"session":{}}`,
		} {
			if p, err := f.Decode(value, now); !errors.Is(err, sessiondata.ErrInvalid) {
				t.Errorf("%s, %s: %+v, %v", name, what, p, err)
			}
		}
		for other, g := range forms("secret") {
			if p, err := g.Decode(good, now); other != name && !errors.Is(err, sessiondata.ErrInvalid) {
				t.Errorf("%s reads %s: %+v, %v", other, name, p, err)
			}
		}
	}
}

// TestCompactCannotBeStretched changes parts of a genuine cookie.
func TestCompactCannotBeStretched(t *testing.T) {
	f := sessiondata.Compact{Secret: "secret"}
	good, err := f.Encode(payload, now, now.Add(time.Minute), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := base64.RawURLEncoding.DecodeString(good)
	for _, change := range [][2]string{
		{`"expiresAt":1767323105678`, `"expiresAt":1767399999999`},
		{`"expiresAt":1767323105678`, `"expiresAt":1e13`},
		{`"expiresAt":1767323105678`, `"expiresAt":"1767323105678"`},
		{`"id":"u"`, `"id":"v"`},
		{`{"session":{"session"`, `{"x":1,"session":{"session"`},
		{`},"expiresAt"`, `,"expiresAt":1767399999999},"expiresAt"`},
		{`"signature"`, `"session":{},"signature"`},
		{`"signature"`, `"Signature"`},
	} {
		forged := strings.Replace(string(text), change[0], change[1], 1)
		if forged == string(text) {
			t.Fatalf("nothing to change for %q", change)
		}
		if p, err := f.Decode(base64.RawURLEncoding.EncodeToString([]byte(forged)), now); !errors.Is(err, sessiondata.ErrInvalid) {
			t.Errorf("%q: %+v, %v", change, p, err)
		}
	}
}

func TestEncodeRefusesWhatIsNotJSON(t *testing.T) {
	for name, f := range forms("secret") {
		for _, p := range []sessiondata.Payload{{}, {Session: json.RawMessage("{"), User: json.RawMessage("{}")}, {Session: json.RawMessage("{}"), User: json.RawMessage("{}x")}} {
			if value, err := f.Encode(p, now, now, rand.Reader); err == nil {
				t.Errorf("%s: %+v becomes %s", name, p, value)
			}
		}
	}
	if _, err := (sessiondata.JWE{Secrets: seal.Keys{Legacy: "s"}}).Encode(payload, now, now, strings.NewReader("x")); err == nil {
		t.Error("encrypts without randomness")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("eyJzZXNzaW9uIjp7fX0")
	f.Add("eyJhbGciOiJIUzI1NiJ9.e30.AAAA")
	f.Add("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIn0..AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA.AAAA")
	all := forms("secret")
	f.Fuzz(func(t *testing.T, value string) {
		for name, form := range all {
			for _, v := range []string{value, base64.RawURLEncoding.EncodeToString([]byte(value))} {
				if p, err := form.Decode(v, now); err == nil {
					t.Errorf("%s: %q reads as %+v", name, v, p)
				}
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"compact", "jwt", "jwe"} {
		b.Run(name, func(b *testing.B) {
			f := forms("secret")[name]
			value, err := f.Encode(payload, now, now.Add(time.Minute), rand.Reader)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Decode(value, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
