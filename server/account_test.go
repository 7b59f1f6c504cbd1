package server_test

import (
	"net/http"
	"testing"

	"github.com/gatehouse-auth/gatehouse/web"
)

// TestPasswordManagersFindThePage: W3C, A Well-Known URL for Changing
// Passwords.
func TestPasswordManagersFindThePage(t *testing.T) {
	status, page := http.StatusFound, web.PasswordPath
	if !web.BuiltIn {
		status, page = http.StatusNotFound, ""
	}
	answer := serve(t, options(t)).get("/.well-known/change-password")
	if answer.Status != status || answer.Header.Get("Location") != page {
		t.Errorf("answers %d to %q", answer.Status, answer.Header.Get("Location"))
	}
}

// TestOwnRoutesAreOn: a server without options tells people what is theirs,
// once they signed in.
func TestOwnRoutesAreOn(t *testing.T) {
	p := serve(t, options(t))
	for path, method := range map[string]string{"/api/auth/account/activity": http.MethodGet, "/api/auth/account/data": http.MethodPost} {
		if answer := p.do(method, path, "", map[string]string{"Origin": p.URL}); answer.Status != http.StatusUnauthorized {
			t.Errorf("%s answers %d", path, answer.Status)
		}
	}
}
