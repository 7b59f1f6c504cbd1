package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Request is one person's way to a provider.
type Request struct {
	// State comes back with the code; Verifier is kept for Exchange (RFC 7636);
	// Nonce comes back in the ID token, if the provider's are bound.
	State, Verifier, Nonce string
	// RedirectURI is where the provider sends the person back to.
	RedirectURI string
	Scopes      []string
	LoginHint   string
	Display     string
	// Params are the caller's own; those in Reserved are dropped.
	Params Params
}

// Reserved are parameters that bind an answer to its request, which no caller
// may set.
var Reserved = []string{
	"state", "client_id", "redirect_uri", "response_type",
	"code_challenge", "code_challenge_method", "nonce", "scope",
}

// superseding are parameters that would replace all others (RFC 9101 §5),
// reserved ones included; a caller's are dropped, too.
var superseding = []string{"request", "request_uri"}

// AuthorizeURL is the address to send the person to. The order of parameters
// is the protocol's.
func (c *Client) AuthorizeURL(ctx context.Context, p *Provider, r Request) (string, error) {
	p, err := c.resolve(ctx, p)
	if err != nil {
		return "", err
	}
	if p.clientID() == "" || p.AuthorizeURL == "" {
		return "", fmt.Errorf("oauth: provider %s has no client id or authorization endpoint", p.ID)
	}
	if err := checkAddress(p.AuthorizeURL); err != nil {
		return "", err
	}
	params := p.authorizeParams(r)
	target := p.AuthorizeURL
	if p.Authorization.Customize != nil {
		target, params = p.Authorization.Customize(target, params)
	}
	return hostWithSlash(params.appendTo(target)), nil
}

func (p *Provider) authorizeParams(r Request) Params {
	a := &p.Authorization
	params := Params{}
	set := func(name, value string) {
		if value != "" {
			params.Set(name, value)
		}
	}
	params.Set("response_type", first(a.ResponseType, "code"))
	params.Set("client_id", p.clientID())
	params.Set("state", r.State)
	set("scope", strings.Join(a.scopes(r.Scopes), first(a.ScopeSeparator, " ")))
	params.Set("redirect_uri", first(p.RedirectURI, r.RedirectURI))
	set("duration", a.Duration)
	set("display", first(r.Display, a.Display))
	if !a.NoLoginHint {
		set("login_hint", r.LoginHint)
	}
	if p.BindNonce {
		set("nonce", r.Nonce)
	}
	set("prompt", a.Prompt)
	set("hd", a.HostedDomain)
	set("access_type", a.AccessType)
	set("response_mode", a.ResponseMode)
	if !a.NoPKCE && r.Verifier != "" {
		params.Set("code_challenge_method", "S256")
		params.Set("code_challenge", challenge(r.Verifier))
	}
	if len(a.Claims) > 0 {
		params.Set("claims", claimsParam(a.Claims))
	}
	for _, own := range a.Params {
		if !slices.Contains(Reserved, own.Name) {
			params.Set(own.Name, own.Value)
		}
	}
	for _, extra := range r.Params {
		if !slices.Contains(Reserved, extra.Name) && !slices.Contains(superseding, extra.Name) {
			params.Set(extra.Name, extra.Value)
		}
	}
	return params
}

func (a *Authorization) scopes(requested []string) []string {
	scopes := slices.Concat(a.Scopes, requested)
	if a.ScopesFromRequestFirst {
		scopes = slices.Concat(requested, a.Scopes)
	}
	scopes = append(scopes, a.LastScopes...)
	if a.OpenID && !slices.Contains(scopes, "openid") {
		scopes = slices.Insert(scopes, 0, "openid")
	}
	return scopes
}

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// claimsParam asks for claims in the ID token (OpenID Connect Core §5.5), in
// the order given.
func claimsParam(names []string) string {
	var b strings.Builder
	b.WriteString(`{"id_token":{"email":null,"email_verified":null`)
	for _, name := range names {
		if name == "email" || name == "email_verified" {
			continue
		}
		quoted, _ := json.Marshal(name)
		b.WriteString("," + string(quoted) + ":null")
	}
	b.WriteString("}}")
	return b.String()
}

// hostWithSlash writes an address without a path as a browser does, "https://host/".
func hostWithSlash(target string) string {
	if u, err := url.Parse(target); err == nil && u.Host != "" && u.Path == "" {
		u.Path = "/"
		return u.String()
	}
	return target
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
