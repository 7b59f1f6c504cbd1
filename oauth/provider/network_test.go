package provider_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// network stands for every host a provider has: it answers what was recorded,
// keeps what was asked, and fails the test for a request nobody expects.
type network struct {
	t *testing.T
	s *subject
	// token replaces the token answer; faults the answers of some requests.
	token  map[string]any
	faults map[string]fault

	mu   sync.Mutex
	sent []sent
}

// sent is one request as it arrived.
type sent struct {
	Key    string // "METHOD URL"
	Header http.Header
	Body   string
}

// fault is an answer that goes wrong.
type fault func(*http.Request) (*http.Response, error)

func (s *subject) network(t *testing.T) *network {
	return &network{t: t, s: s, token: s.tokenAnswer(t), faults: map[string]fault{}}
}

// RoundTrip implements http.RoundTripper.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	key := r.Method + " " + r.URL.String()
	if n.s.servesKeys(r) {
		return answer(r, http.StatusOK, keySet()), nil
	}
	n.mu.Lock()
	n.sent = append(n.sent, sent{Key: key, Header: r.Header.Clone(), Body: string(body)})
	n.mu.Unlock()
	r.Body = io.NopCloser(bytes.NewReader(body)) // for a fault that depends on it
	bare, _, _ := strings.Cut(key, "?")
	if fail := n.faults[key]; fail != nil {
		return fail(r)
	}
	if fail := n.faults[bare]; fail != nil {
		return fail(r)
	}
	recorded, known := n.s.Answers[key]
	switch {
	case known:
		return answer(r, http.StatusOK, recorded), nil
	case n.s.isTokenEndpoint(bare):
		return answer(r, http.StatusOK, n.token), nil
	}
	n.t.Errorf("nobody expects %s", key)
	return answer(r, http.StatusNotFound, map[string]any{"error": "not_found"}), nil
}

func (n *network) requests() []sent {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.sent
	n.sent = nil
	return list
}

func (s *subject) tokenMethod() string { return first(s.facts.TokenMethod, http.MethodPost) }

func (s *subject) isTokenEndpoint(key string) bool {
	return key == s.tokenMethod()+" "+s.facts.TokenEndpoint ||
		s.facts.Refresh != nil && strings.HasSuffix(key, " "+s.facts.Refresh.Endpoint)
}

// servesKeys reports whether a request is for the provider's keys.
func (s *subject) servesKeys(r *http.Request) bool {
	for _, address := range s.keyAddresses() {
		if r.URL.String() == address {
			return true
		}
	}
	return false
}

func (s *subject) keyAddresses() []string {
	var list []string
	for _, address := range s.facts.JWKS {
		for name, value := range s.Options {
			if text, ok := value.(string); ok {
				address = strings.ReplaceAll(address, "${"+name+"}", text)
			}
		}
		list = append(list, address)
	}
	return append(list, s.Keys...)
}

// answer is a response: JSON, or the text of {"$text", "$type"}.
func answer(r *http.Request, status int, value any) *http.Response {
	media, body := "application/json", []byte(nil)
	if object, ok := value.(map[string]any); ok && object["$text"] != nil {
		media, _ = object["$type"].(string)
		text, _ := object["$text"].(string)
		body = []byte(text)
	} else {
		body, _ = json.Marshal(value)
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {media}},
		Body:   io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}

// tokenAnswer is what the token endpoint says.
func (s *subject) tokenAnswer(t *testing.T) map[string]any {
	usual := map[string]any{
		"access_token": "AT", "refresh_token": "RT", "token_type": "Bearer", "expires_in": 3600, "scope": "one two",
	}
	if s.IDToken != nil {
		usual["id_token"] = s.sign(t, s.IDToken, signingKey())
	}
	merged, _ := merge(usual, s.Token).(map[string]any)
	return merged
}

// signingKey is the key of all providers, and otherKey is nobody's.
var (
	signingKey = sync.OnceValue(newKey)
	otherKey   = sync.OnceValue(newKey)
)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func keySet() jose.JSONWebKeySet {
	public := signingKey().Public()
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: public, KeyID: "k1", Algorithm: "RS256", Use: "sig"}}}
}

// sign makes an ID token of claims and the usual ones.
func (s *subject) sign(t *testing.T, claims map[string]any, key any) string {
	t.Helper()
	all := map[string]any{"iss": s.issuer(), "aud": "CID", "iat": now.Unix(), "exp": now.Unix() + 3600}
	maps.Copy(all, claims)
	payload, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	algorithm := jose.RS256
	if _, symmetric := key.([]byte); symmetric {
		algorithm = jose.HS256
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key},
		(&jose.SignerOptions{}).WithHeader("kid", "k1"))
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

// issuer is the first that the facts name.
func (s *subject) issuer() string {
	var rules struct{ Issuer any }
	if json.Unmarshal(s.facts.IDTokenSignIn, &rules) != nil {
		return s.facts.AuthorizationEndpoint
	}
	switch issuer := rules.Issuer.(type) {
	case string:
		return issuer
	case []any:
		text, _ := issuer[0].(string)
		return text
	default:
		return s.facts.AuthorizationEndpoint
	}
}
