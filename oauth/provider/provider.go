// Package provider has the identity providers people use, one file each: its
// options, its endpoints and scopes as data, and its quirks. Set lists them
// all; Generic is any other.
package provider

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Options are what every provider takes; most take nothing else.
type Options struct {
	// ClientID is from the provider's console. Several are for several
	// platforms: the first asks, and ID tokens may be made out to any.
	ClientID     ClientIDs `option:"clientId"`
	ClientSecret string    `secret:"true"`
	// ClientKey is sent as client_key.
	ClientKey string
	// Scope is asked for besides the provider's default scopes.
	Scope []string
	// DisableDefaultScope asks for Scope alone.
	DisableDefaultScope bool
	// RedirectURI replaces <baseURL>/callback/<provider>.
	RedirectURI string
	// AuthorizationEndpoint replaces the provider's, for a sandbox.
	AuthorizationEndpoint string
	// DisableIDTokenSignIn refuses ID tokens that a client brings itself.
	DisableIDTokenSignIn bool `option:"disableIdTokenSignIn"`
	// DisableSignUp makes no accounts; DisableImplicitSignUp only for sign-ins
	// that say requestSignUp.
	DisableSignUp, DisableImplicitSignUp bool
	// RequireEmailVerification signs nobody in whose address is not verified.
	RequireEmailVerification bool
	// OverrideUserInfoOnSignIn copies name, image and address from the
	// provider at every sign-in.
	OverrideUserInfoOnSignIn bool
	// Prompt is "select_account", "consent", "login", "none" or several.
	Prompt string
	// ResponseMode is "query" or "form_post".
	ResponseMode string
	// Enabled false switches the provider off without losing its options.
	Enabled *bool
	// MapProfileToUser has the last word on what a profile says of the person.
	MapProfileToUser func(oauth.Profile, *oauth.Identity) `option:"-"`
}

// ClientIDs is one client id, or several.
type ClientIDs []string

// SetOption reads a text or a list of texts.
func (c *ClientIDs) SetOption(value any) error {
	switch v := value.(type) {
	case string:
		*c = ClientIDs{v}
		return nil
	case []any:
		*c = nil
		for _, element := range v {
			text, ok := element.(string)
			if !ok {
				return errors.New("a client id is text")
			}
			*c = append(*c, text)
		}
		return nil
	default:
		return errors.New("a client id is text, or a list of texts")
	}
}

func (o *Options) off() bool { return o.Enabled != nil && !*o.Enabled }

// provider lays the options over p, which has the provider's own data. scopes
// are its defaults.
func (o *Options) provider(p oauth.Provider, scopes ...string) (*oauth.Provider, error) {
	if len(o.ClientID) == 0 || o.ClientID[0] == "" {
		return nil, fmt.Errorf("%s: clientId is missing", p.ID)
	}
	p.ClientIDs, p.ClientSecret = o.ClientID, o.ClientSecret
	p.ClientKey = first(o.ClientKey, p.ClientKey)
	if !o.DisableDefaultScope {
		p.Authorization.Scopes = slices.Clone(scopes)
	}
	p.Authorization.Scopes = append(p.Authorization.Scopes, o.Scope...)
	p.AuthorizeURL = first(o.AuthorizationEndpoint, p.AuthorizeURL)
	p.RedirectURI = o.RedirectURI
	p.Authorization.Prompt = first(o.Prompt, p.Authorization.Prompt)
	p.Authorization.ResponseMode = first(o.ResponseMode, p.Authorization.ResponseMode)
	p.NoIDTokenSignIn = p.NoIDTokenSignIn || o.DisableIDTokenSignIn
	p.MapProfile = o.MapProfileToUser
	p.SignUp = oauth.SignUp{
		Disabled: o.DisableSignUp, Explicit: o.DisableImplicitSignUp,
		OverrideUserInfo: o.OverrideUserInfoOnSignIn, RequireVerifiedEmail: o.RequireEmailVerification,
	}
	return &p, nil
}

// needsSecret refuses options without a client secret.
func (o *Options) needsSecret(id string) error {
	if o.ClientSecret == "" {
		return fmt.Errorf("%s: clientSecret is missing", id)
	}
	return nil
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
