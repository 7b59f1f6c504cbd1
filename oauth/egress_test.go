package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

// everyCall makes each request that a provider's addresses can lead to: the
// description, the keys, the token endpoint, the profile.
func everyCall(ctx context.Context, c *oauth.Client, address, token string) map[string]error {
	at := func(p oauth.Provider) *oauth.Provider {
		p.ID, p.ClientIDs, p.ClientSecret = "acme", []string{"client-1"}, "the-client-secret-1"
		return &p
	}
	endpoints := oauth.Endpoints{TokenURL: address, UserInfoURL: address}
	_, discovery := c.Discover(ctx, at(oauth.Provider{Discovery: &oauth.Discovery{URL: address}}))
	_, keys := c.SignedIdentity(ctx, at(oauth.Provider{IDToken: &oauth.IDTokenRules{JWKSURL: address}}), &oauth.Tokens{IDToken: token}, "")
	_, exchange := c.Exchange(ctx, at(oauth.Provider{Endpoints: endpoints}), oauth.Exchange{Code: "the-code-1", Verifier: "the-verifier-1"})
	_, refresh := c.Refresh(ctx, at(oauth.Provider{Endpoints: endpoints}), "the-refresh-token-1")
	_, profile := c.Identity(ctx, at(oauth.Provider{Endpoints: endpoints}), &oauth.Tokens{AccessToken: "the-access-token-1"}, "")
	_, _, picture := c.GetBytes(ctx, address+"?access_token=the-access-token-1", oauth.Bearer("the-access-token-1"))
	return map[string]error{
		"discovery": discovery, "keys": keys, "exchange": exchange, "refresh": refresh, "profile": profile, "picture": picture,
	}
}

// TestPrivateAddresses is row 82: an address is judged when it is dialled, in
// whatever way it is written.
func TestPrivateAddresses(t *testing.T) {
	s := oauthtest.New(t)
	token := s.Sign(s.Claims())
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	client := oauth.NewClient(oauth.Options{Timeout: 2 * time.Second})
	for _, host := range []string{
		"127.0.0.1", "127.8.8.8", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "localhost", "LocalHost",
		"169.254.169.254", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[fd00:ec2::254]", "100.100.100.200", "192.0.0.192",
		"10.0.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "[fc00::1]", "[fdff::1]", "[fe80::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
		"198.18.0.1", "224.0.0.1", "255.255.255.255",
	} {
		for call, err := range everyCall(t.Context(), client, "http://"+net.JoinHostPort(strings.Trim(host, "[]"), port)+"/x", token) {
			if !errors.Is(err, egress.ErrPrivate) {
				t.Errorf("%s, %s: %v", host, call, err)
			}
		}
	}
	// Spellings that some resolvers read as addresses, and others as names.
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	for _, host := range []string{"2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "LOCALHOST.", "idp.localhost", "①②⑦.0.0.1"} {
		if _, err := client.Get(short, "http://"+host+":"+port+"/x", nil); err == nil {
			t.Errorf("%s was reached", host)
		}
	}
	if reached := s.Requests(""); len(reached) != 0 {
		t.Errorf("loopback was reached: %+v", reached)
	}
	if _, err := oauth.NewClient(oauth.Options{AllowPrivate: true}).Discover(t.Context(), s.Discovered("acme")); err != nil {
		t.Errorf("with AllowPrivate: %v", err)
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	client := oauth.NewClient(oauth.Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("the network was asked")
		return nil, net.ErrClosed
	})})
	for _, address := range []string{
		"", "/jwks", "//idp.example/x", "file:///etc/passwd", "gopher://idp.example/x", "ftp://idp.example/", "javascript:alert(1)",
		"data:application/json,{}", "https://", "https:idp.example", "http://[::1", "https://idp.example/%zz", "https://idp.example:port/", "unix:///run/x.sock",
	} {
		if _, err := client.Get(t.Context(), address, nil); err == nil {
			t.Errorf("%q was asked", address)
		}
		p := &oauth.Provider{ID: "acme", ClientIDs: []string{"id"}, Endpoints: oauth.Endpoints{AuthorizeURL: address}}
		if target, err := client.AuthorizeURL(t.Context(), p, oauth.Request{State: "s"}); err == nil {
			t.Errorf("%q is where people are sent: %s", address, target)
		}
		p.EndSession.URL = address
		if target, err := client.EndSessionURL(t.Context(), p, oauth.Logout{}); address != "" && err == nil {
			t.Errorf("%q is where people leave: %s", address, target)
		}
	}
}

// TestFaultyProviders: whatever an endpoint does, it takes neither long nor
// much memory, and no secret gets into the error.
func TestFaultyProviders(t *testing.T) {
	s := oauthtest.New(t)
	token := s.Sign(s.Claims())
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // repeats all that it was sent
		w.WriteHeader(http.StatusBadRequest)
		if err := json.NewEncoder(w).Encode(map[string]any{"error": r.FormValue("code") + r.FormValue("refresh_token") + r.Header.Get("Authorization") + r.FormValue("client_secret")}); err != nil {
			t.Error(err)
		}
	})
	for name, fault := range map[string]http.Handler{
		"hang": oauthtest.Hang(), "trickle": oauthtest.Trickle(), "endless": oauthtest.Endless(), "bomb": oauthtest.Bomb(), "header flood": oauthtest.HeaderFlood(),
		"redirect inside":  oauthtest.Redirect("http://169.254.169.254/latest/meta-data/?access_token=the-access-token-1"),
		"redirect to self": oauthtest.Redirect("/next?code=the-code-1"),
		"redirect nowhere": oauthtest.Redirect("://%zz?the-code-1"),
		"echo":             echo,
		"no JSON":          oauthtest.Answer(http.StatusOK, "the-code-1"), "two values": oauthtest.Answer(http.StatusOK, `{"access_token":"a","sub":"a"}{}`),
		"deep":      oauthtest.Answer(http.StatusOK, strings.Repeat(`{"a":`, 100_000)),
		"bad gzip":  headed(http.Header{"Content-Encoding": {"gzip"}}, "not gzip"),
		"status 99": oauthtest.Answer(599, "{}"), "no content": oauthtest.Answer(http.StatusNoContent, ""),
	} {
		s.Misbehave(func(b *oauthtest.Behaviour) { b.Replace = map[string]http.Handler{"/fault": fault} })
		client := oauth.NewClient(oauth.Options{AllowPrivate: true, Timeout: 150 * time.Millisecond})
		address := s.URL + "/fault"
		for call, err := range everyCall(t.Context(), client, address, token) {
			if err == nil {
				if call != "picture" { // which may be of any kind
					t.Errorf("%s, %s: no error", name, call)
				}
				continue
			}
			for _, secret := range []string{"-1", "secret", "Bearer", token} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%s, %s: the error has %.20q: %v", name, call, secret, err)
				}
			}
		}
	}
	if followed := s.Requests("/next"); len(followed) != 0 {
		t.Errorf("redirects were followed: %+v", followed)
	}
}

func headed(header http.Header, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.Write([]byte(body))
	})
}

// TestNoSecretInErrors: not when the network fails either, nor where an
// address has secrets in it.
func TestNoSecretInErrors(t *testing.T) {
	failing := oauth.NewClient(oauth.Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return nil, &url.Error{Op: "Get", URL: r.URL.String(), Err: net.ErrClosed}
	})})
	for _, address := range []string{
		"https://user:the-password-1@idp.example/x", "https://idp.example/x?key=the-key-1#the-part-1",
		"https://idp.example/%zz?key=the-key-1", "https://idp.example/tokens/the-key-1", "ftp://user:the-password-1@idp.example/?key=the-key-1", "\x7f://the-key-1",
	} {
		for call, err := range everyCall(t.Context(), failing, address, "") {
			if err == nil || strings.Contains(err.Error(), "-1") || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s, %s: %v", address, call, err)
			}
		}
	}
	if _, err := failing.Get(t.Context(), "https://idp.example/", nil); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the cause is lost: %v", err)
	}
	for _, header := range []string{"the-token-1\r\nX: y", "the-token-1\x00"} {
		client := oauth.NewClient(oauth.Options{AllowPrivate: true})
		if _, err := client.Get(t.Context(), "http://127.0.0.1:1/", oauth.Bearer(header)); err == nil || strings.Contains(err.Error(), "-1") {
			t.Errorf("a header that is none: %v", err)
		}
	}
}
