package server_test

import (
	"net/http"
	"testing"

	"github.com/gatehouse-auth/gatehouse/server"
)

var corsNames = []string{
	"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods",
	"Access-Control-Allow-Headers", "Access-Control-Max-Age",
}

// TestCORSAnswersTrustedOriginsOnly: nobody else gets a header, and there is
// never a "*" beside credentials.
func TestCORSAnswersTrustedOriginsOnly(t *testing.T) {
	p := serve(t, options(t, func(o *server.Options) {
		o.TrustedOrigins = []string{"https://app.example.com", "https://*.trusted.example"}
	}))
	for _, tt := range []struct {
		origin  string
		trusted bool
	}{
		{"https://app.example.com", true},
		{"https://a.trusted.example", true},
		{"http://app.example.com", false},
		{"https://app.example.com.evil.example", false},
		{"https://evil.example", false},
		{"https://trusted.example.evil.example", false},
		{"https://app.example.com:8443", false},
		{"null", false},
	} {
		preflight := p.do(http.MethodOptions, "/api/auth/sign-in/email", "", map[string]string{
			"Origin": tt.origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type, x-evil",
		})
		simple := p.do(http.MethodGet, "/api/auth/ok", "", map[string]string{"Origin": tt.origin})
		if !tt.trusted {
			if preflight.Status != http.StatusForbidden {
				t.Errorf("%s: preflight %d", tt.origin, preflight.Status)
			}
			p.expectHeaders(preflight, map[string]string{}, corsNames...)
			p.expectHeaders(simple, map[string]string{}, corsNames...)
			continue
		}
		if preflight.Status != http.StatusNoContent {
			t.Errorf("%s: preflight %d", tt.origin, preflight.Status)
		}
		p.expectHeaders(preflight, map[string]string{
			"Access-Control-Allow-Origin": tt.origin, "Access-Control-Allow-Credentials": "true",
			"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "content-type", "Access-Control-Max-Age": "600",
		}, corsNames...)
		p.expectHeaders(simple, map[string]string{
			"Access-Control-Allow-Origin": tt.origin, "Access-Control-Allow-Credentials": "true", "Vary": "Origin",
		}, "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Vary")
	}
}

func TestNoTrustedOriginsMeansOurOwnOnly(t *testing.T) {
	p := serve(t, options(t))
	for _, origin := range []string{"https://app.example.com", "http://localhost:5173", "http://127.0.0.1", "null"} {
		got := p.do(http.MethodGet, "/api/auth/ok", "", map[string]string{"Origin": origin})
		p.expectHeaders(got, map[string]string{}, corsNames...)
		write := p.do(http.MethodPost, "/api/auth/sign-out", "{}", map[string]string{"Origin": origin, "Cookie": "a=b"})
		if write.Status != http.StatusForbidden {
			t.Errorf("%s may write: %d %s", origin, write.Status, write.Body)
		}
	}
	own := p.do(http.MethodPost, "/api/auth/sign-out", "{}", map[string]string{"Origin": p.Started().BaseURL, "Cookie": "a=b"})
	if own.Status != http.StatusOK {
		t.Errorf("our own origin: %d %s", own.Status, own.Body)
	}
}

func TestCORSCanBeLeftToAProxy(t *testing.T) {
	p := serve(t, options(t, func(o *server.Options) { o.CORS, o.TrustedOrigins = false, []string{"https://app.example.com"} }))
	got := p.do(http.MethodGet, "/api/auth/ok", "", map[string]string{"Origin": "https://app.example.com"})
	p.expectHeaders(got, map[string]string{}, corsNames...)
}
