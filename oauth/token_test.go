package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/oauthtest"
)

// sent is what reached the token endpoint in an exchange and a refresh.
func sent(t *testing.T, change func(*oauth.Provider)) []oauthtest.Request {
	t.Helper()
	s := oauthtest.New(t)
	s.Misbehave(func(b *oauthtest.Behaviour) {
		b.Replace = map[string]http.Handler{oauthtest.Token: oauthtest.Answer(http.StatusOK, `{"access_token":"a"}`)}
	})
	p := &oauth.Provider{ID: "acme", ClientIDs: []string{"an id:1"}, ClientSecret: "se cret+/~", Endpoints: oauth.Endpoints{TokenURL: s.URL + oauthtest.Token}}
	change(p)
	if _, err := s.Client().Exchange(t.Context(), p, oauth.Exchange{Code: "c", Verifier: "v", RedirectURI: "https://app.example/cb"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Client().Refresh(t.Context(), p, "r"); err != nil {
		t.Fatal(err)
	}
	return s.Requests(oauthtest.Token)
}

func TestClientAuthentication(t *testing.T) {
	const exchanged, refreshed = "code=c&code_verifier=v&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb", "grant_type=refresh_token&refresh_token=r"
	assertion := "client_assertion=signed&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_id=an+id%3A1&"
	for _, tt := range []struct {
		name                 string
		change               func(*oauth.Provider)
		exchange, refresh    string // sorted by name
		authorization, extra string
	}{
		{
			name: "post", change: func(*oauth.Provider) {},
			exchange: "client_id=an+id%3A1&client_secret=se+cret%2B%2F~&" + exchanged, refresh: "client_id=an+id%3A1&client_secret=se+cret%2B%2F~&" + refreshed,
		},
		{
			name: "public client", change: func(p *oauth.Provider) { p.ClientSecret = "" },
			exchange: "client_id=an+id%3A1&" + exchanged, refresh: "client_id=an+id%3A1&" + refreshed,
		},
		{
			name: "basic", change: func(p *oauth.Provider) { p.ClientAuth = oauth.BasicAuth },
			exchange: exchanged, refresh: refreshed,
			authorization: "Basic YW4raWQlM0ExOnNlK2NyZXQlMkIlMkYlN0U=", // an+id%3A1:se+cret%2B%2F%7E
		},
		{
			name: "assertion", change: func(p *oauth.Provider) {
				p.ClientAuth = oauth.AssertionAuth
				p.ClientAssertion = func(_ context.Context, tokenURL string) (string, error) {
					if !strings.HasSuffix(tokenURL, oauthtest.Token) {
						t.Errorf("the assertion is for %s", tokenURL)
					}
					return "signed", nil
				}
			},
			exchange: assertion + exchanged, refresh: assertion + refreshed,
		},
		{
			name: "none", change: func(p *oauth.Provider) { p.ClientAuth = oauth.NoAuth },
			exchange: exchanged, refresh: refreshed,
		},
		{
			name: "further parameters", change: func(p *oauth.Provider) {
				p.ClientAuth, p.ClientKey, p.Authorization.NoPKCE, p.RedirectURI = oauth.NoAuth, "key", true, "app:/cb"
				p.Token.Params = oauth.Params{{"audience", "api"}, {"code", "own"}}
				p.Token.RefreshParams = oauth.Params{{"scope", "x"}, {"refresh_token", "own"}}
				p.Token.Headers = http.Header{"X-Extra": {"yes"}}
			},
			exchange: "audience=api&client_key=key&code=c&grant_type=authorization_code&redirect_uri=app%3A%2Fcb", refresh: refreshed + "&scope=x", extra: "yes",
		},
		{
			name: "customised", change: func(p *oauth.Provider) {
				p.ClientAuth = oauth.NoAuth
				p.Token.Customize = func(call *oauth.TokenCall) {
					call.Form = url.Values{"only": {call.Grant}}
					call.Header.Set("X-Extra", "custom")
				}
			},
			exchange: "only=authorization_code", refresh: "only=refresh_token", extra: "custom",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := sent(t, tt.change)
			for i, form := range []string{tt.exchange, tt.refresh} {
				want, err := url.ParseQuery(form)
				if err != nil {
					t.Fatal(err)
				}
				r := got[i]
				if r.Method != http.MethodPost || !reflect.DeepEqual(r.Form, want) || len(r.Query) != 0 {
					t.Errorf("sent %s %v?%v, want %v", r.Method, r.Form, r.Query, want)
				}
				for name, want := range map[string]string{
					"Authorization": tt.authorization, "X-Extra": tt.extra, "Accept": "application/json",
					"Content-Type": "application/x-www-form-urlencoded", "Cookie": "",
				} {
					if r.Header.Get(name) != want {
						t.Errorf("%s is %q, want %q", name, r.Header.Get(name), want)
					}
				}
			}
		})
	}
}

func TestTokenRequestByGet(t *testing.T) {
	for _, query := range []string{"", "?v=2"} {
		got := sent(t, func(p *oauth.Provider) {
			p.TokenURL += query
			p.Token.Customize = func(call *oauth.TokenCall) { call.Method = http.MethodGet }
		})[0]
		if got.Method != http.MethodGet || got.Query.Get("code") != "c" || (query != "") != (got.Query.Get("v") == "2") {
			t.Errorf("sent %+v", got)
		}
	}
}

func TestAssertionThatCannotBeMade(t *testing.T) {
	broken := errors.New("the key is gone")
	client := oauth.NewClient(oauth.Options{Transport: answers("")})
	p := &oauth.Provider{ID: "acme", ClientIDs: []string{"id"}, ClientAuth: oauth.AssertionAuth, Endpoints: oauth.Endpoints{TokenURL: "https://idp.example/"}}
	if _, err := client.Refresh(t.Context(), p, "r"); err == nil || errors.Is(err, oauth.ErrRefused) {
		t.Errorf("without a ClientAssertion: %v", err)
	}
	p.ClientAssertion = func(context.Context, string) (string, error) { return "", broken }
	if _, err := client.Refresh(t.Context(), p, "r"); !errors.Is(err, broken) {
		t.Errorf("with a broken one: %v", err)
	}
	p.Token.NoRefresh = true
	if _, err := client.Refresh(t.Context(), p, "r"); !errors.Is(err, oauth.ErrNoRefresh) {
		t.Errorf("where there is no refreshing: %v", err)
	}
}

// answering makes a client and a provider whose token endpoint answers body.
func answering(status int, body string, now time.Time) (*oauth.Client, *oauth.Provider) {
	client := oauth.NewClient(oauth.Options{
		Now:       func() time.Time { return now },
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) { return respond(r, status, body), nil }),
	})
	return client, &oauth.Provider{ID: "acme", ClientIDs: []string{"id"}, Endpoints: oauth.Endpoints{TokenURL: "https://idp.example/token"}}
}

func TestTokenLife(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	const century = 100 * 365 * 24 * time.Hour
	for text, want := range map[string]time.Duration{
		`3600`: time.Hour, `"3600"`: time.Hour, `3600.0`: time.Hour, `3599.9`: time.Hour - time.Second, `3.6e3`: time.Hour, `"3600.5"`: time.Hour,
		`0`: 0, `-1`: 0, `"-3600"`: 0, `null`: 0, `true`: 0, `""`: 0, `"soon"`: 0, `"NaN"`: 0, `[3600]`: 0, `{"s":1}`: 0, `1e999`: 0,
		`9223372036854775807`: century, `1e300`: century, `"99999999999999999999"`: century,
	} {
		client, p := answering(http.StatusOK, `{"access_token":"a","refresh_token":"r","expires_in":`+text+`,"refresh_token_expires_in":`+text+`}`, now)
		tokens, err := client.Exchange(t.Context(), p, oauth.Exchange{Code: "c"})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var expires time.Time
		if want != 0 {
			expires = now.Add(want)
		}
		if !tokens.AccessTokenExpiresAt.Equal(expires) || !tokens.RefreshTokenExpiresAt.Equal(expires) {
			t.Errorf("%s: expires %v and %v, want %v", text, tokens.AccessTokenExpiresAt, tokens.RefreshTokenExpiresAt, expires)
		}
		p.Token.DefaultLife = time.Minute
		if want == 0 {
			expires = now.Add(time.Minute)
		}
		if tokens, err := client.Refresh(t.Context(), p, "r"); err != nil || !tokens.AccessTokenExpiresAt.Equal(expires) {
			t.Errorf("%s with a default: %+v, %v", text, tokens, err)
		}
	}
}

func TestGrantedScopes(t *testing.T) {
	for text, want := range map[string][]string{
		`"openid email"`: {"openid", "email"}, `" openid  email "`: {"openid", "email"}, `["openid"," email ","",1]`: {"openid", "email"},
		`""`: {}, `[]`: nil, `null`: nil, `7`: nil, `{"a":1}`: nil, `"a,b"`: {"a,b"},
	} {
		client, p := answering(http.StatusOK, `{"access_token":"a","scope":`+text+`}`, time.Now())
		tokens, err := client.Exchange(t.Context(), p, oauth.Exchange{Code: "c"})
		if err != nil || !reflect.DeepEqual(tokens.Scopes, want) {
			t.Errorf("%s: %#v, %v", text, tokens.Scopes, err)
		}
	}
}

// TestAnswersThatAreNone: only a no of the provider is ErrRefused.
func TestAnswersThatAreNone(t *testing.T) {
	for _, tt := range []struct {
		status  int
		body    string
		refused bool
	}{
		{200, `{"error":"invalid_grant"}`, true},
		{200, `{"error":"bad_verification_code","access_token":"a"}`, true},
		{200, `{"error":{"code":1}}`, true},
		{200, `{}`, true},
		{200, `{"access_token":null}`, true},
		{200, `{"access_token":["a"]}`, true},
		{400, `{"error":"invalid_grant"}`, true},
		{401, `<html>`, true},
		{403, ``, true},
		{200, `null`, false}, {200, `[]`, false}, {200, `"a"`, false}, {200, ``, false}, {200, `{"access_token":"a"`, false},
		{200, `access_token=a&token_type=bearer`, false}, {200, `{"access_token":"a"} trailing`, false},
		{301, `{"access_token":"a"}`, false}, {304, `{"access_token":"a"}`, false}, {429, `{"error":"slow_down"}`, false},
		{500, `{"access_token":"a"}`, false}, {503, `{"error":"invalid_grant"}`, false},
	} {
		client, p := answering(tt.status, tt.body, time.Now())
		_, err1 := client.Exchange(t.Context(), p, oauth.Exchange{Code: "c"})
		_, err2 := client.Refresh(t.Context(), p, "r")
		for _, err := range []error{err1, err2} {
			if err == nil || errors.Is(err, oauth.ErrRefused) != tt.refused {
				t.Errorf("%d %s: %v", tt.status, tt.body, err)
			}
		}
	}
	client, p := answering(http.StatusOK, `{"id_token":"t"}`, time.Now())
	if tokens, err := client.Exchange(t.Context(), p, oauth.Exchange{Code: "c"}); err != nil || tokens.IDToken != "t" {
		t.Errorf("an ID token alone: %+v, %v", tokens, err)
	}
	if _, err := client.Refresh(t.Context(), p, "r"); !errors.Is(err, oauth.ErrRefused) {
		t.Errorf("an ID token alone, refreshed: %v", err)
	}
}

// TestErrorText is row 84: of an error only what looks like a code is told.
func TestErrorText(t *testing.T) {
	for said, told := range map[string]string{
		"invalid_grant": `"invalid_grant"`, "slow-down": `"slow-down"`, "Invalid": "unprintable", "<svg onload=alert(1)>": "unprintable",
		`x\r\nSet-Cookie: a=b`: "unprintable", "übel": "unprintable", "abc123": "unprintable", strings.Repeat("a", 41): "unprintable",
	} {
		for _, status := range []int{200, 400} {
			client, p := answering(status, `{"error":"`+said+`"}`, time.Now())
			_, err := client.Exchange(t.Context(), p, oauth.Exchange{Code: "c"})
			if !errors.Is(err, oauth.ErrRefused) || !strings.Contains(err.Error(), told) || told == "unprintable" && strings.Contains(err.Error(), said) {
				t.Errorf("%d %s: %v", status, said, err)
			}
		}
	}
}

// TestReadOwnAnswers: a provider of its own mind is read by its own function.
func TestReadOwnAnswers(t *testing.T) {
	client, p := answering(http.StatusOK, `{"data":{"access_token":"a","expires_in":60}}`, time.Unix(1000, 0))
	p.Token.Read = func(answer oauth.Profile) (oauth.Profile, error) {
		if inner := answer.In("data"); inner != nil {
			return inner, nil
		}
		return nil, oauth.ErrRefused
	}
	tokens, err := client.Exchange(t.Context(), p, oauth.Exchange{Code: "c"})
	if err != nil || tokens.AccessToken != "a" || tokens.AccessTokenExpiresAt.Unix() != 1060 {
		t.Errorf("tokens %+v, %v", tokens, err)
	}
	client, other := answering(http.StatusOK, `{}`, time.Now())
	other.Token.Read = p.Token.Read
	if _, err := client.Exchange(t.Context(), other, oauth.Exchange{Code: "c"}); !errors.Is(err, oauth.ErrRefused) {
		t.Error(err)
	}
}
