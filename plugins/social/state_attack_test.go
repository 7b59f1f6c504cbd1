package social_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

// TestForeignCallbacks is ATTACKS 78: only the browser that began a sign-in
// ends it, once, at the provider that it went to.
func TestForeignCallbacks(t *testing.T) {
	for _, strategy := range []string{"database", "cookie"} {
		t.Run(strategy, func(t *testing.T) {
			other := oauthtest.New(t)
			h := newHouse(t, setup{
				config: func(c *gatehouse.Config) { c.Account.StoreStateStrategy = strategy },
				more:   []*oauth.Provider{other.Provider("other")},
			})
			start := func() (*gatehousetest.Browser, url.Values) {
				b := h.Browser()
				return b, h.acme.Approve(h.begin(b, map[string]any{"callbackURL": "/home", "errorCallbackURL": "/oops"}))
			}
			at := func(b *gatehousetest.Browser, id string, back url.Values, changes ...string) *gatehousetest.Answer {
				for i := 0; i < len(changes); i += 2 {
					back.Set(changes[i], changes[i+1])
				}
				return b.Get("/callback/" + id + "?" + back.Encode())
			}
			b, back := start()
			wantError(t, at(h.Browser(), "acme", back), "state_mismatch")
			wantError(t, at(b, "acme", url.Values{"code": back["code"]}), "state_not_found")
			wantError(t, at(b, "acme", url.Values{"code": back["code"], "state": {"guessed"}}), "state_mismatch")
			at(b, "acme", back).Expect(gatehousetest.Redirects("/home"))
			if strategy == "database" {
				wantError(t, at(b, "acme", back), "state_mismatch")
			}

			b, back = start()
			wantError(t, at(b, "other", back), "state_mismatch")
			b, back = start()
			wantError(t, at(b, "acme", back, "iss", other.URL), "issuer_mismatch")
			b, back = start()
			wantError(t, at(b, "nobody", back), "oauth_provider_not_found")
			b, back = start()
			back.Del("code")
			wantError(t, at(b, "acme", back), "no_code")
			b, back = start()
			wantError(t, at(b, "acme", back, "code", "made-up"), "invalid_code")
			b, back = start()
			h.Clock.Advance(11 * time.Minute)
			wantError(t, at(b, "acme", back), "state_mismatch")

			// ATTACKS 79: somebody's code in another's sign-in fails by PKCE.
			_, theirs := start()
			b, back = start()
			wantError(t, at(b, "acme", back, "code", theirs.Get("code")), "invalid_code")
			if len(h.acme.Requests(oauthtest.Token)) == 0 {
				t.Error("the provider was never asked")
			}
		})
	}
}

// TestIssuerIsRequiredWherePromised: RFC 9207 §2.4.
func TestIssuerIsRequiredWherePromised(t *testing.T) {
	h := newHouse(t, setup{})
	other := oauthtest.New(t)
	h.build(setup{more: []*oauth.Provider{other.Discovered("found")}})
	other.Now = h.Clock.Now
	b := h.Browser()
	back := other.Approve(h.begin(b, map[string]any{"provider": "found"}))
	back.Del("iss")
	wantError(t, b.Get("/callback/found?"+back.Encode()), "issuer_missing")
	back = other.Approve(h.begin(b, map[string]any{"provider": "found"}))
	b.Get("/callback/found?" + back.Encode()).Expect(gatehousetest.Redirects(gatehousetest.BaseURL))
}

// TestProviderErrorText is ATTACKS 84: what a provider says is passed on
// encoded, bounded, and never as markup or a header of its own.
func TestProviderErrorText(t *testing.T) {
	h := newHouse(t, setup{})
	for _, said := range []string{
		"access_denied", "<script>alert(1)</script>", "a\r\nSet-Cookie: x=y", "ünïcödé ☃", strings.Repeat("long ", 4000), "\xff\xfe",
	} {
		b := h.Browser()
		back := h.acme.Approve(h.begin(b, map[string]any{"errorCallbackURL": "/oops?kept=1"}))
		answer := b.Get("/callback/acme?" + url.Values{"state": back["state"], "error": {said}, "error_description": {said}}.Encode())
		answer.ExpectStatus(http.StatusFound)
		location := answer.Header.Get("Location")
		want := strings.ToValidUTF8(said, "\ufffd")
		if len(want) > 500 {
			want = want[:500]
		}
		wantError(t, answer, want)
		if !strings.HasPrefix(location, "/oops?kept=1&error=") || len(answer.Header.Values("Set-Cookie")) > 1 {
			t.Errorf("%q became %q", said, location)
		}
	}
}

// TestBadTokensOfTheProvider is ATTACKS 81 in the code flow: what the provider
// signed for somebody else signs nobody in.
func TestBadTokensOfTheProvider(t *testing.T) {
	h := newHouse(t, setup{})
	for name, spoil := range map[string]func(map[string]any){
		"other audience": func(c map[string]any) { c["aud"] = "another" },
		"other issuer":   func(c map[string]any) { c["iss"] = "https://evil.example" },
		"expired":        func(c map[string]any) { c["exp"] = h.Clock.Now().Add(-time.Hour).Unix() },
		"other nonce":    func(c map[string]any) { c["nonce"] = "replayed" },
		"no nonce":       func(c map[string]any) { delete(c, "nonce") },
		"other subject":  func(c map[string]any) { c["sub"] = "somebody-else" },
		"no subject":     func(c map[string]any) { delete(c, "sub") },
	} {
		t.Run(name, func(t *testing.T) {
			h.acme.Misbehave(func(b *oauthtest.Behaviour) { b.Claims = spoil })
			defer h.acme.Behave()
			_, answer := h.arrive()
			wantError(t, answer, "unable_to_get_user_info")
		})
	}
}

// TestTargetsAreOurs is ATTACKS 1–13 for the addresses that a sign-in takes.
func TestTargetsAreOurs(t *testing.T) {
	h := newHouse(t, setup{})
	user := h.AddUser(ada, passcode)
	signed := h.SignIn(user.Email, passcode)
	for _, target := range []string{
		"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "data:text/html,x",
		"http://gatehouse.test.evil.example/", "http://gatehouse.test@evil.example/", "\tjavascript:alert(1)", "https:evil.example", "ftp://gatehouse.test/",
	} {
		for _, member := range []string{"callbackURL", "newUserCallbackURL", "errorCallbackURL"} {
			for _, path := range []string{"/sign-in/social", "/link-social"} {
				if path == "/link-social" && member == "newUserCallbackURL" {
					continue // it has none
				}
				answer := signed.Post(path, map[string]any{"provider": "acme", member: target})
				if answer.Status != http.StatusForbidden {
					t.Errorf("%s with %s %q answers %d %s", path, member, target, answer.Status, answer.Body)
				}
			}
		}
	}
}
