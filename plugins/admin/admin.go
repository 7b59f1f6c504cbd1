// Package admin lets some people manage others: create, find, change, ban and
// remove users, give them roles, end their sessions, act as them. It is the
// house's Authority: its roles answer gatehouse.Can, RequireRole and
// RequirePermission. Everything is a typed method, and the protocol's fifteen
// operations are a thin layer over them. It refuses to know how passwords are
// hashed. Read access.go first, then last_admin.go.
package admin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Options configures administration. The names are the protocol's.
type Options struct {
	// DefaultRole is the role of new users, and of those without one. Default
	// "user".
	DefaultRole string
	// AdminRoles are the roles whose holders are admins: only they may touch
	// other admins, the last of them stays, and acting as one takes a
	// permission of its own. Default "admin".
	AdminRoles []string
	// AdminUserIDs are users who may do everything, whatever their role.
	AdminUserIDs []string `option:"adminUserIds"`
	// DefaultBanReason is for bans without a reason. Default "No reason".
	DefaultBanReason string
	// DefaultBanExpiresIn is for bans without an end; without it they are for
	// ever.
	DefaultBanExpiresIn time.Duration
	// ImpersonationSessionDuration is how long one may act as somebody else
	// before asking again. Default 1 hour.
	ImpersonationSessionDuration time.Duration
	// AllowImpersonatingAdmins lets whoever may impersonate do so with admins
	// too; without it that takes the permission user:impersonate-admins.
	AllowImpersonatingAdmins bool
	// BannedUserMessage is what a banned person reads.
	BannedUserMessage string
	// Statements name what can be allowed: resource → actions. Without them
	// those of the protocol on user and session.
	Statements map[string][]string
	// Roles say what each role may do. Without them there are user, moderator
	// and admin, and any other name may be given too but allows nothing.
	Roles map[string]Role
}

// Passwords is what admins need of the password plugin.
type Passwords interface {
	// CheckLength refuses what is too long or, unless allowed, too short.
	CheckLength(password string, allowShort bool) error
	Hash(ctx context.Context, password string) (string, error)
	// SetHash stores the hash of a user's new password.
	SetHash(ctx context.Context, userID, hash string) error
}

// Admin is the feature; New makes one.
type Admin struct {
	options   Options
	roles     map[string]Role
	passwords Passwords
	app       *gatehouse.App

	role           *store.Column[*string]
	banned         *store.Column[*bool]
	banReason      *store.Column[*string]
	banExpires     *store.Column[*time.Time]
	impersonatedBy *store.Column[*string]

	users      *store.Table[gatehouse.User]
	otherAdmin otherAdmin
	totals     *totals
	cookie     gatehouse.CookieSpec // of the admin's own session meanwhile
	forget     gatehouse.CookieSpec
}

var _ gatehouse.Plugin = (*Admin)(nil)

// New returns the plugin. Without passwords, admins make accounts without one.
func New(o Options, passwords Passwords) *Admin {
	if o.DefaultRole == "" {
		o.DefaultRole = "user"
	}
	if o.DefaultBanReason == "" {
		o.DefaultBanReason = "No reason"
	}
	if o.ImpersonationSessionDuration == 0 {
		o.ImpersonationSessionDuration = time.Hour
	}
	if o.BannedUserMessage == "" {
		o.BannedUserMessage = ErrBanned.Message
	}
	return &Admin{options: o, passwords: passwords, totals: newTotals()}
}

// Plug declares the feature.
func (a *Admin) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	a.app = app
	if err := a.setRoles(); err != nil {
		return gatehouse.Parts{}, err
	}
	if a.options.DefaultBanExpiresIn < 0 || a.options.ImpersonationSessionDuration < 0 {
		return gatehouse.Parts{}, errors.New("defaultBanExpiresIn and impersonationSessionDuration: a duration below zero")
	}
	a.declare(app)
	return gatehouse.Parts{
		ID:        "admin",
		Authority: a,
		Gates:     []gatehouse.Gate{{Kind: gatehouse.Refuse, Ask: a.refuseBanned}},
		Checks:    []gatehouse.SessionCheck{a.endForbidden},
		Errors:    []*gatehouse.Error{ErrBanned, ErrLastAdmin},
		Hooks: gatehouse.Hooks{
			User:         gatehouse.RecordHooks[gatehouse.User]{BeforeCreate: a.giveDefaultRole, BeforeDelete: a.keepLastAdmin},
			UserChanging: a.lockAdmins,
			UserChanged:  a.keepAnAdmin,
		},
		Routes: []gatehouse.Route{
			gatehouse.Endpoint(createOp, a.create),
			gatehouse.Endpoint(getOp, a.get),
			gatehouse.Endpoint(listOp, a.list),
			gatehouse.Endpoint(updateOp, a.update),
			gatehouse.Endpoint(removeOp, a.remove),
			gatehouse.Endpoint(setRoleOp, a.setRole),
			gatehouse.Endpoint(banOp, a.ban),
			gatehouse.Endpoint(unbanOp, a.unban),
			gatehouse.Endpoint(setPasswordOp, a.setPassword),
			gatehouse.Endpoint(listSessionsOp, a.listSessions),
			gatehouse.Endpoint(revokeSessionOp, a.revokeSession),
			gatehouse.Endpoint(revokeSessionsOp, a.revokeSessions),
			gatehouse.Endpoint(impersonateOp, a.impersonate),
			gatehouse.Endpoint(stopImpersonatingOp, a.stopImpersonating),
			gatehouse.Endpoint(hasPermissionOp, a.hasPermission),
		},
	}, nil
}

// declare adds the columns, indexes and statements (PROTOCOL 18 admin).
func (a *Admin) declare(app *gatehouse.App) {
	a.role = store.Extend[*string](app.DB, "user", store.Field{Name: "role"})
	a.banned = store.Extend[*bool](app.DB, "user", store.Field{Name: "banned", Default: false})
	a.banReason = store.Extend[*string](app.DB, "user", store.Field{Name: "banReason"})
	a.banExpires = store.Extend[*time.Time](app.DB, "user", store.Field{Name: "banExpires"})
	a.impersonatedBy = store.Extend[*string](app.DB, "session", store.Field{Name: "impersonatedBy"})
	for _, field := range []string{"name", "role", "banned"} {
		app.DB.AddIndex("user", field, store.Ordered)
	}
	for _, field := range []string{"email", "name"} {
		app.DB.AddIndex("user", field, store.Prefix)
		app.DB.AddIndex("user", field, store.Substring)
	}
	a.users = store.Define[gatehouse.User](app.DB, "user")
	a.users.Index("createdAt", "id") // the whole order: many may come at one time, and offsets are walked in it
	a.otherAdmin = a.prepareOtherAdmin()
	life := app.Config().Session.ExpiresIn
	a.cookie = app.Cookie("admin_session", &life)
	a.cookie.Attributes = app.Cookie("session_token", &life).Attributes
	a.forget = app.Cookie("dont_remember", nil)
}

// roleName keeps names apart in the comma-separated column.
var roleName = regexp.MustCompile(`^[^,%\\\x00]+$`)

// setRoles checks the roles against the statements, and the admin roles
// against the roles.
func (a *Admin) setRoles() error {
	o := &a.options
	a.roles = o.Roles
	if a.roles == nil {
		a.roles = defaultRoles
	}
	statements := o.Statements
	if statements == nil {
		statements = defaultStatements
	}
	for name, role := range a.roles {
		if !roleName.MatchString(name) {
			return fmt.Errorf("role %q: a name may not be empty nor have a comma, %% or \\", name)
		}
		for resource, actions := range role {
			for _, action := range actions {
				if !slices.Contains(statements[resource], action) {
					return fmt.Errorf("role %s allows %s:%s, which the statements do not have", name, resource, action)
				}
			}
		}
	}
	if o.AdminRoles == nil {
		o.AdminRoles = []string{"admin"}
		return nil
	}
	for i, name := range o.AdminRoles {
		o.AdminRoles[i] = strings.TrimSpace(name)
		known := func(role string) bool { return strings.EqualFold(role, o.AdminRoles[i]) }
		if !slices.ContainsFunc(slices.Collect(maps.Keys(a.roles)), known) {
			return fmt.Errorf("adminRoles has %q, which roles does not define", name)
		}
	}
	return nil
}

// record tells the auditor what was done. Outside of a request it was the
// system: a command, a job.
func (a *Admin) record(ctx context.Context, action, target string, details map[string]any) error {
	event := gatehouse.Event{Action: action, TargetType: "user", Target: target, Details: details}
	if gatehouse.CallFrom(ctx) == nil {
		event.Actor = gatehouse.System
	}
	return a.app.Record(ctx, event)
}

// One is the answer that shows a user.
type One struct {
	User *gatehouse.User `json:"user"`
}

// Success is the answer of what has nothing to tell.
type Success struct {
	Success bool `json:"success"`
}
