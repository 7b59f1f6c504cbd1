package lastlogin_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/lastlogin"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	name     = "better-auth.last_used_login_method"
	ada      = "ada@example.com"
	passcode = "correct horse battery"
)

// callback is somebody else's plugin with an operation of a known path: this
// one may not import the one that has it.
type callback struct {
	op  gatehouse.Op
	app *gatehouse.App
}

func at(method, path string) *callback {
	return &callback{op: gatehouse.Op{
		ID: "test" + strings.ReplaceAll(path, "/", "."), Method: method, Path: path, Doc: "Signs Ada in.", Access: gatehouse.Public,
		Body: gatehouse.Body{Optional: true},
	}}
}

func (p *callback) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	p.app = app
	type by struct {
		ID string `path:"id"`
	}
	if !strings.Contains(p.op.Path, ":id") {
		return gatehouse.Parts{ID: p.op.ID, Routes: []gatehouse.Route{gatehouse.Endpoint(p.op, func(c *gatehouse.Call, _ struct{}) (gatehouse.Page, error) {
			return p.enter(c)
		})}}, nil
	}
	return gatehouse.Parts{ID: p.op.ID, Routes: []gatehouse.Route{gatehouse.Endpoint(p.op, func(c *gatehouse.Call, _ by) (gatehouse.Page, error) {
		return p.enter(c)
	})}}, nil
}

func (p *callback) enter(c *gatehouse.Call) (gatehouse.Page, error) {
	user, err := p.app.Users.ByEmail(c, ada)
	if err != nil {
		return gatehouse.Page{}, err
	}
	if _, err := c.Admit(gatehouse.Proof{User: user, Method: "test"}); err != nil {
		return gatehouse.Page{}, err
	}
	return gatehouse.Page{}, gatehouse.Redirect("/home")
}

func passwords() gatehouse.Plugin { return password.New(password.Options{Enabled: true}) }

// TestMethodOfEachOperation: the cookie names the method by the operation.
func TestMethodOfEachOperation(t *testing.T) {
	for _, tt := range []struct{ method, path, request, want string }{
		{"GET", "/callback/:id", "/callback/github", "github"},
		{"GET", "/callback/:id/oauth-proxy", "/callback/google/oauth-proxy", "google"},
		{"POST", "/one-tap/callback", "", "google"},
		{"POST", "/sign-in/email", "", "email"},
		{"POST", "/sign-up/email", "", "email"},
		{"POST", "/siwe/verify", "", "siwe"},
		{"POST", "/passkey/verify-authentication", "", "passkey"},
		{"GET", "/magic-link/verify", "", "magic-link"},
		{"POST", "/sign-in/email-otp", "", "email-otp"},
		{"POST", "/two-factor/verify-totp", "", ""},
		{"POST", "/sign-in/username", "", ""},
		{"GET", "/verify-email", "", ""},
		{"POST", "/sign-in/social", "", ""},
	} {
		t.Run(tt.path, func(t *testing.T) {
			house := gatehousetest.New(t, at(tt.method, tt.path), lastlogin.New(lastlogin.Options{}))
			house.Invite(ada)
			request := tt.request
			if request == "" {
				request = tt.path
			}
			answer := house.Browser().Send(tt.method, request, "", "").ExpectStatus(http.StatusFound)
			if got := value(answer.Cookies[name]); got != tt.want {
				t.Errorf("the cookie says %q, want %q", got, tt.want)
			}
		})
	}
}

// TestTheCookie: a page's script reads it by its whole name, for thirty days.
func TestTheCookie(t *testing.T) {
	for _, tt := range []struct {
		title    string
		options  lastlogin.Options
		config   func(*gatehouse.Config)
		wantName string
		wantLine string
	}{
		{"default", lastlogin.Options{}, nil, name, name + "=email; Path=/; Max-Age=2592000; SameSite=Lax"},
		{
			"own name and life", lastlogin.Options{CookieName: "by", MaxAge: time.Hour}, nil,
			"by", "by=email; Path=/; Max-Age=3600; SameSite=Lax",
		},
		{
			"as the session's, but for its name and script",
			lastlogin.Options{},
			func(c *gatehouse.Config) {
				yes, life := true, time.Minute
				c.Advanced.UseSecureCookies, c.Advanced.CookiePrefix = &yes, "other"
				c.Advanced.Cookies = map[string]gatehouse.CookieOptions{
					"session_token": {Name: "own", Attributes: gatehouse.CookieAttributes{SameSite: "strict", MaxAge: &life}},
				}
			},
			name, name + "=email; Path=/; Max-Age=2592000; Secure; SameSite=Strict",
		},
	} {
		t.Run(tt.title, func(t *testing.T) {
			house := gatehousetest.NewWith(t, tt.config, passwords(), lastlogin.New(tt.options))
			answer := house.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "Ada"}).ExpectStatus(http.StatusOK)
			cookie := answer.Cookies[tt.wantName]
			if cookie == nil || cookie.String() != tt.wantLine {
				t.Errorf("got  %v\nwant %s", cookie, tt.wantLine)
			}
		})
	}
}

// gate is another plugin's, that stands after this one.
type gate struct {
	kind gatehouse.GateKind
	shut error
}

func (g *gate) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	return gatehouse.Parts{ID: "gate", Gates: []gatehouse.Gate{{Kind: g.kind, Ask: func(*gatehouse.Call, gatehouse.Proof) error { return g.shut }}}}, nil
}

// TestNobodySignedInIsNotRemembered: neither a wrong password nor a refusal
// leaves a trace.
func TestNobodySignedInIsNotRemembered(t *testing.T) {
	no := gatehouse.NewError(http.StatusForbidden, "NOT_YOU", "Not you")
	shut := &gate{kind: gatehouse.Refuse}
	house := gatehousetest.New(t, passwords(), sessions.New(), lastlogin.New(lastlogin.Options{StoreInDatabase: true}), shut, at("GET", "/callback/:id"))
	house.Allow(no)
	house.AddUser(ada, passcode)
	shut.shut = no
	for _, body := range []map[string]any{
		{"email": ada, "password": "wrong horse battery"},
		{"email": "eve@example.com", "password": passcode},
		{"email": ada, "password": passcode},
	} {
		answer := house.Post("/sign-in/email", body)
		if answer.Status == http.StatusOK || len(answer.Cookies) > 0 {
			t.Errorf("%v: %d, cookies %v", body, answer.Status, answer.Cookies)
		}
	}
	house.Get("/callback/github").Expect(gatehousetest.Fails(no))
	wantStored(t, house, "email") // by signing up, before the gate was shut
}

// TestAPendingSecondFactorIsRemembered: the first one was right.
func TestAPendingSecondFactorIsRemembered(t *testing.T) {
	next := &gate{kind: gatehouse.Defer, shut: &gatehouse.Detour{Status: http.StatusOK, Body: map[string]any{"twoFactorRedirect": true}}}
	house := gatehousetest.New(t, lastlogin.New(lastlogin.Options{StoreInDatabase: true}), next, at("GET", "/callback/:id"))
	house.Invite(ada)
	answer := house.Get("/callback/github").Expect(gatehousetest.OK(`{"twoFactorRedirect":true}`))
	if cookie := answer.Cookies[name]; cookie == nil || cookie.Value != "github" || len(answer.Cookies) != 1 {
		t.Errorf("the cookies are %v, want %s alone", answer.Cookies, name)
	}
	wantStored(t, house, "github")
}

func wantStored(t *testing.T, house *gatehousetest.House, want any) {
	t.Helper()
	user, err := house.Users.ByEmail(context.Background(), ada)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := user.Get("lastLoginMethod"); got != want {
		t.Errorf("user.lastLoginMethod is %v, want %v", got, want)
	}
}

// TestStoreInDatabase: a new person's answer says the method; one who comes
// back another way is changed, and shows it from the next look-up on.
func TestStoreInDatabase(t *testing.T) {
	house := gatehousetest.New(t, passwords(), sessions.New(), lastlogin.New(lastlogin.Options{StoreInDatabase: true}), at("GET", "/callback/:id"))
	house.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "Ada"}).
		Expect(gatehousetest.OK(`{"token":…,"user":{"lastLoginMethod":"email",…}}`))
	wantStored(t, house, "email")
	house.Get("/callback/github")
	wantStored(t, house, "github")
	b := house.Browser()
	b.Post("/sign-in/email", map[string]any{"email": ada, "password": passcode}).
		Expect(gatehousetest.OK(`{"user":{"lastLoginMethod":"github",…},…}`))
	b.Get("/get-session").Expect(gatehousetest.OK(`{"session":"…","user":{"lastLoginMethod":"email",…}}`))
	wantStored(t, house, "email")
	b.Post("/sign-out", struct{}{})
	wantStored(t, house, "email")
}

// TestThePersonDoesNotSayIt: neither at sign-up nor afterwards.
func TestThePersonDoesNotSayIt(t *testing.T) {
	passwords := password.New(password.Options{Enabled: true})
	house := gatehousetest.New(t, passwords, account.New(passwords.CheckPassword), lastlogin.New(lastlogin.Options{StoreInDatabase: true}))
	refused := gatehousetest.Fails(gatehouse.ErrFieldNotAllowed.Saying("lastLoginMethod is not allowed to be set"))
	house.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "Ada", "lastLoginMethod": "passkey"}).Expect(refused)
	house.AddUser(ada, passcode)
	house.SignIn(ada, passcode).Post("/update-user", map[string]any{"name": "Eve", "lastLoginMethod": "passkey"}).Expect(refused)
	wantStored(t, house, "email")
}

// TestSignUpHidesWhoIsKnown: where the answer to a sign-up does not tell
// whether an address was free, neither does this.
func TestSignUpHidesWhoIsKnown(t *testing.T) {
	strict := password.New(password.Options{Enabled: true, RequireEmailVerification: true})
	house := gatehousetest.New(t, strict, lastlogin.New(lastlogin.Options{StoreInDatabase: true}))
	signUp := func() *gatehousetest.Answer {
		return house.Post("/sign-up/email", map[string]any{"email": ada, "password": passcode, "name": "Ada"})
	}
	for range 2 {
		signUp().Expect(gatehousetest.OK(`{"token":null,"user":{"lastLoginMethod":null,…}}`))
	}
	wantStored(t, house, nil)
}

// TestCustomResolveMethod: the operator's word goes first, and silence leaves
// it to the plugin.
func TestCustomResolveMethod(t *testing.T) {
	house := gatehousetest.New(t, at("GET", "/callback/:id"), at("POST", "/sign-in/badge"), lastlogin.New(lastlogin.Options{
		CustomResolveMethod: func(c *gatehouse.Call) string {
			return map[string]string{"/sign-in/badge": "badge"}[c.Op().Path]
		},
		BeforeStoreCookie: func(_ *gatehouse.Call, method string) bool { return method != "internal" },
	}))
	house.Invite(ada)
	for _, tt := range []struct{ method, path, want string }{
		{"POST", "/sign-in/badge", "badge"}, {"GET", "/callback/github", "github"}, {"GET", "/callback/internal", ""},
	} {
		answer := house.Browser().Send(tt.method, tt.path, "", "").ExpectStatus(http.StatusFound)
		if got := value(answer.Cookies[name]); got != tt.want {
			t.Errorf("%s: the cookie says %q, want %q", tt.path, got, tt.want)
		}
	}
}

func value(c *http.Cookie) string {
	if c == nil {
		return ""
	}
	return c.Value
}

// TestOptionsThatCannotWorkStopTheStart names the option.
func TestOptionsThatCannotWorkStopTheStart(t *testing.T) {
	for want, o := range map[string]lastlogin.Options{
		"maxAge": {MaxAge: time.Millisecond}, "cookieName": {CookieName: "a;b"},
	} {
		_, err := gatehouse.New(context.Background(), gatehouse.Config{
			BaseURL: gatehousetest.BaseURL, Secret: gatehousetest.Secret, DB: gatehousetest.OpenStore(t, store.Options{}),
			Migrate: gatehouse.MigrateApply, Plugins: []gatehouse.Plugin{lastlogin.New(o)},
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want a word about %s", o, err, want)
		}
	}
}
