package site_test

import (
	"net/url"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/site"
)

func TestSame(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"https://auth.example.com", "https://app.example.com", true},
		{"https://auth.example.com:8443", "https://EXAMPLE.com.", true},
		{"https://auth.example.com", "http://app.example.com", false},
		{"https://auth.example.com", "https://example.org", false},
		{"https://a.example.co.uk", "https://b.example.co.uk", true},
		{"https://a.co.uk", "https://b.co.uk", false},
		{"https://ada.github.io", "https://eve.github.io", false},
		{"http://localhost:3000", "http://localhost:5173", true},
		{"http://localhost:3000", "http://127.0.0.1:3000", false},
		{"http://10.0.0.1", "http://11.0.0.1", false},
		{"http://[::1]:1", "http://[::1]:2", true},
		{"https://com", "https://com", true},
	} {
		a, errA := url.Parse(tt.a)
		b, errB := url.Parse(tt.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if got := site.Same(a, b); got != tt.want {
			t.Errorf("Same(%s, %s) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}
