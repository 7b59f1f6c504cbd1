package gatehouse

import (
	"context"
	"time"
)

// Plugin is one feature. Plug runs once, inside New, before any request: it
// declares tables and columns on app.DB and returns the feature's parts.
type Plugin interface {
	Plug(*App) (Parts, error)
}

// Parts is a feature's table of contents.
type Parts struct {
	// ID names the plugin in messages and documents: "password".
	ID     string
	Routes []Route
	Gates  []Gate
	Hooks  Hooks
	// Carriers are other places than the cookie where a session token may be.
	Carriers []Carrier
	// Authority answers role and permission questions; one plugin at most.
	Authority Authority
	// Auditor keeps the record of events; one plugin at most.
	Auditor Auditor
	// Errors are those with which the gates and hooks answer operations of
	// other plugins, for documents.
	Errors []*Error
	// Attempts bound guessing.
	Attempts []AttemptGuard
	// PasswordRules are asked about every new password, before it is hashed.
	PasswordRules []PasswordRule
	Limits        []Limit
	Jobs          []Job
	Close         func() error
}

// Carrier finds a session token outside the cookie (a bearer header). It
// returns the token without its signature, and false when there is none.
type Carrier func(*Call) (token string, ok bool)

// PasswordRule refuses a new password with an *Error. user is nil when the
// account does not exist yet; then email is the address it will have.
type PasswordRule func(ctx context.Context, user *User, email, password string) error

// Limit is a rate limit of a plugin: at most Max requests per client address
// within Window on paths that Match.
type Limit struct {
	Match  func(path string) bool
	Window time.Duration
	Max    int
}

// Job is background work that every node runs.
type Job struct {
	Name  string
	Every time.Duration
	// Wake, if set, runs the job at once when it receives.
	Wake <-chan struct{}
	Run  func(context.Context) error
}
