// Package approval decides who may have an account: anybody, whoever an
// administrator approves, whoever was invited, or nobody but whom an
// administrator creates; and from which e-mail domains. It refuses to know by
// which method people sign up or in. Read policy.go first.
package approval

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/maildomain"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Mode is who may register.
type Mode string

// The registration modes.
const (
	Open     Mode = "open"     // anybody
	Approval Mode = "approval" // anybody may ask; an administrator decides
	Invite   Mode = "invite"   // whoever has an invitation
	Closed   Mode = "closed"   // nobody: administrators create accounts
)

// Options lists the values a configuration may name.
func (Mode) Options() []string {
	return []string{string(Open), string(Approval), string(Invite), string(Closed)}
}

// Options configures who may have an account.
type Options struct {
	// Mode is who may register: open (the default), approval, invite or closed.
	// An invitation spares its holder the approval.
	Mode Mode
	// ClosedUntilFirstAdmin keeps the modes approval and invite closed as long
	// as there is no administrator who could decide.
	ClosedUntilFirstAdmin bool
	// RequireReason refuses to register for approval without the member reason.
	RequireReason bool
	// Questions are asked of everybody who registers for approval; at most 20.
	Questions []Question
	// Recipients are the addresses that are mailed when somebody waits for
	// approval; at most 20. Default: the administrators, 20 of them.
	Recipients []string
	// ApprovalPage is where the link in that mail leads, with ?token=.
	// Default "/admin/registrations".
	ApprovalPage string
	// ApprovalLinkExpiresIn is how long that link works. Default 7 days, at
	// most 30 days.
	ApprovalLinkExpiresIn time.Duration
	// SignInPage is where people sign in. Default "/sign-in".
	SignInPage string
	// SignUpPage is where an invitation leads, with ?invitationToken=. Default
	// "/sign-up".
	SignUpPage string
	// InvitationExpiresIn is how long an invitation works that does not say.
	// Default 7 days, at most 365 days.
	InvitationExpiresIn time.Duration
	// EmailDomains say whose addresses an account may have. They hold for
	// everybody: who registers, whom an administrator creates, and who changes
	// an address.
	EmailDomains DomainOptions
}

// Question is asked of people who register for approval. The answer is a text
// member of the sign-up's body.
type Question struct {
	// Name is the member of the body: letters, digits and _.
	Name string
	// Label is the question as people read it. Default Name.
	Label string
	// Required refuses to register without an answer.
	Required bool
	// MaxLength is in Unicode code points. Default 500, at most 2000.
	MaxLength int
}

// DomainOptions are lists of e-mail domains: "example.com" is that domain
// alone, "*.example.com" its subdomains.
type DomainOptions struct {
	// Allow, if not empty, lists the only domains that are taken.
	Allow []string
	// Deny lists domains that are refused, allowed or not.
	Deny []string
	// DisposableFile is a file of disposable-address providers, one domain a
	// line, which are refused with their subdomains. It is read at the start.
	DisposableFile string
}

// DefaultAnswerLength is how long an answer may be to a Question that does not
// say.
const DefaultAnswerLength = 500

const (
	maxQuestions     = 20
	maxRecipients    = 20
	maxReasonLength  = 500
	maxAnswerLength  = 2000
	maxApprovalLink  = 30 * 24 * time.Hour
	maxInvitationAge = 365 * 24 * time.Hour
	maxFileBytes     = 16 << 20
)

// Approvals is the feature; New makes one.
type Approvals struct {
	options Options
	app     *gatehouse.App
	allow   *maildomain.List
	deny    *maildomain.List
	trash   *maildomain.List

	// administered latches: the last administrator cannot be removed.
	administered atomic.Bool

	requests    *requests
	invitations *invitations
}

var (
	_ gatehouse.Plugin    = (*Approvals)(nil)
	_ gatehouse.Registrar = (*Approvals)(nil)
	_ gatehouse.Foreseer  = (*Approvals)(nil)
)

// New returns the plugin. Plug it after the one that answers permission
// questions: without one it has typed methods and no operations for
// administrators.
func New(o Options) *Approvals {
	fill := func(d *time.Duration, usual time.Duration) {
		if *d == 0 {
			*d = usual
		}
	}
	page := func(p *string, usual string) {
		if *p == "" {
			*p = usual
		}
	}
	if o.Mode == "" {
		o.Mode = Open
	}
	fill(&o.ApprovalLinkExpiresIn, 7*24*time.Hour)
	fill(&o.InvitationExpiresIn, 7*24*time.Hour)
	page(&o.ApprovalPage, "/admin/registrations")
	page(&o.SignInPage, "/sign-in")
	page(&o.SignUpPage, "/sign-up")
	o.Questions = slices.Clone(o.Questions)
	for i := range o.Questions {
		if q := &o.Questions[i]; q.Label == "" {
			q.Label = q.Name
		}
		if q := &o.Questions[i]; q.MaxLength == 0 {
			q.MaxLength = DefaultAnswerLength
		}
	}
	return &Approvals{options: o}
}

// Plug declares the feature.
func (a *Approvals) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	a.app = app
	if err := errors.Join(a.check(), a.readDomains()); err != nil {
		return gatehouse.Parts{}, err
	}
	users := store.Define[gatehouse.User](app.DB, "user")
	a.requests = newRequests(app, users)
	a.invitations = newInvitations(app)
	parts := gatehouse.Parts{
		ID:        "approval",
		Registrar: a,
		Routes:    []gatehouse.Route{gatehouse.Endpoint(conditionsOp, a.conditions)},
		Gates:     []gatehouse.Gate{{Kind: gatehouse.Refuse, Ask: a.refuseUndecided}},
		Hooks: gatehouse.Hooks{
			Before:      []gatehouse.OpHook{{Ops: []string{"changeEmail"}, Do: a.beforeChangeEmail}},
			User:        gatehouse.RecordHooks[gatehouse.User]{BeforeCreate: a.beforeCreate, AfterCreate: a.afterCreate, AfterDelete: a.afterDelete},
			UserChanged: a.userChanged,
		},
		Errors: []*gatehouse.Error{
			ErrPending, ErrRejected, ErrClosed, ErrInvitationRequired, ErrInvitationInvalid, ErrDomain,
			gatehouse.ErrMissingField, gatehouse.ErrFieldTooLong, gatehouse.ErrInvalidText,
		},
		Jobs: []gatehouse.Job{{Name: "sweep invitations", Every: time.Hour, Run: a.invitations.sweepExpired}},
	}
	if app.Authority() != nil {
		parts.Routes = append(parts.Routes, a.adminRoutes()...)
	}
	return parts, nil
}

func (a *Approvals) adminRoutes() []gatehouse.Route {
	return []gatehouse.Route{
		gatehouse.Endpoint(listOp, a.list),
		gatehouse.Endpoint(lookOp, a.look),
		gatehouse.Endpoint(openOp, a.open),
		gatehouse.Endpoint(approveOp, a.approve),
		gatehouse.Endpoint(rejectOp, a.reject),
		gatehouse.Endpoint(inviteOp, a.invite),
		gatehouse.Endpoint(invitationsOp, a.listInvitations),
		gatehouse.Endpoint(revokeOp, a.revoke),
	}
}

// The refusals. They say nothing of stored accounts but to who proved to own
// one.
var (
	// ErrPending and ErrRejected answer whoever proved an identity and may not
	// have a session.
	ErrPending  = gatehouse.NewError(http.StatusForbidden, "ACCOUNT_PENDING_APPROVAL", "Your account waits for approval")
	ErrRejected = gatehouse.NewError(http.StatusForbidden, "ACCOUNT_REJECTED", "Your account was not approved")

	ErrClosed             = gatehouse.NewError(http.StatusForbidden, "REGISTRATION_CLOSED", "Registration is closed")
	ErrInvitationRequired = gatehouse.NewError(http.StatusForbidden, "INVITATION_REQUIRED", "An invitation is required to register")
	// ErrInvitationInvalid is one answer for an unknown, expired, revoked or
	// used invitation and for one of another address.
	ErrInvitationInvalid = gatehouse.NewError(http.StatusForbidden, "INVITATION_INVALID", "This invitation is not valid")
	ErrDomain            = gatehouse.NewError(http.StatusForbidden, "EMAIL_DOMAIN_NOT_ALLOWED", "Addresses of this domain are not accepted")
)

// reserved are members of a sign-up's body that are no question.
var reserved = []string{
	"id", "name", "email", "emailVerified", "password", "image", "callbackURL", "rememberMe", "createdAt", "updatedAt",
	reasonMember, invitationMember,
}

var questionName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)

// check finds the mistakes in the options.
func (a *Approvals) check() error {
	o := &a.options
	var problems []error
	refuse := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if !slices.Contains(o.Mode.Options(), string(o.Mode)) {
		refuse("mode %q: use open, approval, invite or closed", o.Mode)
	}
	if len(o.Questions) > maxQuestions || len(o.Recipients) > maxRecipients {
		refuse("at most %d questions and %d recipients", maxQuestions, maxRecipients)
	}
	if o.ApprovalLinkExpiresIn < 0 || o.ApprovalLinkExpiresIn > maxApprovalLink {
		refuse("approvalLinkExpiresIn is more than 0 and at most 30 days")
	}
	if o.InvitationExpiresIn < 0 || o.InvitationExpiresIn > maxInvitationAge {
		refuse("invitationExpiresIn is more than 0 and at most 365 days")
	}
	taken := slices.Clone(reserved)
	for _, field := range a.app.DB.AddedFields("user") {
		taken = append(taken, field.Name)
	}
	for _, q := range o.Questions {
		switch {
		case !questionName.MatchString(q.Name):
			refuse("question %q: a name is up to 64 letters, digits and _, and begins with a letter", q.Name)
		case slices.Contains(taken, q.Name):
			refuse("question %q: sign-up has a member of that name already", q.Name)
		case q.MaxLength < 1 || q.MaxLength > maxAnswerLength:
			refuse("question %q: maxLength is 1 to %d", q.Name, maxAnswerLength)
		}
		taken = append(taken, q.Name)
	}
	for _, address := range o.Recipients {
		if _, err := maildomain.Of(address); err != nil {
			refuse("recipient %q is no e-mail address", address)
		}
	}
	return errors.Join(problems...)
}

func (a *Approvals) readDomains() (err error) {
	o := &a.options.EmailDomains
	if a.allow, err = maildomain.Compile(o.Allow); err != nil {
		return fmt.Errorf("emailDomains.allow: %w", err)
	}
	if a.deny, err = maildomain.Compile(o.Deny); err != nil {
		return fmt.Errorf("emailDomains.deny: %w", err)
	}
	if o.DisposableFile == "" {
		return nil
	}
	info, err := os.Stat(o.DisposableFile)
	if err != nil {
		return fmt.Errorf("emailDomains.disposableFile: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxFileBytes {
		return fmt.Errorf("emailDomains.disposableFile: %s is not a regular file of at most 16 MiB", o.DisposableFile)
	}
	file, err := os.Open(o.DisposableFile)
	if err != nil {
		return fmt.Errorf("emailDomains.disposableFile: %w", err)
	}
	defer func() { _ = file.Close() }()
	if a.trash, err = maildomain.Read(file); err != nil {
		return fmt.Errorf("emailDomains.disposableFile: %s: %w", o.DisposableFile, err)
	}
	return nil
}
