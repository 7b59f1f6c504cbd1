package provider

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Generic is a provider that has no file here: described by its discovery URL,
// by hand, or by a Preset. It is one entry of the plugin generic-oauth's
// config (PROTOCOL 13.9).
type Generic struct {
	// Preset fills in what is left empty: "auth0", "okta", "keycloak",
	// "microsoft-entra-id", "line", "slack", "patreon", "hubspot", "gumroad" or
	// "yandex".
	Preset string
	// Domain is the tenant's host, for auth0.
	Domain string
	// Issuer is the provider's name for itself: needed for okta and keycloak,
	// whose discovery stands below it. Otherwise optional; a callback or an ID
	// token of another issuer is refused then.
	Issuer string
	// TenantID is the id of one tenant, for microsoft-entra-id.
	TenantID string `option:"tenantId"`

	// ProviderID stands in addresses (/callback/<providerId>) and in
	// account.providerId. Letters, digits, "-", "_", "." and "~". Default: the
	// preset's.
	ProviderID string `option:"providerId"`
	// Name is for people. Default ProviderID.
	Name string

	// DiscoveryURL is where the provider describes itself (OpenID Connect
	// Discovery 1.0). Endpoints given here come before those it names.
	DiscoveryURL string `option:"discoveryUrl"`
	// DiscoveryHeaders go along to it, and to its keys on the same host.
	DiscoveryHeaders map[string]string `secret:"true"`
	AuthorizationURL string            `option:"authorizationUrl"`
	TokenURL         string            `option:"tokenUrl"`
	// UserInfoURL answers with the profile to an access token. It is asked when
	// the ID token lacks an e-mail address.
	UserInfoURL string `option:"userInfoUrl"`
	// RequireIDTokenVerification refuses a sign-in without an ID token whose
	// signature is proved. It needs DiscoveryURL.
	RequireIDTokenVerification bool `option:"requireIdTokenVerification"`
	// DisableIDTokenNonceBinding sends no nonce, for a provider that does not
	// repeat it in its ID tokens.
	DisableIDTokenNonceBinding bool `option:"disableIdTokenNonceBinding"`

	// EndSessionEndpoint ends the session at the provider, too, when a person
	// signs out. Default: what discovery names.
	EndSessionEndpoint string
	// PostLogoutRedirectURI is where the provider sends them afterwards.
	PostLogoutRedirectURI string
	// DisableProviderLogout leaves the session at the provider alone.
	DisableProviderLogout bool

	ClientID     string `option:"clientId"`
	ClientSecret string `secret:"true"`
	// Authentication is "post" (the default) or "basic". TokenEndpointAuth has
	// more choices and comes first.
	Authentication    string
	TokenEndpointAuth TokenEndpointAuth

	// Scopes are asked for after those of the sign-in; at a provider of OpenID
	// Connect "openid" is always among them.
	Scopes []string
	// RedirectURI replaces <baseURL>/callback/<providerId>.
	RedirectURI string
	// ResponseType is "code" (the default) or a type with code in it.
	ResponseType string
	// ResponseMode is "query" or "form_post".
	ResponseMode string
	// Prompt is "none", "login", "create", "consent", "select_account" or
	// several.
	Prompt string
	// PKCE false leaves the code challenge out, for a provider that refuses it.
	PKCE *bool
	// AccessType "offline" asks some providers for a refresh token.
	AccessType string
	// AccessTokenExpiresIn is how long an access token lives when the provider
	// does not say. 0: unknown, and it is never renewed ahead of time.
	AccessTokenExpiresIn time.Duration

	// AuthorizationURLParams are added to the address the person is sent to,
	// TokenURLParams to the exchange of a code, RefreshTokenParams to the
	// renewal of a token; each in the order of the names.
	AuthorizationURLParams map[string]string `option:"authorizationUrlParams"`
	TokenURLParams         map[string]string `option:"tokenUrlParams" secret:"true"`
	RefreshTokenParams     map[string]string `secret:"true"`
	// AuthorizationHeaders go along to the token endpoint.
	AuthorizationHeaders map[string]string `secret:"true"`

	// DisableSignUp makes no accounts; DisableImplicitSignUp only for sign-ins
	// that say requestSignUp.
	DisableSignUp, DisableImplicitSignUp bool
	// OverrideUserInfo copies name, image and address from the provider at
	// every sign-in.
	OverrideUserInfo bool
	// RequireEmailVerification signs nobody in whose address is not verified.
	RequireEmailVerification bool
	// AllowIDPInitiated takes people who come from the provider's own list of
	// apps, by sending them there again with a state.
	AllowIDPInitiated bool `option:"allowIdpInitiated"`

	// FetchProfile replaces the question who the person is. It answers with the
	// members id or sub, email, emailVerified, name and image.
	FetchProfile func(context.Context, *oauth.Client, *oauth.Provider, *oauth.Tokens) (oauth.Profile, error) `option:"-"`
	// Identify replaces the reading of that answer.
	Identify func(oauth.Profile) (oauth.Identity, error) `option:"-"`
	// MapProfileToUser has the last word on what a profile says of the person.
	MapProfileToUser func(oauth.Profile, *oauth.Identity) `option:"-"`
}

// Build checks the options and returns the provider. An error says all that is
// wrong with them.
func (g *Generic) Build() (*oauth.Provider, error) {
	o := *g
	kind, err := o.fill()
	if err != nil {
		return nil, o.named(err)
	}
	if err := o.check(kind); err != nil {
		return nil, o.named(err)
	}
	p := &oauth.Provider{
		ID: o.ProviderID, Name: first(o.Name, o.ProviderID),
		ClientIDs: []string{o.ClientID}, ClientSecret: o.ClientSecret,
		RedirectURI: o.RedirectURI, IDTokenAlone: true,
		Endpoints: oauth.Endpoints{
			AuthorizeURL: o.AuthorizationURL, TokenURL: o.TokenURL, UserInfoURL: o.UserInfoURL, Issuer: o.Issuer,
		},
		Authorization: o.authorization(),
		Token: oauth.TokenRequest{
			Headers:       header(o.AuthorizationHeaders),
			Params:        sorted(o.TokenURLParams),
			RefreshParams: sorted(o.RefreshTokenParams),
			DefaultLife:   o.AccessTokenExpiresIn,
		},
		FetchProfile: o.fetch(kind),
		Identify:     o.identify(kind),
		MapProfile:   o.MapProfileToUser,
		SignUp: oauth.SignUp{
			Disabled: o.DisableSignUp, Explicit: o.DisableImplicitSignUp,
			OverrideUserInfo: o.OverrideUserInfo, RequireVerifiedEmail: o.RequireEmailVerification,
		},
	}
	if !o.DisableProviderLogout {
		p.EndSession = oauth.EndSession{URL: o.EndSessionEndpoint, RedirectURI: o.PostLogoutRedirectURI}
	}
	if o.Authentication == "basic" {
		p.ClientAuth = oauth.BasicAuth
	}
	if err := o.TokenEndpointAuth.apply(p); err != nil {
		return nil, o.named(err)
	}
	if o.DiscoveryURL == "" {
		believeTokenEndpoint(p)
		return p, nil
	}
	p.Discovery = &oauth.Discovery{
		URL: o.DiscoveryURL, Headers: header(o.DiscoveryHeaders),
		RequireIDToken: o.RequireIDTokenVerification,
		NoNonce:        o.DisableIDTokenNonceBinding,
		Complete: func(found *oauth.Provider, document oauth.Profile) {
			o.complete(kind, found, document)
		},
	}
	return p, nil
}

func (g *Generic) authorization() oauth.Authorization {
	return oauth.Authorization{
		Scopes: g.Scopes, ScopesFromRequestFirst: true,
		NoPKCE:       g.PKCE != nil && !*g.PKCE,
		ResponseType: g.ResponseType, ResponseMode: g.ResponseMode,
		Prompt: g.Prompt, AccessType: g.AccessType,
		Params:       sorted(g.AuthorizationURLParams),
		IDPInitiated: g.AllowIDPInitiated,
	}
}
