package provider

import (
	"errors"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// TikTok is sign-in with TikTok, which tells no address. ClientKey names the
// client; there is no ClientID.
type TikTok struct{ Options }

func (o *TikTok) build() (*oauth.Provider, error) {
	if o.ClientKey == "" {
		return nil, errors.New("tiktok: clientKey is missing")
	}
	if err := o.needsSecret("tiktok"); err != nil {
		return nil, err
	}
	named := o.Options
	named.ClientID = ClientIDs{o.ClientKey}
	return named.provider(oauth.Provider{
		ID: "tiktok", Name: "TikTok",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://www.tiktok.com/v2/auth/authorize",
			TokenURL:     "https://open.tiktokapis.com/v2/oauth/token/",
			UserInfoURL:  "https://open.tiktokapis.com/v2/user/info/?fields=open_id%2Cavatar_large_url%2Cdisplay_name%2Cusername",
		},
		ClientAuth: oauth.NoAuth,
		Authorization: oauth.Authorization{
			ScopeSeparator: ",", NoLoginHint: true, Customize: tiktokAuthorization,
		},
		Token:    oauth.TokenRequest{Customize: named.tiktokToken},
		Identify: tiktokIdentity,
	}, "user.info.profile")
}

// tiktokAuthorization leaves the code challenge out, which TikTok has for apps
// on devices only and writes in hexadecimal.
func tiktokAuthorization(target string, params oauth.Params) (string, oauth.Params) {
	return target, renamedClient(params, "client_key")
}

func (o *Options) tiktokToken(call *oauth.TokenCall) {
	call.Form.Set("client_key", o.ClientKey)
	call.Form.Set("client_secret", o.ClientSecret)
}

func tiktokIdentity(p oauth.Profile) (oauth.Identity, error) {
	person := p.In("data", "user")
	return placeholder(oauth.Identity{
		Subject: person.Text("open_id"), Email: person.Text("email"),
		Name: person.First("display_name", "username"), Image: person.Text("avatar_large_url"),
	}, "tiktok"), nil
}
