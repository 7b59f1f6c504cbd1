package provider_test

import (
	"errors"
	"testing"

	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/provider"
)

var adaAtAcme = identity{
	Subject: "ada", Email: "ada@example.com", EmailVerified: true, Name: "Ada", Image: "https://acme.example/ada.png",
}

// acmeClaims are those of an ID token of acme, with changes (RFC 7396).
func acmeClaims(changes map[string]any) map[string]any {
	claims, _ := merge(map[string]any{
		"iss": acmeURL, "sub": "ada", "email": "ada@example.com", "email_verified": true, "name": "Ada",
		"picture": "https://acme.example/ada.png", "nonce": "N",
	}, changes).(map[string]any)
	return claims
}

func TestGenericSaysWhoItIs(t *testing.T) {
	plainly := acmeDocument(map[string]any{"id_token_signing_alg_values_supported": nil})
	keyless := acmeDocument(map[string]any{"jwks_uri": nil, "id_token_signing_alg_values_supported": nil})
	info := func(changes map[string]any) map[string]any {
		profile, _ := merge(map[string]any{
			"sub": "ada", "email": "ada@example.com", "email_verified": "true", "name": "Ada", "picture": "https://acme.example/ada.png",
		}, changes).(map[string]any)
		return profile
	}
	numbered := adaAtAcme
	numbered.Subject = "9007199254740993"
	unverified := adaAtAcme
	unverified.EmailVerified = false
	for _, tt := range []struct {
		name     string
		options  map[string]any
		document any
		claims   map[string]any // nil: no ID token
		key      any            // default: acme's
		info     map[string]any // nil: must not be asked
		want     identity
		err      error
	}{
		{name: "by its ID token", options: discovered(nil), claims: acmeClaims(nil), want: adaAtAcme},
		{name: "by an ID token without an address", options: discovered(nil), claims: acmeClaims(map[string]any{"email": nil}), info: info(nil), want: adaAtAcme},
		{name: "without an ID token", options: discovered(nil), info: info(nil), want: adaAtAcme},
		{name: "sub, whatever id says", options: discovered(nil), info: info(map[string]any{"id": 7}), want: adaAtAcme},
		{name: "sub, whatever the token's id says", options: discovered(nil), claims: acmeClaims(map[string]any{"id": 7}), want: adaAtAcme},
		{name: "an unverified address", options: discovered(nil), claims: acmeClaims(map[string]any{"email_verified": "yes", "emailVerified": true}), want: unverified},
		{name: "a profile of another", options: discovered(nil), claims: acmeClaims(map[string]any{"email": nil}), info: info(map[string]any{"sub": "eve"}), err: oauth.ErrNoProfile},
		{name: "a profile of nobody", options: discovered(nil), claims: acmeClaims(map[string]any{"email": nil}), info: info(map[string]any{"sub": nil, "id": "ada"}), err: oauth.ErrNoProfile},
		{name: "a profile without sub", options: discovered(nil), info: info(map[string]any{"sub": nil, "id": "ada"}), err: oauth.ErrNoProfile},
		{name: "another issuer", options: discovered(nil), claims: acmeClaims(map[string]any{"iss": "https://eve.example.com"}), err: oauth.ErrIDToken},
		{name: "not the issuer by hand", options: discovered(map[string]any{"issuer": "https://other.acme.example"}), claims: acmeClaims(nil), err: oauth.ErrIDToken},
		{name: "another client", options: discovered(nil), claims: acmeClaims(map[string]any{"aud": "EVE"}), err: oauth.ErrIDToken},
		{name: "another key", options: discovered(nil), claims: acmeClaims(nil), key: otherKey(), err: oauth.ErrIDToken},
		{name: "our secret for a key", options: discovered(nil), claims: acmeClaims(nil), key: []byte("SEC-of-32-bytes-and-then-some-more"), err: oauth.ErrIDToken},
		{name: "another nonce", options: discovered(nil), claims: acmeClaims(map[string]any{"nonce": "M"}), err: oauth.ErrIDToken},
		{name: "no nonce", options: discovered(nil), claims: acmeClaims(map[string]any{"nonce": nil}), err: oauth.ErrIDToken},
		{name: "an ID token required", options: discovered(map[string]any{"requireIdTokenVerification": true}), claims: acmeClaims(nil), want: adaAtAcme},
		{name: "no ID token where it is required", options: discovered(map[string]any{"requireIdTokenVerification": true}), info: info(nil), err: oauth.ErrNoProfile},
		{name: "not OpenID Connect: id", options: discovered(nil), document: plainly, info: info(map[string]any{"id": 9007199254740993}), want: numbered},
		{name: "not OpenID Connect: the token's sub", options: discovered(nil), document: plainly, claims: acmeClaims(nil), want: adaAtAcme},
		{name: "no keys: believed from the token endpoint", options: discovered(nil), document: keyless, claims: acmeClaims(nil), key: otherKey(), want: adaAtAcme},
		{name: "no keys: not of another issuer", options: discovered(nil), document: keyless, claims: acmeClaims(map[string]any{"iss": "https://eve.example.com"}), err: oauth.ErrIDToken},
		{name: "by hand: id", options: byHand(nil), info: info(map[string]any{"id": "9007199254740993", "sub": nil}), want: numbered},
		{name: "by hand: sub for want of id", options: byHand(nil), info: info(nil), want: adaAtAcme},
		{name: "by hand: the ID token", options: byHand(nil), claims: acmeClaims(nil), want: adaAtAcme},
		{name: "by hand: another client's", options: byHand(nil), claims: acmeClaims(map[string]any{"aud": "EVE"}), err: oauth.ErrIDToken},
		{name: "by hand: another issuer's", options: byHand(map[string]any{"issuer": "https://other.acme.example"}), claims: acmeClaims(nil), err: oauth.ErrIDToken},
		{name: "by hand: a profile of another", options: byHand(nil), claims: acmeClaims(map[string]any{"email": nil}), info: info(map[string]any{"sub": "eve"}), err: oauth.ErrNoProfile},
		{name: "by hand: nobody", options: byHand(nil), info: map[string]any{"email": "ada@example.com"}, err: oauth.ErrNoProfile},
	} {
		t.Run(tt.name, func(t *testing.T) {
			acme := newAcme()
			if tt.document != nil {
				acme.answers[acmeDiscovery] = tt.document
			}
			delete(acme.answers, acmeUserInfo)
			if tt.info != nil {
				acme.answers[acmeUserInfo] = tt.info
			}
			tokens := &oauth.Tokens{AccessToken: "AT"}
			if tt.claims != nil {
				key := tt.key
				if key == nil {
					key = signingKey()
				}
				tokens.IDToken = (&subject{}).sign(t, tt.claims, key)
			}
			client, p := acme.client(), mustGeneric(t, tt.options)
			found, err := client.Discover(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			nonce := ""
			if found.BindNonce {
				nonce = "N"
			}
			got, err := client.Identity(t.Context(), p, tokens, nonce)
			if tt.err != nil || err != nil {
				if !errors.Is(err, tt.err) || tt.err == nil {
					t.Errorf("error = %v, want %v", err, tt.err)
				}
				return
			}
			if identityOf(got) != tt.want {
				t.Errorf("identity:\n got %+v\nwant %+v", identityOf(got), tt.want)
			}
			if asked := len(acme.asked(acmeUserInfo)) > 0; asked != (tt.info != nil) {
				t.Errorf("asked for the profile: %v", asked)
			}
		})
	}
}

// TestGenericTakesNoUnprovedTokenOfClients: a token that is believed because
// the token endpoint gave it is worth nothing from a client.
func TestGenericTakesNoUnprovedTokenOfClients(t *testing.T) {
	for _, tt := range []struct {
		name     string
		options  map[string]any
		document any
		takes    bool
	}{
		{"discovered", discovered(nil), nil, true},
		{"no keys", discovered(nil), acmeDocument(map[string]any{"jwks_uri": nil}), false},
		{"by hand", byHand(nil), nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			acme := newAcme()
			if tt.document != nil {
				acme.answers[acmeDiscovery] = tt.document
			}
			client, p := acme.client(), mustGeneric(t, tt.options)
			if takes, err := client.TakesIDTokens(t.Context(), p); err != nil || takes != tt.takes {
				t.Errorf("takes = %v, %v; want %v", takes, err, tt.takes)
			}
			tokens := &oauth.Tokens{IDToken: (&subject{}).sign(t, acmeClaims(nil), signingKey())}
			if _, err := client.SignedIdentity(t.Context(), p, tokens, "N"); tt.takes && err != nil || !tt.takes && !errors.Is(err, oauth.ErrIDToken) {
				t.Errorf("error = %v, want it to hold: %v", err, tt.takes)
			}
		})
	}
}

func TestGenericSignUpOptions(t *testing.T) {
	p := mustGeneric(t, byHand(map[string]any{
		"name": "Acme", "disableSignUp": true, "disableImplicitSignUp": true, "overrideUserInfo": true,
		"requireEmailVerification": true, "allowIdpInitiated": true,
	}))
	want := oauth.SignUp{Disabled: true, Explicit: true, OverrideUserInfo: true, RequireVerifiedEmail: true}
	if p.SignUp != want || !p.Authorization.IDPInitiated || p.Name != "Acme" {
		t.Errorf("provider = %+v", p)
	}
	if p := mustGeneric(t, byHand(nil)); p.SignUp != (oauth.SignUp{}) || p.Authorization.IDPInitiated || p.Name != "acme" {
		t.Errorf("provider = %+v", p)
	}
}

// TestGenericMapsProfiles: the operator has the last word, but not on who it is.
func TestGenericMapsProfiles(t *testing.T) {
	g := provider.Generic{
		ProviderID: "acme", ClientID: "CID",
		AuthorizationURL: acmeURL + "/authorize", TokenURL: acmeURL + "/token", UserInfoURL: acmeURL + "/userinfo",
		MapProfileToUser: func(p oauth.Profile, i *oauth.Identity) {
			i.Name, i.Subject = "Countess "+p.Text("name"), "eve"
		},
	}
	p, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	got, err := newAcme().client().Identity(t.Context(), p, &oauth.Tokens{AccessToken: "AT"}, "")
	if err != nil || got.Name != "Countess Ada" || got.Subject != "ada" {
		t.Errorf("identity = %+v, %v", got, err)
	}
}

func TestGenericEndsTheSessionAtTheProvider(t *testing.T) {
	const end = acmeURL + "/logout?from=us&"
	signedOut := map[string]any{"postLogoutRedirectURI": "/signed-out"}
	for _, tt := range []struct {
		name    string
		options map[string]any
		leave   oauth.Logout
		want    string
	}{
		{"discovered", discovered(nil), oauth.Logout{IDToken: "IT", State: "s"}, end + "id_token_hint=IT"},
		{"without an ID token", discovered(nil), oauth.Logout{}, end + "client_id=CID"},
		{"back to a page", discovered(signedOut), oauth.Logout{IDToken: "IT", State: "s", BaseURL: "https://app.example.com/api/auth"},
			end + "id_token_hint=IT&post_logout_redirect_uri=https%3A%2F%2Fapp.example.com%2Fsigned-out&client_id=CID&state=s"},
		{"back where the sign-out says", discovered(signedOut), oauth.Logout{RedirectURI: "https://b.example.com/x"},
			end + "post_logout_redirect_uri=https%3A%2F%2Fb.example.com%2Fx&client_id=CID"},
		{"switched off", discovered(map[string]any{"disableProviderLogout": true}), oauth.Logout{}, ""},
		{"switched off by hand", byHand(map[string]any{"endSessionEndpoint": acmeURL + "/bye", "disableProviderLogout": true}), oauth.Logout{}, ""},
		{"by hand", byHand(map[string]any{"endSessionEndpoint": acmeURL + "/bye"}), oauth.Logout{}, acmeURL + "/bye?client_id=CID"},
		{"by hand before discovery", discovered(map[string]any{"endSessionEndpoint": acmeURL + "/bye"}), oauth.Logout{}, acmeURL + "/bye?client_id=CID"},
		{"none", byHand(nil), oauth.Logout{IDToken: "IT"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := newAcme().client().EndSessionURL(t.Context(), mustGeneric(t, tt.options), tt.leave)
			if err != nil || got != tt.want {
				t.Errorf("error %v\n got %s\nwant %s", err, got, tt.want)
			}
		})
	}
}
