package social_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
)

func refreshes(s *oauthtest.Server) (n int) {
	for _, r := range s.Requests(oauthtest.Token) {
		if r.Form.Get("grant_type") == "refresh_token" {
			n++
		}
	}
	return n
}

func TestAccessTokens(t *testing.T) {
	for _, encrypt := range []bool{false, true} {
		h := newHouse(t, setup{config: func(c *gatehouse.Config) { c.Account.EncryptOAuthTokens = encrypt }})
		b, _ := h.arrive()
		chosen := map[string]any{"accountId": h.accountID(b)}
		first := b.Post("/get-access-token", chosen).ExpectStatus(http.StatusOK).Text("accessToken")
		if first == "" || refreshes(h.acme) != 0 {
			t.Fatalf("access token %q after %d renewals", first, refreshes(h.acme))
		}
		h.Clock.Advance(59*time.Minute + 56*time.Second)
		second := b.Post("/get-access-token", chosen).ExpectStatus(http.StatusOK).Text("accessToken")
		if second == first || refreshes(h.acme) != 1 {
			t.Errorf("an access token that ends in 4 seconds was not renewed: %d renewals", refreshes(h.acme))
		}
		var renewed struct{ AccessToken, RefreshToken, ProviderID, AccountID string }
		b.Post("/refresh-token", chosen).ExpectStatus(http.StatusOK).JSON(&renewed)
		if renewed.AccessToken == second || renewed.RefreshToken == "" || renewed.ProviderID != "acme" || renewed.AccountID != chosen["accountId"] {
			t.Errorf("renewed: %+v", renewed)
		}
		b.Get("/account-info?accountId=" + renewed.AccountID).Expect(gatehousetest.OK(`{"user":…,"data":…,"account":{"id":"…","providerId":"acme","accountId":"ada-1815"}}`))
		accounts, err := h.Accounts.OfUser(t.Context(), h.user(b))
		if err != nil {
			t.Fatal(err)
		}
		for _, stored := range []*string{accounts[0].AccessToken, accounts[0].RefreshToken} {
			plain := *stored == renewed.AccessToken || *stored == renewed.RefreshToken
			if plain == encrypt {
				t.Errorf("encryptOAuthTokens %v stores %q", encrypt, *stored)
			}
		}
	}
}

func (h *house) user(b *gatehousetest.Browser) string {
	h.t.Helper()
	var got struct{ User struct{ ID string } }
	b.Get("/get-session").ExpectStatus(http.StatusOK).JSON(&got)
	return got.User.ID
}

// TestForeignAccounts: nobody gets another's tokens, whatever they name.
func TestForeignAccounts(t *testing.T) {
	h := newHouse(t, setup{config: func(c *gatehouse.Config) { c.Account.StoreAccountCookie = true }})
	b, _ := h.arrive()
	id, owner := h.accountID(b), h.user(b)
	h.AddUser("eve@example.com", passcode)
	eve := h.SignIn("eve@example.com", passcode)
	eve.SetCookie("better-auth.account_data", b.Cookie("better-auth.account_data"))
	for _, path := range []string{"/get-access-token", "/refresh-token"} {
		eve.Post(path, map[string]any{"accountId": id}).Expect(gatehousetest.Fails(social.ErrAccountNotFound))
		eve.Post(path, map[string]any{"accountId": id, "userId": owner}).Expect(gatehousetest.Fails(social.ErrAccountNotFound))
		eve.Post(path, map[string]any{"useAccountCookie": true}).Expect(gatehousetest.Fails(social.ErrAccountNotFound))
		h.Post(path, map[string]any{"accountId": id, "userId": owner}).ExpectStatus(http.StatusUnauthorized)
		b.Post(path, map[string]any{"useAccountCookie": true}).ExpectStatus(http.StatusOK)
		b.Post(path, map[string]any{"providerId": "acme"}).ExpectStatus(http.StatusBadRequest)
		b.Post(path, map[string]any{"accountId": id, "useAccountCookie": true}).ExpectStatus(http.StatusBadRequest)
	}
	eve.Get("/account-info?accountId=" + id).Expect(gatehousetest.Fails(social.ErrAccountNotFound))
	signedOut := b.Post("/sign-out", map[string]any{})
	if c := signedOut.Cookies["better-auth.account_data"]; c == nil || c.MaxAge >= 0 && c.Value != "" {
		t.Error("sign-out leaves the account cookie")
	}
}

// TestKeepsRefreshToken is ATTACKS 85, first half: a provider that sends none
// keeps the old one in use.
func TestKeepsRefreshToken(t *testing.T) {
	h := newHouse(t, setup{})
	b, _ := h.arrive()
	h.acme.Misbehave(func(o *oauthtest.Behaviour) {
		o.Answer = func(answer map[string]any) { delete(answer, "refresh_token") }
	})
	chosen := map[string]any{"accountId": h.accountID(b)}
	first := b.Post("/refresh-token", chosen).ExpectStatus(http.StatusOK).Text("refreshToken")
	if second := b.Post("/refresh-token", chosen).ExpectStatus(http.StatusOK).Text("refreshToken"); first == "" || second != first {
		t.Errorf("refresh token %q, then %q", first, second)
	}
}

// TestRevokedGrant: a provider that refuses is told from one that is away only
// in the log; the stored tokens stay either way.
func TestRevokedGrant(t *testing.T) {
	h := newHouse(t, setup{})
	b, _ := h.arrive()
	chosen := map[string]any{"accountId": h.accountID(b)}
	for _, fault := range []http.Handler{
		oauthtest.Answer(http.StatusBadRequest, `{"error":"invalid_grant"}`), oauthtest.Answer(http.StatusBadGateway, "away"),
		oauthtest.Answer(http.StatusOK, `{"token_type":"Bearer"}`), oauthtest.Answer(http.StatusOK, `[]`), oauthtest.Redirect("https://evil.example/"),
	} {
		h.acme.Misbehave(func(o *oauthtest.Behaviour) { o.Replace = map[string]http.Handler{oauthtest.Token: fault} })
		b.Post("/refresh-token", chosen).Expect(gatehousetest.Fails(social.ErrRefreshAccessToken))
		h.Clock.Advance(2 * time.Hour)
		b.Post("/get-access-token", chosen).Expect(gatehousetest.Fails(social.ErrGetAccessToken))
	}
	h.acme.Behave()
	b.Post("/refresh-token", chosen).ExpectStatus(http.StatusOK)
}

// TestOneRenewalForMany is ATTACKS 85, second half: two nodes, many requests,
// one question to the provider. Its refresh tokens are good once.
func TestOneRenewalForMany(t *testing.T) {
	h := newHouse(t, setup{})
	b, _ := h.arrive()
	chosen := map[string]any{"accountId": h.accountID(b)}
	passwords := password.New(password.Options{Enabled: true})
	twin := gatehousetest.NewWith(t, func(c *gatehouse.Config) { c.DB, c.Now = h.DB.Sibling(c.StoreOptions(storeOptions())), h.Clock.Now },
		passwords, sessions.New(), account.New(passwords.CheckPassword),
		social.New(social.Options{Providers: []*oauth.Provider{h.acme.Provider("acme")}, Client: oauth.Options{AllowPrivate: true}}))
	h.Clock.Advance(2 * time.Hour)
	var slow http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(300 * time.Millisecond)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"renewed-access-token","expires_in":3600,"refresh_token":"next"}`))
	})
	h.acme.Misbehave(func(o *oauthtest.Behaviour) { o.Replace = map[string]http.Handler{oauthtest.Token: slow} })
	before := refreshes(h.acme)
	var wait sync.WaitGroup
	for i := range 20 {
		house := h.House
		if i%2 == 1 {
			house = twin
		}
		twinBrowser := house.Browser()
		twinBrowser.SetCookie(token, b.Cookie(token))
		wait.Go(func() {
			if got := twinBrowser.Post("/get-access-token", chosen); got.Status != http.StatusOK || !strings.Contains(string(got.Body), "renewed-access-token") {
				t.Errorf("%d %s", got.Status, got.Body)
			}
		})
	}
	wait.Wait()
	if asked := refreshes(h.acme) - before; asked != 1 {
		t.Errorf("the provider was asked %d times", asked)
	}
}
