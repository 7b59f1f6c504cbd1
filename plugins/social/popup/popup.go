// Package popup is sign-in by a provider in a window of its own (the
// protocol's oauth-popup). The window starts here, so that its cookies belong
// to us and not to the page that opened it; at the end it shows a page that
// hands the session's token, or the error, to its opener and closes. Read
// Popup.start, then page.go.
package popup

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/cookie"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Options configure nothing: the protocol has no options here.
type Options struct{}

// Popup is the feature; New makes one.
type Popup struct {
	app    *gatehouse.App
	social *social.Social
	marker gatehouse.CookieSpec
}

var _ gatehouse.Plugin = (*Popup)(nil)

// New returns the plugin. A page of another site needs the plugin bearer, too:
// there the browser keeps our cookies away from it, and the token is all it has.
func New(_ Options, s *social.Social) *Popup { return &Popup{social: s} }

// markerLife is how long a window may take, as long as a state lives.
const markerLife = 10 * time.Minute

// marker is who opened the window, in the signed cookie oauth_popup.
type marker struct {
	Origin string `json:"popupOrigin"`
	Nonce  string `json:"popupNonce"`
}

var startOp = gatehouse.Op{
	ID: "oauthPopupStart", Method: http.MethodGet, Path: "/oauth-popup/start",
	Doc:    "Begins a sign-in by a provider in a window that a page opened. It answers with a redirect, or with a page that tells the opener what is wrong.",
	Access: gatehouse.Public, JudgesURLs: true,
}

// Start is the query of GET /oauth-popup/start.
type Start struct {
	Provider           string  `query:"provider"`
	PopupOrigin        string  `query:"popupOrigin" doc:"The opener's origin; must be trusted. Nobody else is told the result."`
	PopupNonce         *string `query:"popupNonce" doc:"Comes back with the result."`
	CallbackURL        *string `query:"callbackURL"`
	ErrorCallbackURL   *string `query:"errorCallbackURL"`
	NewUserCallbackURL *string `query:"newUserCallbackURL"`
	Scopes             *string `query:"scopes" doc:"Separated by commas."`
	RequestSignUp      *string `query:"requestSignUp" doc:"\"true\": makes an account although the provider's options do not by themselves."`
	AdditionalData     *string `query:"additionalData" doc:"A JSON object that is kept with the sign-in."`
}

// Plug declares the feature.
func (p *Popup) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	p.app = app
	life := markerLife
	p.marker = app.Cookie("oauth_popup", &life)
	p.social.OnReturn(p.handOver)
	return gatehouse.Parts{
		ID:     "oauth-popup",
		Routes: []gatehouse.Route{gatehouse.Endpoint(startOp, p.start)},
	}, nil
}

// pureOrigin is what window.location.origin gives. Nothing else is taken: the
// opener's browser reads the address after us, and must read the same in it.
var pureOrigin = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[A-Za-z0-9._\[\]:-]+$`)

// maxNonce bounds what stands in the cookie for the client, in bytes.
const maxNonce = 256

func (p *Popup) start(c *gatehouse.Call, in Start) (gatehouse.Page, error) {
	if !pureOrigin.MatchString(in.PopupOrigin) || !c.Trusts(in.PopupOrigin, false) {
		return gatehouse.Page{}, gatehouse.ErrInvalidOrigin
	}
	opener := marker{in.PopupOrigin, text(in.PopupNonce)}
	if len(opener.Nonce) > maxNonce {
		return gatehouse.Page{}, gatehouse.ErrFieldTooLong.Saying("popupNonce is over %d bytes", maxNonce)
	}
	for _, target := range []struct {
		url  *string
		code string
	}{
		{in.CallbackURL, "invalid_callback_url"}, {in.ErrorCallbackURL, "invalid_error_callback_url"},
		{in.NewUserCallbackURL, "invalid_new_user_callback_url"},
	} {
		if at := text(target.url); at != "" && !p.mayGo(c, at) {
			return p.fail(c, opener, target.code, "Untrusted URL: "+at), nil
		}
	}
	provider, err := p.social.Provider(in.Provider)
	if err != nil {
		return p.fail(c, opener, "provider_not_found", "Unknown provider: "+in.Provider), nil
	}
	target, err := p.social.Begin(c, in.departure(p.app, provider))
	if errors.Is(err, store.ErrUnavailable) {
		return gatehouse.Page{}, err
	}
	if err != nil {
		c.Log().Warn("a sign-in in a window did not start", "provider", in.Provider, "err", err)
		return p.fail(c, opener, "popup_sign_in_failed", "Failed to start the OAuth flow."), nil
	}
	value, err := json.Marshal(opener)
	if err != nil {
		return gatehouse.Page{}, err
	}
	c.SetSignedCookie(p.marker, string(value))
	return gatehouse.Page{}, gatehouse.Redirect(target)
}

func (p *Popup) mayGo(c *gatehouse.Call, target string) bool {
	return p.app.Config().Advanced.DisableOriginCheck || c.Trusts(target, true)
}

func (p *Popup) fail(c *gatehouse.Call, opener marker, code, description string) gatehouse.Page {
	guard(c)
	return gatehouse.Page{Status: http.StatusOK, HTML: render(opener, outcome{Error: &failure{code, description}})}
}

// handOver puts the page in the place of a redirect, in a window that was
// started here.
func (p *Popup) handOver(c *gatehouse.Call, r *social.Return) error {
	var opener marker
	value := c.SignedCookie(p.marker)
	if value == "" || json.Unmarshal([]byte(value), &opener) != nil {
		return nil
	}
	result := outcome{RedirectTo: r.Target}
	if r.Session != nil {
		result.Token = cookie.Sign(p.app.Secret(), r.Session.Token)
	} else {
		said := failureIn(r.Target)
		if said == nil {
			return nil // on to the provider once more, or a linked account
		}
		result = outcome{Error: said}
	}
	c.ExpireCookie(p.marker)
	guard(c)
	// The address stays in the header, as in the protocol; a browser that shows
	// a page does not go there.
	return &gatehouse.Detour{Status: http.StatusOK, Location: r.Target, HTML: render(opener, result)}
}

// failureIn reads what a redirect to the page for errors says, nil for another.
func failureIn(target string) *failure {
	u, err := url.Parse(target)
	if err != nil || u.Query().Get("error") == "" {
		return nil
	}
	return &failure{u.Query().Get("error"), u.Query().Get("error_description")}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func words(s *string) []string {
	if text(s) == "" {
		return nil
	}
	return strings.Split(*s, ",")
}
