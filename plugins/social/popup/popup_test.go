package popup_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
	"github.com/gatehouse-auth/gatehouse/plugins/bearer"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
	"github.com/gatehouse-auth/gatehouse/plugins/social/popup"
)

const (
	session = "better-auth.session_token"
	marker  = "better-auth.oauth_popup"
	app     = "https://app.example.test"
)

type house struct {
	*gatehousetest.House
	t    testing.TB
	acme *oauthtest.Server
}

func newHouse(t testing.TB, more ...gatehouse.Plugin) *house {
	t.Helper()
	h := &house{t: t, acme: oauthtest.New(t)}
	socials := social.New(social.Options{Providers: []*oauth.Provider{h.acme.Provider("acme")}, Client: oauth.Options{AllowPrivate: true}})
	plugins := append([]gatehouse.Plugin{
		password.New(password.Options{Enabled: true}), sessions.New(), socials, popup.New(popup.Options{}, socials), bearer.New(bearer.Options{}),
	}, more...)
	h.House = gatehousetest.NewWith(t, func(c *gatehouse.Config) {
		c.TrustedOrigins = []string{app, "https://*.wild.example.test", "myapp://"}
	}, plugins...)
	h.acme.Now = h.Clock.Now
	return h
}

// open starts a window; pairs are parameters beside the usual ones, or in
// their place.
func (h *house) open(b *gatehousetest.Browser, pairs ...string) *gatehousetest.Answer {
	h.t.Helper()
	query := url.Values{"provider": {"acme"}, "popupOrigin": {app}, "popupNonce": {"n-1"}, "callbackURL": {"/home"}}
	for i := 0; i < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	b.Header.Del("Origin") // a window that navigates sends none
	return b.Get("/oauth-popup/start?" + query.Encode())
}

// comeBack is the window after the provider.
func (h *house) comeBack(b *gatehousetest.Browser, started *gatehousetest.Answer) *gatehousetest.Answer {
	h.t.Helper()
	return b.Get("/callback/acme?" + h.acme.Approve(started.ExpectStatus(http.StatusFound).Header.Get("Location")).Encode())
}

var dataBlock = regexp.MustCompile(`(?s)<script type="application/json" id="better-auth-oauth-popup">(.*?)</script>`)

// told is what the page would post, after a look at the page itself.
func told(t testing.TB, answer *gatehousetest.Answer) map[string]any {
	t.Helper()
	answer.ExpectStatus(http.StatusOK)
	page := string(answer.Body)
	block := dataBlock.FindStringSubmatch(page)
	if block == nil || answer.Header.Get("Content-Type") != "text/html" {
		t.Fatalf("%s is no page:\n%s", answer.Header.Get("Content-Type"), page)
	}
	if strings.ContainsAny(block[1], "<>&\u2028\u2029") || strings.IndexFunc(block[1], func(r rune) bool { return r >= 0x80 }) >= 0 {
		t.Errorf("the data is not plain: %s", block[1])
	}
	if strings.Count(page, "<script") != 2 || strings.Count(page, "</script>") != 2 {
		t.Errorf("the page has other scripts than its own:\n%s", page)
	}
	code := page[strings.LastIndex(page, "<script>")+len("<script>") : strings.LastIndex(page, "</script>")]
	sum := sha256.Sum256([]byte(code))
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	var data map[string]any
	if err := json.Unmarshal([]byte(block[1]), &data); err != nil {
		t.Fatalf("the data is not JSON: %v", err)
	}
	return data
}

func wantTold(t testing.TB, answer *gatehousetest.Answer, want map[string]any) {
	t.Helper()
	want["type"] = "better-auth:oauth-popup"
	got, _ := json.Marshal(told(t, answer))
	wanted, _ := json.Marshal(want)
	if string(got) != string(wanted) {
		t.Errorf("the opener is told\n     %s\nwant %s", got, wanted)
	}
}

// TestPopup: the window ends with the session's token for its opener, who can
// use it as a bearer; and it ends in the cookie, too.
func TestPopup(t *testing.T) {
	h := newHouse(t)
	b := h.Browser()
	done := h.comeBack(b, h.open(b, "newUserCallbackURL", "/welcome"))
	data := told(t, done)
	token, _ := data["token"].(string)
	wantTold(t, done, map[string]any{"targetOrigin": app, "nonce": "n-1", "token": token, "redirectTo": "/welcome"})
	if b.Cookie(session) == "" || b.Cookie(marker) != "" {
		t.Errorf("cookies afterwards: session %q, marker %q", b.Cookie(session), b.Cookie(marker))
	}
	embedded := h.Browser()
	embedded.Header.Set("Authorization", "Bearer "+token)
	embedded.Get("/get-session").Expect(gatehousetest.OK(`{"session":"…","user":{"email":"ada@example.com",…}}`))

	again := h.Browser()
	answer := h.comeBack(again, h.open(again, "newUserCallbackURL", "/welcome", "popupOrigin", "https://a.wild.example.test"))
	data = told(t, answer)
	wantTold(t, answer, map[string]any{"targetOrigin": "https://a.wild.example.test", "nonce": "n-1", "token": data["token"], "redirectTo": "/home"})
}

// TestDefaults: without a callbackURL and a nonce.
func TestDefaults(t *testing.T) {
	h := newHouse(t)
	b := h.Browser()
	started := b.Get("/oauth-popup/start?provider=acme&popupOrigin=" + url.QueryEscape(app))
	answer := h.comeBack(b, started)
	data := told(t, answer)
	wantTold(t, answer, map[string]any{"targetOrigin": app, "nonce": "", "token": data["token"], "redirectTo": gatehousetest.BaseURL + "/api/auth"})
	if got := h.acme.Requests(oauthtest.Authorize)[0].Query.Get("scope"); got != "openid email" {
		t.Errorf("the scopes are %q", got)
	}
}

// TestWhatTheWindowAsksFor goes along to the provider, and into the state.
func TestWhatTheWindowAsksFor(t *testing.T) {
	h := newHouse(t)
	b := h.Browser()
	h.comeBack(b, h.open(b, "scopes", "calendar,drive", "requestSignUp", "true", "additionalData", `{"reason":"x","callbackURL":"https://evil.example.net/"}`))
	if got := h.acme.Requests(oauthtest.Authorize)[0].Query.Get("scope"); got != "openid email calendar drive" {
		t.Errorf("the scopes are %q", got)
	}
	for _, data := range []string{`[1]`, `"text"`, `{`, `null`} {
		b := h.Browser()
		if got := told(t, h.comeBack(b, h.open(b, "additionalData", data)))["redirectTo"]; got != "/home" {
			t.Errorf("additionalData %s: redirectTo %v", data, got)
		}
	}
}

// TestHostileOpeners are told nothing, and no sign-in begins.
func TestHostileOpeners(t *testing.T) {
	h := newHouse(t)
	for _, origin := range []string{
		"https://evil.example.net", "https://app.example.test.evil.example.net", "https://app.example.test@evil.example.net",
		`https://app.example.test\@evil.example.net`, "https://evil.example.net#https://app.example.test", "https://evil.example.net?https://app.example.test",
		"*", "null", "", "/", "javascript:alert(1)", "data:text/html,x", "https://app.example.test/path", "https://app.example.test\u2028",
		"https://a.wild.example.test\n", "https://evil.example.net/.wild.example.test", "//app.example.test", "https://app.example.test:444",
	} {
		b := h.Browser()
		h.open(b, "popupOrigin", origin).Expect(gatehousetest.Fails(gatehouse.ErrInvalidOrigin))
		if b.Cookie(marker) != "" {
			t.Errorf("%q got a marker", origin)
		}
	}
	h.Get("/oauth-popup/start?provider=acme").ExpectStatus(http.StatusBadRequest)
	if n := len(h.acme.Requests("")); n != 0 {
		t.Errorf("the provider was asked %d times", n)
	}
}

// TestWhatCannotStart is told to the opener, in the page.
func TestWhatCannotStart(t *testing.T) {
	const evil = "https://evil.example.net/"
	h := newHouse(t)
	for _, tt := range []struct{ parameter, value, code, description string }{
		{"callbackURL", evil, "invalid_callback_url", "Untrusted URL: " + evil},
		{"errorCallbackURL", evil, "invalid_error_callback_url", "Untrusted URL: " + evil},
		{"newUserCallbackURL", "//evil.example.net", "invalid_new_user_callback_url", "Untrusted URL: //evil.example.net"},
		{"provider", "nobody", "provider_not_found", "Unknown provider: nobody"},
		{"additionalData", `{"a":"` + strings.Repeat("x", 3000) + `"}`, "popup_sign_in_failed", "Failed to start the OAuth flow."},
	} {
		b := h.Browser()
		answer := h.open(b, tt.parameter, tt.value)
		wantTold(t, answer, map[string]any{
			"targetOrigin": app, "nonce": "n-1", "error": map[string]any{"code": tt.code, "description": tt.description},
		})
		if b.Cookie(marker) != "" {
			t.Errorf("%s: a marker was set", tt.code)
		}
	}
}

// TestNothingOfARequestIsMarkup: what an attacker chooses stays text.
func TestNothingOfARequestIsMarkup(t *testing.T) {
	h := newHouse(t)
	for _, evil := range []string{
		`</script><script>alert(1)</script>`, `<!--<script>`, `"};alert(1);//`, "\u2028alert(1)\u2029", `]]>`, "\xff\xfe</script>", `&lt;/script&gt;`, "😀\x00\x1b",
	} {
		b := h.Browser()
		data := told(t, h.open(b, "provider", evil, "popupNonce", evil))
		said, _ := data["error"].(map[string]any)
		want := strings.ToValidUTF8(evil, "\ufffd\ufffd")
		if strings.ToValidUTF8(evil, "") == evil && (data["nonce"] != want || said["description"] != "Unknown provider: "+want) {
			t.Errorf("%q comes back as %v", evil, data)
		}
		b = h.Browser()
		done := h.comeBack(b, h.open(b, "popupNonce", evil))
		if nonce := told(t, done)["nonce"]; strings.ToValidUTF8(evil, "") == evil && nonce != evil {
			t.Errorf("the nonce %q comes back as %q", evil, nonce)
		}
		b = h.Browser()
		started := h.open(b)
		state := h.acme.Approve(started.Header.Get("Location")).Get("state")
		answer := b.Get("/callback/acme?" + url.Values{"state": {state}, "error": {evil}, "error_description": {evil}}.Encode())
		told(t, answer)
	}
	h.open(h.Browser(), "popupNonce", strings.Repeat("n", 257)).Expect(gatehousetest.Fails(gatehouse.ErrFieldTooLong.Saying("popupNonce is over 256 bytes")))
}

// TestErrorsReachTheOpener: from the provider, from the sign-in, from a gate.
func TestErrorsReachTheOpener(t *testing.T) {
	banned := gatehouse.NewError(http.StatusForbidden, "BANNED_USER", "You have been banned")
	gate := &gate{}
	h := newHouse(t, gate)
	for _, tt := range []struct {
		name string
		with func()
		want map[string]any
	}{
		{"the person said no", func() { h.acme.Misbehave(func(b *oauthtest.Behaviour) { b.Deny = "access_denied" }) }, map[string]any{"code": "access_denied"}},
		{"no address", func() {
			h.acme.Misbehave(func(b *oauthtest.Behaviour) { b.Profile = func(p map[string]any) { delete(p, "email") } })
		}, map[string]any{"code": "email_not_found"}},
		{"a gate", func() { gate.shut = banned }, map[string]any{"code": "BANNED_USER", "description": "You have been banned"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.acme.Behave()
			tt.with()
			b := h.Browser()
			wantTold(t, h.comeBack(b, h.open(b)), map[string]any{"targetOrigin": app, "nonce": "n-1", "error": tt.want})
			if b.Cookie(session) != "" || b.Cookie(marker) != "" {
				t.Errorf("cookies afterwards: session %q, marker %q", b.Cookie(session), b.Cookie(marker))
			}
		})
	}
}

type gate struct{ shut error }

func (g *gate) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	return gatehouse.Parts{ID: "gate", Gates: []gatehouse.Gate{{Ask: func(*gatehouse.Call, gatehouse.Proof) error { return g.shut }}}}, nil
}

// TestNoWindowNoPage: a sign-in without a window is redirected as ever, and a
// marker that somebody made up counts for nothing.
func TestNoWindowNoPage(t *testing.T) {
	h := newHouse(t)
	for _, planted := range []string{"", url.QueryEscape(`{"popupOrigin":"https://evil.example.net","popupNonce":""}.`) + strings.Repeat("A", 43) + "%3D"} {
		b := h.Browser()
		b.SetCookie(marker, planted)
		target := b.Post("/sign-in/social", map[string]any{"provider": "acme", "callbackURL": "/home"}).Text("url")
		b.Get("/callback/acme?" + h.acme.Approve(target).Encode()).Expect(gatehousetest.Redirects("/home"))
	}
}

// TestTheMarkerEnds with its window, and after ten minutes.
func TestTheMarkerEnds(t *testing.T) {
	h := newHouse(t)
	b := h.Browser()
	cookie := h.open(b).Cookies[marker]
	if cookie == nil || cookie.MaxAge != int((10*time.Minute)/time.Second) || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("the marker is %v", cookie)
	}
}

// TestACodeOfOneWindowIsNoneOfAnother: the page is for the browser that began.
func TestACodeOfOneWindowIsNoneOfAnother(t *testing.T) {
	h := newHouse(t)
	mine, theirs := h.Browser(), h.Browser()
	started := h.open(mine)
	h.open(theirs)
	answer := h.comeBack(theirs, started)
	wantTold(t, answer, map[string]any{"targetOrigin": app, "nonce": "n-1", "error": map[string]any{"code": "state_mismatch"}})
	if theirs.Cookie(session) != "" {
		t.Error("somebody else was signed in")
	}
}
