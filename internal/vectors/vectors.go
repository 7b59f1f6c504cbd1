// Package vectors gives tests the golden values of the protocol: inputs and
// outputs of the reference's own functions. Nothing but tests imports it.
package vectors

import (
	_ "embed"
	"encoding/json"
	"strings"
	"testing"
)

//go:embed vectors.json
var text []byte

// Vector is one call of the reference.
type Vector struct {
	ID            string
	Call          string
	Input, Output json.RawMessage
}

// All returns the vectors whose id starts with prefix; none is a failure.
func All(t testing.TB, prefix string) []Vector {
	t.Helper()
	var file struct{ Vectors []Vector }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var found []Vector
	for _, v := range file.Vectors {
		if strings.HasPrefix(v.ID, prefix) {
			found = append(found, v)
		}
	}
	if len(found) == 0 {
		t.Fatalf("no vector starts with %q", prefix)
	}
	return found
}

// Decode reads what the reference was given and what it answered.
func (v Vector) Decode(t testing.TB, input, output any) {
	t.Helper()
	if err := json.Unmarshal(v.Input, input); err != nil {
		t.Fatalf("%s: input: %v", v.ID, err)
	}
	if err := json.Unmarshal(v.Output, output); err != nil {
		t.Fatalf("%s: output: %v", v.ID, err)
	}
}

// One returns the vector of that id; none is a failure.
func One(t testing.TB, id string) Vector {
	t.Helper()
	for _, v := range All(t, id) {
		if v.ID == id {
			return v
		}
	}
	t.Fatalf("no vector is called %q", id)
	return Vector{}
}
