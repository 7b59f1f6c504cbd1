package oauth_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

func TestParamsEncode(t *testing.T) {
	for want, params := range map[string]oauth.Params{
		"":                              nil,
		"b=2&a=1":                       {{"b", "2"}, {"a", "1"}},
		"a=":                            {{"a", ""}},
		"=":                             {{"", ""}},
		"a=1&a=2":                       {{"a", "1"}, {"a", "2"}},
		"a=x+y%2Bz":                     {{"a", "x y+z"}},
		"a=*-._%7E%21":                  {{"a", "*-._~!"}}, // as a browser's form, not as RFC 3986
		"a=%27%28%29":                   {{"a", "'()"}},
		"a%26b=c%3Dd":                   {{"a&b", "c=d"}},
		"n=%C3%A9%F0%9F%94%91%E2%80%AE": {{"n", "é🔑\u202e"}},
		"a=%0D%0A%00%25%252A":           {{"a", "\r\n\x00%%2A"}},
	} {
		if got := params.Encode(); got != want {
			t.Errorf("%v is %q, want %q", params, got, want)
		}
	}
}

func TestParamsChange(t *testing.T) {
	p := oauth.Params{{"a", "1"}, {"b", "2"}, {"c", "3"}}
	p.Set("b", "two")
	p.Set("d", "4")
	p.Remove("a")
	p.Remove("none")
	if got := p.Encode(); got != "b=two&c=3&d=4" || p.Get("c") != "3" || p.Get("a") != "" {
		t.Errorf("it is %s", got)
	}
}

// asked is the address for a request with a state of "s" and a callback of
// "https://app.example/cb", at a provider with the client id "id".
func asked(t *testing.T, change func(*oauth.Provider, *oauth.Request)) string {
	t.Helper()
	p := &oauth.Provider{ID: "acme", ClientIDs: []string{"id"}, Endpoints: oauth.Endpoints{AuthorizeURL: "https://idp.example/auth"}}
	r := oauth.Request{State: "s", RedirectURI: "https://app.example/cb"}
	change(p, &r)
	target, err := oauth.NewClient(oauth.Options{}).AuthorizeURL(t.Context(), p, r)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

const plain = "response_type=code&client_id=id&state=s&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"

// TestAuthorizeEndpoint: what an endpoint has in its address stays as it is
// written, but for the parameters that are ours.
func TestAuthorizeEndpoint(t *testing.T) {
	for endpoint, want := range map[string]string{
		"https://idp.example/auth":                             "https://idp.example/auth?" + plain,
		"https://idp.example/auth?":                            "https://idp.example/auth?" + plain,
		"https://idp.example":                                  "https://idp.example/?" + plain,
		"https://idp.example?x=1":                              "https://idp.example/?x=1&" + plain,
		"https://idp.example/a%20b?x=%20y&z=é":                 "https://idp.example/a%20b?x=%20y&z=é&" + plain,
		"https://idp.example/auth?p=policy&&q":                 "https://idp.example/auth?p=policy&q&" + plain,
		"https://idp.example/auth?client_id=eve&x=1&state=e":   "https://idp.example/auth?x=1&" + plain,
		"https://idp.example/auth?client%5Fid=eve&st%61te=eve": "https://idp.example/auth?" + plain,
		"https://idp.example/auth?State=e":                     "https://idp.example/auth?State=e&" + plain,
		"https://idp.example/auth?%zz=1":                       "https://idp.example/auth?%zz=1&" + plain,
		"https://idp.example/auth#part":                        "https://idp.example/auth?" + plain + "#part",
		"https://idp.example/auth?x=1#part?state=e":            "https://idp.example/auth?x=1&" + plain + "#part?state=e",
	} {
		if got := asked(t, func(p *oauth.Provider, _ *oauth.Request) { p.AuthorizeURL = endpoint }); got != want {
			t.Errorf("%s:\n got %s\nwant %s", endpoint, got, want)
		}
	}
}

// TestAuthorizeOrder: the addresses are compared as texts, so every parameter
// has its place.
func TestAuthorizeOrder(t *testing.T) {
	got := asked(t, func(p *oauth.Provider, r *oauth.Request) {
		p.BindNonce = true
		p.Authorization = oauth.Authorization{
			Scopes: []string{"openid"}, Duration: "permanent", Display: "page", Prompt: "consent", HostedDomain: "example.com",
			AccessType: "offline", ResponseMode: "form_post", Claims: []string{"email", "name", `a"b`},
			Params: oauth.Params{{"own", "1"}, {"state", "own"}},
		}
		r.Scopes, r.Verifier, r.Nonce, r.LoginHint = []string{"a b", "c"}, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "n", "ada@example.com"
		r.Params = oauth.Params{{"theirs", "2"}, {"own", "3"}, {"prompt", "none"}}
	})
	want := "https://idp.example/auth?response_type=code&client_id=id&state=s&scope=openid+a+b+c&redirect_uri=https%3A%2F%2Fapp.example%2Fcb" +
		"&duration=permanent&display=page&login_hint=ada%40example.com&nonce=n&prompt=none&hd=example.com&access_type=offline" +
		"&response_mode=form_post&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" + // RFC 7636, appendix B
		"&claims=%7B%22id_token%22%3A%7B%22email%22%3Anull%2C%22email_verified%22%3Anull%2C%22name%22%3Anull%2C%22a%5C%22b%22%3Anull%7D%7D" +
		"&own=3&theirs=2"
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestAuthorizeChoices(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*oauth.Provider, *oauth.Request)
		want   string
	}{
		{"no PKCE", func(p *oauth.Provider, r *oauth.Request) { p.Authorization.NoPKCE, r.Verifier = true, "v" }, plain},
		{"no nonce", func(_ *oauth.Provider, r *oauth.Request) { r.Nonce = "n" }, plain},
		{"no login hint", func(p *oauth.Provider, r *oauth.Request) { p.Authorization.NoLoginHint, r.LoginHint = true, "ada" }, plain},
		{"request's scopes first", func(p *oauth.Provider, r *oauth.Request) {
			p.Authorization.Scopes, p.Authorization.ScopesFromRequestFirst, p.Authorization.ScopeSeparator = []string{"own"}, true, ","
			r.Scopes = []string{"theirs"}
		}, strings.Replace(plain, "&redirect", "&scope=theirs%2Cown&redirect", 1)},
		{"request's display", func(p *oauth.Provider, r *oauth.Request) { p.Authorization.Display, r.Display = "page", "popup" }, plain + "&display=popup"},
		{"own callback", func(p *oauth.Provider, _ *oauth.Request) { p.RedirectURI = "app:/cb" }, strings.Replace(plain, "https%3A%2F%2Fapp.example%2Fcb", "app%3A%2Fcb", 1)},
		{"first of the clients", func(p *oauth.Provider, _ *oauth.Request) { p.ClientIDs = []string{"id", "ios"} }, plain},
		{"customised", func(p *oauth.Provider, _ *oauth.Request) {
			p.Authorization.Customize = func(target string, params oauth.Params) (string, oauth.Params) {
				params.Remove("response_type")
				return target, params
			}
		}, strings.TrimPrefix(plain, "response_type=code&")},
		{"reserved", func(_ *oauth.Provider, r *oauth.Request) {
			for _, name := range oauth.Reserved {
				r.Params.Set(name, "eve")
			}
		}, plain},
		{"a request object", func(_ *oauth.Provider, r *oauth.Request) {
			r.Params = oauth.Params{{"request", "a.b."}, {"request_uri", "https://evil.example/"}}
		}, plain},
	} {
		if got := asked(t, tt.change); got != "https://idp.example/auth?"+tt.want {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
}

func TestAuthorizeWithoutClient(t *testing.T) {
	client := oauth.NewClient(oauth.Options{})
	for _, p := range []*oauth.Provider{
		{ID: "acme", Endpoints: oauth.Endpoints{AuthorizeURL: "https://idp.example/"}},
		{ID: "acme", ClientIDs: []string{""}, Endpoints: oauth.Endpoints{AuthorizeURL: "https://idp.example/"}},
		{ID: "acme", ClientIDs: []string{"id"}},
	} {
		if target, err := client.AuthorizeURL(t.Context(), p, oauth.Request{State: "s"}); err == nil {
			t.Errorf("%+v: %s", p, target)
		}
	}
}
