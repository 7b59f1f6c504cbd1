package social

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/token"
	"github.com/gatehouse-auth/gatehouse/oauth"
)

var signInOp = gatehouse.Op{
	ID: "signInSocial", Method: http.MethodPost, Path: "/sign-in/social",
	Doc:    "Begins a sign-in at an identity provider, or ends one with its ID token.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{
		ErrProviderNotFound, ErrProviderAway, ErrIDTokenNotSupported, ErrInvalidIDToken, ErrNoUserInfo, ErrNoEmail, ErrLink,
		gatehouse.ErrEmailNotVerified,
	},
}

// SignIn is the body of POST /sign-in/social.
type SignIn struct {
	CallbackURL        *string           `json:"callbackURL,omitempty" doc:"Where the browser ends; must be trusted. Default: the base URL."`
	NewUserCallbackURL *string           `json:"newUserCallbackURL,omitempty" doc:"Where it ends if the sign-in made the account."`
	ErrorCallbackURL   *string           `json:"errorCallbackURL,omitempty" doc:"Where it ends if something failed, with ?error=."`
	Provider           string            `json:"provider" check:"union"`
	DisableRedirect    *bool             `json:"disableRedirect,omitempty"`
	IDToken            *IDToken          `json:"idToken,omitempty" doc:"Signs in with a token that the client has from the provider."`
	Scopes             []string          `json:"scopes,omitempty" check:"optional" doc:"Asked for besides the configured ones."`
	RequestSignUp      *bool             `json:"requestSignUp,omitempty" doc:"Makes an account although the provider's options do not by themselves."`
	LoginHint          *string           `json:"loginHint,omitempty"`
	AdditionalParams   map[string]string `json:"additionalParams,omitempty" check:"optional" doc:"Added to the provider's address."`
	AdditionalData     map[string]any    `json:"additionalData,omitempty" check:"optional" doc:"Kept until the browser is back; a registration's reason, answers and invitationToken among it."`
}

// IDToken is what a native app got from a provider.
type IDToken struct {
	Token        string        `json:"token"`
	Nonce        *string       `json:"nonce,omitempty"`
	AccessToken  *string       `json:"accessToken,omitempty"`
	RefreshToken *string       `json:"refreshToken,omitempty"`
	ExpiresAt    *float64      `json:"expiresAt,omitempty"`
	User         *ProvidedUser `json:"user,omitempty" doc:"What Apple tells at the first sign-in only."`
}

// ProvidedUser is Apple's user object.
type ProvidedUser struct {
	Name  *ProvidedName `json:"name,omitempty"`
	Email *string       `json:"email,omitempty"`
}

// ProvidedName is a person's name in two parts.
type ProvidedName struct {
	FirstName *string `json:"firstName,omitempty"`
	LastName  *string `json:"lastName,omitempty"`
}

// Begun is the answer to a sign-in by redirect, and to an ID token.
type Begun struct {
	URL      *string         `json:"url,omitempty"`
	Redirect bool            `json:"redirect"`
	Token    string          `json:"token,omitempty"`
	User     *gatehouse.User `json:"user,omitempty"`
}

func (s *Social) signIn(c *gatehouse.Call, in SignIn) (Begun, error) {
	if err := checkParams(in.AdditionalParams); err != nil {
		return Begun{}, err
	}
	p, err := s.Provider(in.Provider)
	if err != nil {
		return Begun{}, err
	}
	if in.IDToken != nil {
		return s.signInWithIDToken(c, p, in)
	}
	target, err := s.Begin(c, Departure{
		Provider: p, CallbackURL: text(in.CallbackURL), NewUserURL: text(in.NewUserCallbackURL), ErrorURL: text(in.ErrorCallbackURL),
		RequestSignUp: in.RequestSignUp, Scopes: in.Scopes, LoginHint: text(in.LoginHint),
		Params: params(in.AdditionalParams), Data: in.AdditionalData,
	})
	if err != nil {
		return Begun{}, err
	}
	return redirectTo(c, target, in.DisableRedirect), nil
}

// Departure is a person on the way to a provider.
type Departure struct {
	Provider                          *oauth.Provider
	CallbackURL, NewUserURL, ErrorURL string
	RequestSignUp                     *bool
	Scopes                            []string
	LoginHint                         string
	Params                            oauth.Params
	// Data is the client's own, kept with the state.
	Data map[string]any
	// RedirectURI is where the provider sends the browser. Default: the
	// callback of this server.
	RedirectURI string
	// NameState gives the state another name on its way to the provider and
	// back. Default: State.OAuthState.
	NameState func(*State) (string, error)

	link *link
}

// Begin keeps a state for a departure and returns where to send the browser.
func (s *Social) Begin(c *gatehouse.Call, d Departure) (string, error) {
	for _, change := range s.onDepart {
		if err := change(c, &d); err != nil {
			return "", err
		}
	}
	p, err := s.client.Discover(c, d.Provider)
	if err != nil {
		return "", away(err)
	}
	state, err := s.keep(c, p, d)
	if err != nil {
		return "", err
	}
	name := state.OAuthState
	if d.NameState != nil {
		if name, err = d.NameState(state); err != nil {
			return "", err
		}
	}
	redirectURI := d.RedirectURI
	if redirectURI == "" {
		redirectURI = s.callbackURL(p)
	}
	return s.client.AuthorizeURL(c, p, oauth.Request{
		State: name, Verifier: state.CodeVerifier, Nonce: state.IDTokenNonce,
		RedirectURI: redirectURI, Scopes: d.Scopes, LoginHint: d.LoginHint, Params: d.Params,
	})
}

// OnDepart has change see every departure before its state is kept. Call it
// while plugging in.
func (s *Social) OnDepart(change func(*gatehouse.Call, *Departure) error) {
	s.onDepart = append(s.onDepart, change)
}

func (s *Social) callbackURL(p *oauth.Provider) string { return s.app.URL("/callback/" + p.ID) }

// away tells a provider that cannot be asked from one that was badly set up.
func away(err error) error {
	if errors.Is(err, oauth.ErrDiscovery) {
		return ErrProviderAway.Because(err)
	}
	return err
}

func redirectTo(c *gatehouse.Call, target string, stay *bool) Begun {
	redirect := stay == nil || !*stay
	if redirect {
		c.Header().Set("Location", target)
	}
	return Begun{URL: &target, Redirect: redirect}
}

func (s *Social) signInWithIDToken(c *gatehouse.Call, p *oauth.Provider, in SignIn) (Begun, error) {
	tokens, identity, err := s.Judge(c, p, in.IDToken)
	if err != nil {
		return Begun{}, err
	}
	tokens.RefreshToken = "" // the protocol stores none at sign-in, only when linking
	arrived, err := s.Arrive(c, Arrival{
		Provider: p, Identity: identity, Tokens: tokens, CallbackURL: text(in.CallbackURL),
		MaySignUp: maySignUp(p, in.RequestSignUp), Data: in.AdditionalData,
	})
	var failure Failure
	if errors.As(err, &failure) {
		s.RecordFailure(c, p, failure)
		if failure == EmailNotVerified {
			return Begun{}, gatehouse.ErrEmailNotVerified
		}
		return Begun{}, ErrLink.Saying("%s", failure.Sentence())
	}
	if err != nil {
		return Begun{}, err
	}
	return Begun{Token: arrived.Session.Token, User: arrived.User}, nil
}

// Judge verifies an ID token that a client brought and says whose it is. Its
// errors are ErrIDTokenNotSupported, ErrInvalidIDToken, ErrNoUserInfo and
// ErrNoEmail.
func (s *Social) Judge(c *gatehouse.Call, p *oauth.Provider, in *IDToken) (*oauth.Tokens, *oauth.Identity, error) {
	takes, err := s.client.TakesIDTokens(c, p)
	if err != nil {
		return nil, nil, away(err)
	}
	if !takes {
		return nil, nil, ErrIDTokenNotSupported
	}
	tokens := &oauth.Tokens{
		IDToken: in.Token, AccessToken: text(in.AccessToken), RefreshToken: text(in.RefreshToken), PostedUser: in.User.profile(),
	}
	identity, err := s.client.SignedIdentity(c, p, tokens, text(in.Nonce))
	switch {
	case errors.Is(err, oauth.ErrIDToken):
		err = ErrInvalidIDToken.Because(err)
	case err != nil:
		err = ErrNoUserInfo.Because(err)
	case identity.Email == "":
		err = ErrNoEmail
	default:
		return tokens, identity, nil
	}
	return nil, nil, s.refusedToken(c, p, err)
}

// refusedToken records an ID token that proves nothing.
func (s *Social) refusedToken(c *gatehouse.Call, p *oauth.Provider, answer error) error {
	event := gatehouse.Event{Action: "sign-in.fail", Details: map[string]any{"method": Method, "provider": p.ID}}
	if user := c.User(); user != nil {
		event.Action, event.TargetType, event.Target = "account.link.fail", "user", user.ID
	}
	return c.Refused(event, answer)
}

func (u *ProvidedUser) profile() oauth.Profile {
	if u == nil {
		return nil
	}
	profile := oauth.Profile{}
	if u.Email != nil {
		profile["email"] = *u.Email
	}
	if u.Name != nil {
		profile["name"] = map[string]any{"firstName": text(u.Name.FirstName), "lastName": text(u.Name.LastName)}
	}
	return profile
}

// checkParams refuses parameters that bind an answer to its request.
func checkParams(params map[string]string) error {
	for name := range params {
		if slices.Contains(oauth.Reserved, name) {
			return gatehouse.ErrValidation.Saying(
				"[body.additionalParams] additionalParams cannot include reserved OAuth parameters: %s", strings.Join(oauth.Reserved, ", "))
		}
	}
	return nil
}

func params(all map[string]string) oauth.Params {
	var list oauth.Params
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list.Set(name, all[name])
	}
	return list
}

func maySignUp(p *oauth.Provider, requested *bool) bool {
	return !p.SignUp.Disabled && (!p.SignUp.Explicit || requested != nil && *requested)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// nonce is what an ID token brings back, "" where it is not bound.
func (s *Social) nonce(p *oauth.Provider) string {
	if !p.BindNonce {
		return ""
	}
	return token.URLSafe(s.app.Rand, 32)
}
