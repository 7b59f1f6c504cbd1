package provider_test

import (
	"encoding/json"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/config"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/provider"
)

// configured is socialProviders as an operator writes it.
func configured(t *testing.T, document map[string]any) ([]*oauth.Provider, error) {
	t.Helper()
	raw, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	var set provider.Set
	if err := config.Decode(raw, "socialProviders.json", &set); err != nil {
		t.Fatal(err)
	}
	return set.Providers()
}

func TestProvidersRefuseOptionsThatCannotWork(t *testing.T) {
	for _, tt := range []struct {
		id      string
		options map[string]any
		want    string
	}{
		{"microsoft", map[string]any{"tenantId": "a/b"}, `microsoft: tenantId is "a/b"; use common, organizations, consumers, or the id or domain of a tenant`},
		{"microsoft", map[string]any{"profilePhotoSize": 50}, "microsoft: profilePhotoSize is 50; use one of [48 64 96 120 240 360 432 504 648]"},
		{"notion", map[string]any{"clientSecret": ""}, "notion: clientSecret is missing"},
		{"paybin", map[string]any{"clientSecret": ""}, "paybin: clientSecret is missing"},
		{"paypal", map[string]any{"clientSecret": ""}, "paypal: clientSecret is missing"},
		{"paypal", map[string]any{"environment": "production"}, `paypal: environment is "production"; use sandbox or live`},
		{"polar", map[string]any{"clientId": ""}, "polar: clientId is missing"},
		{"railway", map[string]any{"clientSecret": ""}, "railway: clientSecret is missing"},
		{"reddit", map[string]any{"clientSecret": ""}, "reddit: clientSecret is missing"},
		{"reddit", map[string]any{"duration": "1h"}, `reddit: duration is "1h"; use temporary or permanent`},
		{"salesforce", map[string]any{"clientSecret": ""}, "salesforce: clientSecret is missing"},
		{"salesforce", map[string]any{"environment": "live"}, `salesforce: environment is "live"; use production or sandbox`},
		{"salesforce", map[string]any{"loginUrl": "https://acme.my.salesforce.com"}, `salesforce: loginUrl is "https://acme.my.salesforce.com"; write the host alone, such as acme.my.salesforce.com`},
		{"tiktok", map[string]any{}, "tiktok: clientKey is missing"},
		{"tiktok", map[string]any{"clientKey": "CKEY", "clientSecret": ""}, "tiktok: clientSecret is missing"},
		{"twitter", map[string]any{"clientSecret": ""}, "twitter: clientSecret is missing"},
		{"vercel", map[string]any{"tokenEndpointAuth": map[string]any{"method": "none"}}, `vercel: tokenEndpointAuth.method "none" does not go with clientSecret; remove one of them`},
		{"wechat", map[string]any{"clientSecret": ""}, "wechat: clientSecret is missing"},
		{"wechat", map[string]any{"lang": "de"}, `wechat: lang is "de"; use cn or en`},
		{"wechat", map[string]any{"platformType": "App"}, `wechat: platformType is "App"; WebsiteApp is the only one`},
	} {
		options := with(map[string]any{"clientId": "CID", "clientSecret": "SEC"}, tt.options)
		if _, err := configured(t, map[string]any{tt.id: options}); err == nil || err.Error() != tt.want {
			t.Errorf("%s %v:\n got %v\nwant %s", tt.id, tt.options, err, tt.want)
		}
	}
}

// TestProviderOptionsMoveEndpoints: options that choose where a provider is,
// and what it is asked.
func TestProviderOptionsMoveEndpoints(t *testing.T) {
	const rest = "?response_type=code&client_id=CID&state=" + state
	back := func(id string) string {
		return "&redirect_uri=https%3A%2F%2Fapp.example.com%2Fapi%2Fauth%2Fcallback%2F" + id
	}
	const proof = "&code_challenge_method=S256&code_challenge=" + challenge
	for _, tt := range []struct {
		id                     string
		options                map[string]any
		authorize, token, info string
	}{
		{"microsoft", map[string]any{"authority": "https://login.microsoftonline.us//", "tenantId": "organizations", "disableDefaultScope": true},
			"https://login.microsoftonline.us/organizations/oauth2/v2.0/authorize" + rest + back("microsoft") + proof,
			"https://login.microsoftonline.us/organizations/oauth2/v2.0/token", ""},
		{"paybin", map[string]any{"issuer": "https://idp.test/", "disableDefaultScope": true}, "https://idp.test/oauth2/authorize" + rest + back("paybin") + proof, "https://idp.test/oauth2/token", ""},
		{"paypal", map[string]any{"environment": "live"}, "https://www.paypal.com/signin/authorize" + rest + back("paypal") + proof,
			"https://api-m.paypal.com/v1/oauth2/token", "https://api-m.paypal.com/v1/identity/oauth2/userinfo?schema=paypalv1.1"},
		{"reddit", map[string]any{"duration": "permanent"}, "https://www.reddit.com/api/v1/authorize" + rest + "&scope=identity" + back("reddit") + "&duration=permanent",
			"https://www.reddit.com/api/v1/access_token", "https://oauth.reddit.com/api/v1/me"},
		{"roblox", map[string]any{"prompt": "login"}, "https://apis.roblox.com/oauth/v1/authorize" + rest + "&scope=openid+profile" + back("roblox") + "&prompt=login",
			"https://apis.roblox.com/oauth/v1/token", "https://apis.roblox.com/oauth/v1/userinfo"},
		{"salesforce", map[string]any{"environment": "sandbox", "disableDefaultScope": true}, "https://test.salesforce.com/services/oauth2/authorize" + rest + back("salesforce") + proof,
			"https://test.salesforce.com/services/oauth2/token", "https://test.salesforce.com/services/oauth2/userinfo"},
		{"salesforce", map[string]any{"environment": "sandbox", "loginUrl": "acme.my.salesforce.com", "disableDefaultScope": true}, "https://acme.my.salesforce.com/services/oauth2/authorize" + rest + back("salesforce") + proof,
			"https://acme.my.salesforce.com/services/oauth2/token", "https://acme.my.salesforce.com/services/oauth2/userinfo"},
		{"twitch", map[string]any{"claims": []string{"picture", "email"}, "disableDefaultScope": true},
			"https://id.twitch.tv/oauth2/authorize" + rest + back("twitch") + "&claims=%7B%22id_token%22%3A%7B%22email%22%3Anull%2C%22email_verified%22%3Anull%2C%22picture%22%3Anull%7D%7D",
			"https://id.twitch.tv/oauth2/token", ""},
		{"zoom", map[string]any{"pkce": false}, "https://zoom.us/oauth/authorize" + rest + back("zoom"), "https://zoom.us/oauth/token", "https://api.zoom.us/v2/users/me"},
		{"wechat", map[string]any{"lang": "en"}, "https://open.weixin.qq.com/connect/qrconnect?scope=snsapi_login&response_type=code&appid=CID" + back("wechat") + "&state=" + state + "&lang=en#wechat_redirect",
			"https://api.weixin.qq.com/sns/oauth2/access_token", "https://api.weixin.qq.com/sns/userinfo"},
	} {
		t.Run(tt.id, func(t *testing.T) {
			list, err := configured(t, map[string]any{tt.id: with(map[string]any{"clientId": "CID", "clientSecret": "SEC"}, tt.options)})
			if err != nil {
				t.Fatal(err)
			}
			p := list[0]
			got, err := newAcme().client().AuthorizeURL(t.Context(), p, oauth.Request{State: state, Verifier: verifier, RedirectURI: callback + tt.id})
			if err != nil || got != tt.authorize {
				t.Errorf("error %v\n got %s\nwant %s", err, got, tt.authorize)
			}
			if p.TokenURL != tt.token || p.UserInfoURL != tt.info {
				t.Errorf("endpoints = %s, %s; want %s, %s", p.TokenURL, p.UserInfoURL, tt.token, tt.info)
			}
		})
	}
}

// TestNoCallerRenamesTheClient: parameters of a sign-in do not replace those
// that say who asks, whatever the provider calls them.
func TestNoCallerRenamesTheClient(t *testing.T) {
	for id, name := range map[string]string{"tiktok": "client_key", "wechat": "appid", "notion": "owner"} {
		list, err := configured(t, map[string]any{id: map[string]any{"clientId": "CID", "clientKey": "CID", "clientSecret": "SEC"}})
		if err != nil {
			t.Fatal(err)
		}
		request := oauth.Request{State: state, Verifier: verifier, RedirectURI: callback + id}
		client := newAcme().client()
		want, err := client.AuthorizeURL(t.Context(), list[0], request)
		if err != nil {
			t.Fatal(err)
		}
		request.Params = oauth.Params{{Name: name, Value: "eve"}, {Name: "scope", Value: "evil"}}
		if got, err := client.AuthorizeURL(t.Context(), list[0], request); err != nil || got != want {
			t.Errorf("%s: error %v\n got %s\nwant %s", id, err, got, want)
		}
	}
}
