package jwe_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/jwe"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// TestWycheproof: none of the vectors is of the one algorithm that we have, so
// none opens, with its own key as the secret or with another.
func TestWycheproof(t *testing.T) {
	raw, err := os.ReadFile("testdata/wycheproof/json_web_encryption_test.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		NumberOfTests int
		TestGroups    []struct {
			Private struct{ K string }
			Tests   []struct {
				TcID int
				JWE  string
			}
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, group := range file.TestGroups {
		keys := seal.Keys{Current: seal.Key{Version: 1, Value: "secret"}, Legacy: group.Private.K}
		for _, v := range group.Tests {
			ran++
			if text, err := jwe.Decrypt(keys, "", v.JWE); !errors.Is(err, jwe.ErrInvalid) {
				t.Errorf("%d opens as %q, %v", v.TcID, text, err)
			}
		}
	}
	if ran != file.NumberOfTests {
		t.Errorf("ran %d of %d vectors", ran, file.NumberOfTests)
	}
}
