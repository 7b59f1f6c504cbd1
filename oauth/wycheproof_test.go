package oauth_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// wycheproof is a file of test vectors; testdata/wycheproof/README.md says
// where they are from.
type wycheproof struct {
	NumberOfTests int
	TestGroups    []struct {
		Comment         string
		Public, Private json.RawMessage
		Tests           []struct {
			TcID     int
			Comment  string
			JWS, JWE string
			Result   string
		}
	}
}

func readVectors(t *testing.T, path string) wycheproof {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file wycheproof
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// published is the key, or the set, that a provider would have at its address.
// Where a vector has a shared secret alone, that is what stands there.
func published(t *testing.T, public, private json.RawMessage) json.RawMessage {
	t.Helper()
	if public == nil {
		public = private
	}
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(public, &set); err != nil {
		t.Fatal(err)
	}
	if set.Keys == nil {
		return json.RawMessage(`{"keys":[` + string(public) + `]}`)
	}
	return public
}

var asymmetric = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// stricter reports whether we refuse what is valid in general: a shared secret
// is no key of a provider, and a key that says its algorithm verifies no other
// (the vectors of RFC 7520 use PS384 with a key for PS256, and "ES521").
func stricter(jws string, keys json.RawMessage) bool {
	head, _, _ := strings.Cut(jws, ".")
	raw, _ := base64.RawURLEncoding.DecodeString(head)
	var header struct{ Alg, Kid string }
	var set struct{ Keys []struct{ Alg, Kid string } }
	if json.Unmarshal(raw, &header) != nil || json.Unmarshal(keys, &set) != nil || !slices.Contains(asymmetric, header.Alg) {
		return true
	}
	for _, key := range set.Keys {
		if key.Kid == header.Kid && (key.Alg == "" || key.Alg == header.Alg) {
			return false
		}
	}
	return true
}

// TestWycheproofSignatures runs every vector of JSON Web Signature and JSON
// Web Key against keys at an address.
func TestWycheproofSignatures(t *testing.T) {
	for file, wantValid := range map[string]int{"json_web_signature_test.json": 32, "json_web_key_test.json": 1} {
		all := readVectors(t, "testdata/wycheproof/"+file)
		ran, valid := 0, 0
		for _, group := range all.TestGroups {
			keys := published(t, group.Public, group.Private)
			client := oauth.NewClient(oauth.Options{Transport: answers(keys)})
			rules := &oauth.IDTokenRules{JWKSURL: "https://idp.example/jwks", Algorithms: append([]string{"HS256", "HS384", "HS512", "none"}, asymmetric...)}
			for _, v := range group.Tests {
				ran++
				good := v.Result == "valid" && !stricter(v.JWS, keys)
				payload, err := client.VerifyJWS(t.Context(), rules, v.JWS)
				if good != (err == nil) || !good && !errors.Is(err, oauth.ErrIDToken) {
					t.Errorf("%s %d (%s, %s): payload %q, %v", file, v.TcID, group.Comment, v.Comment, payload, err)
				}
				if good {
					valid++
				}
			}
		}
		if ran != all.NumberOfTests || valid != wantValid {
			t.Errorf("%s: ran %d of %d vectors, %d of them valid, want %d", file, ran, all.NumberOfTests, valid, wantValid)
		}
	}
}

// TestWycheproofEncryption: a JWE is nowhere taken for a JWS, whatever keys
// are published.
func TestWycheproofEncryption(t *testing.T) {
	for _, group := range readVectors(t, "../internal/jwe/testdata/wycheproof/json_web_encryption_test.json").TestGroups {
		asked := 0
		keys := published(t, group.Public, group.Private)
		client := oauth.NewClient(oauth.Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			asked++
			return respond(r, http.StatusOK, string(keys)), nil
		})})
		p := &oauth.Provider{
			ID: "acme", ClientIDs: []string{"id"}, FetchProfile: oauth.IDTokenClaims,
			IDToken: &oauth.IDTokenRules{JWKSURL: "https://idp.example/jwks", Issuers: []string{"https://idp.example"}, Algorithms: asymmetric},
		}
		for _, v := range group.Tests {
			if who, err := bring(t, client, p, v.JWE, ""); !errors.Is(err, oauth.ErrIDToken) {
				t.Errorf("%d (%s): %+v, %v", v.TcID, v.Comment, who, err)
			}
		}
		if asked != 0 {
			t.Errorf("%s: the keys were asked for", group.Comment)
		}
	}
}
