package social

import (
	"net/http"
	"net/url"

	"github.com/gatehouse-auth/gatehouse"
)

var signInOp = gatehouse.Op{
	ID: "signInSocial", Method: http.MethodPost, Path: "/sign-in/social",
	Doc:    "Begins a sign-in at an identity provider.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{ErrProviderNotFound},
}

var linkOp = gatehouse.Op{
	ID: "linkSocialAccount", Method: http.MethodPost, Path: "/link-social",
	Doc:    "Begins linking an identity at a provider to the signed-in person.",
	Access: gatehouse.SignedIn, OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrProviderNotFound},
}

var callbackOp = gatehouse.Op{
	ID: "handleOAuthCallback", Method: http.MethodGet, Path: "/callback/:id",
	Doc:    "Takes the browser back from an identity provider.",
	Access: gatehouse.Public,
}

var postedCallbackOp = gatehouse.Op{
	ID: "handlePostedOAuthCallback", Method: http.MethodPost, Path: "/callback/:id",
	Doc:    "Turns a provider's form post into a GET, so that SameSite=Lax cookies arrive.",
	Access: gatehouse.Public, Body: gatehouse.Body{Form: true, Optional: true},
}

// SignIn is the body of POST /sign-in/social and /link-social.
type SignIn struct {
	Provider         string  `json:"provider" check:"union"`
	CallbackURL      *string `json:"callbackURL,omitempty"`
	ErrorCallbackURL *string `json:"errorCallbackURL,omitempty"`
	DisableRedirect  *bool   `json:"disableRedirect,omitempty"`
}

// Begun is the answer: where to send the browser.
type Begun struct {
	URL      string `json:"url"`
	Redirect bool   `json:"redirect"`
}

func (s *Social) signIn(*gatehouse.Call, SignIn) (Begun, error) { return Begun{}, ErrProviderNotFound }

func (s *Social) link(*gatehouse.Call, SignIn) (Begun, error) { return Begun{}, ErrProviderNotFound }

// Callback is the query of GET /callback/:id.
type Callback struct {
	ID    string  `path:"id"`
	State *string `query:"state"`
}

// callback refuses: no flow was begun, so no state is genuine.
func (s *Social) callback(_ *gatehouse.Call, in Callback) (Begun, error) {
	code := "state_mismatch"
	if in.State == nil || *in.State == "" {
		code = "state_not_found"
	}
	target := s.app.Config().OnAPIError.ErrorURL
	if target == "" {
		target = s.app.URL("/error")
	}
	return Begun{}, gatehouse.Redirect(gatehouse.AddQuery(target, "error", code))
}

// PostedCallback is the form of POST /callback/:id.
type PostedCallback struct {
	ID     string         `path:"id"`
	Fields map[string]any `json:"*"`
}

// callbackFields are what a provider may send.
var callbackFields = []string{"code", "error", "device_id", "error_description", "state", "user", "iss"}

// postedCallback merges form and query; the query wins.
func (s *Social) postedCallback(c *gatehouse.Call, in PostedCallback) (Begun, error) {
	merged, query := url.Values{}, c.Request.URL.Query()
	for _, name := range callbackFields {
		if text, ok := in.Fields[name].(string); ok {
			merged.Set(name, text)
		}
		if query.Has(name) {
			merged.Set(name, query.Get(name))
		}
	}
	return Begun{}, gatehouse.Redirect(s.app.URL("/callback/" + url.PathEscape(in.ID) + "?" + merged.Encode()))
}
