package webhook_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/webhook"
)

// TestSign compares with the example of the Standard Webhooks reference
// libraries.
func TestSign(t *testing.T) {
	key, err := webhook.Key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	webhook.Sign(header, key, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	want := http.Header{
		"Webhook-Id":        {"msg_p5jXN8AQM9LWM0D4loKWxJek"},
		"Webhook-Timestamp": {"1614265330"},
		"Webhook-Signature": {"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
	}
	for name := range want {
		if header.Get(name) != want.Get(name) {
			t.Errorf("%s is %q, want %q", name, header.Get(name), want.Get(name))
		}
	}
}

func TestKey(t *testing.T) {
	for secret, want := range map[string]string{
		"": "24 bytes", "short": "24 bytes", "whsec_c2hvcnQ=": "24 bytes", "whsec_???": "base64", strings.Repeat("x", 24): "",
	} {
		_, err := webhook.Key(secret)
		if got := err != nil && strings.Contains(err.Error(), want); got != (want != "") {
			t.Errorf("%q: %v, want %q", secret, err, want)
		}
	}
}

func TestJudge(t *testing.T) {
	for status, want := range map[int]webhook.Verdict{
		200: webhook.Taken, 204: webhook.Taken, 302: webhook.Later, 400: webhook.Never, 404: webhook.Never,
		408: webhook.Later, 425: webhook.Later, 429: webhook.Later, 500: webhook.Later, 503: webhook.Later,
	} {
		if got := webhook.Judge(status); got != want {
			t.Errorf("%d: %v, want %v", status, got, want)
		}
	}
}

func TestCheckURL(t *testing.T) {
	for address, fine := range map[string]bool{
		"https://siem.example.com/in": true, "http://127.0.0.1:9/": true, "http://localhost/": true, "http://siem.example.com/": false,
		"https://a:b@siem.example.com/": false, "ftp://siem.example.com/": false, "siem.example.com": false, "": false,
	} {
		if err := webhook.CheckURL(address, false); (err == nil) != fine {
			t.Errorf("%q: %v", address, err)
		}
	}
}
