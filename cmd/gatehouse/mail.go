package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/server/mail"
	"github.com/gatehouse-auth/gatehouse/store"
)

type mailCommand struct {
	List  listMailCommand  `cmd:"" help:"List mails, the newest first of each state."`
	Show  showMailCommand  `cmd:"" help:"Print the text of a mail that is not sent yet."`
	Retry retryMailCommand `cmd:"" help:"Give dead mails another round of attempts."`
}

type listMailCommand struct {
	State string `enum:"all,pending,sent,dead" default:"all" help:"all, pending, sent or dead. Default ${default}."`
	Limit int    `default:"50" help:"At most this many of each state. Default ${default}."`
	JSON  bool   `help:"Print JSON."`
}

// queued is a mail as commands list it: without what it carries.
type queued struct {
	ID            string     `json:"id"`
	State         string     `json:"state"`
	Kind          string     `json:"kind"`
	To            string     `json:"to"`
	Attempts      int64      `json:"attempts"`
	CreatedAt     time.Time  `json:"createdAt"`
	NextAttemptAt *time.Time `json:"nextAttemptAt"`
	SentAt        *time.Time `json:"sentAt"`
	LastError     *string    `json:"lastError"`
}

// Run lists the outbox.
func (l *listMailCommand) Run(ctx context.Context, c *console) error {
	if l.Limit < 1 || l.Limit > 10_000 {
		return errors.New("limit is 1 to 10000")
	}
	states := []gatehouse.OutboxState{gatehouse.MailDead, gatehouse.MailPending, gatehouse.MailSent}
	if l.State != "all" {
		states = []gatehouse.OutboxState{gatehouse.OutboxState(l.State)}
	}
	return c.manage(ctx, func(h *server.House) error {
		mails, rows := []queued{}, [][]string{}
		for _, state := range states {
			found, err := h.Outbox.List(ctx, state, l.Limit)
			if err != nil {
				return err
			}
			for _, m := range found {
				q := queued{ID: m.ID, State: m.State, Kind: m.Kind, To: m.Recipient, Attempts: m.Attempts, CreatedAt: m.CreatedAt, SentAt: m.SentAt, LastError: m.LastError}
				if state == gatehouse.MailPending {
					q.NextAttemptAt = &m.NextAttemptAt
				}
				mails = append(mails, q)
				rows = append(rows, []string{m.ID, m.State, m.Kind, m.Recipient, strconv.FormatInt(m.Attempts, 10), moment(m.CreatedAt), orDash(m.LastError)})
			}
		}
		if l.JSON {
			return c.json(mails)
		}
		return c.table([]string{"ID", "STATE", "KIND", "TO", "ATTEMPTS", "CREATED", "LAST ERROR"}, rows)
	})
}

type showMailCommand struct {
	ID     string `arg:"" help:"Id of the mail."`
	Reveal bool   `help:"Show the link or code too. Whoever reads it can act as the recipient."`
}

// Run renders the mail.
func (s *showMailCommand) Run(ctx context.Context, c *console) error {
	return c.manage(ctx, func(h *server.House) error {
		row, err := h.Outbox.ByID(ctx, s.ID)
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("there is no mail %q", s.ID)
		}
		if err != nil {
			return err
		}
		if row.Payload == "" {
			return errors.New("the text of a sent mail is not kept")
		}
		data, err := payload(h, row)
		if err != nil {
			return err
		}
		if !s.Reveal {
			mask(data)
		}
		return c.showMail(h, mail.Message{ID: row.ID, Kind: row.Kind, To: row.Recipient, Data: data})
	})
}

func payload(h *server.House, row *gatehouse.OutboxMail) (map[string]any, error) {
	plain, err := h.Open(row.Payload)
	if err != nil {
		return nil, errors.New("the mail was sealed with another secret")
	}
	var data map[string]any
	if err := json.Unmarshal(plain, &data); err != nil {
		return nil, fmt.Errorf("decode the mail: %w", err)
	}
	return data, nil
}

func (c *console) showMail(h *server.House, m mail.Message) error {
	templates, err := h.Options.Templates()
	if err != nil {
		return err
	}
	subject, text, _, err := templates.Render(m)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "To: %s\nSubject: %s\n\n%s", printable(m.To), subject, text)
	return err
}

// secretParts are the members of a mail's data that let their reader act as
// the recipient.
var secretParts = []string{"token", "otp", "code"}

const masked = "********"

// mask hides the secrets of a mail wherever they stand in its data. A link
// whose secret is not known by name is hidden whole.
func mask(data map[string]any) {
	link, _ := data["url"].(string)
	hidden := link
	for _, name := range secretParts {
		secret, _ := data[name].(string)
		if secret == "" {
			continue
		}
		hidden = strings.ReplaceAll(hidden, secret, masked)
		data[name] = masked
	}
	switch {
	case link == "":
	case hidden == link:
		data["url"] = masked
	default:
		data["url"] = hidden
	}
}

type retryMailCommand struct {
	IDs []string `arg:"" optional:"" name:"id" help:"Ids of dead mails."`
	All bool     `help:"Every dead mail."`
}

// Run puts dead mails back into the queue; the server delivers them.
func (r *retryMailCommand) Run(ctx context.Context, c *console) error {
	if r.All == (len(r.IDs) > 0) {
		return errors.New("name the ids of dead mails (see `gatehouse mail list --state dead`), or say --all")
	}
	return c.manage(ctx, func(h *server.House) error {
		ids := r.IDs
		if r.All {
			dead, err := h.Outbox.List(ctx, gatehouse.MailDead, 10_000)
			if err != nil {
				return err
			}
			for _, m := range dead {
				ids = append(ids, m.ID)
			}
		}
		for _, id := range ids {
			if err := h.Outbox.Retry(ctx, id); errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("there is no dead mail %q", id)
			} else if err != nil {
				return err
			}
		}
		_, err := fmt.Fprintf(c.out, "queued %d mails; the server delivers them\n", len(ids))
		return err
	})
}
