package config

import (
	"fmt"
	"strings"
)

// shape is what a value looks like in the document.
type shape int

const (
	null shape = iota
	boolean
	integer
	floating
	text
	raw // text of an environment variable or a flag, which has no types
	list
	mapping
)

// node is a value of the document with its position. The decoder sees only
// nodes, so that a file, an environment variable and a flag pass the same
// checks.
type node struct {
	shape  shape
	text   string // a scalar as written, without quotes
	number any    // int64, uint64 or float64
	place
	items   []*node
	entries []entry
}

type entry struct {
	key string
	place
	value *node
}

// place is a position in the document, both from 1; zero when there is none.
type place struct {
	line, column int
}

// found names a value for an error message; a secret is named without itself.
func (n *node) found(secret bool) string {
	switch n.shape {
	case null:
		return "nothing"
	case list:
		return "a list"
	case mapping:
		return "a section"
	case text:
		return "the text" + quoted(n.text, secret)
	case integer, floating:
		return "the number" + written(n.text, secret)
	case boolean:
		return n.text
	}
	return strings.TrimSpace(quoted(n.text, secret))
}

func quoted(value string, secret bool) string {
	if secret {
		return ""
	}
	if short := []rune(value); len(short) > 40 {
		value = string(short[:40]) + "…"
	}
	return fmt.Sprintf(" %q", value)
}

func written(value string, secret bool) string {
	if secret {
		return ""
	}
	return " " + value
}

// plain is the value as JSON would give it.
func (n *node) plain() any {
	switch n.shape {
	case null:
		return nil
	case boolean:
		return strings.EqualFold(n.text, "true")
	case integer, floating:
		return n.number
	case list:
		all := make([]any, len(n.items))
		for i, item := range n.items {
			all[i] = item.plain()
		}
		return all
	case mapping:
		all := make(map[string]any, len(n.entries))
		for _, e := range n.entries {
			all[e.key] = e.value.plain()
		}
		return all
	}
	return n.text
}
