package provider_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/config"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/provider"
)

func TestOptionsThatDoNotStart(t *testing.T) {
	type row struct{ document, want string }
	table := []row{
		{`{"apple": {"clientId": "CID"}}`, "apple: clientSecret is missing"},
		{`{"atlassian": {"clientId": "CID"}}`, "atlassian: clientSecret is missing"},
		{`{"facebook": {"clientId": "CID"}}`, "facebook: clientSecret is missing"},
		{`{"figma": {"clientId": "CID"}}`, "figma: clientSecret is missing"},
		{`{"google": {"clientId": "CID"}}`, "google: clientSecret is missing"},
		{`{"cognito": {"clientId": "CID", "domain": "d.example.com", "region": "r"}}`,
			"cognito: domain, region and userPoolId are all needed"},
		{`{"cognito": {"clientId": "CID", "domain": "d.example.com", "region": "r", "userPoolId": "p", "requireClientSecret": true}}`,
			"cognito: clientSecret is missing"},
		{`{"cloudflare": {"clientId": "CID", "tokenEndpointAuth": {"method": "client_secret_post"}}}`, "needs clientSecret"},
		{`{"cloudflare": {"clientId": "CID", "clientSecret": "SEC", "tokenEndpointAuth": {"method": "mtls"}}}`, `is "mtls"`},
		{`{"github": {"clientId": []}}`, "github: clientId is missing"},
		{`{"github": {"clientId": ["", "CID"]}}`, "github: clientId is missing"},
	}
	for id := range readFacts(t) {
		table = append(table, row{`{"` + id + `": {}}`, id + ": "})
	}
	for _, tt := range table {
		t.Run(tt.document, func(t *testing.T) {
			var set provider.Set
			if err := config.Decode([]byte(tt.document), "options.json", &set); err != nil {
				t.Fatal(err)
			}
			list, err := set.Providers()
			if len(list) != 0 || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Providers() = %v, %v; want %q", list, err, tt.want)
			}
		})
	}
}

func TestClientIDsAreTexts(t *testing.T) {
	for _, document := range []string{
		`{"github": {"clientId": 7}}`, `{"github": {"clientId": ["CID", 7]}}`, `{"github": {"clientId": {"id": "CID"}}}`,
	} {
		var set provider.Set
		if err := config.Decode([]byte(document), "options.json", &set); err == nil || !strings.Contains(err.Error(), "a client id is text") {
			t.Errorf("%s: %v", document, err)
		}
	}
}

func TestProvidersThatAreOff(t *testing.T) {
	off := false
	set := provider.Set{
		GitHub: &provider.GitHub{Options: provider.Options{ClientID: provider.ClientIDs{"CID"}}},
		Google: &provider.Google{Options: provider.Options{Enabled: &off}},
		Zoom:   &provider.Zoom{Options: provider.Options{ClientID: provider.ClientIDs{"CID"}}},
	}
	list, err := set.Providers()
	if err != nil || len(list) != 2 || list[0].ID != "github" || list[1].ID != "zoom" {
		t.Errorf("Providers() = %v, %v", list, err)
	}
}

// TestMapProfileToUser: the operator has the last word, but not on who it is.
func TestMapProfileToUser(t *testing.T) {
	s := readSubject(t, "github", readFacts(t)["github"])
	set := provider.Set{GitHub: &provider.GitHub{Options: provider.Options{
		ClientID: provider.ClientIDs{"CID"}, ClientSecret: "SEC",
		MapProfileToUser: func(p oauth.Profile, i *oauth.Identity) {
			i.Name, i.Subject = p.Text("login"), "eve"
			i.Fields = map[string]any{"company": p.Text("type")}
		},
	}}}
	list, err := set.Providers()
	if err != nil {
		t.Fatal(err)
	}
	client := oauth.NewClient(oauth.Options{Transport: s.network(t), Now: clock})
	got, err := client.Identity(t.Context(), list[0], &oauth.Tokens{AccessToken: "AT"}, "")
	if err != nil || got.Name != "ada" || got.Subject != s.Identity.Subject || got.Fields["company"] != "User" {
		t.Errorf("identity = %+v, %v", got, err)
	}
}

func TestCloudflareTokenEndpointAuth(t *testing.T) {
	s := readSubject(t, "cloudflare", readFacts(t)["cloudflare"])
	public := []string{"grant_type", "code", "code_verifier", "redirect_uri", "client_id"}
	for _, tt := range []struct {
		name    string
		options map[string]any
		auth    string
		fields  []string
	}{
		{"post", map[string]any{"tokenEndpointAuth": map[string]any{"method": "client_secret_post"}}, "post", append(slices.Clone(public), "client_secret")},
		{"basic", map[string]any{"tokenEndpointAuth": map[string]any{"method": "client_secret_basic"}}, "basic", public[:4]},
		{"none", map[string]any{"tokenEndpointAuth": map[string]any{"method": "none"}, "clientSecret": ""}, "post", public},
		{"no secret", map[string]any{"clientSecret": ""}, "post", public},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := s.network(t)
			client := oauth.NewClient(oauth.Options{Transport: n, Now: clock})
			if _, err := client.Exchange(t.Context(), s.build(t, tt.options), s.code()); err != nil {
				t.Fatal(err)
			}
			s.checkTokenCall(t, n.requests(), "POST "+s.facts.TokenEndpoint, tt.auth, s.formOf("authorization_code", tt.fields, nil))
		})
	}
}

// TestFacebookAccessTokenOfClient: a client may bring an access token in place
// of an ID token, if our app got it.
func TestFacebookAccessTokenOfClient(t *testing.T) {
	s := readSubject(t, "facebook", readFacts(t)["facebook"])
	theirs := map[string]any{"data": map[string]any{"app_id": "EVE", "is_valid": true, "user_id": "10158123456789012"}}
	ours := map[string]any{"data": map[string]any{"app_id": "CID", "is_valid": true, "user_id": "10158123456789012"}}
	for _, tt := range []struct {
		name, idToken, accessToken, asked string
		answer                            any
		want                              error
	}{
		{"in place of the ID token", "OPAQUE", "", "OPAQUE", ours, nil},
		{"beside it", "OPAQUE", "AT", "AT", ours, nil},
		{"of another app", "OPAQUE", "", "OPAQUE", theirs, oauth.ErrNoProfile},
		{"none", "", "", "", ours, oauth.ErrNoProfile},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := strings.Replace(s.Requests[0], "input_token=AT", "input_token="+tt.asked, 1)
			n := s.network(t)
			n.faults[asked] = reply(http.StatusOK, tt.answer)
			client := oauth.NewClient(oauth.Options{Transport: n, Now: clock})
			got, err := client.SignedIdentity(t.Context(), s.build(t, nil),
				&oauth.Tokens{IDToken: tt.idToken, AccessToken: tt.accessToken}, "")
			if !errors.Is(err, tt.want) || err == nil && identityOf(got) != s.Identity {
				t.Errorf("identity = %+v, %v; want error %v", got, err, tt.want)
			}
		})
	}
}

// TestLINEVerifiesIDTokens: LINE is asked about a client's token, for each of
// our client ids.
func TestLINEVerifiesIDTokens(t *testing.T) {
	s := readSubject(t, "line", readFacts(t)["line"])
	const verify = "POST https://api.line.me/oauth2/v2.1/verify"
	good := map[string]any{"iss": "https://access.line.me", "aud": "CID", "sub": s.Identity.Subject, "nonce": "N"}
	for _, tt := range []struct {
		name    string
		ids     []string
		changes map[string]any
		nonce   string
		want    error
	}{
		{"good", []string{"CID"}, nil, "N", nil},
		{"for the second id", []string{"WEB", "CID"}, nil, "N", nil},
		{"for neither id", []string{"WEB", "APP"}, nil, "N", oauth.ErrIDToken},
		{"with another nonce", []string{"CID"}, map[string]any{"nonce": "M"}, "N", oauth.ErrIDToken},
		{"without the nonce", []string{"CID"}, map[string]any{"nonce": nil}, "N", oauth.ErrIDToken},
		{"with a nonce nobody sent", []string{"CID"}, nil, "", oauth.ErrIDToken},
		{"of others", []string{"CID"}, map[string]any{"iss": "https://eve.example.com"}, "N", oauth.ErrIDToken},
		{"for others", []string{"CID"}, map[string]any{"aud": "EVE"}, "N", oauth.ErrIDToken},
		{"of nobody", []string{"CID"}, map[string]any{"sub": nil}, "N", oauth.ErrIDToken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := s.network(t)
			n.faults[verify] = func(r *http.Request) (*http.Response, error) {
				form := formSent(t, r)
				if form.Get("id_token") != "a.b.c" || form.Get("nonce") != tt.nonce {
					t.Errorf("form = %v", form)
				}
				if form.Get("client_id") != "CID" {
					return answer(r, http.StatusBadRequest, map[string]any{"error": "invalid_request"}), nil
				}
				return answer(r, http.StatusOK, merge(good, tt.changes)), nil
			}
			p := s.build(t, map[string]any{"clientId": tt.ids})
			client := oauth.NewClient(oauth.Options{Transport: n, Now: clock})
			got, err := client.SignedIdentity(t.Context(), p, &oauth.Tokens{IDToken: "a.b.c"}, tt.nonce)
			if !errors.Is(err, tt.want) || err == nil && got.Subject != s.Identity.Subject {
				t.Errorf("identity = %+v, %v; want error %v", got, err, tt.want)
			}
		})
	}
}

func formSent(t *testing.T, r *http.Request) url.Values {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Fatal(err)
	}
	return form
}
