package passwordpolicy_test

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/passwordpolicy"
)

func digits(pass string) string { return fmt.Sprintf("%X", sha1.Sum([]byte(pass))) }

func writeHashes(t *testing.T, name string, passes ...string) {
	t.Helper()
	var lines []string
	for _, pass := range passes {
		lines = append(lines, digits(pass)+":3")
	}
	slices.Sort(lines)
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\r\n")+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// neverAsked fails the test when it is.
type neverAsked struct{ t *testing.T }

func (n neverAsked) Breached(context.Context, [sha1.Size]byte) (bool, error) {
	n.t.Error("the breach source was asked")
	return false, nil
}

// service is a range service on loopback.
type service struct {
	*httptest.Server
	mu    sync.Mutex
	asked []*http.Request
}

func newService(t *testing.T, answer http.HandlerFunc) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Clone(context.Background()))
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// listing answers with padding around the rest of a hash.
func listing(pass string, count int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "%s:0\r\n%s:%d\r\n%s:12", strings.Repeat("A", 35), digits(pass)[5:], count, strings.Repeat("F", 35))
	}
}

// TestRangeRequestTellsFiveDigits: nothing else about the password leaves.
func TestRangeRequestTellsFiveDigits(t *testing.T) {
	s := newService(t, listing(stolen, 7))
	e := newEstate(t, passwordpolicy.Options{Breaches: passwordpolicy.BreachOptions{RangeURL: s.URL + "/", Timeout: 10 * time.Second}})
	e.Post("/sign-up/email", map[string]any{"email": ada, "name": "Ada", "password": stolen}).
		Expect(gatehousetest.Fails(passwordpolicy.ErrCompromised))
	e.Post("/sign-up/email", map[string]any{"email": ada, "name": "Ada", "password": first}).ExpectStatus(http.StatusOK)
	for i, pass := range []string{stolen, first} {
		r := s.asked[i]
		if r.Method != http.MethodGet || r.RequestURI != "/range/"+digits(pass)[:5] || r.Header.Get("Add-Padding") != "true" || r.ContentLength != 0 {
			t.Errorf("asked %s %s, padding %q", r.Method, r.RequestURI, r.Header.Get("Add-Padding"))
		}
		if all := fmt.Sprint(r.Header); strings.Contains(all, digits(pass)[5:]) || strings.Contains(all, pass) {
			t.Errorf("the request has more: %s", all)
		}
	}
}

// TestPaddingIsNoBreach: a padded line has count 0, whatever its digits.
func TestPaddingIsNoBreach(t *testing.T) {
	s := newService(t, listing(first, 0))
	e := newEstate(t, passwordpolicy.Options{Breaches: passwordpolicy.BreachOptions{RangeURL: s.URL}})
	e.AddUser(ada, first)
}

// TestServiceDown: row 53. Open by default, closed if asked, on every kind of
// failure; and neither the log nor the answer has digits of the hash.
func TestServiceDown(t *testing.T) {
	elsewhere := newService(t, listing(first, 9))
	faults := map[string]http.HandlerFunc{
		"error":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"limited": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusFound)
		},
		"log-in page": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<html>Welcome to this hotel</html>")
		},
		"empty": func(http.ResponseWriter, *http.Request) {},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.Repeat(strings.Repeat("A", 35)+":1\n", 40_000))
		},
		"silent":  func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"cut off": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, fault := range faults {
		for _, closed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/closed=%v", name, closed), func(t *testing.T) {
				t.Parallel()
				s := newService(t, fault)
				e := newEstate(t, passwordpolicy.Options{Breaches: passwordpolicy.BreachOptions{
					RangeURL: s.URL, FailClosed: closed, Timeout: 150 * time.Millisecond,
				}})
				a := e.Post("/sign-up/email", map[string]any{"email": ada, "name": "Ada", "password": first})
				if closed {
					a.Expect(gatehousetest.Fails(passwordpolicy.ErrCheckUnavailable))
					if a.Header.Get("Retry-After") != "60" {
						t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
					}
				} else {
					a.ExpectStatus(http.StatusOK)
				}
				if strings.Contains(e.Log(), digits(first)[:5]) || strings.Contains(e.Log(), "/range/") {
					t.Errorf("the log has digits of the hash:\n%s", e.Log())
				}
				if !strings.Contains(e.Log(), "breached") {
					t.Errorf("the log says nothing:\n%s", e.Log())
				}
			})
		}
	}
	t.Cleanup(func() {
		if len(elsewhere.asked) != 0 {
			t.Error("a redirect was followed")
		}
	})
}

// TestHashFile finds every hash of a list, and no other.
func TestHashFile(t *testing.T) {
	dir := t.TempDir()
	var in, out []string
	for i := range 257 {
		in = append(in, fmt.Sprint("in", i))
		out = append(out, fmt.Sprint("out", i))
	}
	for n := range in {
		if n > 20 && n%32 != 0 {
			continue
		}
		name := filepath.Join(dir, fmt.Sprint(n))
		writeHashes(t, name, in[:n+1]...)
		file, err := passwordpolicy.OpenHashFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, pass := range append(slices.Clone(in), out...) {
			got, err := file.Breached(t.Context(), sha1.Sum([]byte(pass)))
			if err != nil || got != (i <= n) {
				t.Errorf("list of %d: %s: got %v %v", n+1, pass, got, err)
			}
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHashFileForms: counts and line ends are optional; anything else is refused
// when the file is opened or when it is met.
func TestHashFileForms(t *testing.T) {
	a, b := strings.Repeat("1", 40), digits(stolen)
	for _, tt := range []struct {
		name, text string
		open, find bool
	}{
		{"bare", a + "\n" + b, true, true},
		{"lower case", strings.ToLower(a + "\n" + b + "\n"), true, true},
		{"one line", b, true, true},
		{"empty", "", false, false},
		{"one line feed", "\n", false, false},
		{"HTML", "<html>\n" + b, false, false},
		{"NTLM hashes", strings.Repeat("A", 32) + ":1\n", false, false},
		{"no line ends", strings.Repeat(b, 100), false, false},
		{"a hole in the middle", a + "\n" + strings.Repeat("\n", 500) + b + "\n", true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "list")
			if err := os.WriteFile(name, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := passwordpolicy.OpenHashFile(name)
			if (err == nil) != tt.open {
				t.Fatalf("open: %v", err)
			}
			if err != nil {
				return
			}
			defer file.Close()
			found, err := file.Breached(t.Context(), sha1.Sum([]byte(stolen)))
			if found != tt.find || (err == nil) != tt.find {
				t.Errorf("found %v, error %v", found, err)
			}
		})
	}
}

// TestCancelledLookUpIsNoAnswer: who hung up gets no password, open or not.
func TestCancelledLookUpIsNoAnswer(t *testing.T) {
	s := newService(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	e := newEstate(t, passwordpolicy.Options{Breaches: passwordpolicy.BreachOptions{RangeURL: s.URL}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.CheckPassword(ctx, nil, ada, first); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func FuzzRange(f *testing.F) {
	f.Add([]byte(digits(stolen)[5:] + ":1\r\n"))
	f.Add([]byte(digits(stolen)[5:] + ":0"))
	f.Add([]byte("\r\n:\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
		defer s.Close()
		source, err := passwordpolicy.NewRange(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		found, err := source.Breached(t.Context(), sha1.Sum([]byte(stolen)))
		if found && (err != nil || !strings.Contains(strings.ToUpper(string(body)), digits(stolen)[5:])) {
			t.Errorf("found in %q (%v)", body, err)
		}
	})
}

func FuzzHashFile(f *testing.F) {
	f.Add([]byte(digits(first) + ":1\n" + digits(stolen) + "\n"))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		name := filepath.Join(t.TempDir(), "list")
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := passwordpolicy.OpenHashFile(name)
		if err != nil {
			return
		}
		defer file.Close()
		found, _ := file.Breached(t.Context(), sha1.Sum([]byte(stolen)))
		if found && !strings.Contains(strings.ToUpper(string(text)), digits(stolen)) {
			t.Errorf("found in %q", text)
		}
	})
}

// FuzzJudge: no text brings the judge down, and the answer is one of ours.
func FuzzJudge(f *testing.F) {
	for _, seed := range []string{first, "", "\xff\xfe", "4@8({[<36911|!0$5+7%2", "aabaab\u0301\u0301", strings.Repeat("1!|", 16)} {
		f.Add(seed)
	}
	house := gatehousetest.New(f, passwordpolicy.New(passwordpolicy.Options{}, nil))
	f.Fuzz(func(t *testing.T, pass string) {
		err := house.CheckPassword(t.Context(), nil, ada, pass)
		if status, code := answered(err); err != nil && (status != http.StatusBadRequest || code == "") {
			t.Errorf("%q: %v", pass, err)
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	house := gatehousetest.New(b, passwordpolicy.New(passwordpolicy.Options{}, nil))
	for _, bm := range []struct{ name, pass string }{
		{"usual", first},
		{"worst", strings.Repeat("4@8({[<36911|!0$5+7%2", 4)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			for b.Loop() {
				_ = house.CheckPassword(b.Context(), nil, ada, bm.pass)
			}
		})
	}
}
