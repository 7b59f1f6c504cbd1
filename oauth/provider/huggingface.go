package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// HuggingFace is sign-in with Hugging Face.
type HuggingFace struct{ Options }

func (o *HuggingFace) build() (*oauth.Provider, error) {
	return o.provider(oauth.Provider{
		ID: "huggingface", Name: "Hugging Face",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://huggingface.co/oauth/authorize",
			TokenURL:     "https://huggingface.co/oauth/token",
			UserInfoURL:  "https://huggingface.co/oauth/userinfo",
		},
		Authorization: oauth.Authorization{NoLoginHint: true},
		Identify:      huggingFaceIdentity,
	}, "openid", "profile", "email")
}

func huggingFaceIdentity(p oauth.Profile) (oauth.Identity, error) {
	identity, err := oauth.StandardClaims(p)
	identity.Name = p.First("name", "preferred_username")
	return identity, err
}
