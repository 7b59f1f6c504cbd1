package standard

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// providers are the described providers, then the named ones, without those
// that a described one replaces.
func (o *Options) providers() ([]*oauth.Provider, error) {
	described, err := o.Features.GenericOAuth.providers()
	if err != nil {
		return nil, fmt.Errorf("plugins.generic-oauth: %w", err)
	}
	named, err := o.SocialProviders.Providers()
	if err != nil {
		return nil, fmt.Errorf("socialProviders: %w", err)
	}
	list := described
	for _, p := range named {
		if !slices.ContainsFunc(described, func(d *oauth.Provider) bool { return d.ID == p.ID }) {
			list = append(list, p)
		}
	}
	return list, nil
}

func (g *GenericOAuthOptions) providers() ([]*oauth.Provider, error) {
	if g == nil {
		return nil, nil
	}
	var list []*oauth.Provider
	var problems []error
	for i := range g.Config {
		p, err := g.Config[i].Build()
		if err != nil {
			problems = append(problems, err)
			continue
		}
		list = append(list, p)
	}
	return list, errors.Join(problems...)
}
