// Package onetap is sign-in with Google One Tap: the page gets an ID token
// from Google's own script and brings it here. How the token is judged is the
// google provider's matter (plugins/social); this is the way in.
package onetap

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/provider"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
)

// Options configure One Tap.
type Options struct {
	// ClientID is whom tokens are made out to. Default: the clientId of the
	// provider google. Several are several sites of one operator.
	ClientID provider.ClientIDs `option:"clientId"`
	// DisableSignup makes no accounts. The provider's own disableSignUp holds
	// here, too.
	DisableSignup bool
}

// OneTap is the feature; New makes one.
type OneTap struct {
	options Options
	social  *social.Social
	google  func() *oauth.Provider
}

var _ gatehouse.Plugin = (*OneTap)(nil)

// New returns the plugin.
func New(o Options, s *social.Social) *OneTap {
	t := &OneTap{options: o, social: s}
	t.google = sync.OnceValue(t.provider)
	return t
}

// Plug declares the feature.
func (t *OneTap) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	return gatehouse.Parts{ID: "one-tap", Routes: []gatehouse.Route{gatehouse.Endpoint(callbackOp, t.callback)}}, nil
}

// The errors of this package (PROTOCOL errors.json, one-tap).
var (
	ErrNoClientID     = gatehouse.NewError(http.StatusBadRequest, "", "Google client ID is required for One Tap. Set it on the oneTap plugin (clientId) or on socialProviders.google.")
	ErrInvalidIDToken = gatehouse.NewError(http.StatusBadRequest, "", "invalid id token")
	ErrNoEmail        = gatehouse.NewError(http.StatusBadRequest, "", "Email not available in token")
	// ErrRefused says in its message why nobody was signed in.
	ErrRefused = gatehouse.NewError(http.StatusUnauthorized, "", "account not linked")
)

var callbackOp = gatehouse.Op{
	ID: "oneTapCallback", Method: http.MethodPost, Path: "/one-tap/callback",
	Doc:    "Signs in with an ID token of Google One Tap.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{
		ErrNoClientID, ErrInvalidIDToken, ErrNoEmail, ErrRefused, gatehouse.ErrEmailNotVerified, social.ErrProviderAway,
	},
}

// Callback is the body of POST /one-tap/callback.
type Callback struct {
	IDToken        string         `json:"idToken"`
	CallbackURL    *string        `json:"callbackURL,omitempty" doc:"Where the page goes then; must be trusted."`
	AdditionalData map[string]any `json:"additionalData,omitempty" check:"optional" doc:"A registration's reason, answers and invitationToken."`
}

// SignedIn is the answer.
type SignedIn struct {
	Token string          `json:"token"`
	User  *gatehouse.User `json:"user"`
}

func (t *OneTap) callback(c *gatehouse.Call, in Callback) (SignedIn, error) {
	google := t.google()
	if google == nil {
		return SignedIn{}, ErrNoClientID
	}
	tokens, identity, err := t.social.Judge(c, google, &social.IDToken{Token: in.IDToken})
	if err != nil {
		return SignedIn{}, refusal(err)
	}
	tokens.Scopes = []string{"openid", "profile", "email"} // what One Tap asks for
	arrived, err := t.social.Arrive(c, social.Arrival{
		Provider: google, Identity: identity, Tokens: tokens, CallbackURL: text(in.CallbackURL),
		MaySignUp: !t.options.DisableSignup && !google.SignUp.Disabled, OverrideUserInfo: google.SignUp.OverrideUserInfo,
		Data: in.AdditionalData,
	})
	var failure social.Failure
	if errors.As(err, &failure) {
		t.social.RecordFailure(c, google, failure)
		if failure == social.EmailNotVerified {
			return SignedIn{}, gatehouse.ErrEmailNotVerified
		}
		return SignedIn{}, ErrRefused.Saying("%s", failure.Sentence())
	}
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{arrived.Session.Token, arrived.User}, nil
}

func refusal(err error) error {
	switch {
	case errors.Is(err, social.ErrNoEmail):
		return ErrNoEmail
	case errors.Is(err, social.ErrInvalidIDToken), errors.Is(err, social.ErrNoUserInfo), errors.Is(err, social.ErrIDTokenNotSupported):
		return ErrInvalidIDToken.Because(err)
	default:
		return err
	}
}

// provider is google as One Tap has it: its own client ids, and taking ID
// tokens whatever /sign-in/social does. nil if nobody said who we are there.
func (t *OneTap) provider() *oauth.Provider {
	google := &oauth.Provider{ID: "google", Name: "Google", IDToken: googleRules(), FetchProfile: oauth.IDTokenClaims}
	if configured, err := t.social.Provider("google"); err == nil {
		own := *configured
		own.NoIDTokenSignIn = false
		google = &own
	}
	if len(t.options.ClientID) > 0 {
		google.ClientIDs = t.options.ClientID
		if google.IDToken != nil {
			rules := *google.IDToken
			rules.Audiences = t.options.ClientID
			google.IDToken = &rules
		}
	}
	if len(google.ClientIDs) == 0 || google.ClientIDs[0] == "" {
		return nil
	}
	return google
}

// googleRules judge tokens where the provider google is not configured
// (developers.google.com/identity/gsi/web/guides/verify-google-id-token).
func googleRules() *oauth.IDTokenRules {
	return &oauth.IDTokenRules{
		JWKSURL: "https://www.googleapis.com/oauth2/v3/certs",
		Issuers: []string{"https://accounts.google.com", "accounts.google.com"},
		MaxAge:  time.Hour,
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
