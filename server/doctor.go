package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/site"
)

// Verdict is how bad a finding is.
type Verdict string

// The verdicts of a Finding.
const (
	Good   Verdict = "ok"
	Look   Verdict = "look"   // it may be meant so
	Unsafe Verdict = "unsafe" // not fit for production
)

// Finding is one thing a configuration was checked for.
type Finding struct {
	Check   string  `json:"check"`
	Status  Verdict `json:"status"`
	Message string  `json:"message"`
	Fix     string  `json:"fix,omitempty"`
}

// Diagnose checks a configuration against what production asks for. It
// changes nothing; of the network it asks the database alone.
func Diagnose(ctx context.Context, l *Loaded) []Finding {
	_, port, _ := net.SplitHostPort(l.Listen)
	d := &diagnosis{Loaded: l, baseURL: l.publicURL(port)}
	d.configuration()
	d.database(ctx)
	return d.findings
}

// diagnoseConfiguration is Diagnose without the database.
func diagnoseConfiguration(l *Loaded, baseURL string) []Finding {
	d := &diagnosis{Loaded: l, baseURL: baseURL}
	d.configuration()
	return d.findings
}

func (d *diagnosis) configuration() {
	d.address()
	d.cookies()
	d.origins()
	d.guards()
	d.proxies()
	d.verification()
	d.mail()
	d.secret()
	d.files()
}

type diagnosis struct {
	*Loaded
	baseURL  string
	findings []Finding
}

func (d *diagnosis) good(check, message string, args ...any) {
	d.findings = append(d.findings, Finding{Check: check, Status: Good, Message: fmt.Sprintf(message, args...)})
}

func (d *diagnosis) look(check, fix, message string, args ...any) {
	d.findings = append(d.findings, Finding{Check: check, Status: Look, Message: fmt.Sprintf(message, args...), Fix: fix})
}

func (d *diagnosis) unsafe(check, fix, message string, args ...any) {
	d.findings = append(d.findings, Finding{Check: check, Status: Unsafe, Message: fmt.Sprintf(message, args...), Fix: fix})
}

func (d *diagnosis) address() {
	switch {
	case isLocal(d.baseURL):
		d.unsafe("baseURL", "set baseURL to the https address that people reach this server at",
			"links in mails lead to %s, this machine", d.baseURL)
	case !strings.HasPrefix(d.baseURL, "https://"):
		d.unsafe("baseURL", "put a proxy with a certificate in front and set baseURL to its https address",
			"%s is not encrypted: passwords and cookies can be read on the way", d.baseURL)
	default:
		d.good("baseURL", "%s", d.baseURL)
	}
}

func (d *diagnosis) cookies() {
	forced, https := d.Advanced.UseSecureCookies, strings.HasPrefix(d.baseURL, "https://")
	switch {
	case forced != nil && !*forced:
		d.unsafe("cookies", "remove advanced.useSecureCookies and use an https baseURL", "advanced.useSecureCookies is off: cookies travel unencrypted")
	case forced == nil && !https:
		d.unsafe("cookies", "use an https baseURL", "cookies are not Secure, as baseURL is not https")
	case d.insecureAttributes():
		d.unsafe("cookies", "remove secure: false and httpOnly: false from the cookie attributes", "cookie attributes take Secure or HttpOnly away")
	default:
		d.good("cookies", "Secure and HttpOnly")
	}
}

func (d *diagnosis) insecureAttributes() bool {
	off := func(flags ...*bool) bool {
		for _, flag := range flags {
			if flag != nil && !*flag {
				return true
			}
		}
		return false
	}
	if a := d.Advanced.DefaultCookieAttributes; off(a.Secure, a.HTTPOnly) {
		return true
	}
	for _, cookie := range d.Advanced.Cookies {
		if off(cookie.Attributes.Secure, cookie.Attributes.HTTPOnly) {
			return true
		}
	}
	return false
}

// origins looks at trusted origins: whether they are encrypted, whether CORS
// lets them call, and whether their browsers will send our cookies.
func (d *diagnosis) origins() {
	base, err := url.Parse(d.baseURL)
	if err != nil {
		return
	}
	before := len(d.findings)
	sameSite := strings.ToLower(d.Advanced.DefaultCookieAttributes.SameSite)
	for _, trusted := range d.TrustedOrigins {
		u, err := url.Parse(strings.ReplaceAll(trusted, "*", "any"))
		if err != nil || u.Scheme != "http" && u.Scheme != "https" {
			continue // an application's scheme, or a bare pattern
		}
		switch {
		case u.Scheme == "http" && !isLocal(u.String()):
			d.unsafe("trustedOrigins", "use https://"+strings.TrimPrefix(trusted, "http://"),
				"%s is not encrypted: whoever is on the way can act as its users", trusted)
		case isLocal(u.String()) && !isLocal(d.baseURL):
			d.look("trustedOrigins", "remove it where it is not needed", "%s is a developer's machine", trusted)
		case !site.Same(base, u) && sameSite != "none":
			d.look("trustedOrigins", "serve both from one site, or set advanced.defaultCookieAttributes.sameSite to none (some browsers block such cookies)",
				"%s is another site than %s, and SameSite=Lax cookies are not sent between sites", trusted, d.baseURL)
		case !d.CORS:
			d.look("trustedOrigins", "set cors to true, or let the proxy answer it", "%s cannot call from a browser: cors is off", trusted)
		}
	}
	if len(d.findings) == before {
		d.good("trustedOrigins", "%d besides our own", len(d.TrustedOrigins))
	}
}

func (d *diagnosis) guards() {
	if d.Advanced.DisableCSRFCheck {
		d.unsafe("csrf", "remove advanced.disableCSRFCheck", "any site may act as a signed-in person")
	}
	if d.Advanced.DisableOriginCheck {
		d.unsafe("redirects", "remove advanced.disableOriginCheck", "links of this server may lead anywhere")
	}
	switch enabled := d.RateLimit.Enabled; {
	case enabled != nil && !*enabled:
		d.unsafe("rateLimit", "remove rateLimit.enabled: false", "passwords can be guessed without a limit")
	case d.Advanced.IPAddress.DisableIPTracking:
		d.unsafe("rateLimit", "remove advanced.ipAddress.disableIPTracking", "no rate is limited, as addresses are not looked at")
	case d.Database.isPostgres() && d.RateLimit.Storage != "database":
		d.look("rateLimit", "set rateLimit.storage to database if there is more than one process", "each process counts for itself")
	default:
		d.good("rateLimit", "on")
	}
}

func (d *diagnosis) proxies() {
	ip := d.Advanced.IPAddress
	if ip.InsecureTrustAnyProxy {
		d.unsafe("proxies", "list your proxies in advanced.ipAddress.trustedProxies instead", "every client may choose its own address, and so its own rate limit")
		return
	}
	prefixes, err := parseProxies(ip.TrustedProxies)
	if err != nil {
		d.unsafe("proxies", "write addresses or ranges", "%v", err)
		return
	}
	for _, prefix := range prefixes {
		if prefix.Bits() == 0 {
			d.unsafe("proxies", "list only the proxies in front of this server", "%s trusts everybody's word about addresses", prefix)
			return
		}
	}
	if len(prefixes) == 0 && strings.HasPrefix(d.baseURL, "https://") {
		d.look("proxies", "set advanced.ipAddress.trustedProxies to the address of the proxy, such as 127.0.0.1",
			"none is listed, so all clients behind the proxy share one address and one rate limit")
		return
	}
	d.good("proxies", "%d listed", len(prefixes))
}

func (d *diagnosis) verification() {
	passwords := &d.EmailAndPassword
	switch {
	case !passwords.Enabled:
		d.good("verification", "nobody signs up with a password")
	case !d.EmailVerification.SendVerificationEmail:
		d.unsafe("verification", "remove emailVerification.sendVerificationEmail: false", "nobody can prove an e-mail address")
	case !passwords.RequireEmailVerification:
		d.look("verification", "set emailAndPassword.requireEmailVerification to true",
			"people sign in before they prove their address, and may hold somebody else's")
	default:
		d.good("verification", "required before sign-in")
	}
	if passwords.Enabled && !passwords.SendResetPassword {
		d.look("reset", "remove emailAndPassword.sendResetPassword: false", "who forgets the password stays out")
	}
}

func (d *diagnosis) mail() {
	settled := *d.Options
	settled.BaseURL = d.baseURL
	post, err := newPost(&settled, slog.New(slog.DiscardHandler))
	switch {
	case err != nil:
		d.unsafe("mail", "see mail in the configuration reference", "%v", err)
	case post.mailbox != nil:
		d.unsafe("mail", "set mail.smtp or mail.webhook", "mail is kept on a page for developers and reaches nobody")
	case post.sender == nil:
		d.unsafe("mail", "set mail.smtp or mail.webhook", "mail goes %s", post.where)
	case d.Mail.SMTP.InsecurePlain && !isLocal("smtp://"+d.Mail.SMTP.Host):
		d.unsafe("mail", "remove mail.smtp.insecurePlain", "links that open accounts are sent unencrypted to %s", d.Mail.SMTP.Host)
	default:
		d.good("mail", "%s", post.where)
	}
}

func (d *diagnosis) secret() {
	fix := "set secret in the environment, or as ${file:PATH}; `gatehouse secret` makes one"
	if d.Secret != "" || len(d.Secrets) > 0 {
		d.good("secret", "given by the configuration") // a weak one does not load
		return
	}
	_, err := readSecret(d.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist) && d.Database.isPostgres():
		d.unsafe("secret", fix, "none is set: each node would make its own and refuse the others' cookies")
	case errors.Is(err, fs.ErrNotExist):
		d.good("secret", "will be made in %s", d.Data)
	case err != nil:
		d.unsafe("secret", "chmod 600 it, and replace it if somebody may have read it", "%v", err)
	case d.Database.isPostgres():
		d.look("secret", fix, "it lies in %s: every node of this database needs the same", d.Data)
	default:
		d.good("secret", "%s", filepath.Join(d.Data, secretFile))
	}
}

// files looks for secrets that other users of the machine can read.
func (d *diagnosis) files() {
	before := len(d.findings)
	if d.File != "" {
		d.file("configuration file", d.File, d.holdsSecret)
	}
	if d.Database.URL == "" {
		d.file("database file", filepath.Join(d.Data, "gatehouse.db"), func([]byte) bool { return true })
	} else if file, ok := strings.CutPrefix(d.Database.URL, "sqlite:"); ok {
		d.file("database file", file, func([]byte) bool { return true })
	}
	if len(d.findings) == before {
		d.good("files", "nobody else can read what is secret")
	}
}

func (d *diagnosis) file(what, name string, matters func([]byte) bool) {
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return
	}
	var raw []byte
	if name == d.File {
		raw, _ = readFile(name)
	}
	if matters(raw) {
		d.unsafe("files", "chmod 600 "+name, "the %s %s can be read by others (mode %04o)", what, name, info.Mode().Perm())
	}
}

// holdsSecret reports whether a secret stands in the file itself, rather than
// in a file or variable that it names.
func (d *diagnosis) holdsSecret(raw []byte) bool {
	values := []string{d.Secret, d.Mail.SMTP.Password, d.Mail.Webhook.Secret}
	for _, s := range d.Secrets {
		values = append(values, s.Value)
	}
	if u, err := url.Parse(d.Database.URL); err == nil && u.User != nil {
		password, _ := u.User.Password()
		values = append(values, password)
	}
	for _, value := range values {
		if value != "" && strings.Contains(string(raw), value) {
			return true
		}
	}
	return false
}
