package config_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-auth/gatehouse/internal/config"
)

func TestOverlay(t *testing.T) {
	for _, tt := range []struct {
		path, value string
		want        Shop
	}{
		{"appName", "true", Shop{AppName: "true"}},
		{"appName", " [a: b", Shop{AppName: " [a: b"}},
		{"emailAndPassword.minPasswordLength", "12", Shop{EmailAndPassword: Passwords{MinPasswordLength: 12}}},
		{"emailAndPassword.enabled", "TRUE", Shop{EmailAndPassword: Passwords{Enabled: true}}},
		{"autoSignIn", "false", Shop{AutoSignIn: ptr(false)}},
		{"session.expiresIn", "90", Shop{Session: Session{ExpiresIn: 90 * time.Second}}},
		{"session.expiresIn", "15m", Shop{Session: Session{ExpiresIn: 15 * time.Minute}}},
		{"session.sameSite", "strict", Shop{Session: Session{SameSite: "strict"}}},
		{"ratio", "0.5", Shop{Ratio: 0.5}},
		{"mail.port", "25", Shop{Mail: &Mail{Port: 25}}},
		{"mail", "true", Shop{Mail: &Mail{}}},
		{"mail", "{port: 26}", Shop{Mail: &Mail{Port: 26}}},
		{"trustedOrigins", "http://a, https://*.b", Shop{TrustedOrigins: []string{"http://a", "https://*.b"}}},
		{"trustedOrigins", `["a,b", c]`, Shop{TrustedOrigins: []string{"a,b", "c"}}},
		{"trustedOrigins", "", Shop{TrustedOrigins: []string{}}},
		{"proxies", "10.0.0.0/8,::1/128", Shop{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}},
		{"secrets", "[{version: 1, value: x}]", Shop{Secrets: []Version{{1, "x"}}}},
		{"vouchers", "2:a:b, 1:c", Shop{Vouchers: Vouchers{{2, "a:b"}, {1, "c"}}}},
		{"vouchers", "[{version: 1, value: x}]", Shop{Vouchers: Vouchers{{1, "x"}}}},
		{"vouchers", "- {version: 1, value: x}", Shop{Vouchers: Vouchers{{1, "x"}}}},
		{"socialProviders.github.clientID", "abc", Shop{Providers: map[string]Provider{"github": {ClientID: "abc"}}}},
		{"rules./ok.max", "3", Shop{Rules: map[string]*Rule{"/ok": {Max: 3}}}},
		{"statements", "{user: [ban]}", Shop{Statements: map[string][]string{"user": {"ban"}}}},
		{"statements.user", "ban,get", Shop{Statements: map[string][]string{"user": {"ban", "get"}}}},
		{"disabledPaths", "/ok", Shop{Embedded: Embedded{DisabledPaths: []string{"/ok"}}}},
		{"kind", "[a, b]", Shop{Kind: Union{[]string{"a", "b"}}}},
	} {
		t.Run(tt.path+"="+tt.value, func(t *testing.T) {
			var got Shop
			if err := config.Overlay(&got, tt.path, tt.value); err != nil {
				t.Fatalf("Overlay: %v", err)
			}
			if diff := cmp.Diff(tt.want, got, compare); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestOverlayRefuses(t *testing.T) {
	for _, tt := range []struct{ path, value, want string }{
		{"emailAndPassword.minPaswordLength", "1", `unknown option "minPaswordLength" in emailAndPassword: did you mean minPasswordLength?`},
		{"sesion.expiresIn", "1", `unknown option "sesion": did you mean session?`},
		{"appName.x", "1", "appName has no options of its own, so appName.x cannot be set"},
		{"", "1", `unknown option ""`},
		{"socialProviders.", "1", "socialProviders: the name of the entry is missing"},
		{"emailAndPassword.minPasswordLength", "x", `emailAndPassword.minPasswordLength: expected a whole number, found "x"`},
		{"emailAndPassword.enabled", "yes", `emailAndPassword.enabled: expected true or false, found "yes"`},
		{"session.expiresIn", "-1", `session.expiresIn: a duration is at least 0 and at most 290 years, found "-1"`},
		{"session.sameSite", "none ", `session.sameSite: expected one of lax, strict, none, found "none ": did you mean none?`},
		{"ipv6Subnet", "256", `ipv6Subnet: expected a whole number from 0 to 255, found "256"`},
		{"secrets", "[{vesion: 1}]", `unknown option "vesion" in secrets[0]: did you mean version?`},
		{"vouchers", "1:hunter2,hunter3", "vouchers: entry 2 has no number"},
		{"vouchers", "1:${env:SHOP_UNSET}", "vouchers: the environment variable SHOP_UNSET is not set"},
		{"secrets", "[", "secrets: sequence end token ']' not found"},
		{"mail.port", "-1", "mail: port is below 0"},
		{"secret", "${env:SHOP_UNSET}", "secret: the environment variable SHOP_UNSET is not set"},
	} {
		t.Run(tt.path+"="+tt.value, func(t *testing.T) {
			err := config.Overlay(&Shop{}, tt.path, tt.value)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestLoadLaterSourceWins(t *testing.T) {
	var got Shop
	sources, err := config.Load(&got, config.Input{
		Source: []byte("appName: file\nbaseURL: file\nsecret: file\nemailAndPassword: {minPasswordLength: 30}"),
		File:   "shop.yaml",
		Prefix: "SHOP_",
		Env:    []string{"SHOP_BASE_URL=env", "SHOP_SECRET=env", "SHOP_EMAIL_AND_PASSWORD_MAX_PASSWORD_LENGTH=40", "SHOP_OTHER=x", "SHOP_APP_NAME=", "PATH=/bin"},
		Flags:  map[string]string{"secret": "flag", "mail.port": "25"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Shop{AppName: "file", BaseURL: "env", Secret: "flag",
		EmailAndPassword: Passwords{MinPasswordLength: 30, MaxPasswordLength: 40}, Mail: &Mail{Port: 25}}
	if diff := cmp.Diff(want, got, compare); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	wantSources := map[string]string{
		"appName": "file", "baseURL": "env", "secret": "flag", "mail.port": "flag",
		"emailAndPassword.minPasswordLength": "file", "emailAndPassword.maxPasswordLength": "env",
	}
	if diff := cmp.Diff(wantSources, sources); diff != "" {
		t.Errorf("sources (-want +got)\n%s", diff)
	}
}

// The rules between options hold for all sources together: the file alone may
// break them.
func TestLoadChecksTheSum(t *testing.T) {
	in := config.Input{
		Source: []byte("appName: x\nemailAndPassword: {minPasswordLength: 30, maxPasswordLength: 20}"),
		File:   "shop.yaml", Prefix: "SHOP_", Env: []string{},
	}
	_, err := config.Load(&Shop{}, in)
	if want := "shop.yaml:2:1: emailAndPassword: minPasswordLength is above maxPasswordLength"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	in.Env = []string{"SHOP_EMAIL_AND_PASSWORD_MAX_PASSWORD_LENGTH=40"}
	if _, err := config.Load(&Shop{}, in); err != nil {
		t.Errorf("with the variable: %v", err)
	}
	in.Env = []string{"SHOP_EMAIL_AND_PASSWORD_MAX_PASSWORD_LENGTH=4O"}
	_, err = config.Load(&Shop{}, in)
	want := `$SHOP_EMAIL_AND_PASSWORD_MAX_PASSWORD_LENGTH: emailAndPassword.maxPasswordLength: expected a whole number, found "4O"`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestEnvNames(t *testing.T) {
	got := config.EnvNames(&Shop{}, "GATEHOUSE_")
	want := map[string]string{
		"appName":                            "GATEHOUSE_APP_NAME",
		"baseURL":                            "GATEHOUSE_BASE_URL",
		"secret":                             "GATEHOUSE_SECRET",
		"emailAndPassword.enabled":           "GATEHOUSE_EMAIL_AND_PASSWORD_ENABLED",
		"emailAndPassword.minPasswordLength": "GATEHOUSE_EMAIL_AND_PASSWORD_MIN_PASSWORD_LENGTH",
		"emailAndPassword.maxPasswordLength": "GATEHOUSE_EMAIL_AND_PASSWORD_MAX_PASSWORD_LENGTH",
		"emailAndPassword.resetTTL":          "GATEHOUSE_EMAIL_AND_PASSWORD_RESET_TTL",
		"session.expiresIn":                  "GATEHOUSE_SESSION_EXPIRES_IN",
		"session.sameSite":                   "GATEHOUSE_SESSION_SAME_SITE",
		"mail.host":                          "GATEHOUSE_MAIL_HOST",
		"mail.port":                          "GATEHOUSE_MAIL_PORT",
		"mail.password":                      "GATEHOUSE_MAIL_PASSWORD",
		"trustedOrigins":                     "GATEHOUSE_TRUSTED_ORIGINS",
		"vouchers":                           "GATEHOUSE_VOUCHERS",
		"secrets":                            "GATEHOUSE_SECRETS",
		"socialProviders":                    "GATEHOUSE_SOCIAL_PROVIDERS",
		"rules":                              "GATEHOUSE_RULES",
		"statements":                         "GATEHOUSE_STATEMENTS",
		"proxies":                            "GATEHOUSE_PROXIES",
		"ipv6Subnet":                         "GATEHOUSE_IPV6_SUBNET",
		"ratio":                              "GATEHOUSE_RATIO",
		"autoSignIn":                         "GATEHOUSE_AUTO_SIGN_IN",
		"kind":                               "GATEHOUSE_KIND",
		"plugins":                            "GATEHOUSE_PLUGINS",
		"disabledPaths":                      "GATEHOUSE_DISABLED_PATHS",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNames(t *testing.T) {
	type all struct {
		MinPasswordLength, BaseURL, URLs, IPAddress, ID, UserIDs, OAuthID, IPv6Subnet, HTTP2Enabled, TTL, JWTs, URLsAllowed, X string
	}
	want := map[string]string{
		"minPasswordLength": "_MIN_PASSWORD_LENGTH", "baseURL": "_BASE_URL", "urls": "_URLS", "ipAddress": "_IP_ADDRESS",
		"id": "_ID", "userIDs": "_USER_IDS", "oAuthID": "_O_AUTH_ID", "ipv6Subnet": "_IPV6_SUBNET",
		"http2Enabled": "_HTTP2_ENABLED", "ttl": "_TTL", "jwts": "_JWTS", "urlsAllowed": "_URLS_ALLOWED", "x": "_X",
	}
	if diff := cmp.Diff(want, config.EnvNames(&all{}, "_")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestEnvNamesThatCollide(t *testing.T) {
	defer func() {
		want := "config: cookie.cacheTTL and cookieCache.ttl share the variable X_COOKIE_CACHE_TTL: give one an option tag"
		if got := recover(); got != want {
			t.Errorf("got  %v\nwant %s", got, want)
		}
	}()
	config.EnvNames(&struct {
		Cookie      struct{ CacheTTL int }
		CookieCache struct{ TTL int }
	}{}, "X_")
}
