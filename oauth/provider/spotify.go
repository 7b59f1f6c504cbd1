package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// Spotify is sign-in with Spotify.
type Spotify struct{ Options }

func (o *Spotify) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "spotify", Name: "Spotify",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://accounts.spotify.com/authorize",
			TokenURL:     "https://accounts.spotify.com/api/token",
			UserInfoURL:  "https://api.spotify.com/v1/me",
		},
		Authorization: oauth.Authorization{NoLoginHint: true},
		Identify:      spotifyIdentity,
	}, "user-read-email")
}

// spotifyIdentity: Spotify does not verify addresses.
func spotifyIdentity(p oauth.Profile) (oauth.Identity, error) {
	i := oauth.Identity{Subject: p.Text("id"), Email: p.Text("email"), Name: p.Text("display_name")}
	if images := p.List("images"); len(images) > 0 {
		i.Image = images[0].Text("url")
	}
	return i, nil
}
