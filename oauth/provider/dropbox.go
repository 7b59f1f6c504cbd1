package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// Dropbox is sign-in with Dropbox.
type Dropbox struct {
	Options
	// AccessType "offline" asks for a refresh token; "online" and "legacy" do
	// not.
	AccessType string
}

func (o *Dropbox) build() (*oauth.Provider, error) {
	p := oauth.Provider{
		ID: "dropbox", Name: "Dropbox",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://www.dropbox.com/oauth2/authorize",
			TokenURL:     "https://api.dropboxapi.com/oauth2/token",
			UserInfoURL:  "https://api.dropboxapi.com/2/users/get_current_account",
		},
		Authorization: oauth.Authorization{NoLoginHint: true},
		FetchProfile:  oauth.PostedUserInfo,
		Identify:      dropboxIdentity,
	}
	if o.AccessType != "" {
		p.Authorization.Params = oauth.Params{{Name: "token_access_type", Value: o.AccessType}}
	}
	return o.provider(p, "account_info.read")
}

func dropboxIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("account_id"),
		Email:   p.Text("email"), EmailVerified: p.Bool("email_verified"),
		Name: p.In("name").Text("display_name"), Image: p.Text("profile_photo_url"),
	}, nil
}
