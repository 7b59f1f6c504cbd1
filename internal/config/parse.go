package config

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// MaxBytes bounds a document.
const MaxBytes = 1 << 20

// maxDepth bounds brackets inside brackets, entries opened on one line and
// spaces before an entry. The parser recurses, and Go cannot recover from a
// stack that is used up.
const maxDepth = 100

// maxOptions bounds the keys of a document: the parser's time grows with the
// square of the keys of one section. 10 000 take under half a second.
const maxOptions = 10_000

var errDepth = fmt.Errorf("nested deeper than %d levels", maxDepth)

// parse turns a document into nodes; nil stands for an empty one. It returns
// the first fault of the syntax, with its position.
func parse(src []byte) (_ *node, at place, err error) {
	if len(src) > MaxBytes {
		return nil, place{}, fmt.Errorf("the document is larger than %d KiB", MaxBytes>>10)
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(src) || bytes.IndexByte(src, 0) >= 0 {
		return nil, place{}, errors.New("the document is not UTF-8 text")
	}
	// A fault of the YAML package must not take the server down: its input
	// reached it unchanged, so this is still a fault of the document.
	defer func() {
		if recover() != nil {
			err = errors.New("the document is not YAML that can be read")
		}
	}()
	tokens := lexer.Tokenize(string(src))
	if at, err := bound(tokens); err != nil {
		return nil, at, err
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		at, err := syntaxError(err)
		return nil, at, err
	}
	return convertFile(file)
}

func syntaxError(err error) (place, error) {
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) {
		return placeOf(syntax.Token), errors.New(syntax.Message)
	}
	return place{}, err
}

// bound refuses what this format leaves out, before anything recurses over it:
// anchors and aliases (which multiply), merge keys, tags, directives, keys that
// are not plain words, and deep nesting.
func bound(tokens token.Tokens) (place, error) {
	depth, opened, line, options := 0, 0, 0, 0
	for _, t := range tokens {
		at := placeOf(t)
		if at.line != line {
			line, opened = at.line, 0
		}
		if name := refused(t.Type); name != "" {
			return at, fmt.Errorf("%s not supported here", name)
		}
		switch t.Type {
		case token.InvalidType:
			return at, errors.New(t.Error)
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType:
			opened++
		case token.MappingValueType:
			options++
			if depth <= 0 {
				opened++
			}
		}
		if depth > maxDepth || opened > maxDepth || indent(t) > 2*maxDepth {
			return at, errDepth
		}
		if options > maxOptions {
			return at, fmt.Errorf("more than %d options", maxOptions)
		}
	}
	return place{}, nil
}

func refused(t token.Type) string {
	switch t {
	case token.AnchorType:
		return "anchors (&) are"
	case token.AliasType:
		return "aliases (*) are"
	case token.MergeKeyType:
		return "merge keys (<<) are"
	case token.TagType:
		return "tags (!) are"
	case token.DirectiveType:
		return "directives (%) are"
	case token.MappingKeyType:
		return "keys marked with ? are"
	}
	return ""
}

// indent is the indentation of a token that may open a level.
func indent(t *token.Token) int {
	if t.Position == nil || t.Type == token.CommentType {
		return 0
	}
	return t.Position.IndentNum
}

func placeOf(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{}
	}
	return place{t.Position.Line, t.Position.Column}
}

func convertFile(file *ast.File) (*node, place, error) {
	var root *node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		n, at, err := convert(doc.Body)
		if err != nil {
			return nil, at, err
		}
		if root != nil {
			return nil, placeOf(doc.Start), errors.New("expected one document, found a second")
		}
		root = n
	}
	return root, place{}, nil
}

// exponent is a number that JSON allows and the YAML package takes for text.
var exponent = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?[eE][-+]?[0-9]+$`)

// octal is a whole number that YAML 1.1 and YAML 1.2 read differently.
var octal = regexp.MustCompile(`^[-+]?0[0-9_]+$`)

func convert(from ast.Node) (*node, place, error) {
	n := &node{place: placeOf(from.GetToken())}
	switch v := from.(type) {
	case *ast.NullNode:
		return n, place{}, nil
	case *ast.BoolNode:
		n.shape, n.text = boolean, v.Token.Value
	case *ast.IntegerNode:
		if octal.MatchString(v.Token.Value) {
			return nil, n.place, fmt.Errorf("%s is read as octal by some: write it without leading zeros, or in quotes", v.Token.Value)
		}
		n.shape, n.text, n.number = integer, v.Token.Value, v.Value
	case *ast.FloatNode:
		n.shape, n.text, n.number = floating, v.Token.Value, v.Value
	case *ast.InfinityNode, *ast.NanNode:
		return nil, n.place, fmt.Errorf("%s is not a number that can be used here", from.GetToken().Value)
	case *ast.StringNode:
		n.shape, n.text = text, v.Value
		if v.Token.Type == token.StringType && exponent.MatchString(v.Value) {
			return convertExponent(n)
		}
	case *ast.LiteralNode:
		n.shape, n.text = text, v.Value.Value
	case *ast.SequenceNode:
		return convertList(n, v)
	case ast.MapNode:
		return convertMapping(n, v)
	default:
		return nil, n.place, fmt.Errorf("%s is not supported here", strings.ToLower(from.Type().String()))
	}
	return n, place{}, nil
}

func convertExponent(n *node) (*node, place, error) {
	number, err := strconv.ParseFloat(n.text, 64)
	if err != nil {
		return nil, n.place, fmt.Errorf("%s is not a number that can be used here", n.text)
	}
	n.shape, n.number = floating, number
	return n, place{}, nil
}

func convertList(n *node, from *ast.SequenceNode) (*node, place, error) {
	n.shape = list
	for _, value := range from.Values {
		item, at, err := convert(value)
		if err != nil {
			return nil, at, err
		}
		n.items = append(n.items, item)
	}
	return n, place{}, nil
}

func convertMapping(n *node, from ast.MapNode) (*node, place, error) {
	n.shape = mapping
	for pairs := from.MapRange(); pairs.Next(); {
		key := pairs.Key().GetToken()
		if _, ok := pairs.Key().(ast.ScalarNode); !ok || key == nil {
			return nil, placeOf(key), errors.New("a key must be a word or a text in quotes")
		}
		value, at, err := convert(pairs.Value())
		if err != nil {
			return nil, at, err
		}
		n.entries = append(n.entries, entry{key: key.Value, place: placeOf(key), value: value})
	}
	return n, place{}, nil
}
