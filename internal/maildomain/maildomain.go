// Package maildomain compares the domains of e-mail addresses with lists. It
// knows domain names in all their spellings, and no addresses beyond their @.
package maildomain

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxLineBytes bounds one line of a list; a domain name has at most 253.
const maxLineBytes = 1024

// profile maps as a browser does (UTS 46, non-transitional): letter case, full
// width, ideographic full stops, and U-labels to A-labels. Underscores and the
// like are left alone: whether mail reaches such a domain is not our question.
var profile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// ErrNoDomain is returned for what has no readable domain.
var ErrNoDomain = errors.New("maildomain: no domain")

// Canonical is the one spelling of a domain name: lower-case ASCII without a
// final dot. A name that is none is ErrNoDomain.
func Canonical(domain string) (string, error) {
	ascii, err := profile.ToASCII(strings.TrimSpace(domain))
	ascii = strings.ToLower(strings.TrimSuffix(ascii, "."))
	if again, twice := profile.ToASCII(ascii); err != nil || twice != nil || again != ascii || !utf8.ValidString(domain) || ascii == "" || len(ascii) > 253 || strings.Contains(ascii, "..") ||
		strings.HasPrefix(ascii, ".") || strings.ContainsAny(ascii, "@*/ \t") {
		return "", ErrNoDomain
	}
	return ascii, nil
}

// Of is the canonical domain of an address: what follows its last @.
func Of(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "", ErrNoDomain
	}
	return Canonical(address[at+1:])
}

// List is a set of domains. The zero value is empty.
type List struct {
	exact map[string]bool // the domain itself
	below map[string]bool // its subdomains
}

// Compile reads entries: "example.com" is that domain alone, "*.example.com"
// all of its subdomains and not itself.
func Compile(entries []string) (*List, error) {
	l := &List{exact: map[string]bool{}, below: map[string]bool{}}
	for _, entry := range entries {
		name, wild := strings.CutPrefix(strings.TrimSpace(entry), "*.")
		domain, err := Canonical(name)
		if err != nil {
			return nil, fmt.Errorf("%q is no domain: write example.com, or *.example.com for its subdomains", entry)
		}
		if wild {
			l.below[domain] = true
		} else {
			l.exact[domain] = true
		}
	}
	return l, nil
}

// Read reads a file of domains, one a line, each with its subdomains. Empty
// lines and what follows # are skipped.
func Read(r io.Reader) (*List, error) {
	l := &List{exact: map[string]bool{}, below: map[string]bool{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLineBytes)
	number := 0
	for lines.Scan() {
		number++
		text, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		domain, err := Canonical(strings.TrimPrefix(text, "*."))
		if err != nil {
			return nil, fmt.Errorf("line %d: %q is no domain", number, text)
		}
		l.exact[domain], l.below[domain] = true, true
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", number+1, err)
	}
	return l, nil
}

// Empty reports whether nothing is listed.
func (l *List) Empty() bool { return l == nil || len(l.exact)+len(l.below) == 0 }

// Has reports whether a canonical domain is listed.
func (l *List) Has(domain string) bool {
	if l.Empty() {
		return false
	}
	if l.exact[domain] {
		return true
	}
	for {
		_, parent, ok := strings.Cut(domain, ".")
		if !ok {
			return false
		}
		if l.below[parent] {
			return true
		}
		domain = parent
	}
}
