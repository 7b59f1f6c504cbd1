package onetap_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
	"github.com/gatehouse-auth/gatehouse/oauth/provider"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
	"github.com/gatehouse-auth/gatehouse/plugins/social/onetap"
)

const (
	ada      = "ada@example.com"
	session  = "better-auth.session_token"
	passcode = "correct horse battery"
)

// setup is what a test changes. google nil: the provider is not configured.
type setup struct {
	google  *provider.Google
	options onetap.Options
	config  func(*gatehouse.Config)
	more    []gatehouse.Plugin
}

type house struct {
	*gatehousetest.House
	google *oauthtest.Server
}

// detour brings requests for Google to the test's own server.
type detour struct{ to *url.URL }

func (d detour) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.URL.Path = d.to.Scheme, d.to.Host, oauthtest.JWKS
	return http.DefaultTransport.RoundTrip(r)
}

func google() *provider.Google {
	return &provider.Google{Options: provider.Options{ClientID: provider.ClientIDs{"client-1"}, ClientSecret: "shh"}}
}

func newHouse(t testing.TB, s setup) *house {
	t.Helper()
	h := &house{google: oauthtest.New(t)}
	set := provider.Set{Google: s.google}
	providers, err := set.Providers()
	if err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(h.google.URL)
	if err != nil {
		t.Fatal(err)
	}
	socials := social.New(social.Options{Providers: providers, Client: oauth.Options{Transport: detour{to}, Now: time.Now}})
	passwords := password.New(password.Options{Enabled: true})
	plugins := append([]gatehouse.Plugin{passwords, sessions.New(), account.New(passwords.CheckPassword), socials, onetap.New(s.options, socials)}, s.more...)
	h.House = gatehousetest.NewWith(t, s.config, plugins...)
	return h
}

// token is a good one of Google's, spoiled by change.
func (h *house) token(change map[string]any) string {
	claims := h.google.Claims()
	claims["iss"] = "https://accounts.google.com"
	for name, value := range change {
		claims[name] = value
	}
	return h.google.Sign(claims)
}

func (h *house) tap(token string) (*gatehousetest.Browser, *gatehousetest.Answer) {
	b := h.Browser()
	return b, b.Post("/one-tap/callback", map[string]any{"idToken": token})
}

const welcome = `{"token":…,"user":{"email":"ada@example.com","emailVerified":true,"image":"https://example.com/ada.png","name":"Ada Lovelace",…}}`

// TestOneTap: a new person, then the same one again; with the provider, with
// one's own client, and with one's own client alone.
func TestOneTap(t *testing.T) {
	for _, tt := range []struct {
		name     string
		google   *provider.Google
		options  onetap.Options
		audience string
	}{
		{"the provider's client", google(), onetap.Options{}, "client-1"},
		{"its own client beside the provider's", google(), onetap.Options{ClientID: provider.ClientIDs{"tap-1", "tap-2"}}, "tap-2"},
		{"its own client alone", nil, onetap.Options{ClientID: provider.ClientIDs{"tap-1"}}, "tap-1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, setup{google: tt.google, options: tt.options})
			var ids []string
			for range 2 {
				b, answer := h.tap(h.token(map[string]any{"aud": tt.audience}))
				answer.Expect(gatehousetest.OK(welcome))
				var got struct{ User struct{ ID string } }
				answer.JSON(&got)
				ids = append(ids, got.User.ID)
				b.Get("/list-accounts").Expect(gatehousetest.OK(
					`[{"providerId":"google","accountId":"ada-1815","scopes":["openid","profile","email"],"id":…,"userId":…,"createdAt":…,"updatedAt":…}]`))
			}
			if ids[0] != ids[1] {
				t.Errorf("two people: %v", ids)
			}
		})
	}
}

// TestTokensThatAreNotForUs: each is refused alike, and signs nobody in.
func TestTokensThatAreNotForUs(t *testing.T) {
	h := newHouse(t, setup{google: google(), options: onetap.Options{ClientID: provider.ClientIDs{"tap-1"}}})
	now := time.Now().Unix()
	good := h.token(map[string]any{"aud": "tap-1"})
	stranger := oauthtest.NewKey("RS256", h.google.Key("RS256").ID)
	for name, token := range map[string]string{
		"another client":             h.token(map[string]any{"aud": "somebody-else"}),
		"the provider's client only": h.token(map[string]any{"aud": "client-1"}),
		"asked for by another":       h.token(map[string]any{"aud": []string{"tap-1", "somebody-else"}, "azp": "somebody-else"}),
		"no audience":                h.token(map[string]any{"aud": nil}),
		"another issuer":             h.token(map[string]any{"aud": "tap-1", "iss": "https://accounts.example.com"}),
		"expired":                    h.token(map[string]any{"aud": "tap-1", "exp": now - 3600}),
		"issued long ago":            h.token(map[string]any{"aud": "tap-1", "iat": now - 7200}),
		"no subject":                 h.token(map[string]any{"aud": "tap-1", "sub": nil}),
		"another key":                stranger.Sign(nil, h.google.Claims()),
		"no signature":               good[:strings.LastIndex(good, ".")+1],
		"alg none":                   oauthtest.Encode([]byte(`{"alg":"none"}`)) + "." + strings.Split(good, ".")[1] + ".",
		"not a token":                "nonsense",
		"nothing":                    "",
	} {
		t.Run(name, func(t *testing.T) {
			b, answer := h.tap(token)
			answer.Expect(gatehousetest.Fails(onetap.ErrInvalidIDToken))
			if b.Cookie(session) != "" {
				t.Error("a session was made")
			}
		})
	}
	h.Post("/one-tap/callback", map[string]any{}).ExpectStatus(http.StatusBadRequest)
}

// TestHostedDomain: the provider's hd holds for One Tap, too.
func TestHostedDomain(t *testing.T) {
	g := google()
	g.HD = "example.com"
	h := newHouse(t, setup{google: g})
	for _, domain := range []any{nil, "evil.example.net"} {
		_, answer := h.tap(h.token(map[string]any{"hd": domain}))
		answer.Expect(gatehousetest.Fails(onetap.ErrInvalidIDToken))
	}
	_, answer := h.tap(h.token(map[string]any{"hd": "example.com"}))
	answer.Expect(gatehousetest.OK(welcome))
}

// TestNoClient: without a client id nothing can be made out to us.
func TestNoClient(t *testing.T) {
	h := newHouse(t, setup{})
	_, answer := h.tap(h.token(nil))
	answer.Expect(gatehousetest.Fails(onetap.ErrNoClientID))
}

// TestWhoMayNotComeIn is each of the other refusals.
func TestWhoMayNotComeIn(t *testing.T) {
	for _, tt := range []struct {
		name   string
		setup  setup
		known  bool // somebody has the address here, unproved
		claims map[string]any
		want   *gatehouse.Error
	}{
		{"sign-up is off here", setup{google: google(), options: onetap.Options{DisableSignup: true}}, false, nil, onetap.ErrRefused.Saying("signup disabled")},
		{"sign-up is off at the provider", setup{google: &provider.Google{Options: provider.Options{
			ClientID: provider.ClientIDs{"client-1"}, ClientSecret: "shh", DisableSignUp: true,
		}}}, false, nil, onetap.ErrRefused.Saying("signup disabled")},
		{"no address", setup{google: google()}, false, map[string]any{"email": nil}, onetap.ErrNoEmail},
		{"somebody else's unproved address", setup{google: google()}, true, nil, onetap.ErrRefused.Saying("account not linked")},
		{"an address that Google does not vouch for", setup{google: &provider.Google{Options: provider.Options{
			ClientID: provider.ClientIDs{"client-1"}, ClientSecret: "shh", RequireEmailVerification: true,
		}}}, false, map[string]any{"email_verified": false}, gatehouse.ErrEmailNotVerified},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, tt.setup)
			if tt.known {
				h.AddUser(ada, passcode)
			}
			b, answer := h.tap(h.token(tt.claims))
			answer.Expect(gatehousetest.Fails(tt.want))
			if b.Cookie(session) != "" {
				t.Error("a session was made")
			}
		})
	}
}

// TestDisabledIDTokenSignInIsForTheOtherWay: One Tap has no other than tokens.
func TestDisabledIDTokenSignInIsForTheOtherWay(t *testing.T) {
	g := google()
	g.DisableIDTokenSignIn = true
	h := newHouse(t, setup{google: g})
	_, answer := h.tap(h.token(nil))
	answer.Expect(gatehousetest.OK(welcome))
	h.Post("/sign-in/social", map[string]any{"provider": "google", "idToken": map[string]any{"token": h.token(nil)}}).
		Expect(gatehousetest.Fails(social.ErrIDTokenNotSupported))
}

// TestGatesHold: who may not come in by a password may not by One Tap.
func TestGatesHold(t *testing.T) {
	banned := gatehouse.NewError(http.StatusForbidden, "BANNED_USER", "You have been banned")
	h := newHouse(t, setup{google: google(), more: []gatehouse.Plugin{shut{banned}}})
	h.Allow(banned)
	b, answer := h.tap(h.token(nil))
	answer.Expect(gatehousetest.Fails(banned))
	if b.Cookie(session) != "" {
		t.Error("a session was made")
	}
}

type shut struct{ answer error }

func (s shut) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	return gatehouse.Parts{ID: "shut", Gates: []gatehouse.Gate{{Ask: func(*gatehouse.Call, gatehouse.Proof) error { return s.answer }}}}, nil
}

// TestRedirectTargetsAreChecked before anything else is.
func TestRedirectTargetsAreChecked(t *testing.T) {
	h := newHouse(t, setup{google: google()})
	h.Post("/one-tap/callback", map[string]any{"idToken": h.token(nil), "callbackURL": "https://evil.example.net/"}).
		Expect(gatehousetest.Fails(gatehouse.ErrCallbackURL))
	if _, err := h.Users.ByEmail(context.Background(), ada); err == nil {
		t.Error("somebody was signed up")
	}
}
