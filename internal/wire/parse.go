package wire

import (
	"errors"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrSyntax is what Parse returns for a text that JSON.parse would refuse.
var ErrSyntax = errors.New("wire: not JSON")

// MaxDepth is how deep arrays and objects may nest. Deeper texts are refused,
// as encoding/json refuses them.
const MaxDepth = 10000

// Parse reads one JSON text as JSON.parse does (ECMA-262 §25.5.1) after the
// UTF-8 decoding of a request body: one leading byte order mark is dropped,
// bytes that are not UTF-8 become U+FFFD, keys are case-sensitive, of two
// equal keys the last one counts, and "__proto__" is a key like any other.
//
// The result is nil, bool, float64, string, []any or map[string]any. Numbers
// too large for a float64 become ±Inf as in JavaScript; a surrogate without
// its partner becomes U+FFFD, because a Go string cannot hold it.
func Parse(body []byte) (any, error) {
	p := parser{text: body}
	if len(body) >= 3 && body[0] == 0xEF && body[1] == 0xBB && body[2] == 0xBF {
		p.at = 3
	}
	v, ok := p.value(0)
	if !ok {
		return nil, ErrSyntax
	}
	p.space()
	if p.at != len(p.text) {
		return nil, ErrSyntax
	}
	return v, nil
}

type parser struct {
	text []byte
	at   int
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// take consumes c, after space, if it is next.
func (p *parser) take(c byte) bool {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) value(depth int) (any, bool) {
	p.space()
	if p.at == len(p.text) {
		return nil, false
	}
	switch c := p.text[p.at]; c {
	case '{':
		p.at++
		return p.object(depth + 1)
	case '[':
		p.at++
		return p.array(depth + 1)
	case '"':
		p.at++
		return p.str()
	case 't':
		return true, p.word("true")
	case 'f':
		return false, p.word("false")
	case 'n':
		return nil, p.word("null")
	}
	return p.number()
}

func (p *parser) word(w string) bool {
	if len(p.text)-p.at < len(w) || string(p.text[p.at:p.at+len(w)]) != w {
		return false
	}
	p.at += len(w)
	return true
}

func (p *parser) array(depth int) (any, bool) {
	list := []any{}
	if depth > MaxDepth {
		return nil, false
	}
	if p.take(']') {
		return list, true
	}
	for {
		v, ok := p.value(depth)
		if !ok {
			return nil, false
		}
		list = append(list, v)
		if p.take(']') {
			return list, true
		}
		if !p.take(',') {
			return nil, false
		}
	}
}

func (p *parser) object(depth int) (any, bool) {
	members := map[string]any{}
	if depth > MaxDepth {
		return nil, false
	}
	if p.take('}') {
		return members, true
	}
	for {
		if !p.take('"') {
			return nil, false
		}
		key, ok := p.str()
		if !ok || !p.take(':') {
			return nil, false
		}
		if members[key], ok = p.value(depth); !ok {
			return nil, false
		}
		if p.take('}') {
			return members, true
		}
		if !p.take(',') {
			return nil, false
		}
	}
}

// number reads the grammar of RFC 8259 §6, which is narrower than what
// strconv accepts.
func (p *parser) number() (any, bool) {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else if !p.digits() {
		return nil, false
	}
	if p.peek() == '.' {
		p.at++
		if !p.digits() {
			return nil, false
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if !p.digits() {
			return nil, false
		}
	}
	f, err := strconv.ParseFloat(string(p.text[start:p.at]), 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, false
	}
	return f, true
}

func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) digits() bool {
	start := p.at
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	return p.at > start
}

// str reads the rest of a string whose opening quote is consumed.
func (p *parser) str() (string, bool) {
	start := p.at
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch {
		case c == '"':
			s := string(p.text[start:p.at])
			p.at++
			return s, true
		case c == '\\' || c >= utf8.RuneSelf:
			return p.slowString(append([]byte(nil), p.text[start:p.at]...))
		case c < ' ':
			return "", false
		}
		p.at++
	}
	return "", false
}

// slowString goes on where str met an escape or a byte above ASCII.
func (p *parser) slowString(out []byte) (string, bool) {
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch {
		case c == '"':
			p.at++
			return string(out), true
		case c == '\\':
			var ok bool
			if out, ok = p.escape(out); !ok {
				return "", false
			}
		case c < ' ':
			return "", false
		case c < utf8.RuneSelf:
			out = append(out, c)
			p.at++
		default:
			out = p.rune(out)
		}
	}
	return "", false
}

// rune copies one UTF-8 sequence, or replaces the longest broken start of one
// by a single U+FFFD, as the WHATWG decoder does.
func (p *parser) rune(out []byte) []byte {
	r, size := utf8.DecodeRune(p.text[p.at:])
	if r == utf8.RuneError && size == 1 {
		size = brokenLen(p.text[p.at:])
		out = append(out, "\ufffd"...)
	} else {
		out = append(out, p.text[p.at:p.at+size]...)
	}
	p.at += size
	return out
}

// brokenLen is how many bytes of an ill-formed sequence form its "maximal
// subpart" (Unicode §3.9): at least 1, at most 3.
func brokenLen(b []byte) int {
	need, low, high := 0, byte(0x80), byte(0xBF)
	switch c := b[0]; {
	case c >= 0xC2 && c <= 0xDF:
		need = 1
	case c >= 0xE0 && c <= 0xEF:
		need = 2
		switch c {
		case 0xE0:
			low = 0xA0
		case 0xED:
			high = 0x9F
		}
	case c >= 0xF0 && c <= 0xF4:
		need = 3
		switch c {
		case 0xF0:
			low = 0x90
		case 0xF4:
			high = 0x8F
		}
	}
	n := 1
	for n <= need && n < len(b) && b[n] >= low && b[n] <= high {
		n++
		low, high = 0x80, 0xBF
	}
	return n
}

// escape reads a backslash sequence at p.at and appends what it stands for.
func (p *parser) escape(out []byte) ([]byte, bool) {
	if p.at+1 >= len(p.text) {
		return nil, false
	}
	c := p.text[p.at+1]
	p.at += 2
	switch c {
	case '"', '\\', '/':
		return append(out, c), true
	case 'b':
		return append(out, '\b'), true
	case 'f':
		return append(out, '\f'), true
	case 'n':
		return append(out, '\n'), true
	case 'r':
		return append(out, '\r'), true
	case 't':
		return append(out, '\t'), true
	case 'u':
		return p.unicode(out)
	}
	return nil, false
}

func (p *parser) unicode(out []byte) ([]byte, bool) {
	r, ok := p.hex4(p.at)
	if !ok {
		return nil, false
	}
	p.at += 4
	if utf16.IsSurrogate(r) {
		low, ok := rune(0), false
		if p.at+1 < len(p.text) && p.text[p.at] == '\\' && p.text[p.at+1] == 'u' {
			low, ok = p.hex4(p.at + 2)
		}
		r = utf16.DecodeRune(r, low)
		if ok && r != utf8.RuneError {
			p.at += 6
		}
	}
	return utf8.AppendRune(out, r), true
}

func (p *parser) hex4(at int) (rune, bool) {
	if at+4 > len(p.text) {
		return 0, false
	}
	var r rune
	for _, c := range p.text[at : at+4] {
		d := hexDigit(c)
		if d < 0 {
			return 0, false
		}
		r = r<<4 | d
	}
	return r, true
}
