package popup

import (
	"encoding/json"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
)

func (in *Start) departure(app *gatehouse.App, p *oauth.Provider) social.Departure {
	d := social.Departure{
		Provider: p, CallbackURL: text(in.CallbackURL), ErrorURL: text(in.ErrorCallbackURL), NewUserURL: text(in.NewUserCallbackURL),
		Scopes: words(in.Scopes),
	}
	if d.CallbackURL == "" {
		d.CallbackURL = app.URL("")
	}
	if text(in.RequestSignUp) == "true" {
		yes := true
		d.RequestSignUp = &yes
	}
	if json.Unmarshal([]byte(text(in.AdditionalData)), &d.Data) != nil {
		d.Data = nil // as the protocol has it: what is not an object is none
	}
	return d
}
