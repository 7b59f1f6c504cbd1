package server_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/web"
)

var madeID = regexp.MustCompile(`^[A-Z2-7]{26}$`)

func TestRequestID(t *testing.T) {
	const given = "1f0c5e2a-7b4d.trace_9"
	for _, tt := range []struct {
		name    string
		proxies []string
		sent    string
		kept    bool
	}{
		{"from a trusted proxy", []string{"127.0.0.0/8"}, given, true},
		{"from a trusted address", []string{"127.0.0.1"}, given, true},
		{"from a stranger", nil, given, false},
		{"from another network", []string{"10.0.0.0/8", "::/1"}, given, false},
		{"none", []string{"127.0.0.1"}, "", false},
		{"too short", []string{"127.0.0.1"}, "abc", false},
		{"too long", []string{"127.0.0.1"}, strings.Repeat("a", 65), false},
		{"with spaces", []string{"127.0.0.1"}, "abcdefgh level=ERROR", false},
		{"with markup", []string{"127.0.0.1"}, "<script>alert(1)", false},
		{"with JSON", []string{"127.0.0.1"}, `abcdefgh","level":"x`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := serve(t, options(t, func(o *server.Options) { o.Advanced.IPAddress.TrustedProxies = tt.proxies }))
			got := p.do(http.MethodGet, "/api/auth/ok", "", map[string]string{"X-Request-Id": tt.sent}).Header.Get("X-Request-Id")
			if tt.kept != (got == tt.sent) || !tt.kept && !madeID.MatchString(got) {
				t.Errorf("sent %q, got %q", tt.sent, got)
			}
			eventually(t, "the id is in the log", func() bool { return strings.Contains(p.Log.String(), `"request":"`+got+`"`) })
		})
	}
}

// TestLinesOfOneRequestShareItsID: also those that the library logs.
func TestLinesOfOneRequestShareItsID(t *testing.T) {
	p := serve(t, options(t, failing))
	answer := p.do(http.MethodGet, "/api/auth/ok", "", nil)
	id := answer.Header.Get("X-Request-Id")
	eventually(t, "two lines with the id", func() bool { return strings.Count(p.Log.String(), `"request":"`+id+`"`) == 2 })
}

// failing makes GET /ok panic.
func failing(o *server.Options) {
	o.Hooks.Before = []gatehouse.OpHook{{Ops: []string{"ok"}, Do: func(*gatehouse.Call) error { panic("broken hook") }}}
}

func TestPanicEndsOneRequest(t *testing.T) {
	p := serve(t, options(t, failing))
	for range 3 {
		p.expect(p.get("/api/auth/ok"), http.StatusInternalServerError, "")
	}
	p.expect(p.get("/healthz"), http.StatusOK, healthy)
}

func TestSecurityHeadersAreOnEveryAnswer(t *testing.T) {
	p := serve(t, options(t))
	for _, path := range []string{"/", "/none", "/healthz", "/readyz", "/api/auth/ok", "/api/auth/none", "/api/auth/error", "/dev/mailbox"} {
		got := p.get(path)
		p.expectHeaders(got, map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
		}, "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options")
		if policy := got.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: Content-Security-Policy %q", path, policy)
		}
	}
}

// TestPathsAreNotCleaned: a mux of net/http would redirect these.
func TestPathsAreNotCleaned(t *testing.T) {
	p := serve(t, options(t))
	for _, tt := range []struct {
		path string
		want int
	}{
		{"/api/auth/ok", 200},
		{"/api/auth//ok", 404},
		{"//api/auth/ok", 404},
		{"/api/../api/auth/ok", 404},
		{"/api/auth/./ok", 404},
		{"/api/auth/x/../ok", 404},
		{"/api/auth/%6fk", 404},
		{"/api%2fauth/ok", 404},
		{"/api/auth", 404},
		{"/api/auth/", 404},
		{"/api/authok", 404},
		{"/API/AUTH/ok", 404},
		{"/%2e%2e/healthz", 404},
		{"/healthz/", 404},
		{"//healthz", 404},
		{"/x/../healthz", 404},
	} {
		if got := p.raw("GET " + tt.path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.path, got, tt.want)
		}
	}
}

// raw sends bytes as they are and returns the status; 0: closed unanswered.
func (p *product) raw(request string) int {
	p.t.Helper()
	conn := p.dial(request)
	defer conn.Close()
	return status(conn)
}

func (p *product) dial(request string) net.Conn {
	p.t.Helper()
	conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := conn.Write([]byte(request)); err != nil {
		p.t.Fatal(err)
	}
	return conn
}

func status(conn net.Conn) (code int) {
	if _, err := fmt.Fscanf(conn, "HTTP/1.1 %d", &code); err != nil {
		return 0
	}
	return code
}

func TestFrontPageShowsAnErrorCodeAndNothingElse(t *testing.T) {
	p := serve(t, options(t))
	for _, tt := range []struct {
		query, shown string
	}{
		{"?error=INVALID_TOKEN", "<code>INVALID_TOKEN</code>"},
		{"?error=%3Cscript%3Ealert(1)%3C/script%3E", "<code>UNKNOWN</code>"},
		{"?error=Call%20us%20at%20555", "<code>UNKNOWN</code>"},
		{"?error=" + strings.Repeat("A", 65), "<code>UNKNOWN</code>"},
		{"?error=", "<code>UNKNOWN</code>"},
		{"?error=X&error_description=Send+money", "<code>X</code>"},
	} {
		got := p.get("/" + tt.query)
		if got.Status != http.StatusOK || !strings.Contains(got.Body, tt.shown) {
			t.Errorf("%s: %d\n%s", tt.query, got.Status, got.Body)
		}
		for _, bad := range []string{"<script", "Call us", "Send money"} {
			if strings.Contains(got.Body, bad) {
				t.Errorf("%s shows %q", tt.query, bad)
			}
		}
	}
	if got := p.get("/"); strings.Contains(got.Body, "went wrong") || !strings.Contains(got.Body, "/api/auth") {
		t.Errorf("front page:\n%s", got.Body)
	}
}

// TestFailedFlowEndsAtAPage: the built-in one, the front page where that is not
// served, or the application's own.
func TestFailedFlowEndsAtAPage(t *testing.T) {
	builtIn := web.ErrorPath
	if !web.BuiltIn {
		builtIn = "/"
	}
	for _, tt := range []struct{ base, own, want string }{
		{"/api/auth", "", builtIn},
		{"/auth", "", "/"}, // the protocol is in the pages' place
		{"/api/auth", "/oops", "/oops"},
	} {
		p := serve(t, options(t, func(o *server.Options) { o.BasePath, o.OnAPIError.ErrorURL = tt.base, tt.own }))
		got := p.get(tt.base + "/error?error=INVALID_TOKEN")
		if got.Status != http.StatusFound || got.Header.Get("Location") != tt.want+"?error=INVALID_TOKEN" {
			t.Errorf("%+v: %d %s", tt, got.Status, got.Header.Get("Location"))
		}
	}
}

// TestProtocolAtTheRoot: an empty base path leaves every path but ours to it.
func TestProtocolAtTheRoot(t *testing.T) {
	p := serve(t, options(t, func(o *server.Options) { o.BasePath = "/" }))
	p.expect(p.get("/ok"), http.StatusOK, `{"ok":true}`)
	p.expect(p.get("/healthz"), http.StatusOK, healthy)
	if got := p.post("/reset-password", map[string]string{"newPassword": password}); got.Status != http.StatusBadRequest || !strings.Contains(got.Body, "INVALID_TOKEN") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}
