package provider

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// named says which entry of the list an error is about.
func (g *Generic) named(err error) error {
	return fmt.Errorf("generic-oauth provider %q: %w", first(g.ProviderID, g.Preset), err)
}

// check looks for all that is wrong at once.
func (g *Generic) check(kind *preset) error {
	return errors.Join(
		g.checkName(), g.checkClient(), g.checkInputs(),
		g.checkEndpoints(), g.checkProfile(kind), g.checkAuthorization(),
	)
}

var providerID = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,64}$`)

func (g *Generic) checkName() error {
	switch {
	case g.ProviderID == "":
		return errors.New("providerId is missing; name the provider, such as acme")
	case !providerID.MatchString(g.ProviderID) || strings.Trim(g.ProviderID, ".") == "":
		return errors.New("providerId stands in addresses; use letters, digits, -, _, . and ~ only, at most 64")
	case g.ProviderID == "credential":
		return errors.New("providerId credential is that of passwords; use another")
	}
	return nil
}

func (g *Generic) checkClient() error {
	if g.ClientID == "" {
		return errors.New("clientId is missing; the provider's console has it")
	}
	switch g.Authentication {
	case "", "post":
		return nil
	case "basic":
		if g.ClientSecret == "" && g.TokenEndpointAuth.Method == "" {
			return errors.New("authentication basic needs clientSecret")
		}
		return nil
	default:
		return fmt.Errorf("authentication is %q; use basic or post", g.Authentication)
	}
}

// checkInputs refuses inputs of a preset that is not chosen.
func (g *Generic) checkInputs() error {
	if g.Domain != "" && g.Preset != "auth0" {
		return errors.New("domain goes with preset auth0 only; remove it, or set preset")
	}
	if g.TenantID != "" && g.Preset != "microsoft-entra-id" {
		return errors.New("tenantId goes with preset microsoft-entra-id only; remove it, or set preset")
	}
	return nil
}

func (g *Generic) checkEndpoints() error {
	var problems []error
	if g.DiscoveryURL == "" {
		if g.AuthorizationURL == "" || g.TokenURL == "" {
			problems = append(problems, errors.New("set discoveryUrl, or authorizationUrl and tokenUrl"))
		}
		if g.RequireIDTokenVerification {
			problems = append(problems, errors.New("requireIdTokenVerification needs discoveryUrl, which names the provider's keys"))
		}
	}
	for _, option := range []oauth.Param{
		{Name: "discoveryUrl", Value: g.DiscoveryURL}, {Name: "authorizationUrl", Value: g.AuthorizationURL},
		{Name: "tokenUrl", Value: g.TokenURL}, {Name: "userInfoUrl", Value: g.UserInfoURL},
		{Name: "endSessionEndpoint", Value: g.EndSessionEndpoint},
	} {
		if option.Value != "" && !isWebAddress(option.Value) {
			problems = append(problems, fmt.Errorf("%s is %q; write a whole address, https://…", option.Name, option.Value))
		}
	}
	return errors.Join(problems...)
}

// checkProfile wants a way to learn who a person is.
func (g *Generic) checkProfile(kind *preset) error {
	known := g.DiscoveryURL != "" || g.UserInfoURL != "" || g.FetchProfile != nil || kind.fetch != nil
	if !known && !slices.Contains(g.Scopes, "openid") {
		return errors.New("set userInfoUrl, or ask for an ID token with the scope openid")
	}
	return nil
}

func (g *Generic) checkAuthorization() error {
	var problems []error
	if g.ResponseType != "" && !slices.Contains(strings.Fields(g.ResponseType), "code") {
		problems = append(problems, fmt.Errorf("responseType is %q; it must have code in it", g.ResponseType))
	}
	if g.ResponseMode != "" && g.ResponseMode != "query" && g.ResponseMode != "form_post" {
		problems = append(problems, fmt.Errorf("responseMode is %q; use query or form_post", g.ResponseMode))
	}
	for _, name := range oauth.Reserved {
		if _, set := g.AuthorizationURLParams[name]; set {
			problems = append(problems, fmt.Errorf("authorizationUrlParams cannot set %s; it has a value of its own", name))
		}
	}
	if g.AccessTokenExpiresIn < 0 {
		problems = append(problems, errors.New("accessTokenExpiresIn is negative"))
	}
	return errors.Join(problems...)
}

func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// sorted are parameters in the order of their names, as a map has none.
func sorted(values map[string]string) oauth.Params {
	var params oauth.Params
	for _, name := range slices.Sorted(maps.Keys(values)) {
		params = append(params, oauth.Param{Name: name, Value: values[name]})
	}
	return params
}

func header(values map[string]string) http.Header {
	header := http.Header{}
	for name, value := range values {
		header.Set(name, value)
	}
	return header
}
