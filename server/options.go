// Package server is the product around the library: the configuration file,
// the data folder, the database, the listener, health, logs and mail. It
// refuses to know how anybody signs in. Read options.go, then server.go.
package server

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/plugins/console"
	"github.com/gatehouse-auth/gatehouse/plugins/firstadmin"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/server/mail"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/web"
)

// Options is everything the server can be told, as in its configuration file.
type Options struct {
	standard.Options

	// Listen is the address and port to answer on; port 0 takes a free one.
	Listen string
	// Data is the folder for the embedded database and the secret. It is made
	// with mode 0700.
	Data     string
	Database DatabaseOptions
	Mail     MailOptions
	Log      LogOptions
	// Brand is how the built-in pages name and colour themselves.
	Brand web.Brand
	// CORS lets scripts of trusted origins call from a browser, with cookies.
	// Nobody else may, whatever it says.
	CORS   bool
	Limits LimitOptions

	// From says where the options come from, as Load found them.
	From Origin `option:"-"`
}

// Origin is where options come from.
type Origin struct {
	// File is the configuration file that was read; empty: none.
	File string
	// Origins tells for every option that was set: "file", "env" or "flag".
	Origins map[string]string
}

// DatabaseOptions say where everything is kept.
type DatabaseOptions struct {
	// URL is "sqlite:PATH" or "postgres://…". Default a SQLite file in the data
	// folder.
	URL string `secret:"true"`
	// Naming is how tables and columns are called: camel as better-auth's own
	// adapter does, snake as its Drizzle output, snakePlural for users and
	// sessions with uuid ids.
	Naming NamingStyle
	// Migrate adds missing tables and columns at the start on PostgreSQL too.
	// The embedded SQLite file is always brought up to date.
	Migrate bool
}

// NamingStyle is how tables and columns are called.
type NamingStyle string

// Options lists the values a configuration may name.
func (NamingStyle) Options() []string { return []string{"camel", "snake", "snakePlural"} }

// MailOptions say how mail leaves. With neither a host nor a webhook it goes to
// a mailbox page while the server is reached at this machine only, and waits
// in the outbox otherwise.
type MailOptions struct {
	// From is the sender, an address or "Name <address>". Required with SMTP.
	From string
	// ReplyTo is an address for answers. Default none.
	ReplyTo string
	SMTP    SMTPOptions
	Webhook WebhookOptions
	// Templates is a folder of files that replace built-in mails one by one,
	// such as reset-password.subject, .txt and .html. Default none.
	Templates string
}

// SMTPOptions name the mail server.
type SMTPOptions struct {
	// Host of the mail server. Default none: no mail is sent by SMTP.
	Host string
	// Port of the mail server. Default 587, with security tls 465.
	Port int
	// User for the mail server. Default none: no authentication.
	User string
	// Password for the mail server.
	Password string `secret:"true"`
	// Security of the connection: starttls (required of the server) or tls.
	Security mail.Security
	// InsecurePlain sends mail unencrypted, with its links: for a server on the
	// same machine only. A password is still not sent in clear.
	InsecurePlain bool
	// Timeout of one delivery. Default 15s, at most 5m.
	Timeout time.Duration
}

// WebhookOptions name who takes mails over, in the form of Standard Webhooks.
type WebhookOptions struct {
	// URL that every mail is posted to as JSON: https, or http on loopback.
	// Default none.
	URL string
	// Secret signs the calls: "whsec_" and base64, or at least 24 bytes of text.
	Secret string `secret:"true"`
	// Timeout of one call. Default 10s, at most 1m.
	Timeout time.Duration
}

// LogOptions say what is logged and how.
type LogOptions struct {
	// Level is the least that is logged; debug has a line for every request.
	Level LogLevel
	// Format is text or json. The default, auto, is text on a terminal and
	// json otherwise.
	Format LogFormat
}

// LogLevel is how much is logged.
type LogLevel string

// Options lists the values a configuration may name.
func (LogLevel) Options() []string { return []string{"debug", "info", "warn", "error"} }

// LogFormat is the form of a log line.
type LogFormat string

// Options lists the values a configuration may name.
func (LogFormat) Options() []string { return []string{"auto", "text", "json"} }

// LimitOptions bound what a connection may take. None can be switched off.
type LimitOptions struct {
	// ReadHeaderTimeout is for the head of a request, ReadTimeout for all of it.
	ReadHeaderTimeout time.Duration
	// ReadTimeout is for a whole request with its body.
	ReadTimeout time.Duration
	// WriteTimeout is from the end of the head to the end of the answer.
	WriteTimeout time.Duration
	// IdleTimeout is how long a connection may wait for its next request.
	IdleTimeout time.Duration
	// ShutdownTimeout is how long running requests may take once the server
	// is told to stop.
	ShutdownTimeout time.Duration
	// MaxHeaderBytes is the size of a request's head, plus 4 KiB of slack.
	MaxHeaderBytes int
	// MaxBodyBytes is the size of a request's body; most operations take less.
	MaxBodyBytes int64
	// MaxRequests is how many requests may run at once; more are answered 503
	// with Retry-After.
	MaxRequests int
}

// Defaults are the options of a server that was told nothing. They differ from
// the library's, whose zero values switch features off: here people ask
// for an account with e-mail and password, which an administrator approves,
// prove their address, reset a password and change their address by mail, and
// are told of what others might have done.
func Defaults() *Options {
	o := &Options{
		Options: standard.Defaults(),
		Listen:  "127.0.0.1:3000",
		Data:    "gatehouse-data",
		CORS:    true,
	}
	o.FillDefaults()
	o.Config.Log, o.Now = nil, nil // chosen when the server starts
	o.EmailAndPassword.Enabled = true
	o.EmailAndPassword.MinPasswordLength, o.EmailAndPassword.MaxPasswordLength = 8, 128
	o.EmailAndPassword.ResetPasswordTokenExpiresIn = time.Hour
	o.EmailAndPassword.Hash.Format = "argon2id"
	o.EmailAndPassword.Hash.OwnProcess = true
	o.EmailAndPassword.SendResetPassword = true
	o.EmailAndPassword.RevokeSessionsOnPasswordReset = true
	o.EmailAndPassword.NotifyOnPasswordReset = true
	o.EmailAndPassword.NotifyExistingUserSignUp = true
	sendOnSignUp, limited := true, true
	o.EmailVerification.SendVerificationEmail = true
	o.EmailVerification.SendOnSignUp = &sendOnSignUp
	o.User.ChangeEmail.Enabled = true
	o.User.ChangeEmail.SendChangeEmailConfirmation = true
	o.Features.Admin = &admin.Options{}
	o.Features.Lockout = &lockout.Options{AdminRoutes: true}
	o.Features.Audit = &audit.Options{Routes: true, Activity: true}
	o.Features.Approval = &approval.Options{
		Mode: approval.Approval, ClosedUntilFirstAdmin: true,
		ApprovalPage: "/admin/registrations", SignInPage: SignInPath, SignUpPage: web.SignUpPath,
		ApprovalLinkExpiresIn: 7 * 24 * time.Hour, InvitationExpiresIn: 7 * 24 * time.Hour,
	}
	o.Features.Console = &console.Options{}
	if web.BuiltIn {
		o.Features.Approval.SignInPage = web.SignInPath
	}
	o.Features.FirstAdmin = &firstadmin.Options{Page: FirstAdminPath, ExpiresIn: 24 * time.Hour}
	o.RateLimit.Enabled = &limited
	o.Database.Naming = "camel"
	o.Mail.SMTP.Security = mail.StartTLS
	o.Log = LogOptions{Level: "info", Format: "auto"}
	o.Limits = LimitOptions{
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ShutdownTimeout:   15 * time.Second,
		MaxHeaderBytes:    32 << 10,
		MaxBodyBytes:      1 << 20,
		MaxRequests:       2048,
	}
	return o
}

// Check reports every mistake that can be seen without a database. An absent
// secret or address is none: the server makes them.
func (o *Options) Check() error {
	core := o.Config
	if core.BaseURL == "" {
		core.BaseURL = "http://localhost"
	}
	if core.Secret == "" && len(core.Secrets) == 0 {
		core.Secret = rand.Text() + rand.Text()
	}
	problems := []error{core.Check(), o.checkListen(), o.Database.check(), o.Limits.check(), o.Brand.Check()}
	if o.Data == "" {
		problems = append(problems, errors.New("data is empty: name a folder"))
	}
	var flat []error
	for _, problem := range problems {
		if joined, ok := problem.(interface{ Unwrap() []error }); ok {
			flat = append(flat, joined.Unwrap()...)
		} else if problem != nil {
			flat = append(flat, problem)
		}
	}
	return errors.Join(flat...)
}

func (o *Options) checkListen() error {
	_, port, err := net.SplitHostPort(o.Listen)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("listen %q is not an address and a port, such as 127.0.0.1:3000 or :8080", o.Listen)
	}
	return nil
}

func (d *DatabaseOptions) check() error {
	scheme, rest, _ := strings.Cut(d.URL, ":")
	switch {
	case d.URL == "", d.isPostgres():
		return nil
	case scheme == "sqlite" && rest != "" && rest != ":memory:":
		return nil
	}
	return errors.New("database.url is neither sqlite:PATH nor postgres://USER:PASSWORD@HOST/DATABASE")
}

func (d *DatabaseOptions) isPostgres() bool {
	return strings.HasPrefix(d.URL, "postgres://") || strings.HasPrefix(d.URL, "postgresql://")
}

func (l *LimitOptions) check() error {
	for _, one := range []struct {
		name  string
		value time.Duration
	}{
		{"readHeaderTimeout", l.ReadHeaderTimeout}, {"readTimeout", l.ReadTimeout}, {"writeTimeout", l.WriteTimeout},
		{"idleTimeout", l.IdleTimeout}, {"shutdownTimeout", l.ShutdownTimeout},
	} {
		if one.value <= 0 {
			return fmt.Errorf("limits.%s must be more than 0", one.name)
		}
	}
	if l.MaxHeaderBytes <= 0 || l.MaxBodyBytes <= 0 || l.MaxRequests <= 0 {
		return errors.New("limits.maxHeaderBytes, maxBodyBytes and maxRequests must be more than 0")
	}
	return nil
}

// publicURL is BaseURL, or where this machine reaches the port.
func (o *Options) publicURL(port string) string {
	if o.BaseURL != "" {
		return o.BaseURL
	}
	return "http://" + net.JoinHostPort("localhost", port)
}

// isLocal reports whether the base URL leads to this machine only.
func isLocal(baseURL string) bool {
	u, err := url.Parse(baseURL)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
