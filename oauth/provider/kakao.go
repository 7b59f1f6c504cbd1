package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// Kakao is sign-in with Kakao.
type Kakao struct{ Options }

func (o *Kakao) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "kakao", Name: "Kakao",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://kauth.kakao.com/oauth/authorize",
			TokenURL:     "https://kauth.kakao.com/oauth/token",
			UserInfoURL:  "https://kapi.kakao.com/v2/user/me",
		},
		Authorization: oauth.Authorization{NoPKCE: true},
		Identify:      kakaoIdentity,
	}, "account_email", "profile_image", "profile_nickname")
}

// kakaoIdentity: an address is verified only while it is still in use, too.
func kakaoIdentity(p oauth.Profile) (oauth.Identity, error) {
	account := p.In("kakao_account")
	profile := account.In("profile")
	return oauth.Identity{
		Subject: p.Text("id"), Email: account.Text("email"),
		EmailVerified: account.Bool("is_email_valid") && account.Bool("is_email_verified"),
		Name:          first(profile.Text("nickname"), account.Text("name")),
		Image:         profile.First("profile_image_url", "thumbnail_image_url"),
	}, nil
}
