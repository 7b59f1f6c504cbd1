package provider

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// preset is what a known provider needs no configuration for.
type preset struct {
	authorizationURL, tokenURL, userInfoURL, issuer string

	scopes []string
	// expand makes addresses of the preset's own inputs.
	expand func(*Generic) error
	// fetch replaces the question who the person is.
	fetch fetcher
	// subject is the member that names them; "" is decided by discovery.
	subject string
}

var openID = []string{"openid", "profile", "email"}

var presets = map[string]*preset{
	"auth0":              {scopes: openID, expand: auth0Discovery},
	"okta":               {scopes: openID, expand: issuerDiscovery},
	"keycloak":           {scopes: openID, expand: issuerDiscovery},
	"microsoft-entra-id": {scopes: openID, expand: entraEndpoints, fetch: entraProfile, subject: "oid"},
	"line": {
		authorizationURL: "https://access.line.me/oauth2/v2.1/authorize",
		tokenURL:         "https://api.line.me/oauth2/v2.1/token",
		userInfoURL:      "https://api.line.me/oauth2/v2.1/userinfo",
		issuer:           "https://access.line.me",
		scopes:           openID, fetch: lineClaims, subject: "sub",
	},
	"slack": {
		authorizationURL: "https://slack.com/openid/connect/authorize",
		tokenURL:         "https://slack.com/api/openid.connect.token",
		userInfoURL:      "https://slack.com/api/openid.connect.userInfo",
		scopes:           openID, fetch: slackClaims, subject: "sub",
	},
	"patreon": {
		authorizationURL: "https://www.patreon.com/oauth2/authorize",
		tokenURL:         "https://www.patreon.com/api/oauth2/token",
		scopes:           []string{"identity[email]"}, fetch: patreonProfile, subject: "id",
	},
	"hubspot": {
		authorizationURL: "https://app.hubspot.com/oauth/authorize",
		tokenURL:         "https://api.hubapi.com/oauth/v1/token",
		scopes:           []string{"oauth"}, fetch: hubspotProfile, subject: "id",
	},
	"gumroad": {
		authorizationURL: "https://gumroad.com/oauth/authorize",
		tokenURL:         "https://api.gumroad.com/oauth/token",
		scopes:           []string{"view_profile"}, fetch: gumroadProfile, subject: "id",
	},
	"yandex": {
		authorizationURL: "https://oauth.yandex.com/authorize",
		tokenURL:         "https://oauth.yandex.com/token",
		scopes:           []string{"login:info", "login:email", "login:avatar"}, fetch: yandexProfile, subject: "id",
	},
}

// fill lays the preset under the options.
func (g *Generic) fill() (*preset, error) {
	if g.Preset == "" {
		return &preset{}, nil
	}
	kind := presets[g.Preset]
	if kind == nil {
		return nil, fmt.Errorf("preset is %q; use one of %s", g.Preset, strings.Join(slices.Sorted(maps.Keys(presets)), ", "))
	}
	g.ProviderID = first(g.ProviderID, g.Preset)
	if g.Scopes == nil {
		g.Scopes = kind.scopes
	}
	if kind.expand != nil {
		if err := kind.expand(g); err != nil {
			return nil, err
		}
	}
	g.AuthorizationURL = first(g.AuthorizationURL, kind.authorizationURL)
	g.TokenURL = first(g.TokenURL, kind.tokenURL)
	g.UserInfoURL = first(g.UserInfoURL, kind.userInfoURL)
	g.Issuer = first(g.Issuer, kind.issuer)
	return kind, nil
}

const wellKnown = "/.well-known/openid-configuration"

// auth0Discovery takes a host, or an address that has it.
func auth0Discovery(g *Generic) error {
	domain := g.Domain
	if !strings.Contains(domain, "://") {
		domain = "https://" + domain
	}
	u, err := url.Parse(domain)
	if err != nil || u.Host == "" {
		return errors.New("preset auth0 needs domain, the tenant's host, such as acme.eu.auth0.com")
	}
	g.DiscoveryURL = first(g.DiscoveryURL, "https://"+u.Host+wellKnown)
	return nil
}

// issuerDiscovery finds the description below the issuer (OpenID Connect
// Discovery 1.0 §4), which then says how the issuer writes itself.
func issuerDiscovery(g *Generic) error {
	if !isWebAddress(g.Issuer) {
		return fmt.Errorf("preset %s needs issuer, a whole address, https://…", g.Preset)
	}
	g.DiscoveryURL = first(g.DiscoveryURL, strings.TrimSuffix(g.Issuer, "/")+wellKnown)
	g.Issuer = ""
	return nil
}

func entraEndpoints(g *Generic) error {
	tenant := strings.ToLower(g.TenantID)
	if !tenantGUID.MatchString(tenant) {
		return errors.New("preset microsoft-entra-id needs tenantId, the id of one tenant; for all of them set socialProviders.microsoft")
	}
	base := "https://login.microsoftonline.com/" + tenant
	g.DiscoveryURL = first(g.DiscoveryURL, base+"/v2.0"+wellKnown)
	g.AuthorizationURL = first(g.AuthorizationURL, base+"/oauth2/v2.0/authorize")
	g.TokenURL = first(g.TokenURL, base+"/oauth2/v2.0/token")
	g.UserInfoURL = first(g.UserInfoURL, "https://graph.microsoft.com/oidc/userinfo")
	g.RequireIDTokenVerification = true
	return nil
}
