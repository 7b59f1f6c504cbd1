package provider_test

import (
	"testing"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

const (
	acme      = "72f988bf-86f1-41af-91ab-2d7cd011db47"
	consumers = "9188040d-6c67-4c5b-b112-36a304b66dad"
	authority = "https://login.microsoftonline.com/"
)

// TestMicrosoftBindsTokensToTheTenant: the keys of all tenants are the same,
// so only iss and tid keep the accounts of one out of another.
func TestMicrosoftBindsTokensToTheTenant(t *testing.T) {
	s := readSubject(t, "microsoft", readFacts(t)["microsoft"])
	for _, tt := range []struct {
		name, tenant, iss, tid string
		fromCode, fromClient   bool
	}{
		{"work account", "common", authority + acme + "/v2.0", acme, true, true},
		{"personal account", "common", authority + consumers + "/v2.0", consumers, true, true},
		{"issuer of another tenant", "common", authority + consumers + "/v2.0", acme, false, false},
		{"another cloud", "common", "https://eve.example.com/" + acme + "/v2.0", acme, false, false},
		{"no tenant", "common", authority + "/v2.0", "", false, false},
		{"work account", "organizations", authority + acme + "/v2.0", acme, true, true},
		{"personal account", "organizations", authority + consumers + "/v2.0", consumers, false, false},
		{"work account", "consumers", authority + acme + "/v2.0", acme, false, false},
		{"personal account", "consumers", authority + consumers + "/v2.0", consumers, true, true},
		{"its own account", acme, authority + acme + "/v2.0", acme, true, true},
		{"its own account", "72F988BF-86F1-41AF-91AB-2D7CD011DB47", authority + acme + "/v2.0", acme, true, true},
		{"another tenant's account", acme, authority + consumers + "/v2.0", consumers, false, false},
		// The id behind a domain is not known: the token endpoint alone is believed.
		{"account", "acme.example", authority + acme + "/v2.0", acme, true, false},
	} {
		t.Run(tt.tenant+" "+tt.name, func(t *testing.T) {
			p := s.build(t, map[string]any{"tenantId": tt.tenant})
			client := oauth.NewClient(oauth.Options{Transport: s.network(t), Now: clock})
			claims := map[string]any{"iss": tt.iss, "tid": tt.tid, "oid": "1815", "sub": "ada"}
			tokens := &oauth.Tokens{IDToken: s.sign(t, claims, signingKey())}
			if _, err := client.Identity(t.Context(), p, tokens, ""); (err == nil) != tt.fromCode {
				t.Errorf("with a code: %v, want it to hold: %v", err, tt.fromCode)
			}
			if _, err := client.SignedIdentity(t.Context(), p, tokens, ""); (err == nil) != tt.fromClient {
				t.Errorf("from a client: %v, want it to hold: %v", err, tt.fromClient)
			}
		})
	}
}
