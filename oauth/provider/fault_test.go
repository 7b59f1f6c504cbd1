package provider_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// faulty are the ways in which an answer goes wrong.
var faulty = []struct {
	name  string
	fault fault
	want  error // nil: any
}{
	{"not JSON", reply(http.StatusOK, text("<html>")), nil},
	{"cut off", reply(http.StatusOK, text(`{"id":`)), nil},
	{"a number", reply(http.StatusOK, 7), nil},
	{"null", reply(http.StatusOK, nil), nil},
	{"empty", reply(http.StatusOK, map[string]any{}), nil},
	{"refused", reply(http.StatusUnauthorized, map[string]any{"error": "invalid_token"}), oauth.ErrRefused},
	{"broken", reply(http.StatusBadGateway, text("<html>")), nil},
	{"elsewhere", redirect, nil},
	{"slow", slow, context.DeadlineExceeded},
}

func reply(status int, value any) fault {
	return func(r *http.Request) (*http.Response, error) { return answer(r, status, value), nil }
}

func text(body string) map[string]any { return map[string]any{"$text": body, "$type": "text/html"} }

func redirect(r *http.Request) (*http.Response, error) {
	moved := answer(r, http.StatusFound, nil)
	moved.Header.Set("Location", "https://eve.example.com/")
	return moved, nil
}

// slow answers after the asker has left.
func slow(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func (s *subject) testFaults(t *testing.T) {
	for _, tt := range faulty {
		t.Run("token "+tt.name, func(t *testing.T) {
			s.testFault(t, s.tokenMethod()+" "+s.facts.TokenEndpoint, tt.fault, tt.want)
		})
		for _, key := range s.profileRequests() {
			t.Run(tt.name+" "+key, func(t *testing.T) { s.testFault(t, key, tt.fault, tt.want) })
		}
	}
	t.Run("token error with status 200", func(t *testing.T) {
		said := map[string]any{"error": "bad_verification_code"}
		if s.TokenError != nil {
			said = s.TokenError
		}
		s.testFault(t, s.tokenMethod()+" "+s.facts.TokenEndpoint, reply(http.StatusOK, said), oauth.ErrRefused)
	})
	if s.IDToken != nil && len(s.profileRequests()) == 0 {
		for name, token := range map[string]string{
			"not a JWT": "x", "not signed": unsigned(s.sign(t, s.IDToken, signingKey())),
			"for others": s.sign(t, map[string]any{"sub": "eve", "aud": "EVE"}, signingKey()),
		} {
			t.Run("ID token "+name, func(t *testing.T) {
				n := s.network(t)
				n.token["id_token"] = token
				if got, err := s.identify(t, n); !errors.Is(err, oauth.ErrIDToken) {
					t.Errorf("identity = %+v, %v; want ErrIDToken", got, err)
				}
			})
		}
	}
}

// unsigned has the algorithm "none" (RFC 7519 §6).
func unsigned(token string) string {
	const header = "eyJhbGciOiJub25lIn0" // {"alg":"none"}
	from := slices.Index([]byte(token), '.')
	to := from + 1 + slices.Index([]byte(token[from+1:]), '.')
	return header + token[from:to+1]
}

// testFault runs the way from a code to a person with one answer gone wrong.
// The clock of the bubble makes a deadline come without waiting for it.
func (s *subject) testFault(t *testing.T, key string, wrong fault, want error) {
	if slices.Contains(s.Optional, key) {
		want = nil
	}
	signingKey() // not in the bubble
	n := s.network(t)
	n.faults[key] = wrong
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		p := s.build(t, nil)
		client := oauth.NewClient(oauth.Options{Transport: n, Now: clock})
		var got *oauth.Identity
		tokens, err := client.Exchange(ctx, p, s.code())
		if err == nil {
			got, err = client.Identity(ctx, p, tokens, "")
		}
		if err != nil && (strings.Contains(err.Error(), "SEC") || strings.Contains(err.Error(), verifier)) {
			t.Errorf("the error tells a secret: %v", err)
		}
		switch {
		case slices.Contains(s.Optional, key):
			if err != nil || got.Subject != s.Identity.Subject || got.EmailVerified && !s.Identity.EmailVerified {
				t.Errorf("identity = %+v, %v; want the same person", got, err)
			}
		case err == nil:
			t.Errorf("%+v came out, want nobody", identityOf(got))
		case want != nil && !errors.Is(err, want):
			t.Errorf("error = %v, want %v", err, want)
		}
	})
}
