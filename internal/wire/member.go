package wire

import (
	"encoding/json"
	"strconv"
)

// Member is one member of an object, its value as it stands in the text.
type Member struct {
	Key string
	Raw []byte // a part of the text, without the space around it
}

// Members returns the members of a JSON object in their order, equal keys
// included. It accepts what Parse accepts, but no byte order mark.
func Members(text []byte) ([]Member, error) {
	p := parser{text: text}
	var members []Member
	if !p.take('{') {
		return nil, ErrSyntax
	}
	for empty := p.take('}'); !empty; {
		if !p.take('"') {
			return nil, ErrSyntax
		}
		key, ok := p.str()
		if !ok || !p.take(':') {
			return nil, ErrSyntax
		}
		p.space()
		start := p.at
		if !p.skip(1) {
			return nil, ErrSyntax
		}
		members = append(members, Member{key, text[start:p.at]})
		if p.take('}') {
			break
		}
		if !p.take(',') {
			return nil, ErrSyntax
		}
	}
	if p.space(); p.at != len(text) {
		return nil, ErrSyntax
	}
	return members, nil
}

// skip moves behind one value without building it.
func (p *parser) skip(depth int) bool {
	p.space()
	c := p.peek()
	if c == '"' {
		p.at++
		return p.skipString()
	}
	if c != '{' && c != '[' {
		_, ok := p.value(depth) // a word or a number
		return ok
	}
	p.at++
	if depth++; depth > MaxDepth {
		return false
	}
	end := c + 2 // ']' and '}' stand two behind their partners in ASCII
	if p.take(end) {
		return true
	}
	for {
		if c == '{' && !(p.take('"') && p.skipString() && p.take(':')) || !p.skip(depth) {
			return false
		}
		if p.take(end) {
			return true
		}
		if !p.take(',') {
			return false
		}
	}
}

func (p *parser) skipString() bool {
	var scratch [8]byte
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return true
		case c == '\\':
			if _, ok := p.escape(scratch[:0]); !ok {
				return false
			}
		case c < ' ':
			return false
		default:
			p.at++
		}
	}
	return false
}

// AppendCanonical appends the JSON text in the form that JSON.stringify would
// give it: no space, strings and numbers in their one spelling, members in
// their order. It is for text that gets signed and whose reader re-encodes it.
func AppendCanonical(dst, text []byte) ([]byte, error) {
	p := parser{text: text}
	dst, ok := p.canonical(dst, 0)
	if p.space(); !ok || p.at != len(text) {
		return nil, ErrSyntax
	}
	return dst, nil
}

func (p *parser) canonical(dst []byte, depth int) ([]byte, bool) {
	p.space()
	c := p.peek()
	switch c {
	case '"':
		p.at++
		s, ok := p.str()
		return AppendString(dst, s), ok
	case '{', '[':
		p.at++
		return p.canonicalList(append(dst, c), c, depth+1)
	}
	v, ok := p.value(depth)
	if !ok {
		return nil, false
	}
	return appendScalar(dst, v)
}

// canonicalList goes on behind the opening bracket c.
func (p *parser) canonicalList(dst []byte, c byte, depth int) (_ []byte, ok bool) {
	end := c + 2
	if depth > MaxDepth {
		return nil, false
	}
	if p.take(end) {
		return append(dst, end), true
	}
	for {
		if c == '{' {
			if !p.take('"') {
				return nil, false
			}
			key, ok := p.str()
			if !ok || !p.take(':') {
				return nil, false
			}
			dst = append(AppendString(dst, key), ':')
		}
		if dst, ok = p.canonical(dst, depth); !ok {
			return nil, false
		}
		if p.take(end) {
			return append(dst, end), true
		}
		if !p.take(',') {
			return nil, false
		}
		dst = append(dst, ',')
	}
}

// appendScalar writes null, a boolean or a number. Infinity, which a text can
// only say by overflow, becomes null as in JSON.stringify.
func appendScalar(dst []byte, v any) ([]byte, bool) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), true
	case bool:
		return strconv.AppendBool(dst, v), true
	case float64:
		if v == 0 {
			return append(dst, '0'), true // also for -0
		}
		number, err := json.Marshal(v) // the spelling of ECMA-262 §6.1.6.1.20
		if err != nil {
			number = []byte("null")
		}
		return append(dst, number...), true
	}
	return nil, false
}
