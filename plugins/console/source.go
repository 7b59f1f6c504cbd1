package console

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Sources are the plugins beside this one and the server around it, as far as
// the console asks them. What is nil is not there, and the answers say so.
type Sources struct {
	Admin     Administration
	Approvals *Approvals
	Audit     *Audit
	// Locks lists the locks on a person's account.
	Locks func(ctx context.Context, userID string) ([]Lock, error)
	// Hashing looks at the pool that hashes passwords.
	Hashing func() Hashing
	Server  Server
}

// Administration is the plugin that knows roles and bans. Those of its methods
// that take a Call hold the same rules as its operation on one person, beyond
// the permission, which the console asks for itself.
type Administration interface {
	gatehouse.Authority
	// Roles are the roles that a user holds now, the default one included.
	Roles(user *gatehouse.User) ([]string, error)
	// IsBanned reports whether a user is banned now.
	IsBanned(user *gatehouse.User) (bool, error)
	// Holding are the conditions for users who hold a role.
	Holding(role string) []store.Condition
	// RoleTable is what may be allowed, what each role allows, which roles are
	// admins', and the default one. custom: the operator wrote the roles.
	RoleTable() (statements map[string][]string, roles map[string]map[string][]string, admins []string, usual string, custom bool)
	// MayTouch reports whether the caller may act on target at all: only admins
	// act on admins.
	MayTouch(c *gatehouse.Call, target *gatehouse.User) (bool, error)

	BanFor(c *gatehouse.Call, id, reason string, expiresIn time.Duration) error
	UnbanFor(c *gatehouse.Call, id string) error
	SetRolesFor(c *gatehouse.Call, id string, roles []string) error
	RevokeSessionsFor(c *gatehouse.Call, id string) error
	RemoveFor(c *gatehouse.Call, id string) error
}

// Approvals is the plugin that decides who may have an account.
type Approvals struct {
	// States are those of users who had to ask: "pending", "approved",
	// "rejected".
	States func(ctx context.Context, ids []string) (map[string]string, error)
	// In is the condition for users whose request is in one of some states, Out
	// for all others.
	In, Out func(states ...string) store.Condition
	// Pending counts who waits.
	Pending func(ctx context.Context) (int64, error)
	// Request is that of a user, nil for who never had to ask.
	Request func(ctx context.Context, userID string) (*Request, error)
	// Decide approves or rejects the request of a user.
	Decide func(ctx context.Context, by, userID string, approve bool, note string) error
}

// Request is a person's wish to have an account.
type Request struct {
	ID        string          `json:"id"`
	State     string          `json:"state"`
	Method    string          `json:"method"`
	Reason    string          `json:"reason"`
	Answers   json.RawMessage `json:"answers"` // [{name, label, value}]
	CreatedAt time.Time       `json:"createdAt"`
	DecidedAt *time.Time      `json:"decidedAt"`
	DecidedBy *string         `json:"decidedBy"`
	Note      *string         `json:"note"`
}

// Audit is the audit log.
type Audit struct {
	// Count counts the events of an action in [from, to).
	Count func(ctx context.Context, action string, from, to time.Time) (int64, error)
	// Actors counts who did one of some actions since.
	Actors func(ctx context.Context, since time.Time, actions ...string) (int64, error)
	// SignIns are the last sign-ins of a user and attempts at it, newest first.
	SignIns func(ctx context.Context, userID string, limit int) ([]SignIn, error)
	// Invitation is the one with which a user came, nil for none.
	Invitation func(ctx context.Context, userID string) (*Invitation, error)
}

// SignIn is one sign-in or attempt.
type SignIn struct {
	At        time.Time `json:"at"`
	Outcome   string    `json:"outcome"` // "success", or the code of the refusal
	Method    *string   `json:"method"`
	Address   string    `json:"address"`
	UserAgent string    `json:"userAgent"`
	Device    Device    `json:"device"` // filled in by the console
}

// Invitation is how somebody came to have an account.
type Invitation struct {
	ID         string    `json:"id"`
	InvitedBy  string    `json:"invitedBy"` // a user's id, or gatehouse.System
	AcceptedAt time.Time `json:"acceptedAt"`
}

// Lock is a lock on somebody's account.
type Lock struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Method   string    `json:"method"`
	Failures int64     `json:"failures"`
	LastAt   time.Time `json:"lastAt"`
	Until    time.Time `json:"until"`
}

// Hashing is a look at the pool that hashes passwords.
type Hashing struct {
	Size    int `json:"size"`
	Running int `json:"running"`
	Waiting int `json:"waiting"`
	Limit   int `json:"limit"` // how many may wait
}

// Server is what only the program around the library knows. Each may be nil.
type Server struct {
	// Version of the program.
	Version string
	// Migrations lists the statements that the database lacks.
	Migrations func(ctx context.Context) ([]string, error)
	// Findings are what a look at the configuration found.
	Findings func(ctx context.Context) ([]Finding, error)
	// Settings are the options in force, with the file they came from.
	Settings func() (file string, settings []Setting)
	// RenderMail makes the parts of a mail.
	RenderMail func(kind, to string, data map[string]any) (subject, text, html string, err error)
	// Import brings people in from a file. A file whose head cannot be read is
	// an ErrImportFile.
	Import func(ctx context.Context, job ImportJob) (ImportSummary, error)
	// Export writes those users to w for whom all conditions hold, and records
	// that before the first; format is "csv" or "jsonl".
	Export func(ctx context.Context, w io.Writer, format string, where []store.Condition, filters map[string]any) error
	// Data is everything that is kept about a user, as JSON.
	Data func(ctx context.Context, user *gatehouse.User) ([]byte, error)
}

// Finding is one thing that was looked at.
type Finding struct {
	ID      string  `json:"id"`
	Status  string  `json:"status"` // "ok", "look" or "unsafe"
	Message string  `json:"message"`
	Fix     *string `json:"fix"`
}

// Setting is one option in force.
type Setting struct {
	Path    string `json:"path"`
	Value   any    `json:"value"` // of a secret: true, or nil for none
	Source  string `json:"source"`
	Secret  bool   `json:"secret"`
	Default any    `json:"default"`
}
