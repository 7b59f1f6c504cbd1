package proxy

import (
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
)

// Where previews take profiles, below /callback/:id and of old.
const (
	completion    = "/oauth-proxy"
	oldCompletion = "/oauth-proxy-callback"
)

var completeOp = gatehouse.Op{
	ID: "oauthProxyCompletion", Method: http.MethodGet, Path: "/callback/:id" + completion,
	Doc:    "Ends a sign-in with the profile that production sends. Every answer is a redirect; a failure has ?error=.",
	Access: gatehouse.Public,
}

var oldCompleteOp = gatehouse.Op{
	ID: "oauthProxyCallback", Method: http.MethodGet, Path: oldCompletion,
	Doc:    "The same for a production server of an older release, which does not say the provider.",
	Access: gatehouse.Public,
}

// Completion is the query of GET /callback/:id/oauth-proxy.
type Completion struct {
	ID          string  `path:"id"`
	CallbackURL string  `query:"callbackURL"`
	Profile     *string `query:"profile" doc:"Sealed by production."`
}

// OldCompletion is the query of GET /oauth-proxy-callback.
type OldCompletion struct {
	CallbackURL string  `query:"callbackURL"`
	Profile     *string `query:"profile" doc:"Sealed by production."`
}

// The failures of this package (errors.json, redirectErrors, oauth_proxy), and
// those that it shares with every callback.
const (
	missingProfile   social.Failure = "missing_profile"
	invalidProfile   social.Failure = "invalid_profile"
	invalidPayload   social.Failure = "invalid_payload"
	providerMismatch social.Failure = "provider_mismatch"
	payloadExpired   social.Failure = "payload_expired"
	stateMismatch    social.Failure = "state_mismatch"
	providerNotFound social.Failure = "oauth_provider_not_found"
	emailNotFound    social.Failure = "email_not_found"
)

func (p *Proxy) complete(c *gatehouse.Call, in Completion) (gatehouse.Page, error) {
	r := p.social.Returned(c)
	return gatehouse.Page{}, p.social.Leave(c, r, p.land(c, r, in.ID, in.Profile))
}

func (p *Proxy) completeOld(c *gatehouse.Call, in OldCompletion) (gatehouse.Page, error) {
	r := p.social.Returned(c)
	return gatehouse.Page{}, p.social.Leave(c, r, p.land(c, r, "", in.Profile))
}

// land signs in whom the profile is about. The profile says who came and
// nothing else: where the browser goes is what our own state says, and that
// state, with its cookie, is spent by it.
func (p *Proxy) land(c *gatehouse.Call, r *social.Return, id string, sealed *string) error {
	told, err := p.read(r, id, sealed)
	if err != nil {
		return p.social.Failed(c, r, err)
	}
	if err := p.social.Claim(c, r, told.State); err != nil {
		return err
	}
	if err := p.spend(c, told.State); err != nil {
		return p.social.Failed(c, r, err)
	}
	if asked := r.State.ServerContext; asked != nil && asked.Provider != "" && asked.Provider != told.Account.ProviderID {
		return p.social.Failed(c, r, providerMismatch)
	}
	configured, err := p.social.Provider(told.Account.ProviderID)
	if err != nil {
		return p.social.Failed(c, r, providerNotFound)
	}
	provider := *configured
	provider.SignUp.Disabled = provider.SignUp.Disabled || told.DisableSignUp
	provider.SignUp.OverrideUserInfo = false // the protocol does not, by this way
	r.Provider = &provider
	r.State.CallbackURL = finalURL(r.State.CallbackURL)
	return p.social.Land(c, r, told.tokens(), told.identity())
}

// read opens a profile and judges it by itself.
func (p *Proxy) read(r *social.Return, id string, sealed *string) (*payload, error) {
	if sealed == nil || *sealed == "" {
		return nil, missingProfile
	}
	plain, err := p.open(profilePurpose, *sealed)
	if err != nil {
		return nil, invalidProfile
	}
	told, err := decodePayload(plain)
	if err != nil {
		return nil, invalidPayload
	}
	if told.ErrorURL != "" {
		r.ErrorURL = told.ErrorURL
	}
	if id != "" && id != told.Account.ProviderID {
		return nil, providerMismatch
	}
	if !told.fresh(p.app.Now(), p.options.MaxAge) {
		return nil, payloadExpired
	}
	return told, nil
}

// spend makes sure that a state is used once where it is kept in the browser
// alone; one in the database is gone once it was claimed.
func (p *Proxy) spend(c *gatehouse.Call, state string) error {
	if p.app.Config().Account.StoreStateStrategy != "cookie" {
		return nil
	}
	_, err := p.app.Verifications.Reserve(c, "oauth-proxy:"+state, p.options.MaxAge+ahead)
	if errors.Is(err, gatehouse.ErrReserved) {
		return stateMismatch
	}
	return err
}
