// Package config reads options into Go structs. One set of option structs is
// the Go API of the library, the configuration file of the server and the
// profile of a test run; this package is the way from the second and third to
// the first. It knows reflection and YAML (hence JSON), and no option by name.
//
// An option is called as its Go field with a lower-case first word (see the
// tags below), a struct is a section, a pointer to a struct is a section that
// may be absent. Tags:
//
//	option:"name"    another name; "-" cannot be set
//	secret:"true"    never printed, never quoted in an error
//	default:"text"   what the zero value means, for the reference
//
// A time.Duration is a number of seconds or a text such as "90s", "15m", "7d".
// Text may hold ${file:PATH} and ${env:NAME}. Unknown options, options given
// twice and wrong types are errors with a position. Begin with decode.go.
package config

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
)

// Decode reads one YAML or JSON document of at most MaxBytes into the struct
// that into points to. What the document does not mention keeps its value;
// lists are replaced, maps are added to. The file names the document in errors,
// and relative ${file:…} paths begin beside it.
//
// Afterwards Check is called on the struct and on every section that the
// document mentions, innermost first, but not where a value was already wrong.
//
// All problems are returned at once, as *Errors, but at most 100. On error into is half-written
// and must not be used.
func Decode(src []byte, file string, into any) error {
	_, err := Load(into, Input{Source: src, File: file})
	return err
}

// Input is where options come from. A later source wins: file, environment,
// flags.
type Input struct {
	Source []byte            // the document; may be empty
	File   string            // its name, for errors and relative paths
	Prefix string            // of environment variables, "GATEHOUSE_"; empty: none is read
	Env    []string          // "NAME=value"; unknown names and empty values are ignored; nil means os.Environ()
	Flags  map[string]string // option path to value
}

// Load is Decode with values from environment variables and flags on top; rules
// between options are checked when all are in. The map tells for every option
// that was set where its value came from: "file", "env" or "flag".
func Load(into any, in Input) (sources map[string]string, err error) {
	v := target(into)
	d := newDecoder(in.File)
	root, at, err := parse(in.Source)
	switch {
	case err != nil:
		d.fault(at, "", "%s", err)
		return d.sources, d.err()
	case root != nil:
		d.decode(root, v, "", false)
	}
	file := d.file
	if in.Prefix != "" {
		d.environment(into, in)
	}
	d.file, d.dir, d.origin = "", "", "flag"
	for _, path := range slices.Sorted(maps.Keys(in.Flags)) {
		d.overlay(v, path, in.Flags[path])
	}
	d.file = file
	d.check(v, "", nil)
	return d.sources, d.err()
}

func (d *decoder) environment(into any, in Input) {
	env := in.Env
	if env == nil {
		env = os.Environ()
	}
	known := map[string]string{}
	for path, name := range EnvNames(into, in.Prefix) {
		known[name] = path
	}
	d.dir, d.origin = "", "env"
	for _, pair := range slices.Sorted(slices.Values(env)) {
		name, value, _ := strings.Cut(pair, "=")
		if path, ok := known[name]; ok && value != "" {
			d.file = "$" + name
			d.overlay(target(into), path, value)
		}
	}
}

// Overlay sets one option, named by its path, from the text of an environment
// variable or a flag, with the checks of Decode. A list of words is written with
// commas; other lists, maps and sections are written as YAML. The path may name
// one entry of a map: "socialProviders.github.clientId".
func Overlay(into any, path, value string) error {
	v := target(into)
	d := newDecoder("")
	d.origin = "flag"
	d.overlay(v, path, value)
	d.check(v, "", nil)
	return d.err()
}

// target is the struct behind a pointer. Anything else is a mistake in the
// program.
func target(into any) reflect.Value {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		panic("config: options are read into a pointer to a struct")
	}
	return v.Elem()
}

// Section is an option whose struct is known only later: the options of a
// plugin, after its id was read.
type Section struct {
	node      *node
	file, dir string
	path      string
}

// Decode reads the section into the struct that into points to, as Decode does
// with a document. An absent section leaves it as it is.
func (s Section) Decode(into any) error {
	v := target(into)
	d := newDecoder(s.file)
	d.dir = s.dir
	if s.node != nil {
		d.decode(s.node, v, s.path, false)
	}
	d.check(v, s.path, nil)
	return d.err()
}

// Given reports whether the section was written at all.
func (s Section) Given() bool { return s.node != nil }
