package gatehouse

import "context"

// Mail is one message for a person, before it is written: the Mailer turns
// kind and data into text in its own words and language.
type Mail struct {
	// ID is stable over retries, so that a receiver can drop repeats.
	ID string
	// Kind is the occasion: "verification-email", "reset-password", ….
	Kind string
	// To is one address.
	To string
	// Data holds what the occasion needs: "user", "url", "token", "newEmail".
	// It carries secrets: log none of it.
	Data map[string]any
}

// Mailer delivers one mail. It is called from a worker, never within a
// request; an error means: try again later, with back-off. An error with a
// method Permanent() bool that returns true is not tried again.
type Mailer interface {
	Send(context.Context, Mail) error
}

// MailerFunc makes a function a Mailer.
type MailerFunc func(context.Context, Mail) error

// Send calls f.
func (f MailerFunc) Send(ctx context.Context, m Mail) error { return f(ctx, m) }
