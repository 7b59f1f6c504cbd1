package mail

import (
	"context"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"
)

// maxKept bounds the mailbox; the oldest mail goes first.
const maxKept = 100

// MailboxOptions configure the mailbox of a developer.
type MailboxOptions struct {
	// PageURL is where the handler is mounted, as told in the log. Default none.
	PageURL string
	// Logger gets one line for each mail, with its kind and recipient. Default none.
	Logger *slog.Logger `option:"-"`
	// Now is the clock. Default time.Now.
	Now func() time.Time `option:"-"`
}

// Mailbox keeps the last 100 mails in memory instead of delivering them, and
// shows them on a page that answers loopback only. For development: who reads
// the page can take over any account. Safe for concurrent use.
type Mailbox struct {
	options   MailboxOptions
	templates *Templates

	mu   sync.Mutex
	kept []Letter
	last int // number of the newest
}

// Letter is a mail in the mailbox.
type Letter struct {
	Number  int            `json:"number"` // from 1, in the order of arrival
	ID      string         `json:"id"`
	Kind    string         `json:"kind"`
	To      string         `json:"to"`
	At      time.Time      `json:"at"`
	Subject string         `json:"subject"`
	Text    string         `json:"text"`
	HTML    string         `json:"-"`
	Data    map[string]any `json:"data"`
}

var _ Sender = (*Mailbox)(nil)

// NewMailbox makes an empty mailbox.
func NewMailbox(o MailboxOptions, t *Templates) *Mailbox {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Mailbox{options: o, templates: t}
}

// Send keeps one message. The log line names no link and no token: it says
// where to find them.
func (b *Mailbox) Send(ctx context.Context, m Message) error {
	subject, text, html, err := b.templates.Render(m)
	if err != nil {
		return err
	}
	data, err := plainData(m.Data) // a copy: the caller may go on with his
	if err != nil {
		return permanent("mailbox: %w", err)
	}
	number := b.keep(Letter{
		ID: m.ID, Kind: m.Kind, To: m.To, At: b.options.Now(),
		Subject: subject, Text: text, HTML: html, Data: data,
	})
	b.options.Logger.InfoContext(ctx, "mail is in the mailbox",
		"kind", m.Kind, "to", m.To, "page", b.page(number))
	return nil
}

func (b *Mailbox) keep(letter Letter) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	letter.Number = b.last
	b.kept = append(b.kept, letter)
	if len(b.kept) > maxKept {
		b.kept = slices.Delete(b.kept, 0, len(b.kept)-maxKept)
	}
	return b.last
}

// page is the address of one mail's view.
func (b *Mailbox) page(number int) string {
	u, err := url.Parse(b.options.PageURL)
	if err != nil || b.options.PageURL == "" {
		return ""
	}
	u.RawQuery = "mail=" + strconv.Itoa(number)
	return u.String()
}

// Letters are the mails kept, newest first.
func (b *Mailbox) Letters() []Letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	letters := append([]Letter{}, b.kept...) // never nil: JSON shows a list
	slices.Reverse(letters)
	return letters
}

// Letter finds one mail by its number.
func (b *Mailbox) Letter(number int) (Letter, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, letter := range b.kept {
		if letter.Number == number {
			return letter, true
		}
	}
	return Letter{}, false
}
