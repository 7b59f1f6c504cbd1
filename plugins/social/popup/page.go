package popup

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/gatehouse-auth/gatehouse"
)

// outcome is what the opener is told (PROTOCOL 18, oauth-popup).
type outcome struct {
	Token      string   `json:"token,omitempty"`
	RedirectTo string   `json:"redirectTo,omitempty"`
	Error      *failure `json:"error,omitempty"`
}

type failure struct {
	Code        string `json:"code"`
	Description string `json:"description,omitempty"`
}

// message is the block of data in the page.
type message struct {
	Type         string `json:"type"`
	TargetOrigin string `json:"targetOrigin"`
	Nonce        string `json:"nonce"`
	outcome
}

const (
	messageType = "better-auth:oauth-popup"
	dataID      = "better-auth-oauth-popup"
)

// script is the only one that may run in the page: it has nothing of any
// request in it, and posts to the one origin that started the window.
const script = `"use strict";
const { targetOrigin, ...result } = JSON.parse(document.getElementById("` + dataID + `").textContent);
if (window.opener) window.opener.postMessage(result, targetOrigin);
window.close();
`

// policy lets that script run, by its hash, and nothing else.
var policy = "default-src 'none'; script-src 'sha256-" + hash(script) +
	"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// guard sets the headers of a page that carries a token.
func guard(c *gatehouse.Call) {
	for name, value := range map[string]string{
		"Content-Security-Policy": policy,
		"Cache-Control":           "no-store",
		"Pragma":                  "no-cache",
		"Referrer-Policy":         "no-referrer",
		"X-Content-Type-Options":  "nosniff",
	} {
		c.Header().Set(name, value)
	}
}

// render writes the page. All that a request had a part in stands in the data
// block, as JSON of plain ASCII without <, > and &.
func render(opener marker, result outcome) []byte {
	data, err := json.Marshal(message{messageType, opener.Origin, opener.Nonce, result})
	if err != nil {
		panic(err) // there are only texts in it
	}
	var page bytes.Buffer
	page.WriteString("<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Signing in</title></head>\n<body>\n")
	page.WriteString(`<script type="application/json" id="` + dataID + `">`)
	page.Write(ascii(data))
	page.WriteString("</script>\n<script>" + script + "</script>\n</body>\n</html>\n")
	return page.Bytes()
}

// ascii writes what is beyond ASCII in JSON as \u escapes, so that no guess at
// the page's encoding can change what it says.
func ascii(data []byte) []byte {
	var quoted []byte
	for _, r := range string(data) {
		switch {
		case r < 0x80:
			quoted = append(quoted, byte(r))
		case r < 0x10000:
			quoted = appendEscape(quoted, r)
		default:
			r -= 0x10000
			quoted = appendEscape(appendEscape(quoted, 0xd800+(r>>10)), 0xdc00+(r&0x3ff))
		}
	}
	return quoted
}

func appendEscape(to []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(to, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
