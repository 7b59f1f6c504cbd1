package oauth_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

func TestSignIn(t *testing.T) {
	s, client, now := start(t)
	for name, p := range map[string]*oauth.Provider{
		"endpoints": s.Provider("acme"), "discovery": s.Discovered("acme"), "ID token alone": byToken(s),
	} {
		tokens, who, err := signIn(t, s, client, p)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if who.Subject != oauthtest.Ada.Subject || who.Email != oauthtest.Ada.Email || !who.EmailVerified ||
			who.Name != oauthtest.Ada.Name || who.Image != oauthtest.Ada.Picture {
			t.Errorf("%s: it is %+v", name, who)
		}
		if !tokens.AccessTokenExpiresAt.Equal(now.Now().Add(time.Hour)) || !slices.Equal(tokens.Scopes, []string{"openid", "email"}) {
			t.Errorf("%s: tokens %+v", name, tokens)
		}
		renewed, err := client.Refresh(t.Context(), p, tokens.RefreshToken)
		if err != nil || renewed.AccessToken == "" || renewed.AccessToken == tokens.AccessToken {
			t.Errorf("%s: renewed to %+v, %v", name, renewed, err)
		}
	}
}

// TestCodeInjection is row 79 of the attack list: a code that another request
// asked for is of no use, by its verifier and by its nonce.
func TestCodeInjection(t *testing.T) {
	s, client, _ := start(t)
	p := s.Provider("acme")
	stolen := departure(t, s, client, p)
	e := exchange(stolen)
	e.Verifier = "the-verifier-of-the-victim-0123456789-0123456789"
	if _, err := client.Exchange(t.Context(), p, e); !errors.Is(err, oauth.ErrRefused) {
		t.Errorf("another verifier: %v", err)
	}
	if _, err := client.Exchange(t.Context(), p, exchange(stolen)); !errors.Is(err, oauth.ErrRefused) {
		t.Errorf("a code twice: %v", err)
	}
	noPKCE := s.Provider("acme")
	noPKCE.Authorization.NoPKCE = true
	tokens, err := client.Exchange(t.Context(), noPKCE, exchange(departure(t, s, client, noPKCE)))
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"the nonce of the victim", ""} {
		if who, err := client.Identity(t.Context(), noPKCE, tokens, other); !errors.Is(err, oauth.ErrIDToken) {
			t.Errorf("nonce %q: %v, %v", other, who, err)
		}
	}
}

// TestTheNonceCannotBeAvoided: a code that was asked for without openid brings
// no ID token. Where there is no PKCE either, nothing binds it to the request.
func TestTheNonceCannotBeAvoided(t *testing.T) {
	s, client, _ := start(t)
	s.Misbehave(func(b *oauthtest.Behaviour) { b.NoIDToken = true })
	for _, tt := range []struct {
		name   string
		noPKCE bool
		scope  string
		want   error
	}{
		{"PKCE binds it", false, "openid", nil},
		{"nothing binds it", true, "openid", oauth.ErrIDToken},
		{"plain OAuth", true, "email", nil},
	} {
		p := s.Provider("acme")
		p.Authorization = oauth.Authorization{NoPKCE: tt.noPKCE, Scopes: []string{tt.scope}}
		if _, who, err := signIn(t, s, client, p); !errors.Is(err, tt.want) {
			t.Errorf("%s: %+v, %v", tt.name, who, err)
		}
	}
}

// TestProfileOfSomebodyElse: what /userinfo says must be about the ID token's
// subject (OpenID Connect Core §5.3.2).
func TestProfileOfSomebodyElse(t *testing.T) {
	for _, tt := range []struct {
		name    string
		profile func(map[string]any)
		want    error
	}{
		{"another subject", func(p map[string]any) { p["sub"] = "eve" }, oauth.ErrNoProfile},
		{"no subject", func(p map[string]any) { delete(p, "sub") }, oauth.ErrNoProfile},
		{"blank subject", func(p map[string]any) { p["sub"] = " \t " }, oauth.ErrNoProfile},
		{"an object", func(p map[string]any) { p["sub"] = map[string]any{"$ne": ""} }, oauth.ErrNoProfile},
		{"further fields", func(p map[string]any) { p["role"] = "admin" }, nil},
	} {
		s, client, _ := start(t)
		s.Misbehave(func(b *oauthtest.Behaviour) { b.Profile = tt.profile })
		if _, who, err := signIn(t, s, client, s.Provider("acme")); !errors.Is(err, tt.want) {
			t.Errorf("%s: %+v, %v", tt.name, who, err)
		}
	}
}

func TestSubjectThatNoDatabaseKeeps(t *testing.T) {
	s, client, _ := start(t)
	for _, subject := range []string{"ada\x00", "ada\r\n", "\u0085", string(make([]byte, 2000))} {
		s.Person(oauthtest.Person{Subject: subject, Email: "ada@example.com"})
		if _, who, err := signIn(t, s, client, s.Provider("acme")); !errors.Is(err, oauth.ErrNoProfile) {
			t.Errorf("%.10q: %+v, %v", subject, who, err)
		}
	}
}

// TestEmailVerified is row 13: only a plain yes, from where the address is.
func TestEmailVerified(t *testing.T) {
	for _, tt := range []struct {
		value any
		want  bool
	}{
		{true, true}, {"true", true}, {false, false}, {"false", false}, {nil, false},
		{1, false}, {"1", false}, {"yes", false}, {"TRUE", false}, {[]any{true}, false},
	} {
		s, client, _ := start(t)
		s.Misbehave(func(b *oauthtest.Behaviour) {
			b.Profile = func(p map[string]any) {
				if p["email_verified"] = tt.value; tt.value == nil {
					delete(p, "email_verified")
				}
			}
		})
		_, who, err := signIn(t, s, client, s.Provider("acme")) // the ID token says true
		if err != nil || who.EmailVerified != tt.want {
			t.Errorf("%v: %+v, %v", tt.value, who, err)
		}
	}
}

func TestMapProfileCannotChangeTheSubject(t *testing.T) {
	s, client, _ := start(t)
	p := s.Provider("acme")
	p.MapProfile = func(profile oauth.Profile, who *oauth.Identity) {
		who.Subject, who.Name = "somebody else", profile.Text("name")+" Byron"
	}
	_, who, err := signIn(t, s, client, p)
	if err != nil || who.Subject != oauthtest.Ada.Subject || who.Name != "Ada Lovelace Byron" {
		t.Errorf("it is %+v, %v", who, err)
	}
}

// TestStoredIdentity: an ID token of yesterday still says whom the access
// token is about.
func TestStoredIdentity(t *testing.T) {
	s, client, now := start(t)
	p := s.Provider("acme")
	tokens, _, err := signIn(t, s, client, p)
	if err != nil {
		t.Fatal(err)
	}
	now.advance(48 * time.Hour)
	who, err := client.StoredIdentity(t.Context(), p, &oauth.Tokens{AccessToken: tokens.AccessToken, IDToken: tokens.IDToken})
	if err != nil || who.Subject != oauthtest.Ada.Subject {
		t.Errorf("it is %+v, %v", who, err)
	}
	claims := s.Claims()
	claims["sub"] = "eve"
	who, err = client.StoredIdentity(t.Context(), p, &oauth.Tokens{AccessToken: tokens.AccessToken, IDToken: s.Sign(claims)})
	if !errors.Is(err, oauth.ErrNoProfile) {
		t.Errorf("another's token: %+v, %v", who, err)
	}
}

func TestWhoTakesIDTokens(t *testing.T) {
	s, client, _ := start(t)
	off := s.Provider("acme")
	off.NoIDTokenSignIn = true
	without := s.Provider("acme")
	without.IDToken = nil
	keyless := s.Provider("acme")
	keyless.IDToken = &oauth.IDTokenRules{Issuers: []string{s.URL}}
	for _, tt := range []struct {
		name string
		p    *oauth.Provider
		want bool
	}{{"good", s.Provider("acme"), true}, {"discovered", s.Discovered("acme"), true}, {"off", off, false}, {"no rules", without, false}, {"no keys", keyless, false}} {
		if takes, err := client.TakesIDTokens(t.Context(), tt.p); takes != tt.want || err != nil {
			t.Errorf("%s: %v, %v", tt.name, takes, err)
		}
	}
	for name, p := range map[string]*oauth.Provider{"off": off, "no rules": without, "no keys": keyless} {
		if who, err := bring(t, client, p, s.Sign(s.Claims()), ""); !errors.Is(err, oauth.ErrIDToken) {
			t.Errorf("%s: %v, %v", name, who, err)
		}
	}
	unjudged := s.Provider("acme")
	unjudged.IDToken = &oauth.IDTokenRules{Issuers: []string{s.URL}, Opaque: true}
	if who, err := bring(t, client, unjudged, oauthtest.NewKey("RS256", "eve").Sign(nil, s.Claims()), ""); !errors.Is(err, oauth.ErrIDToken) {
		t.Errorf("a token that nobody can judge: %v, %v", who, err)
	}
	opaque := byToken(s)
	opaque.IDToken.Opaque = true
	if who, err := bring(t, client, opaque, "", ""); !errors.Is(err, oauth.ErrNoProfile) {
		t.Errorf("no token at all: %v, %v", who, err)
	}
	for _, token := range []string{"a.b.c", s.Sign(map[string]any{})} {
		if who, err := bring(t, client, opaque, token, ""); !errors.Is(err, oauth.ErrIDToken) {
			t.Errorf("opaque %q: %v, %v", token, who, err)
		}
	}
}

func TestDeniedByThePerson(t *testing.T) {
	s, client, _ := start(t)
	s.Misbehave(func(b *oauthtest.Behaviour) { b.Deny = "access_denied" })
	target, err := client.AuthorizeURL(t.Context(), s.Provider("acme"), oauth.Request{State: "s", Nonce: nonce, RedirectURI: callback})
	if err != nil {
		t.Fatal(err)
	}
	if back := s.Approve(target); back.Get("error") != "access_denied" || back.Get("code") != "" {
		t.Errorf("came back with %v", back)
	}
	if first := s.Requests(oauthtest.Authorize)[0]; first.Method != http.MethodGet {
		t.Errorf("recorded %+v", first)
	}
}
