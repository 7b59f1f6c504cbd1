package provider_test

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

const (
	entra     = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555"
	wellKnown = "/.well-known/openid-configuration"
)

// TestPresetsKnowTheirProviders: the addresses and scopes of the protocol's
// facts (genericOAuthPresets).
func TestPresetsKnowTheirProviders(t *testing.T) {
	for _, tt := range []struct {
		options                                      map[string]any
		id, discovery, authorize, token, info, scope string
	}{
		{map[string]any{"preset": "auth0", "domain": "tenant.auth0.com"}, "auth0", "https://tenant.auth0.com" + wellKnown, "", "", "", "openid profile email"},
		{map[string]any{"preset": "auth0", "domain": "https://tenant.auth0.com/", "scopes": []string{"openid"}}, "auth0", "https://tenant.auth0.com" + wellKnown, "", "", "", "openid"},
		{map[string]any{"preset": "okta", "issuer": "https://dev.okta.com/oauth2/default"}, "okta", "https://dev.okta.com/oauth2/default" + wellKnown, "", "", "", "openid profile email"},
		{map[string]any{"preset": "keycloak", "issuer": "https://kc.test/realms/r/", "providerId": "staff"}, "staff", "https://kc.test/realms/r" + wellKnown, "", "", "", "openid profile email"},
		{map[string]any{"preset": "microsoft-entra-id", "tenantId": "11111111-2222-3333-4444-555555555555"}, "microsoft-entra-id", entra + "/v2.0" + wellKnown,
			entra + "/oauth2/v2.0/authorize", entra + "/oauth2/v2.0/token", "https://graph.microsoft.com/oidc/userinfo", "openid profile email"},
		{map[string]any{"preset": "line", "providerId": "line-jp"}, "line-jp", "", "https://access.line.me/oauth2/v2.1/authorize", "https://api.line.me/oauth2/v2.1/token", "https://api.line.me/oauth2/v2.1/userinfo", "openid profile email"},
		{map[string]any{"preset": "slack"}, "slack", "", "https://slack.com/openid/connect/authorize", "https://slack.com/api/openid.connect.token", "https://slack.com/api/openid.connect.userInfo", "openid profile email"},
		{map[string]any{"preset": "patreon"}, "patreon", "", "https://www.patreon.com/oauth2/authorize", "https://www.patreon.com/api/oauth2/token", "", "identity[email]"},
		{map[string]any{"preset": "hubspot"}, "hubspot", "", "https://app.hubspot.com/oauth/authorize", "https://api.hubapi.com/oauth/v1/token", "", "oauth"},
		{map[string]any{"preset": "gumroad"}, "gumroad", "", "https://gumroad.com/oauth/authorize", "https://api.gumroad.com/oauth/token", "", "view_profile"},
		{map[string]any{"preset": "yandex"}, "yandex", "", "https://oauth.yandex.com/authorize", "https://oauth.yandex.com/token", "", "login:info login:email login:avatar"},
	} {
		t.Run(tt.id, func(t *testing.T) {
			p := mustGeneric(t, with(map[string]any{"clientId": "CID", "clientSecret": "SEC"}, tt.options))
			discovery := ""
			if p.Discovery != nil {
				discovery = p.Discovery.URL
			}
			for _, pair := range [][2]string{
				{p.ID, tt.id}, {discovery, tt.discovery}, {p.AuthorizeURL, tt.authorize}, {p.TokenURL, tt.token},
				{p.UserInfoURL, tt.info}, {strings.Join(p.Authorization.Scopes, " "), tt.scope},
			} {
				if pair[0] != pair[1] {
					t.Errorf("got %q, want %q", pair[0], pair[1])
				}
			}
		})
	}
}

// TestPresetsSayWhoItIs: each provider's own way to name people.
func TestPresetsSayWhoItIs(t *testing.T) {
	const (
		patreon = "GET https://www.patreon.com/api/oauth2/v2/identity?fields%5Buser%5D=email%2Cfull_name%2Cimage_url%2Cis_email_verified"
		hubspot = "GET https://api.hubapi.com/oauth/v1/access-tokens/A%2FT"
		gumroad = "GET https://api.gumroad.com/v2/user"
		yandex  = "GET https://login.yandex.ru/info?format=json"
		slack   = "GET https://slack.com/api/openid.connect.userInfo"
		line    = "GET https://api.line.me/oauth2/v2.1/userinfo"
		graph   = "GET https://graph.microsoft.com/oidc/userinfo"
	)
	lineToken := map[string]any{"iss": "https://access.line.me", "sub": "U1815", "name": "Ada", "email": "ada@example.com", "picture": "https://profile.line-scdn.net/ada"}
	entraToken := map[string]any{
		"iss": entra + "/v2.0", "sub": "pair-wise", "oid": "oid-1815", "name": "Ada", "email": "ada@example.com", "email_verified": true,
	}
	patreonAnswer := map[string]any{"data": map[string]any{"id": "1815", "type": "user", "attributes": map[string]any{
		"email": "ada@example.com", "full_name": "Ada", "image_url": "https://c8.patreon.com/ada", "is_email_verified": true}}}
	yandexAnswer := map[string]any{"id": "1815", "login": "ada", "display_name": "Ada", "default_email": "ada@example.com",
		"emails": []any{"ada@work.example"}, "default_avatar_id": "31804/BYk-1", "is_avatar_empty": false}
	for _, tt := range []struct {
		preset, name string
		claims       map[string]any // of the ID token
		asked        string
		answer       any
		changes      map[string]any // RFC 7396, of claims without an answer, else of the answer
		want         identity       // zero: nobody
	}{
		{preset: "patreon", asked: patreon, answer: patreonAnswer,
			want: identity{Subject: "1815", Email: "ada@example.com", EmailVerified: true, Name: "Ada", Image: "https://c8.patreon.com/ada"}},
		{preset: "patreon", name: "unverified", asked: patreon, answer: patreonAnswer,
			changes: map[string]any{"data": map[string]any{"attributes": map[string]any{"is_email_verified": false}}},
			want:    identity{Subject: "1815", Email: "ada@example.com", Name: "Ada", Image: "https://c8.patreon.com/ada"}},
		{preset: "patreon", name: "nobody", asked: patreon, answer: map[string]any{}},
		{preset: "hubspot", asked: hubspot, answer: map[string]any{"user_id": 1815, "user": "ada@example.com"},
			want: identity{Subject: "1815", Email: "ada@example.com", Name: "ada@example.com"}},
		{preset: "hubspot", name: "id in the signed token", asked: hubspot,
			answer: map[string]any{"signed_access_token": map[string]any{"userId": 1815}, "user": "ada@example.com"},
			want:   identity{Subject: "1815", Email: "ada@example.com", Name: "ada@example.com"}},
		{preset: "hubspot", name: "nobody", asked: hubspot, answer: map[string]any{"user": "ada@example.com"}},
		{preset: "gumroad", asked: gumroad, answer: map[string]any{"success": true, "user": map[string]any{
			"user_id": "G_-mnBf9b1j9A7a4ub4nFQ==", "name": "Ada", "email": "ada@example.com", "profile_url": "https://public-files.gumroad.com/ada"}},
			want: identity{Subject: "G_-mnBf9b1j9A7a4ub4nFQ==", Email: "ada@example.com", Name: "Ada", Image: "https://public-files.gumroad.com/ada"}},
		{preset: "gumroad", name: "no success", asked: gumroad, answer: map[string]any{"success": false, "user": map[string]any{"user_id": "1"}}},
		{preset: "yandex", asked: yandex, answer: yandexAnswer,
			want: identity{Subject: "1815", Email: "ada@example.com", Name: "Ada", Image: "https://avatars.yandex.net/get-yapic/31804/BYk-1/islands-200"}},
		{preset: "yandex", name: "another address, no avatar", asked: yandex, answer: yandexAnswer,
			changes: map[string]any{"default_email": nil, "is_avatar_empty": true, "display_name": nil},
			want:    identity{Subject: "1815", Email: "ada@work.example", Name: "ada"}},
		{preset: "slack", asked: slack, answer: map[string]any{"sub": "U0R7JM", "name": "Ada", "email": "ada@example.com", "email_verified": true, "https://slack.com/user_image_512": "https://a.slack-edge.com/ada"},
			want: identity{Subject: "U0R7JM", Email: "ada@example.com", EmailVerified: true, Name: "Ada", Image: "https://a.slack-edge.com/ada"}},
		{preset: "slack", name: "a profile of another", claims: map[string]any{"iss": "https://slack.com", "sub": "U0R7JM"},
			asked: slack, answer: map[string]any{"sub": "UEVE", "email": "ada@example.com", "email_verified": true}},
		{preset: "line", claims: lineToken,
			want: identity{Subject: "U1815", Email: "ada@example.com", Name: "Ada", Image: "https://profile.line-scdn.net/ada"}},
		{preset: "line", name: "without an ID token", asked: line, answer: lineToken,
			want: identity{Subject: "U1815", Email: "ada@example.com", Name: "Ada", Image: "https://profile.line-scdn.net/ada"}},
		{preset: "line", name: "another issuer", claims: lineToken, changes: map[string]any{"iss": "https://eve.example.com"}},
		{preset: "microsoft-entra-id", claims: entraToken, asked: graph, answer: map[string]any{"sub": "pair-wise", "name": "A. L.", "picture": "https://graph.microsoft.com/ada"},
			want: identity{Subject: "oid-1815", Email: "ada@example.com", EmailVerified: true, Name: "Ada", Image: "https://graph.microsoft.com/ada"}},
		{preset: "microsoft-entra-id", name: "a profile of another", claims: entraToken, asked: graph,
			answer: map[string]any{"sub": "eve", "picture": "https://graph.microsoft.com/eve"},
			want:   identity{Subject: "oid-1815", Email: "ada@example.com", EmailVerified: true, Name: "Ada"}},
		{preset: "microsoft-entra-id", name: "no address", asked: graph, claims: map[string]any{"iss": entra + "/v2.0", "sub": "pair-wise", "oid": "oid-1815", "email_verified": true},
			answer: map[string]any{"sub": "pair-wise", "givenname": "Ada", "familyname": "Lovelace"},
			want:   identity{Subject: "oid-1815", Email: "oid-1815@microsoft-entra-id.placeholder.invalid", Name: "Ada Lovelace"}},
		{preset: "microsoft-entra-id", name: "no oid", claims: entraToken, changes: map[string]any{"oid": nil}},
		{preset: "microsoft-entra-id", name: "no ID token", asked: graph, answer: map[string]any{"sub": "pair-wise", "oid": "oid-1815", "email": "ada@example.com"}},
	} {
		t.Run(tt.preset+" "+tt.name, func(t *testing.T) {
			acme := newAcme()
			acme.answers["GET "+entra+"/v2.0"+wellKnown] = acmeDocument(map[string]any{"issuer": entra + "/v2.0", "jwks_uri": acmeURL + "/keys"})
			options := map[string]any{"preset": tt.preset, "clientId": "CID", "clientSecret": "SEC"}
			if tt.preset == "microsoft-entra-id" {
				options["tenantId"] = "11111111-2222-3333-4444-555555555555"
			}
			tokens, claims := &oauth.Tokens{AccessToken: "A/T"}, tt.claims
			if tt.asked != "" {
				acme.answers[tt.asked] = merge(tt.answer, tt.changes)
			} else {
				claims, _ = merge(claims, tt.changes).(map[string]any)
			}
			if claims != nil {
				claims = maps.Clone(claims)
				claims["nonce"] = "N"
				tokens.IDToken = (&subject{}).sign(t, claims, signingKey())
			}
			got, err := acme.client().Identity(t.Context(), mustGeneric(t, options), tokens, "N")
			switch {
			case tt.want == identity{}:
				if err == nil {
					t.Errorf("%+v came out, want nobody", identityOf(got))
				}
			case err != nil:
				t.Error(err)
			case identityOf(got) != tt.want:
				t.Errorf("identity:\n got %+v\nwant %+v", identityOf(got), tt.want)
			}
			if want := map[string]string{"yandex": "OAuth A/T", "hubspot": ""}; tt.asked != "" {
				header, own := want[tt.preset]
				if !own {
					header = "Bearer A/T"
				}
				if sent := acme.asked(tt.asked); len(sent) > 0 && sent[0].Header.Get("Authorization") != header {
					t.Errorf("Authorization = %q, want %q", sent[0].Header.Get("Authorization"), header)
				}
			}
		})
	}
}

// TestHubSpotErrorsDoNotTellTheToken, which stands in the address.
func TestHubSpotErrorsDoNotTellTheToken(t *testing.T) {
	p := mustGeneric(t, map[string]any{"preset": "hubspot", "clientId": "CID", "clientSecret": "SEC"})
	for name, fail := range map[string]fault{
		"no way there": func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") },
		"refused":      reply(http.StatusUnauthorized, map[string]any{"error": "expired"}),
		"moved":        redirect,
		"a page":       reply(http.StatusOK, text("<html>")),
	} {
		acme := newAcme()
		acme.answers["GET https://api.hubapi.com/oauth/v1/access-tokens/HUSH"] = fail
		_, err := acme.client().Identity(t.Context(), p, &oauth.Tokens{AccessToken: "HUSH"}, "")
		if err == nil || strings.Contains(err.Error(), "HUSH") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}
