package gatehouse_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/standard"
)

func caching(strategy string) func(*standard.Options) {
	return func(o *standard.Options) {
		o.Session.CookieCache.Enabled, o.Session.CookieCache.Strategy = true, strategy
	}
}

var strategies = []string{"compact", "jwt", "jwe"}

// leeway is the clock difference that the encrypted form forgives.
const leeway = 15 * time.Second

// TestCacheSparesTheLookUp: a session check with a good copy asks the
// database nothing, until the copy's life is over; then it is renewed.
func TestCacheSparesTheLookUp(t *testing.T) {
	for _, strategy := range strategies {
		t.Run(strategy, func(t *testing.T) {
			house := newHouse(t, caching(strategy))
			b := house.Enter(ada)
			check := func(want int) *gatehousetest.Answer {
				t.Helper()
				var got *gatehousetest.Answer
				asked := house.Statements(func() { got = b.Get("/get-session") })
				if !strings.Contains(string(got.Body), ada) || len(asked) != want {
					t.Errorf("%d statements, want %d; answer %s\n%s", len(asked), want, got.Body, strings.Join(asked, "\n"))
				}
				return got
			}
			check(0)
			house.Clock.Advance(5*time.Minute - time.Second)
			check(0)
			house.Clock.Advance(leeway + 2*time.Second)
			if got := check(1); got.Cookies[cacheCookie] == nil {
				t.Error("the copy was not renewed")
			}
			check(0)
			b.SetCookie(cacheCookie, "")
			check(1)
			b.Get("/get-session?disableCookieCache=true")
		})
	}
}

// TestCacheHoldsNoSensitiveDoor: after a revocation elsewhere the copy passes
// harmless reads until it ends, and no operation that the database confirms.
func TestCacheHoldsNoSensitiveDoor(t *testing.T) {
	for _, strategy := range strategies {
		t.Run(strategy, func(t *testing.T) {
			house := newHouse(t, caching(strategy))
			b := house.Enter(ada)
			revoke := func() {
				user, _ := house.Users.ByEmail(t.Context(), ada)
				if err := house.Sessions.RevokeAll(context.Background(), user.ID, ""); err != nil {
					t.Fatal(err)
				}
			}
			revoke()
			for _, r := range house.Routes() {
				if r.Op.Access == gatehouse.SignedIn {
					if got := visit(b.Clone(), r); got.Status != http.StatusUnauthorized {
						t.Errorf("%s answers %d %s", key(r), got.Status, got.Body)
					}
				}
			}
			if nobody(b.Clone()) {
				t.Error("the copy does not pass a plain read: what is it for?")
			}
			b.Clone().Get("/list-accounts").ExpectStatus(http.StatusOK)
			stale := b.Clone()
			stale.Post("/update-session", map[string]any{"x": "y"}).ExpectStatus(http.StatusBadRequest)
			if got := string(b.Clone().Get("/get-session?disableCookieCache=true").Body); got != "null" {
				t.Errorf("asked for the truth, the answer is %s", got)
			}
			house.Clock.Advance(5*time.Minute + leeway + time.Second)
			if !nobody(b) || b.Cookie(cacheCookie) != "" || b.Cookie(sessionCookie) != "" {
				t.Error("the copy outlived its end")
			}
		})
	}
}

// TestCacheOfAnotherSessionIsRefused: the copy of A beside the token of B.
func TestCacheOfAnotherSessionIsRefused(t *testing.T) {
	for _, strategy := range strategies {
		t.Run(strategy, func(t *testing.T) {
			house := newHouse(t, caching(strategy))
			a, b := house.Enter(ada), house.Enter(eve)
			b.SetCookie(cacheCookie, a.Cookie(cacheCookie))
			if got := string(b.Get("/get-session").Body); !strings.Contains(got, eve) || strings.Contains(got, ada) {
				t.Errorf("the session is %s", got)
			}
			thief := house.Browser()
			thief.SetCookie(cacheCookie, a.Cookie(cacheCookie))
			if !nobody(thief) {
				t.Error("a copy without a token opens a session")
			}
		})
	}
}

// TestForgedCache: a copy that is not ours is dropped, and the session is
// looked up: never a logout, never another person.
func TestForgedCache(t *testing.T) {
	for _, strategy := range strategies {
		t.Run(strategy, func(t *testing.T) {
			house := newHouse(t, caching(strategy))
			b := house.Enter(ada)
			good := b.Cookie(cacheCookie)
			other := newHouse(t, func(o *standard.Options) {
				caching(strategy)(o)
				o.Secret = "another-secret-0123456789-ABCDEFGHIJKLMNOP"
			})
			versioned := twin(t, house, func(o *standard.Options) {
				caching(strategy)(o)
				o.Session.CookieCache.Version = "2"
			})
			for name, value := range map[string]string{
				"cut": good[:len(good)-4], "another secret": other.Enter(ada).Cookie(cacheCookie), "nonsense": "AAAA",
				"alg none": "eyJhbGciOiJub25lIn0.eyJzZXNzaW9uIjp7fX0.", "huge": strings.Repeat("A", 20_000),
			} {
				forged := b.Clone()
				forged.SetCookie(cacheCookie, value)
				got := forged.Get("/get-session")
				unreadable := strategy == "compact" && strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=") != ""
				if unreadable && got.Status == http.StatusInternalServerError && got.Text("code") == "FAILED_TO_GET_SESSION" {
					continue // the protocol's answer to a copy that is not even encoded
				}
				if !strings.Contains(string(got.Body), ada) {
					t.Errorf("%s: %d %s", name, got.Status, got.Body)
				}
			}
			elsewhere := versioned.Browser()
			elsewhere.SetCookie(sessionCookie, b.Cookie(sessionCookie))
			elsewhere.SetCookie(cacheCookie, good)
			if nobody(elsewhere) {
				t.Error("another version is a logout")
			}
		})
	}
}

// TestCacheSwitchedOffIsIgnored: copies of an earlier configuration are
// cleared and not believed.
func TestCacheSwitchedOffIsIgnored(t *testing.T) {
	house := newHouse(t, caching("compact"))
	plain := twin(t, house, nil)
	b := house.Enter(ada)
	user, _ := house.Users.ByEmail(t.Context(), ada)
	if err := house.Sessions.RevokeAll(context.Background(), user.ID, ""); err != nil {
		t.Fatal(err)
	}
	elsewhere := plain.Browser()
	elsewhere.SetCookie(sessionCookie, b.Cookie(sessionCookie))
	elsewhere.SetCookie(cacheCookie, b.Cookie(cacheCookie))
	if !nobody(elsewhere) || elsewhere.Cookie(cacheCookie) != "" {
		t.Error("the copy is believed or kept")
	}
}

// TestLongCacheIsChunked: a copy longer than a browser keeps is split over
// cookies, joined again, and shrinks without leaving a rest.
func TestLongCacheIsChunked(t *testing.T) {
	for _, strategy := range strategies {
		t.Run(strategy, func(t *testing.T) {
			house := newHouse(t, func(o *standard.Options) {
				caching(strategy)(o)
				o.User.AdditionalFields = map[string]gatehouse.FieldOptions{"bio": {Type: "string", Required: at(false)}}
			})
			b := house.Enter(ada)
			long := strings.Repeat("lorem ipsum ", 700)
			got := b.Post("/update-user", map[string]any{"bio": long}).ExpectStatus(http.StatusOK)
			for _, line := range got.Header["Set-Cookie"] {
				if len(line) > 4096 {
					t.Errorf("a cookie of %d bytes: browsers drop it", len(line))
				}
			}
			if b.Cookie(cacheCookie+".1") == "" || b.Cookie(cacheCookie) != "" {
				t.Fatal("the copy is not in chunks")
			}
			asked := house.Statements(func() {
				if body := string(b.Get("/get-session").Body); !strings.Contains(body, long) {
					t.Errorf("the copy lost its text: %.80s", body)
				}
			})
			if len(asked) != 0 {
				t.Errorf("the chunks were not believed: %v", asked)
			}
			missing := b.Clone()
			missing.SetCookie(cacheCookie+".0", "")
			if nobody(missing) {
				t.Error("a lost chunk is a logout")
			}
			b.Post("/update-user", map[string]any{"bio": "short"}).ExpectStatus(http.StatusOK)
			if b.Cookie(cacheCookie+".0") != "" || b.Cookie(cacheCookie+".1") != "" || b.Cookie(cacheCookie) == "" {
				t.Error("chunks of the longer copy are left")
			}
		})
	}
}

// TestCacheHidesWhatIsNotReturned: hidden fields are not in the copy, which
// the compact and jwt forms only sign.
func TestCacheHidesWhatIsNotReturned(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) {
		caching("jwt")(o)
		o.User.AdditionalFields = map[string]gatehouse.FieldOptions{"salary": {Type: "string", Returned: at(false), DefaultValue: "a-secret-salary"}}
	})
	b := house.Enter(ada)
	value, _ := url.PathUnescape(b.Cookie(cacheCookie))
	for _, part := range strings.Split(value, ".") {
		if plain := decodeBase64(part); strings.Contains(plain, "a-secret-salary") || strings.Contains(plain, "salary") {
			t.Errorf("the copy shows a hidden field: %s", plain)
		}
	}
	if strings.Contains(string(b.Get("/get-session").Body), "salary") {
		t.Error("the answer shows a hidden field")
	}
}
