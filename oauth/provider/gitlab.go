package provider

import (
	"strings"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// GitLab is sign-in with GitLab, at gitlab.com or a house of one's own.
type GitLab struct {
	Options
	// Issuer is the address of the house. Default https://gitlab.com.
	Issuer string
}

func (o *GitLab) build() (*oauth.Provider, error) {
	issuer := strings.TrimRight(first(o.Issuer, "https://gitlab.com"), "/")
	return o.provider(oauth.Provider{
		ID: "gitlab", Name: "Gitlab",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: issuer + "/oauth/authorize",
			TokenURL:     issuer + "/oauth/token",
			UserInfoURL:  issuer + "/api/v4/user",
		},
		Identify: gitlabIdentity,
	}, "read_user")
}

// gitlabIdentity refuses accounts that are blocked, deactivated or locked.
func gitlabIdentity(p oauth.Profile) (oauth.Identity, error) {
	if p.Text("state") != "active" || p.Bool("locked") {
		return oauth.Identity{}, oauth.ErrNoProfile
	}
	return oauth.Identity{
		Subject: p.Text("id"),
		Email:   p.Text("email"), EmailVerified: p.Bool("email_verified"),
		Name: p.First("name", "username"), Image: p.Text("avatar_url"),
	}, nil
}
