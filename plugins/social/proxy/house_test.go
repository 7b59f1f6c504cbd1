package proxy_test

import (
	"encoding/json"
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
	"github.com/gatehouse-auth/gatehouse/plugins/social/proxy"
)

const (
	ada            = "ada@example.com"
	passcode       = "correct horse battery"
	session        = "better-auth.session_token"
	stateCookie    = "better-auth.state"
	production     = "https://www.example.test"
	previewURL     = gatehousetest.BaseURL
	sharedSecret   = "a secret that both of them have, and nobody else"
	completion     = "/callback/acme/oauth-proxy"
	profilePurpose = "oauth-proxy-profile"
)

// pair is a preview, a production server, and the provider that knows
// production alone.
type pair struct {
	t                   testing.TB
	acme                *oauthtest.Server
	preview, production *gatehousetest.House
}

// setup is what a test changes.
type setup struct {
	config     func(*gatehouse.Config)
	options    func(*proxy.Options)
	previewOf  func(*oauth.Provider)
	production func(*oauth.Provider)
}

func newPair(t testing.TB, s setup) *pair {
	t.Helper()
	p := &pair{t: t, acme: oauthtest.New(t)}
	options := proxy.Options{ProductionURL: production + "/", Secret: sharedSecret}
	if s.options != nil {
		s.options(&options)
	}
	p.preview = p.house(s.config, options, s.previewOf)
	p.production = p.house(func(c *gatehouse.Config) { c.BaseURL = production }, options, s.production)
	p.acme.Now = p.preview.Clock.Now
	return p
}

func (p *pair) socials(change func(*oauth.Provider)) *social.Social {
	acme, zenith := p.acme.Provider("acme"), p.acme.Provider("zenith")
	if change != nil {
		change(acme)
	}
	return social.New(social.Options{Providers: []*oauth.Provider{acme, zenith}, Client: oauth.Options{AllowPrivate: true}})
}

func (p *pair) house(config func(*gatehouse.Config), options proxy.Options, change func(*oauth.Provider)) *gatehousetest.House {
	socials := p.socials(change)
	passwords := password.New(password.Options{Enabled: true})
	return gatehousetest.NewWith(p.t, config, passwords, sessions.New(), account.New(passwords.CheckPassword), socials, proxy.New(options, socials))
}

// begin starts a sign-in at the preview; it gives the address at the provider.
func (p *pair) begin(b *gatehousetest.Browser) string {
	p.t.Helper()
	return b.Post("/sign-in/social", map[string]any{
		"provider": "acme", "callbackURL": "/home", "newUserCallbackURL": "/welcome", "errorCallbackURL": "/oops",
	}).ExpectStatus(http.StatusOK).Text("url")
}

// atProduction agrees at the provider and goes to production's callback.
func (p *pair) atProduction(target string) *gatehousetest.Answer {
	p.t.Helper()
	if got, want := query(p.t, target).Get("redirect_uri"), production+"/api/auth/callback/acme"; got != want {
		p.t.Fatalf("the provider sends people to %s, want %s", got, want)
	}
	return p.production.Browser().Get("/callback/acme?" + p.acme.Approve(target).Encode())
}

// handed is the address at the preview to which production sends the browser.
func (p *pair) handed(b *gatehousetest.Browser) string {
	p.t.Helper()
	answer := p.atProduction(p.begin(b)).ExpectStatus(http.StatusFound)
	to, ok := strings.CutPrefix(answer.Header.Get("Location"), previewURL+"/api/auth")
	if !ok || !strings.HasPrefix(to, completion+"?callbackURL=%2Fhome&profile=") {
		p.t.Fatalf("production sends the browser to %s", answer.Header.Get("Location"))
	}
	if len(answer.Cookies) > 0 {
		p.t.Errorf("production sets cookies: %v", answer.Cookies)
	}
	return to
}

// payload is the profile in an address.
func (p *pair) payload(to string) map[string]any {
	p.t.Helper()
	plain, err := open(query(p.t, to).Get("profile"))
	if err != nil {
		p.t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(plain, &members); err != nil {
		p.t.Fatal(err)
	}
	return members
}

// changed is the address with a profile that was changed, and sealed again by
// somebody who has the secret.
func (p *pair) changed(to string, change func(map[string]any)) string {
	p.t.Helper()
	members := p.payload(to)
	change(members)
	plain, err := json.Marshal(members)
	if err != nil {
		p.t.Fatal(err)
	}
	return at(sealed(p.t, plain))
}

func at(profile string) string {
	return completion + "?" + url.Values{"callbackURL": {"/home"}, "profile": {profile}}.Encode()
}

func query(t testing.TB, target string) url.Values {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func wantError(t testing.TB, answer *gatehousetest.Answer, target, code string) {
	t.Helper()
	answer.Expect(gatehousetest.Redirects(target + "?error=" + code))
	if answer.Cookies[session] != nil && answer.Cookies[session].MaxAge >= 0 {
		t.Error("a session was made")
	}
}
