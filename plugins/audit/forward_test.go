package audit_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
)

const hookSecret = "forward-secret-0123456789-ABCDEF"

// receiver is a SIEM on loopback.
type receiver struct {
	*httptest.Server
	t  testing.TB
	mu sync.Mutex
	// status answers the next calls; 0 is 204.
	status int
	calls  int
	seqs   []int64
	bodies []string
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{t: t}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, _ := io.ReadAll(q.Body)
	mac := hmac.New(sha256.New, []byte(hookSecret))
	mac.Write([]byte(q.Header.Get("webhook-id") + "." + q.Header.Get("webhook-timestamp") + "." + string(body)))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); q.Header.Get("webhook-signature") != want {
		r.t.Errorf("signature %q, want %q", q.Header.Get("webhook-signature"), want)
	}
	r.calls++
	r.bodies = append(r.bodies, string(body))
	if r.status != 0 {
		w.Header().Set("Location", r.URL+"/elsewhere")
		w.WriteHeader(r.status)
		return
	}
	var message struct {
		Type string
		Data struct{ Entries []*audit.Entry }
	}
	if err := json.Unmarshal(body, &message); err != nil || message.Type != "audit.entries" {
		r.t.Errorf("body %s: %v", body, err)
	}
	for _, e := range message.Data.Entries {
		r.seqs = append(r.seqs, *e.Seq)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) got() (calls int, seqs []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls, append([]int64(nil), r.seqs...)
}

// forwardTo is a house that forwards when the test says so: the job has had
// its first look when the house is there.
func forwardTo(t testing.TB, url string, private bool) *house {
	h := newHouse(t, func(s *setting) {
		s.audit.Forward = audit.ForwardOptions{URL: url, Secret: hookSecret, AllowPrivate: private}
	})
	return h
}

func (h *house) forward() int {
	h.t.Helper()
	n, err := h.log.Forward(context.Background())
	if err != nil {
		h.t.Fatalf("forward: %v", err)
	}
	return n
}

// through waits until the position reaches a place, for the job may be at it.
func (h *house) through(seq int64) {
	h.t.Helper()
	for range 2000 {
		if err := h.forwardOnce(); err != nil {
			h.t.Fatal(err)
		}
		var at int64
		row := h.DB.SQL().QueryRow(`SELECT "seq" FROM "auditForward"`)
		if row.Scan(&at) == nil && at >= seq {
			return
		}
		time.Sleep(time.Millisecond)
	}
	h.t.Fatalf("entries are not forwarded through %d", seq)
}

func (h *house) forwardOnce() error {
	_, err := h.log.Forward(context.Background())
	return err
}

func upTo(n int64) []int64 {
	var all []int64
	for i := range n {
		all = append(all, i+1)
	}
	return all
}

func TestForwardInOrderFromTheStoredPosition(t *testing.T) {
	siem := newReceiver(t)
	h := forwardTo(t, siem.URL, true)
	_, last := h.fill(250)
	h.through(last)
	_, more := h.fill(2)
	h.twin(func(s *setting) {
		s.audit.Forward = audit.ForwardOptions{URL: siem.URL, Secret: hookSecret, AllowPrivate: true}
	}).through(more)
	_, seqs := siem.got()
	if !reflect.DeepEqual(seqs[:more], upTo(more)) {
		t.Errorf("received %v", seqs)
	}
}

// TestForwardTriesAgain: at least once, in order, none left out, with pauses
// that grow to a bound.
func TestForwardTriesAgain(t *testing.T) {
	siem := newReceiver(t)
	h := forwardTo(t, siem.URL, true)
	h.through(h.head())
	siem.answer(http.StatusServiceUnavailable)
	_, last := h.fill(3)
	before, _ := siem.got()
	var pauses []time.Duration
	pause := time.Duration(0)
	for range 60 * 60 {
		h.forward()
		if calls, _ := siem.got(); calls > before {
			before = calls
			pauses = append(pauses, pause)
			pause = 0
		}
		if len(pauses) == 12 {
			break
		}
		h.Clock.Advance(5 * time.Second)
		pause += 5 * time.Second
	}
	want := []time.Duration{0, 5e9, 10e9, 20e9, 40e9, 80e9, 160e9, 320e9, 640e9, 1280e9, 1800e9, 1800e9}
	if !reflect.DeepEqual(pauses, want) {
		t.Errorf("pauses %v, want %v", pauses, want)
	}
	siem.answer(0)
	h.Clock.Advance(time.Hour)
	h.forward()
	if _, seqs := siem.got(); !reflect.DeepEqual(seqs, upTo(last)) {
		t.Errorf("received %v, want 1 to %d", seqs, last)
	}
}

// TestForwardSkipsNothing: a refusal for good, or a redirect, stops it; entries
// wait.
func TestForwardSkipsNothing(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusGone, http.StatusFound, http.StatusTemporaryRedirect} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			siem := newReceiver(t)
			h := forwardTo(t, siem.URL, true)
			h.through(h.head())
			siem.answer(status)
			_, last := h.fill(3)
			before, _ := siem.got()
			h.forward()
			h.forward()
			if calls, _ := siem.got(); calls != before+1 {
				t.Errorf("%d calls, want 1", calls-before)
			}
			siem.answer(0)
			h.Clock.Advance(time.Hour)
			h.forward()
			if _, seqs := siem.got(); !reflect.DeepEqual(seqs, upTo(last)) {
				t.Errorf("received %v, want 1 to %d", seqs, last)
			}
		})
	}
}

// TestForwardRefusesPrivateAddresses: a name or number that leads inside is
// not called (SSRF).
func TestForwardRefusesPrivateAddresses(t *testing.T) {
	siem := newReceiver(t)
	for _, url := range []string{siem.URL, strings.Replace(siem.URL, "127.0.0.1", "localhost", 1)} {
		h := forwardTo(t, url, false)
		h.fill(2)
		h.forward()
		if calls, _ := siem.got(); calls != 0 {
			t.Fatalf("%s was called", url)
		}
		if !logs(h, "the address is not public") {
			t.Errorf("the log does not say why:\n%s", h.Log())
		}
	}
}

// logs reports whether the log has text within five seconds: the worker writes
// it, who may have been at it already when the test asked.
func logs(h *house, text string) bool {
	for range 1000 {
		if strings.Contains(h.Log(), text) {
			return true
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}

// TestForwardKeepsItsAddressSecret: it may hold an access key.
func TestForwardKeepsItsAddressSecret(t *testing.T) {
	h := forwardTo(t, "http://127.0.0.1:1/in?key=swordfish-0123", true)
	h.fill(1)
	h.forward()
	logs(h, "not forwarded")
	var stored string
	if err := h.DB.SQL().QueryRow(`SELECT "lastError" FROM "auditForward"`).Scan(&stored); err != nil || stored == "" {
		t.Errorf("stored %q, %v", stored, err)
	}
	for place, text := range map[string]string{"log": h.Log(), "row": stored} {
		if strings.Contains(text, "swordfish") {
			t.Errorf("the %s holds the key: %s", place, text)
		}
	}
}

// TestPruneWaitsForForwarding: what nobody has received yet stays.
func TestPruneWaitsForForwarding(t *testing.T) {
	siem := newReceiver(t)
	h := forwardTo(t, siem.URL, true)
	h.through(h.head())
	reached := h.head()
	siem.answer(http.StatusServiceUnavailable)
	h.fill(5)
	h.Clock.Advance(time.Minute)
	if n := h.prune(h.Now()); n != reached {
		t.Errorf("removed %d, want the %d that were forwarded", n, reached)
	}
}

func TestForwardOptions(t *testing.T) {
	for name, o := range map[string]audit.ForwardOptions{
		"http":           {URL: "http://siem.example.com", Secret: hookSecret},
		"a password":     {URL: "https://a:b@siem.example.com", Secret: hookSecret},
		"no secret":      {URL: "https://siem.example.com"},
		"a short secret": {URL: "https://siem.example.com", Secret: "short"},
		"a long timeout": {URL: "https://siem.example.com", Secret: hookSecret, Timeout: time.Hour},
	} {
		h := newHouse(t, nil)
		config := *h.Config()
		config.DB, config.Plugins = nil, []gatehouse.Plugin{audit.New(audit.Options{Forward: o})}
		config.DB = h.DB.Sibling(config.StoreOptions(storeOptions))
		if app, err := gatehouse.New(context.Background(), config); err == nil {
			_ = app.Close()
			t.Errorf("%s is taken", name)
		} else if !strings.Contains(err.Error(), "forward: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
