package standard_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/oauth/provider"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

func described(id, name string) provider.Generic {
	return provider.Generic{ProviderID: id, Name: name, DiscoveryURL: "https://idp.example.com/.well-known/openid-configuration", ClientID: "client"}
}

// TestDescribedProviders: they come first, and one takes the place of the named
// provider of its id; what cannot work does not start.
func TestDescribedProviders(t *testing.T) {
	github := &provider.GitHub{Options: provider.Options{ClientID: provider.ClientIDs{"id"}, ClientSecret: "secret"}}
	google := &provider.Google{Options: provider.Options{ClientID: provider.ClientIDs{"id"}, ClientSecret: "secret"}}
	for name, test := range map[string]struct {
		named     provider.Set
		described []provider.Generic
		want      []social.Choice
		refused   string
	}{
		"beside the named ones": {
			provider.Set{Google: google}, []provider.Generic{described("acme", "Acme")},
			[]social.Choice{{ID: "acme", Name: "Acme"}, {ID: "google", Name: "Google"}}, "",
		},
		"in the place of a named one": {
			provider.Set{GitHub: github, Google: google}, []provider.Generic{described("github", "Our GitHub")},
			[]social.Choice{{ID: "github", Name: "Our GitHub"}, {ID: "google", Name: "Google"}}, "",
		},
		"two of one id":  {provider.Set{}, []provider.Generic{described("acme", "A"), described("acme", "B")}, nil, `two providers are called "acme"`},
		"one that lacks": {provider.Set{}, []provider.Generic{{ProviderID: "acme"}}, nil, "plugins.generic-oauth"},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"), store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			o := standard.Defaults()
			o.BaseURL, o.Secret, o.DB, o.Migrate = gatehousetest.BaseURL, gatehousetest.Secret, db, gatehouse.MigrateApply
			o.SocialProviders, o.Features.GenericOAuth = test.named, &standard.GenericOAuthOptions{Config: test.described}
			house, err := standard.New(context.Background(), o)
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Errorf("New answers %v, want %q in it", err, test.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer house.Close()
			if got := house.Social.Choices(); !slices.Equal(got, test.want) {
				t.Errorf("choices are %v, want %v", got, test.want)
			}
		})
	}
}
