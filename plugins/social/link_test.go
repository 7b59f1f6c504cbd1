package social_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
)

func (h *house) linkUp(b *gatehousetest.Browser) *gatehousetest.Answer {
	h.t.Helper()
	target := b.Post("/link-social", map[string]any{"provider": "acme", "callbackURL": "/settings", "errorCallbackURL": "/oops"}).
		ExpectStatus(http.StatusOK).Text("url")
	return h.comeBack(b, target)
}

// TestLinking is PROTOCOL 14.4.
func TestLinking(t *testing.T) {
	no := false
	for _, tt := range []struct {
		name   string
		person oauthtest.Person
		rules  gatehouse.AccountLinkingOptions
		want   string
	}{
		{"the same address", oauthtest.Ada, gatehouse.AccountLinkingOptions{}, ""},
		{"not verified there", oauthtest.Person{Subject: "a", Email: ada}, gatehouse.AccountLinkingOptions{}, "unable_to_link_account"},
		{
			"not verified there, trusted", oauthtest.Person{Subject: "a", Email: ada},
			gatehouse.AccountLinkingOptions{TrustedProviders: []string{"acme"}}, "",
		},
		{"another address", oauthtest.Person{Subject: "a", Email: "x@example.com", EmailVerified: true}, gatehouse.AccountLinkingOptions{}, "email_does_not_match"},
		{
			"another address, allowed", oauthtest.Person{Subject: "a", Email: "x@example.com", EmailVerified: true},
			gatehouse.AccountLinkingOptions{AllowDifferentEmails: true}, "",
		},
		{"implicit linking off", oauthtest.Ada, gatehouse.AccountLinkingOptions{DisableImplicitLinking: true}, ""},
		{"linking off", oauthtest.Ada, gatehouse.AccountLinkingOptions{Enabled: &no}, "unable_to_link_account"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, setup{config: func(c *gatehouse.Config) { c.Account.AccountLinking = tt.rules }})
			h.AddUser(ada, passcode)
			h.acme.Person(tt.person)
			b := h.SignIn(ada, passcode)
			answer := h.linkUp(b)
			if tt.want != "" {
				wantError(t, answer, tt.want)
				return
			}
			answer.Expect(gatehousetest.Redirects("/settings"))
			h.accountID(b)
			h.linkUp(b).Expect(gatehousetest.Redirects("/settings")) // again: nothing new
			idToken := map[string]any{"provider": "acme", "idToken": map[string]any{"token": h.acme.Sign(h.acme.Claims())}}
			b.Post("/link-social", idToken).Expect(gatehousetest.OK(`{"url":"","redirect":false,"status":true}`))
		})
	}
}

// TestLinkToAnother: an identity that is somebody's cannot become another's.
func TestLinkToAnother(t *testing.T) {
	h := newHouse(t, setup{config: func(c *gatehouse.Config) { c.Account.AccountLinking.AllowDifferentEmails = true }})
	h.arrive()
	h.AddUser("eve@example.com", passcode)
	eve := h.SignIn("eve@example.com", passcode)
	wantError(t, h.linkUp(eve), "account_already_linked_to_different_user")
	body := map[string]any{"provider": "acme", "idToken": map[string]any{"token": h.acme.Sign(h.acme.Claims())}}
	eve.Post("/link-social", body).Expect(gatehousetest.Fails(social.ErrAlreadyLinked))
}

// TestLinkAfterSignOut: a link that was begun ends with its session.
func TestLinkAfterSignOut(t *testing.T) {
	h := newHouse(t, setup{})
	h.AddUser(ada, passcode)
	b := h.SignIn(ada, passcode)
	target := b.Post("/link-social", map[string]any{"provider": "acme", "errorCallbackURL": "/oops"}).ExpectStatus(http.StatusOK).Text("url")
	b.Post("/sign-out", map[string]any{}).ExpectStatus(http.StatusOK)
	wantError(t, h.comeBack(b, target), "unable_to_link_account")
}

// TestIDTokenSignIn is PROTOCOL 13.6.
func TestIDTokenSignIn(t *testing.T) {
	h := newHouse(t, setup{more: []*oauth.Provider{
		{ID: "plain", Name: "Plain", ClientIDs: []string{"x"}, Endpoints: oauth.Endpoints{AuthorizeURL: "https://plain.example/", TokenURL: "https://plain.example/"}},
	}})
	signIn := func(provider string, idToken map[string]any) *gatehousetest.Answer {
		return h.Post("/sign-in/social", map[string]any{"provider": provider, "idToken": idToken})
	}
	claims := func(change func(map[string]any)) map[string]any {
		all := h.acme.Claims()
		all["nonce"] = "n-1"
		if change != nil {
			change(all)
		}
		return map[string]any{"token": h.acme.Sign(all), "nonce": "n-1"}
	}
	signIn("acme", claims(nil)).Expect(gatehousetest.OK(`{"redirect":false,"token":"…","user":{"email":"ada@example.com","emailVerified":true,…}}`))
	for name, bad := range map[string]map[string]any{
		"other nonce":    claims(func(c map[string]any) { c["nonce"] = "other" }),
		"other audience": claims(func(c map[string]any) { c["aud"] = "another" }),
		"expired":        claims(func(c map[string]any) { c["exp"] = h.Clock.Now().Add(-time.Minute).Unix() }),
		"garbage":        {"token": "not.a.token"},
		"empty":          {"token": ""},
	} {
		t.Run(name, func(t *testing.T) {
			signIn("acme", bad).Expect(gatehousetest.Fails(social.ErrInvalidIDToken))
		})
	}
	signIn("plain", claims(nil)).Expect(gatehousetest.Fails(social.ErrIDTokenNotSupported))
	signIn("nobody", claims(nil)).Expect(gatehousetest.Fails(social.ErrProviderNotFound))
}
