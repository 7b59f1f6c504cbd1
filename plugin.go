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
	// Exits are where else somebody has to leave who signs out.
	Exits []Exit
	// Authority answers role and permission questions; one plugin at most.
	Authority Authority
	// Auditor keeps the record of events; one plugin at most.
	Auditor Auditor
	// Registrar decides who may register; one plugin at most.
	Registrar Registrar
	// Errors are those with which the gates and hooks answer operations of
	// other plugins, for documents.
	Errors []*Error
	// Attempts bound guessing.
	Attempts []AttemptGuard
	// PasswordRules are asked about every new password, before it is hashed.
	PasswordRules []PasswordRule
	// Checks are asked about every session that the database confirms.
	Checks []SessionCheck
	// Factors are ways to prove afresh who one is; StepUp keeps when that was
	// done last, one plugin at most.
	Factors []Factor
	StepUp  StepUp
	// StepUps ask a fresh proof of operations of any plugin, by their ID.
	StepUps map[string]time.Duration
	// AsksRoles: the plugin calls App.HasRole, so New refuses to start without
	// an Authority.
	AsksRoles bool
	Limits    []Limit
	Jobs      []Job
	Close     func() error
}

// Carrier finds a session token outside the cookie (a bearer header). It
// returns the token without its signature, and false when there is none.
type Carrier func(*Call) (token string, ok bool)

// SessionCheck is asked on every look-up of a living session in the database,
// whatever the operation. An *Error with a status below 500 ends the session
// there and then, and the request has none; any other error means that we
// cannot tell.
type SessionCheck func(c *Call, s *Session, u *User) error

// PasswordRule refuses a new password with an *Error. user is never nil; it has
// no ID, and perhaps no name, when the account does not exist yet: then it is
// what is known of it, its role included.
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
