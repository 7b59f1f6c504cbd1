package social

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
)

var callbackOp = gatehouse.Op{
	ID: "handleOAuthCallback", Method: http.MethodGet, Path: "/callback/:id",
	Doc:    "Takes the browser back from an identity provider. Every answer is a redirect; a failure has ?error=.",
	Access: gatehouse.Public,
}

var postedCallbackOp = gatehouse.Op{
	ID: "handlePostedOAuthCallback", Method: http.MethodPost, Path: "/callback/:id",
	Doc:    "Turns a provider's form post into a GET, so that SameSite=Lax cookies arrive.",
	Access: gatehouse.Public, Body: gatehouse.Body{Form: true, Optional: true},
}

// Callback is the query of GET /callback/:id.
type Callback struct {
	ID string `path:"id"`
}

// postedCallback merges form and query; the query wins.
func (s *Social) postedCallback(c *gatehouse.Call, in PostedCallback) (Begun, error) {
	query := c.Request.URL.Query()
	if err := onceEach(query); err != nil {
		return Begun{}, err
	}
	form := map[string]*string{
		"code": in.Code, "error": in.Error, "device_id": in.DeviceID, "error_description": in.ErrorDescription,
		"state": in.State, "user": in.User, "iss": in.Iss,
	}
	merged := oauth.Params{}
	for _, name := range callbackFields {
		switch {
		case query.Has(name):
			merged.Set(name, query.Get(name))
		case form[name] != nil:
			merged.Set(name, *form[name])
		}
	}
	return Begun{}, gatehouse.Redirect(s.app.URL("/callback/" + url.PathEscape(in.ID) + "?" + merged.Encode()))
}

// PostedCallback is the form of POST /callback/:id.
type PostedCallback struct {
	ID               string  `path:"id"`
	Code             *string `json:"code,omitempty"`
	Error            *string `json:"error,omitempty"`
	DeviceID         *string `json:"device_id,omitempty"`
	ErrorDescription *string `json:"error_description,omitempty"`
	State            *string `json:"state,omitempty"`
	User             *string `json:"user,omitempty"`
	Iss              *string `json:"iss,omitempty"`
}

// callbackFields are what a provider may send, in the order of the redirect.
var callbackFields = []string{"code", "error", "device_id", "error_description", "state", "user", "iss"}

// onceEach refuses a parameter that comes twice: which one counts would be
// anybody's guess (RFC 6749 §3.1).
func onceEach(query url.Values) error {
	var issues []string
	for _, name := range callbackFields {
		if len(query[name]) > 1 {
			issues = append(issues, "[query."+name+"] Invalid input: expected string, received array")
		}
	}
	if len(issues) > 0 {
		return gatehouse.ErrValidation.Saying("%s", strings.Join(issues, "; "))
	}
	return nil
}

// Return is a sign-in whose browser is back.
type Return struct {
	Provider *oauth.Provider
	State    *State
	// Query is what the provider sent along.
	Query url.Values
	// ErrorURL is where failures go.
	ErrorURL string
	// Session and User are set once somebody is signed in.
	Session *gatehouse.Session
	User    *gatehouse.User
	// New says that the sign-in made the account.
	New bool
	// Target is where the browser goes next; with ?error= after a failure.
	Target string
}

func (s *Social) callback(c *gatehouse.Call, in Callback) (Begun, error) {
	r := s.Returned(c)
	if err := onceEach(r.Query); err != nil {
		return Begun{}, err
	}
	return Begun{}, s.Leave(c, r, s.complete(c, in.ID, r))
}

// Returned is a Return of which nothing is known but the request.
func (s *Social) Returned(c *gatehouse.Call) *Return {
	return &Return{Query: c.Request.URL.Query(), ErrorURL: s.errorURL()}
}

// OnReturn has look see every return whose browser is about to be redirected,
// to its target or to the page for errors. An answer of look replaces the
// redirect. Call it while plugging in.
func (s *Social) OnReturn(look func(*gatehouse.Call, *Return) error) {
	s.onReturn = append(s.onReturn, look)
}

// Leave is the answer to a return: the redirect to its Target, or the one that
// the failure err is, unless somebody on OnReturn has another.
func (s *Social) Leave(c *gatehouse.Call, r *Return, err error) error {
	if err == nil {
		err = gatehouse.Redirect(r.Target)
	}
	var detour *gatehouse.Detour
	if !errors.As(err, &detour) || detour.Location == "" {
		return err
	}
	r.Target = detour.Location
	for _, look := range s.onReturn {
		if answer := look(c, r); answer != nil {
			return answer
		}
	}
	return err
}

// errorURL is where failures go that have no better place.
func (s *Social) errorURL() string {
	if target := s.app.Config().OnAPIError.ErrorURL; target != "" {
		return target
	}
	return s.app.URL("/error")
}

// complete ends a sign-in. Its errors are redirects to the page for errors.
func (s *Social) complete(c *gatehouse.Call, id string, r *Return) error {
	name := r.Query.Get("state")
	if name == "" {
		return s.withoutState(c, id, r)
	}
	if err := s.Claim(c, r, name); err != nil {
		return err
	}
	tokens, identity, err := s.Redeem(c, id, r)
	if err != nil {
		return err
	}
	return s.Land(c, r, tokens, identity)
}

// Claim takes back the state called name, which nobody can claim again.
func (s *Social) Claim(c *gatehouse.Call, r *Return, name string) error {
	state, err := s.claim(c, name)
	if err != nil {
		return s.Failed(c, r, err)
	}
	r.State = state
	if state.ErrorURL != "" {
		r.ErrorURL = state.ErrorURL
	}
	return nil
}

// Redeem turns the code of a return whose State is known into tokens, and says
// whose they are.
func (s *Social) Redeem(c *gatehouse.Call, id string, r *Return) (*oauth.Tokens, *oauth.Identity, error) {
	if said := r.Query.Get("error"); said != "" {
		return nil, nil, s.refused(c, r, said)
	}
	if r.Query.Get("code") == "" {
		return nil, nil, s.Failed(c, r, noCode)
	}
	var err error
	if r.Provider, err = s.returnedFrom(c, id, r); err != nil {
		return nil, nil, s.Failed(c, r, err)
	}
	tokens, identity, err := s.exchange(c, r)
	if err != nil {
		return nil, nil, s.Failed(c, r, err)
	}
	return tokens, identity, nil
}

// Land makes of an identity what the return's State asks for: a session, or a
// linked account.
func (s *Social) Land(c *gatehouse.Call, r *Return, tokens *oauth.Tokens, identity *oauth.Identity) error {
	if err := s.finish(c, r, tokens, identity); err != nil {
		return s.Failed(c, r, err)
	}
	return nil
}

// withoutState restarts a sign-in that the provider began, where that is
// allowed; anything else without a state was not begun here.
func (s *Social) withoutState(c *gatehouse.Call, id string, r *Return) error {
	p := s.providers[id]
	if p == nil || !p.Authorization.IDPInitiated || r.Query.Get("code") == "" {
		return s.Failed(c, r, stateNotFound)
	}
	target, err := s.Begin(c, Departure{Provider: p})
	if err != nil {
		return s.Failed(c, r, err)
	}
	return gatehouse.Redirect(target)
}

// returnedFrom is the provider that answers, which must be the one that was
// asked.
func (s *Social) returnedFrom(c *gatehouse.Call, id string, r *Return) (*oauth.Provider, error) {
	p := s.providers[id]
	if p == nil {
		return nil, providerNotFound
	}
	if asked := r.State.ServerContext; asked != nil && asked.Provider != "" && asked.Provider != id {
		return nil, stateMismatch
	}
	p, err := s.client.Discover(c, p)
	if err != nil {
		return nil, invalidCode
	}
	issuer := r.Query.Get("iss")
	if issuer == "" && p.IssuerRequired {
		return nil, issuerMissing
	}
	if issuer != "" && p.Issuer != "" && issuer != p.Issuer {
		return nil, issuerMismatch
	}
	if p.BindNonce && r.State.IDTokenNonce == "" {
		return nil, nonceMissing
	}
	return p, nil
}

func (s *Social) exchange(c *gatehouse.Call, r *Return) (*oauth.Tokens, *oauth.Identity, error) {
	tokens, err := s.client.Exchange(c, r.Provider, oauth.Exchange{
		Code: r.Query.Get("code"), Verifier: r.State.CodeVerifier, DeviceID: r.Query.Get("device_id"),
		RedirectURI: s.callbackURL(r.Provider),
	})
	if err != nil {
		return nil, nil, because(invalidCode, err)
	}
	tokens.PostedUser = postedUser(r.Query.Get("user"))
	identity, err := s.client.Identity(c, r.Provider, tokens, r.State.IDTokenNonce)
	if err != nil {
		return nil, nil, because(noUserInfo, err)
	}
	return tokens, identity, nil
}

func (s *Social) finish(c *gatehouse.Call, r *Return, tokens *oauth.Tokens, identity *oauth.Identity) error {
	if r.State.Link != nil {
		r.Target = r.State.CallbackURL
		return s.finishLink(c, r, tokens, identity)
	}
	if identity.Email == "" {
		return emailNotFound
	}
	arrived, err := s.Arrive(c, Arrival{
		Provider: r.Provider, Identity: identity, Tokens: tokens, CallbackURL: r.State.CallbackURL,
		MaySignUp: maySignUp(r.Provider, r.State.RequestSignUp), OverrideUserInfo: r.Provider.SignUp.OverrideUserInfo,
		Data: r.State.Data,
	})
	if err != nil {
		return err
	}
	r.Session, r.User, r.New = arrived.Session, arrived.User, arrived.New
	r.Target = r.State.CallbackURL
	if r.New && r.State.NewUserURL != "" {
		r.Target = r.State.NewUserURL
	}
	return nil
}

// postedUser is the JSON that Apple posts at a person's first sign-in.
func postedUser(sent string) oauth.Profile {
	var user oauth.Profile
	if sent == "" || json.Unmarshal([]byte(sent), &user) != nil {
		return nil
	}
	return user
}
