package mail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-auth/gatehouse/server/mail"
)

// post is a mail server on loopback that keeps what it gets.
type post struct {
	refuse    map[string]*smtp.SMTPError // by command: MAIL, RCPT, DATA
	mechanism string                     // of AUTH; empty: none is offered
	hang      chan struct{}              // DATA waits for it, when set

	host  string
	port  int
	roots *x509.CertPool

	mu   sync.Mutex
	got  []envelope
	auth []string // what was presented
}

type envelope struct {
	from      string
	to        []string
	encrypted bool
	raw       string
}

// open starts the server; tlsMode is "starttls", "tls" or "none".
func (p *post) open(t *testing.T, tlsMode string) {
	t.Helper()
	certificate, roots := selfMade(t)
	p.roots = roots
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &visit{post: p, conn: c}, nil
	}))
	server.Domain = "post.test"
	server.ErrorLog = log.New(io.Discard, "", 0)
	if tlsMode != "none" {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.host, p.port = "localhost", listener.Addr().(*net.TCPAddr).Port
	if tlsMode == "tls" {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() {
		server.Close()
		<-done
	})
}

func (p *post) mails() []envelope {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got
}

func selfMade(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// visit is one connection to the server.
type visit struct {
	post *post
	conn *smtp.Conn
	mail envelope
}

func (v *visit) Reset()        { v.mail = envelope{} }
func (v *visit) Logout() error { return nil }

func (v *visit) answer(command string) error {
	if e := v.post.refuse[command]; e != nil {
		return e
	}
	return nil
}

func (v *visit) Mail(from string, _ *smtp.MailOptions) error {
	v.mail.from = from
	return v.answer("MAIL")
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.mail.to = append(v.mail.to, to)
	return v.answer("RCPT")
}

func (v *visit) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if v.post.hang != nil {
		<-v.post.hang
	}
	if err := v.answer("DATA"); err != nil {
		return err
	}
	_, v.mail.encrypted = v.conn.TLSConnectionState()
	v.mail.raw = string(raw)
	v.post.mu.Lock()
	defer v.post.mu.Unlock()
	v.post.got = append(v.post.got, v.mail)
	return nil
}

func (v *visit) AuthMechanisms() []string {
	if v.post.mechanism == "" {
		return nil
	}
	return []string{v.post.mechanism}
}

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		v.post.mu.Lock()
		defer v.post.mu.Unlock()
		v.post.auth = append(v.post.auth, user+":"+password)
		if user != "gate" || password != "right" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func templates(t *testing.T) *mail.Templates {
	t.Helper()
	made, err := mail.NewTemplates(mail.TemplateOptions{AppName: "Shop", AppURL: "https://shop.test"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (p *post) sender(t *testing.T, o mail.SMTPOptions) *mail.SMTP {
	t.Helper()
	o.Host, o.Port, o.RootCAs = p.host, p.port, p.roots
	if o.From == "" {
		o.From = "mail@shop.test"
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	o.Now = func() time.Time { return time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC) }
	s, err := mail.NewSMTP(o, templates(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func reset(name, to string) mail.Message {
	return mail.Message{ID: "outbox7", Kind: "reset-password", To: to, Data: map[string]any{
		"user": map[string]any{"name": name, "email": to}, "url": "https://shop.test/reset/abc?callbackURL=%2F", "token": "abc", "expiresIn": 3600,
	}}
}

func TestSMTPDelivers(t *testing.T) {
	for _, tt := range []struct {
		name, tlsMode string
		options       mail.SMTPOptions
		mechanism     string
		encrypted     bool
		auth          []string
	}{
		{"STARTTLS by default", "starttls", mail.SMTPOptions{}, "", true, nil},
		{"implicit TLS", "tls", mail.SMTPOptions{Security: mail.ImplicitTLS}, "", true, nil},
		{"plain when asked for", "none", mail.SMTPOptions{InsecurePlain: true}, "", false, nil},
		{"login over STARTTLS", "starttls", mail.SMTPOptions{Username: "gate", Password: "right"}, "PLAIN", true, []string{"gate:right"}},
		{"login over implicit TLS", "tls", mail.SMTPOptions{Security: mail.ImplicitTLS, Username: "gate", Password: "right"}, "PLAIN", true, []string{"gate:right"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &post{mechanism: tt.mechanism}
			p.open(t, tt.tlsMode)
			if err := p.sender(t, tt.options).Send(t.Context(), reset("Ada", "ada@example.com")); err != nil {
				t.Fatal(err)
			}
			got := p.mails()
			if len(got) != 1 || got[0].from != "mail@shop.test" || !cmp.Equal(got[0].to, []string{"ada@example.com"}) || got[0].encrypted != tt.encrypted {
				t.Errorf("the server got %+v", got)
			}
			if diff := cmp.Diff(tt.auth, p.auth); diff != "" {
				t.Errorf("login (-want +got)\n%s", diff)
			}
		})
	}
}

func TestSMTPMessage(t *testing.T) {
	p := &post{}
	p.open(t, "starttls")
	s := p.sender(t, mail.SMTPOptions{From: "Büro <mail@shop.test>", ReplyTo: "help@shop.test"})
	for range 2 { // a retry carries the same Message-ID
		if err := s.Send(t.Context(), reset("Ada", "ada@example.com")); err != nil {
			t.Fatal(err)
		}
	}
	for _, got := range p.mails() {
		headers, text, html := read(t, got.raw)
		delete(headers, "Content-Type") // holds a random boundary
		want := netmail.Header{
			"From": {`=?utf-8?q?B=C3=BCro?= <mail@shop.test>`}, "To": {"<ada@example.com>"}, "Reply-To": {"<help@shop.test>"},
			"Subject": {"Reset your password for Shop"}, "Date": {"Mon, 04 May 2026 03:02:01 +0000"},
			"Message-Id": {"<outbox7@shop.test>"}, "Mime-Version": {"1.0"}, "Auto-Submitted": {"auto-generated"},
		}
		if diff := cmp.Diff(want, headers); diff != "" {
			t.Errorf("headers (-want +got)\n%s", diff)
		}
		_, wantText, wantHTML, err := templates(t).Render(reset("Ada", "ada@example.com"))
		if err != nil || text != wantText || html != wantHTML {
			t.Errorf("text\n%s\nHTML\n%s\nrender: %v", text, html, err)
		}
	}
}

// read takes a multipart/alternative mail apart.
func read(t *testing.T, raw string) (headers netmail.Header, text, html string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	bodies := make([]string, 0, 2)
	for range 2 {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, strings.ReplaceAll(string(body), "\r\n", "\n"))
	}
	return m.Header, bodies[0], bodies[1]
}

func TestSMTPFailures(t *testing.T) {
	temporary := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}
	final := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	for _, tt := range []struct {
		name, tlsMode string
		post          *post
		options       mail.SMTPOptions
		permanent     bool
		want          string // in the error
	}{
		{"4xx to RCPT", "starttls", &post{refuse: map[string]*smtp.SMTPError{"RCPT": temporary}}, mail.SMTPOptions{}, false, "greylisted"},
		{"4xx to MAIL", "starttls", &post{refuse: map[string]*smtp.SMTPError{"MAIL": temporary}}, mail.SMTPOptions{}, false, "greylisted"},
		{"4xx after DATA", "starttls", &post{refuse: map[string]*smtp.SMTPError{"DATA": temporary}}, mail.SMTPOptions{}, false, "greylisted"},
		{"5xx to RCPT", "starttls", &post{refuse: map[string]*smtp.SMTPError{"RCPT": final}}, mail.SMTPOptions{}, true, "no such user"},
		{"5xx to MAIL", "starttls", &post{refuse: map[string]*smtp.SMTPError{"MAIL": final}}, mail.SMTPOptions{}, true, "no such user"},
		{"5xx after DATA", "starttls", &post{refuse: map[string]*smtp.SMTPError{"DATA": final}}, mail.SMTPOptions{}, true, "no such user"},
		{"login required", "starttls", &post{refuse: map[string]*smtp.SMTPError{"MAIL": {Code: 530, Message: "who are you"}}}, mail.SMTPOptions{}, false, "who are you"},
		{"login refused", "starttls", &post{mechanism: "PLAIN"}, mail.SMTPOptions{Username: "gate", Password: "wrong"}, false, "Authentication failed"},
		{"no login offered", "starttls", &post{}, mail.SMTPOptions{Username: "gate", Password: "right"}, false, "does not support SMTP AUTH"},
		{"no STARTTLS offered", "none", &post{}, mail.SMTPOptions{}, false, "does not support STARTTLS"},
		{"plain server, implicit TLS wanted", "none", &post{}, mail.SMTPOptions{Security: mail.ImplicitTLS}, false, "tls: first record does not look like a TLS handshake"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.post.open(t, tt.tlsMode)
			err := tt.post.sender(t, tt.options).Send(t.Context(), reset("Ada", "ada@example.com"))
			if err == nil || !strings.Contains(err.Error(), tt.want) || errors.Is(err, mail.ErrPermanent) != tt.permanent {
				t.Errorf("got %v (permanent %t)\nwant %q (permanent %t)", err, errors.Is(err, mail.ErrPermanent), tt.want, tt.permanent)
			}
			if got := tt.post.mails(); len(got) != 0 {
				t.Errorf("the server kept %+v", got)
			}
			if strings.Contains(err.Error(), "wrong") || strings.Contains(err.Error(), "abc") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func TestSMTPNeedsATrustedCertificate(t *testing.T) {
	p := &post{}
	p.open(t, "starttls")
	_, p.roots = selfMade(t) // another's
	err := p.sender(t, mail.SMTPOptions{}).Send(t.Context(), reset("Ada", "ada@example.com"))
	var unknown *tls.CertificateVerificationError
	if !errors.As(err, &unknown) || errors.Is(err, mail.ErrPermanent) {
		t.Errorf("got %v, want a certificate error that may pass", err)
	}
}

func TestSMTPPasswordIsNotSentInClear(t *testing.T) {
	p := &post{mechanism: "PLAIN"}
	p.open(t, "none")
	err := p.sender(t, mail.SMTPOptions{InsecurePlain: true, Username: "gate", Password: "right"}).
		Send(t.Context(), reset("Ada", "ada@example.com"))
	if err == nil || len(p.auth) != 0 {
		t.Errorf("got %v, the server saw %v", err, p.auth)
	}
}

func TestSMTPServerThatHangs(t *testing.T) {
	p := &post{hang: make(chan struct{})}
	p.open(t, "starttls")
	t.Cleanup(func() { close(p.hang) })
	err := p.sender(t, mail.SMTPOptions{Timeout: 200 * time.Millisecond}).Send(t.Context(), reset("Ada", "ada@example.com"))
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, mail.ErrPermanent) {
		t.Errorf("got %v, want a deadline that may pass", err)
	}
}

func TestSMTPSilentServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // never accepts, never greets
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p := &post{host: "127.0.0.1", port: listener.Addr().(*net.TCPAddr).Port}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	err = p.sender(t, mail.SMTPOptions{}).Send(ctx, reset("Ada", "ada@example.com"))
	if !errors.Is(err, context.Canceled) || errors.Is(err, mail.ErrPermanent) {
		t.Errorf("got %v, want a cancelled delivery that may pass", err)
	}
}

// ATTACKS 61: neither a name nor an address can add a header, a recipient or a
// line to the conversation.
func TestSMTPHeadersCannotBeInjected(t *testing.T) {
	p := &post{}
	p.open(t, "starttls")
	s := p.sender(t, mail.SMTPOptions{})
	for _, to := range []string{
		"ada@example.com\r\nBcc: eve@evil.test", "ada@example.com\nRCPT TO:<eve@evil.test>", "ada@example.com, eve@evil.test",
		"Ada <ada@example.com>", "<ada@example.com>", `"a b"@example.com`, "ada@example.com>", "ada@exam\x00ple.com",
		"ada@example.com\u202e", "ada", "", "@example.com", "ada@", strings.Repeat("a", 250) + "@example.com",
	} {
		err := s.Send(t.Context(), reset("Ada", to))
		if !errors.Is(err, mail.ErrPermanent) {
			t.Errorf("to %q: got %v, want a permanent failure", to, err)
		}
	}
	if got := p.mails(); len(got) != 0 {
		t.Fatalf("the server got %+v", got)
	}
	message := reset("Ada\r\nBcc: eve@evil.test\r\n\r\nHi", "ada@example.com")
	message.ID = "1@x>\r\nBcc: eve@evil.test"
	if err := s.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	got := p.mails()[0]
	headers, text, _ := read(t, got.raw)
	if len(got.to) != 1 || headers.Get("Bcc") != "" || len(headers) != 8 {
		t.Errorf("recipients %v, headers %v", got.to, headers)
	}
	if want := "<0968d6b9e88b1f31a25ce90f27b05123@shop.test>"; headers.Get("Message-Id") != want {
		t.Errorf("Message-ID %q, want %q", headers.Get("Message-Id"), want)
	}
	if want := "Hello Ada Bcc: eve at evil. test Hi,\n"; !strings.HasPrefix(text, want) {
		t.Errorf("the text begins %.60q, want %q", text, want)
	}
}

func TestNewSMTPRefuses(t *testing.T) {
	good := mail.SMTPOptions{Host: "post.test", From: "mail@shop.test"}
	for _, tt := range []struct {
		name   string
		change func(*mail.SMTPOptions)
		want   string
	}{
		{"no host", func(o *mail.SMTPOptions) { o.Host = "" }, "smtp: host must be a host name or an IP address"},
		{"host with port", func(o *mail.SMTPOptions) { o.Host = "post.test:25" }, "smtp: host must be a host name or an IP address"},
		{"socket", func(o *mail.SMTPOptions) { o.Host = "unix:///run/x" }, "smtp: host must be a host name or an IP address"},
		{"port", func(o *mail.SMTPOptions) { o.Port = 70000 }, "smtp: port must be 1 to 65535"},
		{"security", func(o *mail.SMTPOptions) { o.Security = "ssl" }, "smtp: security must be starttls or tls"},
		{"timeout", func(o *mail.SMTPOptions) { o.Timeout = time.Hour }, "smtp: timeout must be at most 5 minutes"},
		{"password alone", func(o *mail.SMTPOptions) { o.Password = "x" }, "smtp: a password needs a username"},
		{"from", func(o *mail.SMTPOptions) { o.From = "shop" }, `smtp: from must be an address, or a name and an address as in "Example <mail@example.com>"`},
		{"two senders", func(o *mail.SMTPOptions) { o.From = "a@b.test, c@d.test" }, `smtp: from must be an address, or a name and an address as in "Example <mail@example.com>"`},
		{"reply to", func(o *mail.SMTPOptions) { o.ReplyTo = "x\r\nBcc: y@z" }, "smtp: replyTo must be an address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := good
			tt.change(&o)
			if _, err := mail.NewSMTP(o, templates(t)); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
	if _, err := mail.NewSMTP(good, templates(t)); err != nil {
		t.Errorf("the good options: %v", err)
	}
}
