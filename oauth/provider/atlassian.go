package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// Atlassian is sign-in with Atlassian.
type Atlassian struct{ Options }

func (o *Atlassian) build() (*oauth.Provider, error) {
	if err := o.needsSecret("atlassian"); err != nil {
		return nil, err
	}
	return o.provider(oauth.Provider{
		ID: "atlassian", Name: "Atlassian",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://auth.atlassian.com/authorize",
			TokenURL:     "https://auth.atlassian.com/oauth/token",
			UserInfoURL:  "https://api.atlassian.com/me",
		},
		Authorization: oauth.Authorization{NoLoginHint: true, Customize: atlassianAudience},
		Identify:      atlassianIdentity,
	}, "read:jira-user", "offline_access")
}

// atlassianAudience says which API the access token is for; no request has
// another.
func atlassianAudience(target string, params oauth.Params) (string, oauth.Params) {
	params.Set("audience", "api.atlassian.com")
	return target, params
}

func atlassianIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("account_id"), Email: p.Text("email"),
		Name: p.Text("name"), Image: p.Text("picture"),
	}, nil
}
