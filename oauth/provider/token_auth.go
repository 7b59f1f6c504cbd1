package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// TokenEndpointAuth says how we prove who we are at a token endpoint.
type TokenEndpointAuth struct {
	// Method is "client_secret_post", "client_secret_basic", "private_key_jwt"
	// or "none". Default: client_secret_post with a secret, else none.
	Method string
	// ClientAssertion makes the signed statement of private_key_jwt (RFC 7523).
	ClientAssertion func(ctx context.Context, tokenURL string) (string, error) `option:"-"`
}

// apply sets p's way to authenticate; p has its secret.
func (t *TokenEndpointAuth) apply(p *oauth.Provider) error {
	secret := p.ClientSecret != ""
	switch t.Method {
	case "":
		if t.ClientAssertion != nil {
			return errors.New(`ClientAssertion needs tokenEndpointAuth.method "private_key_jwt"`)
		}
		return nil
	case "client_secret_post", "client_secret_basic":
		if !secret {
			return fmt.Errorf("tokenEndpointAuth.method %q needs clientSecret", t.Method)
		}
		p.ClientAuth = oauth.PostAuth
		if t.Method == "client_secret_basic" {
			p.ClientAuth = oauth.BasicAuth
		}
		return nil
	case "private_key_jwt", "none":
		if secret {
			return fmt.Errorf("tokenEndpointAuth.method %q does not go with clientSecret; remove one of them", t.Method)
		}
		if t.Method == "none" {
			p.ClientAuth = oauth.PostAuth // without a secret: a public client
			return nil
		}
		if t.ClientAssertion == nil {
			return errors.New(`tokenEndpointAuth.method "private_key_jwt" needs ClientAssertion, which a Go program sets`)
		}
		p.ClientAuth, p.ClientAssertion = oauth.AssertionAuth, t.ClientAssertion
		return nil
	default:
		return fmt.Errorf("tokenEndpointAuth.method is %q; use client_secret_post, client_secret_basic, private_key_jwt or none", t.Method)
	}
}
