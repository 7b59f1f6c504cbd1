package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// Twitch is sign-in with Twitch (OpenID Connect).
type Twitch struct {
	Options
	// Claims are asked for in the ID token, besides email and email_verified.
	// Default preferred_username and picture.
	Claims []string
}

func (o *Twitch) build() (*oauth.Provider, error) {
	claims := o.Claims
	if claims == nil {
		claims = []string{"preferred_username", "picture"}
	}
	return o.provider(oauth.Provider{
		ID: "twitch", Name: "Twitch",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://id.twitch.tv/oauth2/authorize",
			TokenURL:     "https://id.twitch.tv/oauth2/token",
		},
		Authorization:   oauth.Authorization{NoPKCE: true, NoLoginHint: true, Claims: claims},
		IDToken:         &oauth.IDTokenRules{Issuers: []string{"https://id.twitch.tv/oauth2"}},
		NoIDTokenSignIn: true,
		FetchProfile:    oauth.IDTokenClaims,
		Identify:        twitchIdentity,
	}, "user:read:email", "openid")
}

func twitchIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("sub"),
		Email:   p.Text("email"), EmailVerified: p.Bool("email_verified"),
		Name: p.Text("preferred_username"), Image: p.Text("picture"),
	}, nil
}
