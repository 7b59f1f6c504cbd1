package mail

import (
	netmail "net/mail"
	"net/url"
	"strings"
	"unicode"
)

// Names are chosen by strangers and land in mails to others. The limits keep a
// name a name: long enough for people, too short for a message.
const (
	maxNameRunes  = 64
	maxNameDigits = 6 // more is a telephone number, which clients make a link
)

// neutralName makes a name safe to show: one line, no invisible or reversing
// characters (U+202E and its kin), nothing that a mail client turns into a
// link. A name that is nothing but such tricks becomes empty.
func neutralName(name string) string {
	text := []rune(neutralText(name))
	digits := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if digits > maxNameDigits {
		return ""
	}
	if len(text) > maxNameRunes {
		text = append([]rune(strings.TrimRight(string(text[:maxNameRunes-1]), " .")), '…')
	}
	return string(text)
}

// neutralText takes links and control out of text that a stranger wrote.
func neutralText(text string) string {
	var b strings.Builder
	letters := []rune(text)
	for i, r := range letters {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			b.WriteByte(' ')
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || r == unicode.ReplacementChar:
			// invisible, reversing, or of no agreed meaning
		case isSlash(r):
			b.WriteByte(' ')
		case r == '@' || r == '＠' || r == '﹫':
			b.WriteString(" at ")
		case isDot(r) || isColon(r):
			b.WriteRune(r)
			if i+1 < len(letters) && !unicode.IsSpace(letters[i+1]) {
				b.WriteByte(' ') // "evil.example" would become a link
			}
		case r == '<' || r == '>' || r == '[' || r == ']' || r == '`':
			// markup of HTML and of clients that render Markdown
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func isSlash(r rune) bool { return strings.ContainsRune(`/\⁄∕⧸／＼`, r) }

// isDot includes the dots that IDNA maps to a full stop (UTS 46) and look-alikes.
func isDot(r rune) bool { return strings.ContainsRune(".。．｡․﹒", r) }

func isColon(r rune) bool { return strings.ContainsRune(":：﹕", r) }

// neutralAddress is an address fit to be shown: itself when it is one, else
// harmless text.
func neutralAddress(address string) string {
	if isAddress(address) {
		return address
	}
	return neutralText(address)
}

// isAddress accepts one bare address (RFC 5321 Mailbox) without quoting,
// comments or display name: nothing that could end a header or add a recipient.
func isAddress(address string) bool {
	if len(address) > 254 || strings.ContainsAny(address, "\"<>()[],;:\\ \t/") {
		return false
	}
	for _, r := range address {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) {
			return false
		}
	}
	parsed, err := netmail.ParseAddress(address)
	return err == nil && parsed.Address == address && parsed.Name == ""
}

// isLink accepts an absolute http or https URL without control characters.
func isLink(link string) bool {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsFunc(link, unicode.IsSpace) {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http"
}

// oneLine folds text into a single line of at most most characters.
func oneLine(text string, most int) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return text
}
