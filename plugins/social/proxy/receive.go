package proxy

import (
	"fmt"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
)

// receive is production's callback for a sign-in that a preview began: it asks
// the provider who came, and sends the browser on to the preview with the
// answer, sealed. Any other callback is left alone.
func (p *Proxy) receive(c *gatehouse.Call) error {
	r := p.social.Returned(c)
	state, ok := p.unpack(r.Query.Get("state"))
	if !ok {
		return nil
	}
	r.State = state
	if state.ErrorURL != "" {
		r.ErrorURL = state.ErrorURL
	}
	if state.ExpiresAt < p.app.Now().UnixMilli() {
		return p.social.Failed(c, r, stateMismatch)
	}
	r.Query.Del("error_description") // the protocol passes the code on, and no text
	tokens, identity, err := p.social.Redeem(c, c.Param("id"), r)
	if err != nil {
		return err
	}
	if identity.Email == "" {
		return p.social.Failed(c, r, emailNotFound)
	}
	sealed, err := p.sealProfile(r, tokens, identity)
	if err != nil {
		return err
	}
	preview, _, _ := strings.Cut(state.CallbackURL, "?")
	params := oauth.Params{{Name: "callbackURL", Value: finalURL(state.CallbackURL)}, {Name: "profile", Value: sealed}}
	return gatehouse.Redirect(preview + "?" + params.Encode())
}

func (p *Proxy) sealProfile(r *social.Return, t *oauth.Tokens, i *oauth.Identity) (string, error) {
	rules := r.Provider.SignUp
	asked := r.State.RequestSignUp != nil && *r.State.RequestSignUp
	plain, err := payload{
		UserInfo: userInfo{ID: i.Subject, Email: i.Email, Name: i.Name, Image: i.Image, EmailVerified: i.EmailVerified},
		Profile:  i.Profile, Scopes: t.Scopes,
		Account: account{
			ProviderID: r.Provider.ID, AccountID: i.Subject,
			AccessToken: t.AccessToken, RefreshToken: t.RefreshToken, IDToken: t.IDToken,
			AccessTokenExpiresAt: known(t.AccessTokenExpiresAt), RefreshTokenExpiresAt: known(t.RefreshTokenExpiresAt),
			Scope: strings.Join(t.Scopes, ","),
		},
		State: r.State.OAuthState, CallbackURL: finalURL(r.State.CallbackURL), NewUserURL: r.State.NewUserURL, ErrorURL: r.State.ErrorURL,
		DisableSignUp: rules.Disabled || rules.Explicit && !asked, Timestamp: float64(p.app.Now().UnixMilli()),
	}.encode()
	if err != nil {
		return "", err
	}
	sealed, err := p.seal(profilePurpose, plain)
	if err != nil {
		return "", fmt.Errorf("seal profile: %w", err)
	}
	return sealed, nil
}
