package provider_test

// TestProviders proves every provider of testdata/providers.json, the
// protocol's facts, from outside: what goes over the wire and who comes out.
//
// To add a provider: a field in Set with a line in entries, its file, and
// testdata/profiles/<id>.json with
//
//	options       options besides clientId CID and clientSecret SEC
//	token         members of the token answer besides the usual ones
//	idToken       claims of the ID token in the token answer; iss, aud, iat and
//	              exp are added, and it is signed with the key of network_test.go
//	answers       "METHOD URL" of every other request, and what is answered:
//	              JSON; {"$text": "…", "$type": "image/jpeg"} is sent as text
//	requests      the keys of answers in the order of the requests; default:
//	              userInfo of the facts
//	optional      those of them that may fail without harm
//	tokenError    the provider's own way to say no with status 200, if any
//	identity      subject, email, emailVerified, name, image, as they must come out
//	cases         {"name": patch of all the above (RFC 7396)}; "no e-mail" and
//	              "unverified e-mail" are required. "refused": true in a patch
//	              says that nobody must come out
//	brought       claims of an ID token that a client brings, if not idToken
//	authorize     parameters of the address, "" for absent; "$endpoint" is the
//	              address without its query
//	refresh       the request that renews a token, where the facts are wrong
//	postedUser    the member user of a form-post callback
//	keys          addresses of its keys that the facts do not name
//	noLoginHint   true where the login hint is not sent
//	wideScope     the scope when the options add "configured" and the request
//	              "requested"; default: defaults, configured, requested
//	authorizeURL, wideAuthorizeURL
//	              the whole address where the rules of the facts do not give it
//
// Run one with: go test -run TestProviders/gitlab ./oauth/provider

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/config"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/provider"
)

var now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

const (
	state    = "state-of-thirty-two-characters-x"
	verifier = "a-verifier-of-the-length-that-RFC-7636-asks-for"
	// challenge is the SHA-256 of verifier in base64url.
	challenge = "bzzUGyF3LZyj9clNq88gLY9dV5bzTBbcRSnNmEmsRxE"
	callback  = "https://app.example.com/api/auth/callback/"
)

// facts are what the protocol says of one provider.
type facts struct {
	Name                  string
	AuthorizationEndpoint string
	TokenEndpoint         string
	TokenMethod           string
	ClientAuth            string
	ClientIDParam         string
	DefaultScopes         []string
	ScopeSeparator        string
	PKCE                  bool
	ResponseType          string
	Extra                 map[string]string `json:"extraAuthorizationParams"`
	TokenRequestFields    []string
	UserInfo              json.RawMessage
	IDTokenSignIn         json.RawMessage
	JWKS                  []string
	Refresh               *refresh
	OptionsRead           []string
}

// refresh is the request that renews a token.
type refresh struct {
	Endpoint, Auth string
	Fields         []string
}

// recorded is testdata/profiles/<id>.json.
type recorded struct {
	Options     map[string]any
	Token       map[string]any
	IDToken     map[string]any
	Answers     map[string]any
	Requests    []string
	Optional    []string
	TokenError  map[string]any
	Identity    identity
	Refused     bool
	Cases       map[string]map[string]any
	Brought     map[string]any
	NoLoginHint bool
	WideScope   string
	Keys        []string
	PostedUser  map[string]any
	Refresh     *refresh
	Authorize   map[string]string

	AuthorizeURL, WideAuthorizeURL string
}

type identity struct {
	Subject, Email, Name, Image string
	EmailVerified               bool
}

func identityOf(i *oauth.Identity) identity {
	return identity{Subject: i.Subject, Email: i.Email, Name: i.Name, Image: i.Image, EmailVerified: i.EmailVerified}
}

// subject is one provider under test.
type subject struct {
	id    string
	facts facts
	raw   map[string]any // the recorded file, for patches
	recorded
}

func TestProviders(t *testing.T) {
	for id, f := range readFacts(t) {
		t.Run(id, func(t *testing.T) {
			s := readSubject(t, id, f)
			t.Run("options", s.testOptions)
			t.Run("authorize", s.testAuthorize)
			t.Run("common options", s.testCommonOptions)
			t.Run("exchange", s.testExchange)
			t.Run("refresh", s.testRefresh)
			t.Run("profile", s.testProfile)
			t.Run("ID token of a client", s.testBrought)
			t.Run("faults", s.testFaults)
			for _, name := range []string{"no e-mail", "unverified e-mail"} {
				if s.Cases[name] == nil {
					t.Errorf("testdata/profiles/%s.json has no case %q", id, name)
				}
			}
			for name, patch := range s.Cases {
				t.Run(name, s.patched(t, patch).testCase)
			}
		})
	}
}

func readFacts(t *testing.T) map[string]facts {
	t.Helper()
	var file struct{ Providers map[string]facts }
	readJSON(t, "testdata/providers.json", &file)
	if len(file.Providers) == 0 {
		t.Fatal("no facts")
	}
	return file.Providers
}

func readSubject(t *testing.T, id string, f facts) *subject {
	t.Helper()
	s := &subject{id: id, facts: f}
	readJSON(t, "testdata/profiles/"+id+".json", &s.raw)
	s.recorded = decode[recorded](t, s.raw)
	if s.Refresh != nil {
		s.facts.Refresh = s.Refresh
	}
	return s
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// decode refuses unknown members, so that a slip in a recorded file shows.
func decode[T any](t *testing.T, value any) T {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	var into T
	if err := decoder.Decode(&into); err != nil {
		t.Fatal(err)
	}
	return into
}

// patched is s with one of its cases laid over.
func (s *subject) patched(t *testing.T, patch map[string]any) *subject {
	t.Helper()
	other := &subject{id: s.id, facts: s.facts}
	other.raw, _ = merge(s.raw, patch).(map[string]any)
	other.recorded = decode[recorded](t, other.raw)
	return other
}

// merge is JSON Merge Patch (RFC 7396).
func merge(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	merged := map[string]any{}
	if old, ok := target.(map[string]any); ok {
		for name, value := range old {
			merged[name] = value
		}
	}
	for name, value := range changes {
		if value == nil {
			delete(merged, name)
			continue
		}
		merged[name] = merge(merged[name], value)
	}
	return merged
}

// build configures the provider as an operator does, by the options' names.
func (s *subject) build(t *testing.T, extra map[string]any) *oauth.Provider {
	t.Helper()
	options := map[string]any{"clientId": "CID", "clientSecret": "SEC"}
	for _, more := range []map[string]any{s.Options, extra} {
		for name, value := range more {
			options[name] = value
		}
	}
	document, err := json.Marshal(map[string]any{s.id: options})
	if err != nil {
		t.Fatal(err)
	}
	var set provider.Set
	if err := config.Decode(document, "socialProviders.json", &set); err != nil {
		t.Fatalf("configure: %v", err)
	}
	list, err := set.Providers()
	if err != nil || len(list) != 1 || list[0].ID != s.id {
		t.Fatalf("Providers() = %v, %v; want %s alone", list, err, s.id)
	}
	return list[0]
}

func clock() time.Time { return now }

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
