package mail

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/egress"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"runs":  runs,
	"style": func() template.CSS { return template.CSS(pageStyle) },
}).Parse(pageSource))

// The page runs no script, loads nothing and sits in no frame. The preview of
// an HTML mail may have inline styles, as mails do, and nothing else.
var (
	pagePolicy = "default-src 'none'; style-src 'sha256-" + digest(pageStyle) + "'; " + closed
	mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; " + closed + "; sandbox allow-popups"
)

const closed = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// ServeHTTP shows the mails, newest first; ?mail=N shows one, with &format=html
// its HTML part, and ?format=json gives them as JSON. Only this machine is
// answered, directly and under a name of its own: a page elsewhere that points
// a name of its own at loopback (DNS rebinding) gets nothing, nor does anyone
// behind a proxy.
func (b *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isLocal(r) {
		http.Error(w, "the mailbox is shown on this machine only", http.StatusForbidden)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the mailbox can only be read", http.StatusMethodNotAllowed)
		return
	}
	guard(w.Header())
	format := r.URL.Query().Get("format")
	if !r.URL.Query().Has("mail") {
		b.serveList(w, format)
		return
	}
	number, _ := strconv.Atoi(r.URL.Query().Get("mail"))
	letter, ok := b.Letter(number)
	if !ok {
		http.Error(w, "no such mail: the mailbox keeps the last 100", http.StatusNotFound)
		return
	}
	serveLetter(w, letter, format)
}

func guard(h http.Header) {
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// isLocal reports whether a request came straight from this machine.
func isLocal(r *http.Request) bool {
	for _, forwarded := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if len(r.Header.Values(forwarded)) > 0 {
			return false
		}
	}
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || peer == "localhost" || !egress.IsLoopback(peer) {
		return false
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return egress.IsLoopback(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
}

func (b *Mailbox) serveList(w http.ResponseWriter, format string) {
	letters := b.Letters()
	if format == "json" {
		serveJSON(w, letters)
		return
	}
	servePage(w, map[string]any{"Letters": letters})
}

func serveLetter(w http.ResponseWriter, letter Letter, format string) {
	switch format {
	case "json":
		serveJSON(w, letter)
	case "html":
		w.Header().Set("Content-Security-Policy", mailPolicy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(letter.HTML))
	default:
		servePage(w, map[string]any{"Letter": letter})
	}
}

func servePage(w http.ResponseWriter, view any) {
	var b strings.Builder
	if err := pageTemplate.Execute(&b, view); err != nil {
		http.Error(w, "the mailbox cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(b.String()))
}

func serveJSON(w http.ResponseWriter, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "the mailbox cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(raw, '\n'))
}

// run is a piece of text, or a link when it begins with http.
type run struct {
	Text string
	Link bool
}

var linkPattern = regexp.MustCompile(`https?://[^\s<>"]+`)

// runs splits text into links and what stands between.
func runs(text string) []run {
	var parts []run
	at := 0
	for _, span := range linkPattern.FindAllStringIndex(text, -1) {
		parts = append(parts, run{Text: text[at:span[0]]}, run{Text: text[span[0]:span[1]], Link: true})
		at = span[1]
	}
	return append(parts, run{Text: text[at:]})
}
