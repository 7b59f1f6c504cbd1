package provider

import (
	"errors"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Set has the options of every provider; one that is set is on. It is
// socialProviders in the server's configuration.
type Set struct {
	GitHub *GitHub `option:"github"`
	Google *Google
}

// Providers builds those that are on, in the order of Set.
func (s *Set) Providers() ([]*oauth.Provider, error) {
	var list []*oauth.Provider
	var problems []error
	for _, entry := range s.entries() {
		if entry.off() {
			continue
		}
		p, err := entry.build()
		if err != nil {
			problems = append(problems, err)
			continue
		}
		list = append(list, p)
	}
	return list, errors.Join(problems...)
}

// builder is what each provider's options can do.
type builder interface {
	off() bool
	build() (*oauth.Provider, error)
}

// entries are the options that are set.
func (s *Set) entries() []builder {
	var set []builder
	add := func(is bool, b builder) {
		if is {
			set = append(set, b)
		}
	}
	add(s.GitHub != nil, s.GitHub)
	add(s.Google != nil, s.Google)
	return set
}
