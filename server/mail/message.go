// Package mail renders and delivers the mails of an authentication server. It
// knows the kinds of mail and how to hand one over: by SMTP, to a webhook, or
// into a mailbox page for development. It does not know users, tokens or the
// outbox: a Message comes in with everything in it, and the caller decides by
// the error whether to try again. Begin with message.go and template.go.
package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Message is one mail to deliver, as the outbox keeps it.
type Message struct {
	ID   string         // of the outbox row; equal for every attempt
	Kind string         // "verification-email", "reset-password", …: names the templates
	To   string         // one bare address
	Data map[string]any // user {name, email}, url, token, newEmail, expiresIn (seconds) …
}

// Sender delivers one message. An error that is ErrPermanent will be the same
// at the next attempt; any other may pass.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// ErrPermanent marks a delivery that must not be tried again: a refused
// address, a message that cannot be rendered.
var ErrPermanent = errors.New("permanent failure")

func permanent(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrPermanent, fmt.Errorf(format, args...))
}

// plainData is the data as JSON would give it, so that templates see the names
// of the protocol whether the caller passed structs or maps.
func plainData(data map[string]any) (map[string]any, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("encode the data: %w", err)
	}
	plain := map[string]any{}
	if err := json.Unmarshal(raw, &plain); err != nil {
		return nil, fmt.Errorf("decode the data: %w", err)
	}
	return plain, nil
}
