package social_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
)

func TestFirstAndSecondSignIn(t *testing.T) {
	for _, strategy := range []string{"database", "cookie"} {
		t.Run(strategy, func(t *testing.T) {
			h := newHouse(t, setup{config: func(c *gatehouse.Config) { c.Account.StoreStateStrategy = strategy }})
			first, answer := h.arrive()
			answer.Expect(gatehousetest.Redirects("/welcome"))
			first.Get("/get-session").Expect(gatehousetest.OK(`{"session":…,"user":{"email":"ada@example.com","emailVerified":true,
				"name":"Ada Lovelace","image":"https://example.com/ada.png","id":"…","createdAt":"…","updatedAt":"…"}}`))
			first.Get("/list-accounts").Expect(gatehousetest.OK(`[{"providerId":"acme","accountId":"ada-1815","userId":"…","id":"…",
				"scopes":["openid","email"],"createdAt":"…","updatedAt":"…"}]`))
			second, answer := h.arrive()
			answer.Expect(gatehousetest.Redirects("/home"))
			if !signedIn(second) || second.Cookie(token) == first.Cookie(token) {
				t.Error("the second sign-in has no session of its own")
			}
		})
	}
}

// TestRequestToTheProvider: the parameters, with the verifier's challenge and
// a nonce; the caller's own are added and never replace ours.
func TestRequestToTheProvider(t *testing.T) {
	h := newHouse(t, setup{provider: func(p *oauth.Provider) { p.Authorization.Prompt = "consent" }})
	b := h.Browser()
	target := h.begin(b, map[string]any{
		"scopes": []string{"calendar"}, "loginHint": "ada", "additionalParams": map[string]string{"audience": "us"},
	})
	sent := query(t, target)
	for name, want := range map[string]string{
		"response_type": "code", "client_id": h.acme.ClientID, "scope": "openid email calendar", "login_hint": "ada",
		"redirect_uri": gatehousetest.BaseURL + "/api/auth/callback/acme", "prompt": "consent", "audience": "us",
		"code_challenge_method": "S256",
	} {
		if got := sent.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for name, length := range map[string]int{"state": 32, "nonce": 32, "code_challenge": 43} {
		if got := sent.Get(name); len(got) != length {
			t.Errorf("%s has %d characters, want %d", name, len(got), length)
		}
	}
	for _, reserved := range oauth.Reserved {
		body := map[string]any{"provider": "acme", "additionalParams": map[string]string{reserved: "mine"}}
		b.Post("/sign-in/social", body).Expect(gatehousetest.Fails(gatehouse.ErrValidation.Saying(
			"[body.additionalParams] additionalParams cannot include reserved OAuth parameters: %s", strings.Join(oauth.Reserved, ", "))))
	}
	b.Post("/sign-in/social", map[string]any{"provider": "nobody"}).Expect(gatehousetest.Fails(social.ErrProviderNotFound))
	stay := b.Post("/sign-in/social", map[string]any{"provider": "acme", "disableRedirect": true}).ExpectStatus(http.StatusOK)
	if stay.Header.Get("Location") != "" || !strings.Contains(string(stay.Body), `"redirect":false`) {
		t.Errorf("with disableRedirect: Location %q, %s", stay.Header.Get("Location"), stay.Body)
	}
}

// TestSignUpRules: who may become somebody new.
func TestSignUpRules(t *testing.T) {
	for _, tt := range []struct {
		name   string
		signUp oauth.SignUp
		asks   bool
		want   string
	}{
		{"anybody", oauth.SignUp{}, false, ""},
		{"nobody", oauth.SignUp{Disabled: true}, true, "signup_disabled"},
		{"who did not ask", oauth.SignUp{Explicit: true}, false, "signup_disabled"},
		{"who asked", oauth.SignUp{Explicit: true}, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, setup{provider: func(p *oauth.Provider) { p.SignUp = tt.signUp }})
			b := h.Browser()
			answer := h.comeBack(b, h.begin(b, map[string]any{"requestSignUp": tt.asks, "errorCallbackURL": "/oops"}))
			if tt.want != "" {
				wantError(t, answer, tt.want)
				return
			}
			answer.Expect(gatehousetest.Redirects(gatehousetest.BaseURL))
		})
	}
}

// TestImplicitLinking is PROTOCOL 14.2: all of it must hold.
func TestImplicitLinking(t *testing.T) {
	yes, no := true, false
	for _, tt := range []struct {
		name         string
		local, there bool // verified
		rules        gatehouse.AccountLinkingOptions
		want         string
	}{
		{"verified on both sides", true, true, gatehouse.AccountLinkingOptions{}, ""},
		{"not proved here", false, true, gatehouse.AccountLinkingOptions{}, "account_not_linked"},
		{"not proved there", true, false, gatehouse.AccountLinkingOptions{}, "account_not_linked"},
		{"trusted, not proved there", true, false, gatehouse.AccountLinkingOptions{TrustedProviders: []string{"acme"}}, ""},
		{"trusted, not proved here", false, false, gatehouse.AccountLinkingOptions{TrustedProviders: []string{"acme"}}, "account_not_linked"},
		{"not proved here, not needed", false, true, gatehouse.AccountLinkingOptions{RequireLocalEmailVerified: &no}, ""},
		{"linking off", true, true, gatehouse.AccountLinkingOptions{Enabled: &no}, "account_not_linked"},
		{"linking on", true, true, gatehouse.AccountLinkingOptions{Enabled: &yes}, ""},
		{"only when asked", true, true, gatehouse.AccountLinkingOptions{DisableImplicitLinking: true}, "account_not_linked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, setup{config: func(c *gatehouse.Config) { c.Account.AccountLinking = tt.rules }})
			user := h.AddUser(ada, passcode)
			if _, err := h.Users.Update(t.Context(), user.ID, change("emailVerified", tt.local)); err != nil {
				t.Fatal(err)
			}
			h.acme.Person(oauthtest.Person{Subject: "ada-1815", Email: "Ada@Example.com", EmailVerified: tt.there, Name: "Ada"})
			b, answer := h.arrive()
			if tt.want != "" {
				wantError(t, answer, tt.want)
				return
			}
			answer.Expect(gatehousetest.Redirects("/home"))
			if !signedIn(b) {
				t.Error("nobody is signed in")
			}
		})
	}
}

func TestProfileUpdates(t *testing.T) {
	h := newHouse(t, setup{provider: func(p *oauth.Provider) { p.SignUp.OverrideUserInfo = true }})
	h.arrive()
	h.acme.Person(oauthtest.Person{Subject: "ada-1815", Email: "countess@example.com", EmailVerified: false, Name: "Countess"})
	b, answer := h.arrive()
	answer.Expect(gatehousetest.Redirects("/home"))
	b.Get("/get-session").Expect(gatehousetest.OK(`{"session":…,"user":{"name":"Countess","email":"countess@example.com","emailVerified":false,…}}`))
}

// TestNoEmail: a provider that tells no address cannot make an account.
func TestNoEmail(t *testing.T) {
	h := newHouse(t, setup{})
	h.acme.Person(oauthtest.Person{Subject: "x"})
	_, answer := h.arrive()
	wantError(t, answer, "email_not_found")
}

func TestRequiredVerification(t *testing.T) {
	h := newHouse(t, setup{provider: func(p *oauth.Provider) { p.SignUp.RequireVerifiedEmail = true }})
	h.acme.Person(oauthtest.Person{Subject: "u-1", Email: ada, Name: "Ada"})
	b, answer := h.arrive()
	wantError(t, answer, "email_not_verified")
	if signedIn(b) {
		t.Error("somebody is signed in whose address is not verified")
	}
	h.Mail("verification-email", ada)
	h.acme.Person(oauthtest.Person{Subject: "u-1", Email: ada, EmailVerified: true, Name: "Ada"})
	b, answer = h.arrive()
	answer.Expect(gatehousetest.Redirects("/home"))
	if !signedIn(b) {
		t.Error("nobody is signed in though the address is verified now")
	}
}

func TestPostedCallback(t *testing.T) {
	h := newHouse(t, setup{})
	b := h.Browser()
	back := h.acme.Approve(h.begin(b, map[string]any{"callbackURL": "/home"}))
	stranger := h.Browser() // a cross-site form post brings no Lax cookies
	stranger.Header.Set("Origin", h.acme.URL)
	moved := stranger.Send(http.MethodPost, "/callback/acme", "application/x-www-form-urlencoded", back.Encode()).ExpectStatus(http.StatusFound)
	b.Get(moved.Header.Get("Location")).Expect(gatehousetest.Redirects("/home"))
}
