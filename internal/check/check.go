// Package check validates decoded JSON and query values against Go types and
// words what is wrong as the protocol does (PROTOCOL §2.5).
package check

import (
	"net/url"
	"reflect"
)

// Shape is a compiled type.
type Shape struct{}

// Compile compiles t.
func Compile(t reflect.Type, tag string) (*Shape, error) { return &Shape{}, nil }

// Decode decodes.
func (s *Shape) Decode(prefix string, value any, present bool, into reflect.Value) []string {
	return nil
}

// DecodeQuery decodes a query.
func (s *Shape) DecodeQuery(prefix string, values url.Values, into reflect.Value) []string {
	return nil
}
