package proxy

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
)

// statePackage is what travels as the state, for production to open: the name
// of the state, and the state itself.
type statePackage struct {
	State   string `json:"state"`
	Sealed  string `json:"stateCookie"`
	IsProxy bool   `json:"isOAuthProxy"`
}

// depart sends a sign-in of a preview to production's callback.
func (p *Proxy) depart(c *gatehouse.Call, d *social.Departure) error {
	if !p.goesByProduction(c) {
		return nil
	}
	final := d.CallbackURL
	if final == "" {
		final = p.app.URL("")
	}
	callback := p.app.Config().BasePath + "/callback/" + url.PathEscape(d.Provider.ID)
	d.CallbackURL = p.current + callback + completion + "?" + (oauth.Params{{Name: "callbackURL", Value: final}}).Encode()
	d.RedirectURI = p.production + callback
	d.NameState = p.pack
	return nil
}

func (p *Proxy) goesByProduction(c *gatehouse.Call) bool {
	switch c.Op().ID {
	case "signInSocial", "linkSocialAccount":
		return p.current != p.production && c.Request.Header.Get("X-Skip-OAuth-Proxy") == ""
	default:
		return false
	}
}

func (p *Proxy) pack(state *social.State) (string, error) {
	plain, err := state.Encode()
	if err != nil {
		return "", err
	}
	sealed, err := p.seal(statePurpose, plain)
	if err != nil {
		return "", fmt.Errorf("seal state: %w", err)
	}
	whole, err := json.Marshal(statePackage{state.OAuthState, sealed, true})
	if err != nil {
		return "", fmt.Errorf("encode state: %w", err)
	}
	return p.seal(packagePurpose, whole)
}

// unpack reads a state that a preview sent along; false for any other.
func (p *Proxy) unpack(sent string) (*social.State, bool) {
	whole, err := p.open(packagePurpose, sent)
	if err != nil {
		return nil, false
	}
	var pack statePackage
	if json.Unmarshal(whole, &pack) != nil || !pack.IsProxy || pack.State == "" {
		return nil, false
	}
	plain, err := p.open(statePurpose, pack.Sealed)
	if err != nil {
		return nil, false
	}
	state, err := social.DecodeState(plain)
	if err != nil {
		return nil, false
	}
	if state.OAuthState == "" {
		state.OAuthState = pack.State // a better-auth of before the member
	}
	return state, state.OAuthState == pack.State
}

// finalURL is where a sign-in goes whose callback is a preview's completion.
func finalURL(callback string) string {
	at, query, _ := strings.Cut(callback, "?")
	values, err := url.ParseQuery(query)
	if err != nil || values.Get("callbackURL") == "" || !strings.HasSuffix(at, completion) && !strings.HasSuffix(at, oldCompletion) {
		return callback
	}
	return values.Get("callbackURL")
}
