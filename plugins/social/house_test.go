package social_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
)

const (
	ada      = "ada@example.com"
	passcode = "correct horse battery"
	state    = "better-auth.state"
	token    = "better-auth.session_token"
)

// house is one where people may come from the provider "acme".
type house struct {
	*gatehousetest.House
	t      testing.TB
	acme   *oauthtest.Server
	social *social.Social
}

// setup is what a test changes.
type setup struct {
	config   func(*gatehouse.Config)
	provider func(*oauth.Provider)
	more     []*oauth.Provider
	plugins  []gatehouse.Plugin
}

func newHouse(t testing.TB, s setup) *house {
	t.Helper()
	h := &house{t: t, acme: oauthtest.New(t)}
	h.build(s)
	return h
}

func (h *house) build(s setup) {
	h.t.Helper()
	acme := h.acme.Provider("acme")
	if s.provider != nil {
		s.provider(acme)
	}
	h.social = social.New(social.Options{
		Providers: append([]*oauth.Provider{acme}, s.more...), Client: oauth.Options{AllowPrivate: true},
	})
	passwords := password.New(password.Options{Enabled: true})
	all := append([]gatehouse.Plugin{passwords, sessions.New(), account.New(passwords.CheckPassword), h.social}, s.plugins...)
	h.House = gatehousetest.NewWith(h.t, func(c *gatehouse.Config) {
		c.EmailVerification.SendVerificationEmail = true
		if s.config != nil {
			s.config(c)
		}
	}, all...)
	h.acme.Now = h.Clock.Now
}

// begin starts a sign-in and returns where the provider is.
func (h *house) begin(b *gatehousetest.Browser, body map[string]any) string {
	h.t.Helper()
	if body["provider"] == nil {
		body["provider"] = "acme"
	}
	return b.Post("/sign-in/social", body).ExpectStatus(http.StatusOK).Text("url")
}

// comeBack agrees at the provider and returns to the callback.
func (h *house) comeBack(b *gatehousetest.Browser, target string) *gatehousetest.Answer {
	h.t.Helper()
	return b.Get("/callback/acme?" + h.acme.Approve(target).Encode())
}

// arrive signs in by the provider in a browser of its own.
func (h *house) arrive() (*gatehousetest.Browser, *gatehousetest.Answer) {
	h.t.Helper()
	b := h.Browser()
	return b, h.comeBack(b, h.begin(b, map[string]any{"callbackURL": "/home", "newUserCallbackURL": "/welcome", "errorCallbackURL": "/oops"}))
}

// accountID is the id of the row of the browser's account at the provider.
func (h *house) accountID(b *gatehousetest.Browser) string {
	h.t.Helper()
	var list []struct{ ID, ProviderID string }
	b.Get("/list-accounts").ExpectStatus(http.StatusOK).JSON(&list)
	for _, entry := range list {
		if entry.ProviderID == "acme" {
			return entry.ID
		}
	}
	h.t.Fatalf("no account at acme in %v", list)
	return ""
}

func signedIn(b *gatehousetest.Browser) bool { return b.Cookie(token) != "" }

func query(t testing.TB, target string) url.Values {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func wantError(t testing.TB, answer *gatehousetest.Answer, code string) {
	t.Helper()
	if answer.Status != http.StatusFound {
		t.Fatalf("got %d %s, want a redirect with ?error=%s", answer.Status, answer.Body, code)
	}
	location := answer.Header.Get("Location")
	if got := query(t, location).Get("error"); got != code {
		t.Fatalf("Location %s has error %q, want %q", location, got, code)
	}
	if answer.Cookies[token] != nil {
		t.Errorf("a failed sign-in set a session cookie")
	}
	for _, b := range []byte(location) {
		if b <= ' ' || b > '~' {
			t.Errorf("Location %q has a character that no header should", location)
		}
	}
	if strings.ContainsAny(location, "<>\"") {
		t.Errorf("Location %q has markup", location)
	}
}
