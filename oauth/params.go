package oauth

import (
	"net/url"
	"strings"
)

// Param is one parameter of an address.
type Param struct{ Name, Value string }

// Params keep their order: the protocol's addresses are compared as texts.
type Params []Param

// Set gives name a value, where it stands or at the end.
func (p *Params) Set(name, value string) {
	for i := range *p {
		if (*p)[i].Name == name {
			(*p)[i].Value = value
			return
		}
	}
	*p = append(*p, Param{name, value})
}

// Get is the value of name, "" without one.
func (p Params) Get(name string) string {
	for _, param := range p {
		if param.Name == name {
			return param.Value
		}
	}
	return ""
}

// Remove drops name.
func (p *Params) Remove(name string) {
	kept := (*p)[:0]
	for _, param := range *p {
		if param.Name != name {
			kept = append(kept, param)
		}
	}
	*p = kept
}

// Encode is the text of a query, as WHATWG URL §5.2 serialises it.
func (p Params) Encode() string {
	pairs := make([]string, len(p))
	for i, param := range p {
		pairs[i] = formEscape(param.Name) + "=" + formEscape(param.Value)
	}
	return strings.Join(pairs, "&")
}

// appendTo adds the parameters to an address and takes out those of the same
// names that it has; the rest of its query stays as it is written.
func (p Params) appendTo(target string) string {
	target, fragment, hasFragment := strings.Cut(target, "#")
	target, query, _ := strings.Cut(target, "?")
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		escaped, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(escaped)
		if pair != "" && (err != nil || !p.has(name)) {
			kept = append(kept, pair)
		}
	}
	if len(p) > 0 {
		kept = append(kept, p.Encode())
	}
	if len(kept) > 0 {
		target += "?" + strings.Join(kept, "&")
	}
	if hasFragment {
		target += "#" + fragment
	}
	return target
}

func (p Params) has(name string) bool {
	for _, param := range p {
		if param.Name == name {
			return true
		}
	}
	return false
}

var formEscapes = strings.NewReplacer("%2A", "*", "~", "%7E")

func formEscape(s string) string { return formEscapes.Replace(url.QueryEscape(s)) }
