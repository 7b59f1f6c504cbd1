package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/server/mail"
)

// MailboxPath is where the mails of a developer are shown, to this machine only.
const MailboxPath = "/dev/mailbox"

// post is where mail goes.
type post struct {
	sender  mail.Sender // nil: mails wait in the outbox
	mailbox *mail.Mailbox
	where   string // for people
}

var _ gatehouse.Mailer = (*post)(nil)

// Send delivers one mail of the outbox.
func (p *post) Send(ctx context.Context, m gatehouse.Mail) error {
	err := p.sender.Send(ctx, mail.Message{ID: m.ID, Kind: m.Kind, To: m.To, Data: m.Data})
	if errors.Is(err, mail.ErrPermanent) {
		return permanent{err}
	}
	return err
}

// permanent tells the outbox that no retry mends an error.
type permanent struct{ error }

func (permanent) Permanent() bool { return true }
func (p permanent) Unwrap() error { return p.error }

// Templates reads the built-in mails and those of the configured folder.
func (o *Options) Templates() (*mail.Templates, error) {
	var folder fs.FS
	if o.Mail.Templates != "" {
		if _, err := os.Stat(o.Mail.Templates); err != nil {
			return nil, fmt.Errorf("mail.templates: %w", err)
		}
		folder = os.DirFS(o.Mail.Templates)
	}
	name := o.AppName
	if name == "" {
		name = "Gatehouse"
	}
	return mail.NewTemplates(mail.TemplateOptions{AppName: name, AppURL: o.BaseURL, Folder: folder})
}

// newPost chooses how mail leaves. BaseURL is set by now.
func newPost(o *Options, log *slog.Logger) (*post, error) {
	templates, err := o.Templates()
	if err != nil {
		return nil, err
	}
	switch smtp, hook := o.Mail.SMTP, o.Mail.Webhook; {
	case smtp.Host != "" && hook.URL != "":
		return nil, errors.New("mail.smtp and mail.webhook are both set: keep one")
	case smtp.Host != "":
		sender, err := mail.NewSMTP(mail.SMTPOptions{
			Host: smtp.Host, Port: smtp.Port, Security: smtp.Security, InsecurePlain: smtp.InsecurePlain,
			Username: smtp.User, Password: smtp.Password, Timeout: smtp.Timeout,
			From: o.Mail.From, ReplyTo: o.Mail.ReplyTo,
		}, templates)
		if err != nil {
			return nil, err
		}
		return &post{sender: sender, where: "SMTP server " + hostPort(smtp.Host, smtp.Port)}, nil
	case hook.URL != "":
		sender, err := mail.NewWebhook(mail.WebhookOptions{URL: hook.URL, Secret: hook.Secret, Timeout: hook.Timeout})
		if err != nil {
			return nil, err
		}
		return &post{sender: sender, where: "webhook " + withoutQuery(hook.URL)}, nil
	case isLocal(o.BaseURL):
		page := origin(o.BaseURL) + MailboxPath
		box := mail.NewMailbox(mail.MailboxOptions{PageURL: page, Logger: log}, templates)
		return &post{sender: box, mailbox: box, where: page}, nil
	}
	return &post{where: "nowhere: it waits in the outbox until mail.smtp or mail.webhook is set"}, nil
}

// withoutQuery is an address as it may be logged.
func withoutQuery(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return address
}

func hostPort(host string, port int) string {
	if port == 0 {
		return host
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}
