package gatehouse_test

import (
	"net/url"
	"reflect"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
)

// Tests that walk all routes make their requests from the operations' own
// input types, so that a new route is covered the day it appears.

// input is one member of a body or query.
type input struct {
	name     string
	kind     reflect.Kind
	required bool
}

// inputs lists the members of a route's body (tag "json") or query ("query").
// A body that takes any member is listed as "*".
func inputs(r gatehouse.Route, tag string) []input {
	var all []input
	for i := range r.In.NumField() {
		field := r.In.Field(i)
		name, ok := field.Tag.Lookup(tag)
		name, _, _ = strings.Cut(name, ",")
		if !ok || name == "-" {
			continue
		}
		kind := field.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		all = append(all, input{name, kind.Kind(), required(field) && name != "*"})
	}
	return all
}

func required(field reflect.StructField) bool {
	return field.Type.Kind() != reflect.Pointer && !strings.Contains(field.Tag.Get("check"), "optional")
}

// sampleValues are well-formed values by member name; others get "sample".
var sampleValues = map[string]any{
	"email": "sample@example.com", "newEmail": "sample@example.com", "password": passcode, "newPassword": passcode,
	"currentPassword": passcode, "callbackURL": "/", "provider": "google", "accountId": "sample",
}

func sampleValue(in input) any {
	if v, ok := sampleValues[in.name]; ok {
		return v
	}
	if in.kind == reflect.Bool {
		return false
	}
	return "sample"
}

// sampleBody is a small well-formed body of a route, nil where it takes none.
func sampleBody(r gatehouse.Route) map[string]any {
	if r.Op.Method == "GET" {
		return nil
	}
	body := map[string]any{}
	for _, in := range inputs(r, "json") {
		switch {
		case in.required:
			body[in.name] = sampleValue(in)
		case in.name == "*" && strings.HasPrefix(r.Op.Path, "/update-"):
			body["name"] = "Sample"
		case in.name == "*" && strings.HasSuffix(r.Op.Path, "-token"):
			body["accountId"] = "sample"
		}
	}
	return body
}

// samplePath is a route's path with its parameters and required query filled.
func samplePath(r gatehouse.Route) string {
	path := r.Op.Path
	for i := range r.In.NumField() {
		if name, ok := r.In.Field(i).Tag.Lookup("path"); ok {
			path = strings.ReplaceAll(path, ":"+name, "sample")
		}
	}
	query := url.Values{}
	for _, in := range inputs(r, "query") {
		if in.required {
			query.Set(in.name, sampleValue(in).(string))
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// visit sends a route's sample request.
func visit(b *gatehousetest.Browser, r gatehouse.Route) *gatehousetest.Answer {
	if r.Op.Method == "GET" {
		return b.Get(samplePath(r))
	}
	return b.Post(samplePath(r), sampleBody(r))
}

// key names a route in tables: "POST /sign-in/email".
func key(r gatehouse.Route) string { return r.Op.Method + " " + r.Op.Path }
