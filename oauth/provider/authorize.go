package provider

import (
	"slices"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// withoutScope is for a provider whose console says what is granted.
func withoutScope(target string, params oauth.Params) (string, oauth.Params) {
	params.Remove("scope")
	return target, params
}

// renamedClient writes the parameters for a provider that is not quite OAuth:
// the client has another name there, and there is no code challenge. Its own
// parameters come before the caller's.
func renamedClient(params oauth.Params, clientParam string, own ...oauth.Param) oauth.Params {
	built := oauth.Params{
		{Name: "scope", Value: params.Get("scope")},
		{Name: "response_type", Value: "code"},
		{Name: clientParam, Value: params.Get("client_id")},
		{Name: "redirect_uri", Value: params.Get("redirect_uri")},
		{Name: "state", Value: params.Get("state")},
	}
	built = append(built, own...)
	for _, extra := range params {
		if extra.Name != clientParam && !slices.Contains(oauth.Reserved, extra.Name) {
			built.Set(extra.Name, extra.Value)
		}
	}
	return built
}

// ownScopeLast moves the configured scopes behind those of the request.
func (o *Options) ownScopeLast(p *oauth.Provider) {
	defaults := len(p.Authorization.Scopes) - len(o.Scope)
	p.Authorization.Scopes, p.Authorization.LastScopes = p.Authorization.Scopes[:defaults], p.Authorization.Scopes[defaults:]
}
