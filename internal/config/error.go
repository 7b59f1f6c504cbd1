package config

import (
	"fmt"
	"strings"
)

// Error is one thing wrong with a configuration.
type Error struct {
	File    string // as given by the caller; $NAME for an environment variable; empty for a flag
	Line    int    // from 1; 0 when the value came from no file
	Column  int    // from 1, in characters; 0 when Line is 0
	Path    string // the option, such as "session.expiresIn"; empty for the whole document
	Message string // one sentence without position; never holds the value of a secret
}

// Error is "file:line:column: message", the form that editors and terminals
// turn into a link, or "path: message" for a value that came from no file.
func (e Error) Error() string {
	switch {
	case e.Line > 0 && e.File != "":
		return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	case e.Line > 0:
		return fmt.Sprintf("line %d:%d: %s", e.Line, e.Column, e.Message)
	case e.File != "":
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	return e.Message
}

// Errors is everything wrong with a configuration, in the order of the file.
type Errors struct {
	List []Error
}

// Error is one line for each problem.
func (e *Errors) Error() string {
	lines := make([]string, len(e.List))
	for i, one := range e.List {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single errors to errors.Is and errors.As.
func (e *Errors) Unwrap() []error {
	all := make([]error, len(e.List))
	for i, one := range e.List {
		all[i] = one
	}
	return all
}
