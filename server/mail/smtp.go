package mail

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Security is how the connection to the mail server is protected.
type Security string

const (
	StartTLS    Security = "starttls" // RFC 3207, required: a server without it gets no mail
	ImplicitTLS Security = "tls"      // RFC 8314, usually port 465
)

// Options lists the values a configuration may name.
func (Security) Options() []string { return []string{string(StartTLS), string(ImplicitTLS)} }

// SMTPOptions name the mail server and the sender.
type SMTPOptions struct {
	// Host of the mail server. Required.
	Host string
	// Port of the mail server. Default 587, with security tls 465.
	Port int
	// Security of the connection: starttls or tls. Default starttls.
	Security Security
	// InsecurePlain sends mail, with its links and codes, unencrypted: for a
	// server on the same machine only. A password is still not sent in clear.
	// Default false.
	InsecurePlain bool
	// Username for the mail server. Default none: no authentication.
	Username string
	// Password for the mail server.
	Password string `secret:"true"`
	// From is the sender, "Name <address>" or an address. Required. Without a
	// name the app's name is used.
	From string
	// ReplyTo is an address for answers. Default none.
	ReplyTo string
	// Timeout of one delivery from dialling to the last answer. Default 15
	// seconds, at most 5 minutes.
	Timeout time.Duration
	// HelloName is what we call ourselves to the server. Default the host name.
	HelloName string

	// RootCAs replaces the system's certificate authorities.
	RootCAs *x509.CertPool `option:"-"`
	// Now is the clock of the Date header. Default time.Now.
	Now func() time.Time `option:"-"`
}

// SMTP delivers to a mail server, one connection for each message. Safe for
// concurrent use.
type SMTP struct {
	options   SMTPOptions
	from      *netmail.Address
	templates *Templates
}

var _ Sender = (*SMTP)(nil)

// NewSMTP checks the options; it does not connect.
func NewSMTP(o SMTPOptions, t *Templates) (*SMTP, error) {
	if o.Security == "" {
		o.Security = StartTLS
	}
	if o.Port == 0 {
		o.Port = 587
		if o.Security == ImplicitTLS {
			o.Port = 465
		}
	}
	if o.Timeout == 0 {
		o.Timeout = 15 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	from, err := o.check()
	if err != nil {
		return nil, fmt.Errorf("smtp: %w", err)
	}
	if from.Name == "" {
		from.Name = t.options.AppName
	}
	return &SMTP{options: o, from: from, templates: t}, nil
}

func (o SMTPOptions) check() (from *netmail.Address, err error) {
	switch {
	case o.Host == "" || strings.ContainsAny(o.Host, "/: \t\r\n") && net.ParseIP(o.Host) == nil:
		return nil, errors.New("host must be a host name or an IP address")
	case o.Port < 1 || o.Port > 65535:
		return nil, errors.New("port must be 1 to 65535")
	case !slices.Contains(o.Security.Options(), string(o.Security)):
		return nil, errors.New("security must be starttls or tls")
	case o.Timeout < 0 || o.Timeout > 5*time.Minute:
		return nil, errors.New("timeout must be at most 5 minutes")
	case o.Username == "" && o.Password != "":
		return nil, errors.New("a password needs a username")
	case o.ReplyTo != "" && !isAddress(o.ReplyTo):
		return nil, errors.New("replyTo must be an address")
	}
	from, err = netmail.ParseAddress(o.From)
	if err != nil || !isAddress(from.Address) {
		return nil, errors.New(`from must be an address, or a name and an address as in "Example <mail@example.com>"`)
	}
	from.Name = oneLine(from.Name, maxNameRunes)
	return from, nil
}

// Send renders and delivers one message within the timeout. A 5xx answer to the
// message or its addresses is ErrPermanent (RFC 5321 §4.2.1). A refused login
// or connection is not, whatever its code: the operator mends it, and mails
// must not be lost meanwhile.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := s.compose(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	line := &line{tls: s.tlsConfig(), implicit: s.options.Security == ImplicitTLS && !s.options.InsecurePlain}
	// The library knows deadlines of single steps only, and leaves a connection
	// open when a greeting fails.
	stop := context.AfterFunc(ctx, line.close)
	defer stop()
	defer line.close()

	client, err := gomail.NewClient(s.options.Host, s.clientOptions(line)...)
	if err != nil {
		return fmt.Errorf("smtp: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() {
		return nil // what fails after the server took the message is no failure of the message
	}
	if ctx.Err() != nil {
		return fmt.Errorf("smtp: no answer in time from %s: %w", s.options.Host, ctx.Err())
	}
	return classify(err)
}

// classify tells a refused message from a passing fault.
func classify(err error) error {
	var failed *gomail.SendError
	if errors.As(err, &failed) && failed.ErrorCode() >= 500 && !aboutLogin(failed.ErrorCode()) {
		return permanent("smtp: %w", err)
	}
	return fmt.Errorf("smtp: %w", err)
}

// aboutLogin: 530 authentication required, 534 mechanism too weak, 535
// credentials invalid, 538 encryption required (RFC 4954 §6).
func aboutLogin(code int) bool { return slices.Contains([]int{530, 534, 535, 538}, code) }

func (s *SMTP) clientOptions(l *line) []gomail.Option {
	options := []gomail.Option{
		gomail.WithPort(s.options.Port),
		gomail.WithTimeout(s.options.Timeout),
		gomail.WithTLSConfig(s.tlsConfig()),
		gomail.WithDialContextFunc(l.dial),
		gomail.WithTLSPolicy(gomail.TLSMandatory),
		gomail.WithoutNoop(),
	}
	switch {
	case s.options.InsecurePlain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case s.options.Security == ImplicitTLS:
		// The line is encrypted before the first word; "opportunistic" only has
		// the library look at that.
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	if s.options.HelloName != "" {
		options = append(options, gomail.WithHELO(s.options.HelloName))
	}
	if s.options.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(s.options.Username), gomail.WithPassword(s.options.Password))
	}
	return options
}

func (s *SMTP) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.options.Host, RootCAs: s.options.RootCAs, MinVersion: tls.VersionTLS12}
}

// compose makes the message with single-line headers.
func (s *SMTP) compose(m Message) (*gomail.Msg, error) {
	if !isAddress(m.To) {
		return nil, permanent("smtp: the recipient is not one bare address")
	}
	subject, text, html, err := s.templates.Render(m)
	if err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	msg.ToMailAddress(&netmail.Address{Address: m.To})
	if s.options.ReplyTo != "" {
		if err := msg.ReplyTo(s.options.ReplyTo); err != nil {
			return nil, permanent("smtp: %w", err)
		}
	}
	msg.Subject(subject)
	msg.SetDateWithValue(s.options.Now())
	if m.ID != "" {
		msg.SetMessageIDWithValue(s.messageID(m.ID))
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 §5: no holiday replies
	msg.SetBodyString(gomail.TypeTextPlain, text)
	msg.AddAlternativeString(gomail.TypeTextHTML, html)
	return msg, nil
}

var plainID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// messageID is the same for every attempt, so that a recipient's server sees
// that a retry is one mail (RFC 5322 §3.6.4).
func (s *SMTP) messageID(id string) string {
	if !plainID.MatchString(id) {
		sum := sha256.Sum256([]byte(id))
		id = hex.EncodeToString(sum[:16])
	}
	_, domain, _ := strings.Cut(s.from.Address, "@")
	return id + "@" + domain
}
