package proxy_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
	"github.com/gatehouse-auth/gatehouse/plugins/social/proxy"
	"github.com/gatehouse-auth/gatehouse/store"
)

const noErrorPage = previewURL + "/api/auth/error"

func open(sealed string) ([]byte, error) {
	return seal.Decrypt(seal.Keys{Legacy: sharedSecret}.Purpose(profilePurpose), sealed)
}

func sealAs(t testing.TB, secret, purpose string, plain []byte) string {
	t.Helper()
	sealed, err := seal.Encrypt(seal.Keys{Legacy: secret}.Purpose(purpose), plain, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func sealed(t testing.TB, plain []byte) string { return sealAs(t, sharedSecret, profilePurpose, plain) }

// TestPreviewSignsInThroughProduction: a new person, then the same again.
// Production keeps nobody.
func TestPreviewSignsInThroughProduction(t *testing.T) {
	for _, strategy := range []string{"database", "cookie"} {
		t.Run(strategy, func(t *testing.T) {
			p := newPair(t, setup{config: func(c *gatehouse.Config) { c.Account.StoreStateStrategy = strategy }})
			for _, target := range []string{"/welcome", "/home"} {
				b := p.preview.Browser()
				b.Get(p.handed(b)).Expect(gatehousetest.Redirects(target))
				b.Get("/get-session").Expect(gatehousetest.OK(`{"session":…,"user":{"email":"ada@example.com","emailVerified":true,"name":"Ada Lovelace",…}}`))
				b.Get("/list-accounts").Expect(gatehousetest.OK(
					`[{"providerId":"acme","accountId":"ada-1815","scopes":["openid","email"],"id":…,"userId":…,"createdAt":…,"updatedAt":…}]`))
			}
			if _, err := p.production.Users.ByEmail(context.Background(), ada); err == nil {
				t.Error("production made a user")
			}
		})
	}
}

// TestThePayload is what another server of the protocol would read.
func TestThePayload(t *testing.T) {
	p := newPair(t, setup{})
	b := p.preview.Browser()
	got := p.payload(p.handed(b))
	account, _ := got["account"].(map[string]any)
	user, _ := got["userInfo"].(map[string]any)
	for name, pair := range map[string][2]any{
		"account.providerId": {account["providerId"], "acme"}, "account.accountId": {account["accountId"], "ada-1815"},
		"account.scope": {account["scope"], "openid,email"}, "userInfo.id": {user["id"], "ada-1815"},
		"userInfo.email": {user["email"], ada}, "userInfo.emailVerified": {user["emailVerified"], true},
		"callbackURL": {got["callbackURL"], "/home"}, "newUserURL": {got["newUserURL"], "/welcome"}, "errorURL": {got["errorURL"], "/oops"},
		"timestamp":                    {got["timestamp"], float64(p.preview.Clock.Now().UnixMilli())},
		"account.accessTokenExpiresAt": {account["accessTokenExpiresAt"], p.production.Clock.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000Z07:00")},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %v, want %v", name, pair[0], pair[1])
		}
	}
}

// TestLinkThroughProduction: a signed-in person adds a way to sign in.
func TestLinkThroughProduction(t *testing.T) {
	p := newPair(t, setup{})
	p.preview.AddUser(ada, passcode)
	b := p.preview.SignIn(ada, passcode)
	target := b.Post("/link-social", map[string]any{"provider": "acme", "callbackURL": "/settings"}).ExpectStatus(http.StatusOK).Text("url")
	to := strings.TrimPrefix(p.atProduction(target).Header.Get("Location"), previewURL+"/api/auth")
	b.Get(to).Expect(gatehousetest.Redirects("/settings"))
	var list []struct{ ProviderID string }
	if b.Get("/list-accounts").JSON(&list); len(list) != 2 {
		t.Errorf("the accounts are %v", list)
	}
}

// TestNotProxied: production's own sign-ins, and those that ask not to be.
func TestNotProxied(t *testing.T) {
	p := newPair(t, setup{})
	b := p.production.Browser()
	b.Header.Del("Origin")
	target := b.Post("/sign-in/social", map[string]any{"provider": "acme", "callbackURL": "/home"}).ExpectStatus(http.StatusOK).Text("url")
	b.Get("/callback/acme?" + p.acme.Approve(target).Encode()).Expect(gatehousetest.Redirects("/home"))

	skips := p.preview.Browser()
	skips.Header.Set("X-Skip-OAuth-Proxy", "1")
	target = p.begin(skips)
	if got := query(t, target).Get("redirect_uri"); got != previewURL+"/api/auth/callback/acme" {
		t.Errorf("redirect_uri is %s", got)
	}
	skips.Get("/callback/acme?" + p.acme.Approve(target).Encode()).Expect(gatehousetest.Redirects("/welcome"))
}

// TestAPayloadIsGoodOnce: neither a second time nor in another browser.
func TestAPayloadIsGoodOnce(t *testing.T) {
	for _, strategy := range []string{"database", "cookie"} {
		t.Run(strategy, func(t *testing.T) {
			p := newPair(t, setup{config: func(c *gatehouse.Config) { c.Account.StoreStateStrategy = strategy }})
			b := p.preview.Browser()
			to := p.handed(b)
			tab, thief := b.Clone(), p.preview.Browser()
			wantError(t, thief.Get(to), "/oops", "state_mismatch")
			b.Get(to).Expect(gatehousetest.Redirects("/welcome"))
			wantError(t, b.Get(to), "/oops", "state_mismatch")
			wantError(t, tab.Get(to), "/oops", "state_mismatch")
			// Nor is another profile for the same state.
			wantError(t, tab.Get(p.changed(to, func(m map[string]any) { m["timestamp"] = m["timestamp"].(float64) + 1 })), "/oops", "state_mismatch")
		})
	}
}

// TestAVictimIsNotSignedInAsTheAttacker: the address that production gives the
// attacker's browser does nothing in the victim's.
func TestAVictimIsNotSignedInAsTheAttacker(t *testing.T) {
	p := newPair(t, setup{})
	attacker, victim := p.preview.Browser(), p.preview.Browser()
	p.begin(victim) // who even has a state of their own
	wantError(t, victim.Get(p.handed(attacker)), "/oops", "state_mismatch")
}

// TestAPayloadIsGoodForMaxAge: and not if it comes from the future.
func TestAPayloadIsGoodForMaxAge(t *testing.T) {
	for _, tt := range []struct {
		name   string
		maxAge time.Duration
		late   time.Duration
		good   bool
	}{
		{"at once", 0, 0, true},
		{"at the end of a minute", 0, time.Minute, true},
		{"after a minute", 0, time.Minute + time.Millisecond, false},
		{"within its own age", 5 * time.Minute, 5 * time.Minute, true},
		{"after its own age", time.Second, 1001 * time.Millisecond, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPair(t, setup{options: func(o *proxy.Options) { o.MaxAge = tt.maxAge }})
			b := p.preview.Browser()
			to := p.handed(b)
			p.preview.Clock.Advance(tt.late)
			if tt.good {
				b.Get(to).Expect(gatehousetest.Redirects("/welcome"))
				return
			}
			wantError(t, b.Get(to), "/oops", "payload_expired")
		})
	}
	p := newPair(t, setup{})
	for ahead, code := range map[time.Duration]string{10 * time.Second: "", 11 * time.Second: "payload_expired", 100 * 365 * 24 * time.Hour: "payload_expired"} {
		b := p.preview.Browser()
		answer := b.Get(p.changed(p.handed(b), func(m map[string]any) { m["timestamp"] = m["timestamp"].(float64) + float64(ahead.Milliseconds()) }))
		if code != "" {
			wantError(t, answer, "/oops", code)
		} else if b.Cookie(session) == "" {
			t.Errorf("%v ahead is refused: %s", ahead, answer.Header.Get("Location"))
		}
	}
}

// TestForgedPayloads: sealed by others, for another use, or not at all.
func TestForgedPayloads(t *testing.T) {
	p := newPair(t, setup{})
	b := p.preview.Browser()
	good := p.handed(b)
	plain, err := open(query(t, good).Get("profile"))
	if err != nil {
		t.Fatal(err)
	}
	text := query(t, good).Get("profile")
	for name, profile := range map[string]string{
		"another secret":      sealAs(t, "another secret, of another server altogether", profilePurpose, plain),
		"the server's secret": sealAs(t, gatehousetest.Secret, profilePurpose, plain),
		"another purpose":     sealAs(t, sharedSecret, "oauth-proxy-state", plain),
		"plain":               string(plain),
		"cut":                 text[:len(text)-2],
		"flipped":             text[:100] + string(text[100]^1) + text[101:],
	} {
		t.Run(name, func(t *testing.T) { wantError(t, b.Get(at(profile)), noErrorPage, "invalid_profile") })
	}
	wantError(t, b.Get(completion+"?callbackURL=%2Fhome"), noErrorPage, "missing_profile")
	b.Get(completion).ExpectStatus(http.StatusBadRequest)
	b.Get(completion + "?callbackURL=https%3A%2F%2Fevil.example.net&profile=x").Expect(gatehousetest.Fails(gatehouse.ErrCallbackURL))
	b.Get(good).Expect(gatehousetest.Redirects("/welcome"))
}

// TestMalformedPayloads: of somebody who has the secret.
func TestMalformedPayloads(t *testing.T) {
	p := newPair(t, setup{})
	b := p.preview.Browser()
	good := p.handed(b)
	for name, change := range map[string]func(map[string]any){
		"no state":      func(m map[string]any) { delete(m, "state") },
		"no address":    func(m map[string]any) { m["userInfo"].(map[string]any)["email"] = "" },
		"no account":    func(m map[string]any) { delete(m, "account") },
		"blank subject": func(m map[string]any) { m["account"].(map[string]any)["accountId"] = " " },
		"no timestamp":  func(m map[string]any) { delete(m, "timestamp") },
		"text for time": func(m map[string]any) { m["timestamp"] = "now" },
		"huge time":     func(m map[string]any) { m["timestamp"] = 1e300 },
		"list for user": func(m map[string]any) { m["userInfo"] = []any{} },
		"no callback":   func(m map[string]any) { m["callbackURL"] = "" },
	} {
		t.Run(name, func(t *testing.T) { wantError(t, b.Get(p.changed(good, change)), noErrorPage, "invalid_payload") })
	}
	for _, plain := range []string{"", "null", "[]", "{", `"x"`} {
		wantError(t, b.Get(at(sealed(t, []byte(plain)))), noErrorPage, "invalid_payload")
	}
	b.Get(good).Expect(gatehousetest.Redirects("/welcome"))
}

// TestAPayloadOfAnotherProvider is refused by the path, and by the state.
func TestAPayloadOfAnotherProvider(t *testing.T) {
	p := newPair(t, setup{})
	b := p.preview.Browser()
	good := p.handed(b)
	other := func(m map[string]any) { m["account"].(map[string]any)["providerId"] = "zenith" }
	wantError(t, b.Get(p.changed(good, other)), "/oops", "provider_mismatch")
	wantError(t, b.Get(strings.Replace(good, "/acme/", "/zenith/", 1)), "/oops", "provider_mismatch")
	wantError(t, b.Get(strings.Replace(p.changed(good, other), "/acme/", "/zenith/", 1)), "/oops", "provider_mismatch")

	b = p.preview.Browser()
	good = p.handed(b)
	wantError(t, b.Get(strings.Replace(p.changed(good, other), completion, "/oauth-proxy-callback", 1)), "/oops", "provider_mismatch")
	b = p.preview.Browser()
	b.Get(strings.Replace(p.handed(b), completion, "/oauth-proxy-callback", 1)).Expect(gatehousetest.Redirects("/welcome"))
}

// TestWhereTheBrowserEndsIsOurOwnStates: a profile cannot lead elsewhere.
func TestWhereTheBrowserEndsIsOurOwnStates(t *testing.T) {
	p := newPair(t, setup{})
	b := p.preview.Browser()
	to := p.changed(p.handed(b), func(m map[string]any) {
		m["callbackURL"], m["newUserURL"] = "https://evil.example.net/", "https://evil.example.net/"
	})
	b.Get(to).Expect(gatehousetest.Redirects("/welcome"))
}

// TestSignUpRulesOfBothSidesHold.
func TestSignUpRulesOfBothSidesHold(t *testing.T) {
	closed := func(p *oauth.Provider) { p.SignUp.Disabled = true }
	explicit := func(p *oauth.Provider) { p.SignUp.Explicit = true }
	for name, s := range map[string]setup{
		"closed at production": {production: closed}, "closed at the preview": {previewOf: closed}, "explicit at production": {production: explicit},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, s)
			b := p.preview.Browser()
			wantError(t, b.Get(p.handed(b)), "/oops", "signup_disabled")
		})
	}
}

// TestFailuresAtProduction go to the preview's page for errors.
func TestFailuresAtProduction(t *testing.T) {
	p := newPair(t, setup{})
	for name, tt := range map[string]struct {
		with func(*oauthtest.Behaviour)
		code string
	}{
		"denied":     {func(b *oauthtest.Behaviour) { b.Deny = "access_denied" }, "access_denied"},
		"no address": {func(b *oauthtest.Behaviour) { b.Profile = func(m map[string]any) { delete(m, "email") } }, "email_not_found"},
		"bad code": {func(b *oauthtest.Behaviour) {
			b.Replace = map[string]http.Handler{oauthtest.Token: oauthtest.Answer(400, `{"error":"invalid_grant"}`)}
		}, "invalid_code"},
	} {
		t.Run(name, func(t *testing.T) {
			p.acme.Behave()
			p.acme.Misbehave(tt.with)
			wantError(t, p.atProduction(p.begin(p.preview.Browser())), "/oops", tt.code)
		})
	}
	p.acme.Behave()
	target := p.begin(p.preview.Browser())
	state := query(t, target).Get("state")
	wantError(t, p.production.Get("/callback/acme?state="+state), "/oops", "no_code")
	wantError(t, p.production.Get("/callback/nobody?code=x&state="+state), "/oops", "oauth_provider_not_found")
	wantError(t, p.production.Get("/callback/zenith?code=x&state="+state), "/oops", "state_mismatch")
	p.production.Clock.Advance(10*time.Minute + time.Second)
	wantError(t, p.atProduction(target), "/oops", "state_mismatch")
}

// TestForeignStatePackages are as any state that production did not make.
func TestForeignStatePackages(t *testing.T) {
	p := newPair(t, setup{})
	inner := sealAs(t, sharedSecret, "oauth-proxy-state", []byte(`{"callbackURL":"https://evil.example.net/","codeVerifier":"v","expiresAt":4102444800000,"oauthState":"other"}`))
	for name, state := range map[string]string{
		"nonsense":        "nonsense",
		"another secret":  sealAs(t, "another secret, of another server altogether", "oauth-proxy-package", []byte(`{"state":"s","stateCookie":"`+inner+`","isOAuthProxy":true}`)),
		"another purpose": sealAs(t, sharedSecret, profilePurpose, []byte(`{"state":"s","stateCookie":"`+inner+`","isOAuthProxy":true}`)),
		"not a proxy's":   sealAs(t, sharedSecret, "oauth-proxy-package", []byte(`{"state":"s","stateCookie":"`+inner+`"}`)),
		"no inner state":  sealAs(t, sharedSecret, "oauth-proxy-package", []byte(`{"state":"s","stateCookie":"x","isOAuthProxy":true}`)),
		"other inside":    sealAs(t, sharedSecret, "oauth-proxy-package", []byte(`{"state":"s","stateCookie":"`+inner+`","isOAuthProxy":true}`)),
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, p.production.Get("/callback/acme?code=x&state="+state), production+"/api/auth/error", "state_mismatch")
		})
	}
}

// TestOptionsThatCannotWorkStopTheStart names each.
func TestOptionsThatCannotWorkStopTheStart(t *testing.T) {
	for want, o := range map[string]proxy.Options{
		"currentURL":    {CurrentURL: "preview.example.test"},
		"productionURL": {ProductionURL: "javascript://x"},
		"maxAge":        {MaxAge: time.Hour},
		"the secret":    {Secret: "short"},
	} {
		p := &pair{t: t, acme: oauthtest.New(t)}
		err := p.start(o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want a word about %s", o, err, want)
		}
	}
}

func (p *pair) start(o proxy.Options) error {
	socials := p.socials(nil)
	_, err := gatehouse.New(context.Background(), gatehouse.Config{
		BaseURL: gatehousetest.BaseURL, Secret: gatehousetest.Secret, DB: gatehousetest.OpenStore(p.t, store.Options{}),
		Migrate: gatehouse.MigrateApply, Plugins: []gatehouse.Plugin{socials, proxy.New(o, socials)},
	})
	return err
}

// FuzzPayload: whatever a holder of the secret seals, and whatever anybody
// sends, ends in a redirect to the page for errors, and never in a session.
func FuzzPayload(f *testing.F) {
	f.Add([]byte(`{"userInfo":{"id":"1","email":"a@example.com"},"account":{"providerId":"acme","accountId":"1"},"state":"s","callbackURL":"/","timestamp":1767323045678}`), true)
	f.Add([]byte(`{"state":1}`), true)
	f.Add([]byte(`00ff`), false)
	f.Add([]byte(`$ba$1$00`), false)
	p := newPair(f, setup{})
	f.Fuzz(func(t *testing.T, text []byte, sealIt bool) {
		profile := string(text)
		if sealIt {
			profile = sealed(t, text)
		}
		w := httptest.NewRecorder()
		p.preview.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/auth"+at(profile), http.NoBody))
		target, cookies := w.Header().Get("Location"), w.Result().Cookies()
		if w.Code != http.StatusFound || !strings.Contains(target, "error=") || len(cookies) > 0 {
			t.Errorf("%q: %d %s %v", text, w.Code, target, cookies)
		}
	})
}
