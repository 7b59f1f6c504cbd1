package server

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/sessionpolicy"
)

// Policies are the rules in force, with every default filled in.
type Policies struct {
	Registration RegistrationPolicy `json:"registration"`
	Password     PasswordPolicy     `json:"password"`
	Session      SessionPolicy      `json:"session"`
	// StepUp lists the operations that ask for a fresh proof.
	StepUp []StepUpPolicy `json:"stepUp"`
	// Lockout is null where it is off.
	Lockout *LockoutPolicy `json:"lockout"`
}

// RegistrationPolicy is who may have an account.
type RegistrationPolicy struct {
	Mode approval.Mode `json:"mode"`
	// InForce is closed as long as a mode that takes one waits for an
	// administrator.
	InForce        approval.Mode `json:"inForce"`
	RequireReason  bool          `json:"requireReason"`
	Questions      []string      `json:"questions"`
	AllowedDomains []string      `json:"allowedDomains"` // none: all
	DeniedDomains  []string      `json:"deniedDomains"`
	DisposableFile string        `json:"disposableFile"`
}

// PasswordPolicy is what a new password must be.
type PasswordPolicy struct {
	Enabled         bool   `json:"enabled"`
	MinLength       int    `json:"minLength"`
	MaxLength       int    `json:"maxLength"`
	MinScore        int    `json:"minScore"` // zxcvbn's; 0: none is asked for
	RefusesCommon   bool   `json:"refusesCommon"`
	RefusesPersonal bool   `json:"refusesPersonal"`
	Denied          int    `json:"denied"` // passwords of the list in the configuration
	DenyFile        string `json:"denyFile"`
	History         int    `json:"history"`
	// BreachesAt is where stolen passwords are looked up; "": nowhere.
	BreachesAt         string `json:"breachesAt"`
	BreachesFailClosed bool   `json:"breachesFailClosed"`
}

// SessionPolicy is how long and how many sessions live. 0 is no limit.
type SessionPolicy struct {
	ExpiresInSeconds     int64 `json:"expiresInSeconds"`
	FreshAgeSeconds      int64 `json:"freshAgeSeconds"`
	RequireVerifiedEmail bool  `json:"requireVerifiedEmail"`
	SessionLimits
	// Roles have limits in place of those above: the first that a person has.
	Roles []RoleLimits `json:"roles"`
}

// SessionLimits are those of people without a role that has its own.
type SessionLimits struct {
	IdleLifetimeSeconds     int64  `json:"idleLifetimeSeconds"`
	AbsoluteLifetimeSeconds int64  `json:"absoluteLifetimeSeconds"`
	MaxSessions             int    `json:"maxSessions"`
	WhenFull                string `json:"whenFull"`
}

// RoleLimits are those of people with a role.
type RoleLimits struct {
	Role string `json:"role"`
	SessionLimits
}

// StepUpPolicy is an operation and how old a proof may be for it.
type StepUpPolicy struct {
	Operation     string `json:"operation"`
	WithinSeconds int64  `json:"withinSeconds"`
}

// LockoutPolicy is when wrong passwords lock.
type LockoutPolicy struct {
	MaxFailures           int   `json:"maxFailures"`
	WindowSeconds         int64 `json:"windowSeconds"`
	LockForSeconds        int64 `json:"lockForSeconds"`
	MaxLockForSeconds     int64 `json:"maxLockForSeconds"`
	MaxFailuresPerAddress int   `json:"maxFailuresPerAddress"` // 0: not counted
	DelayAfter            int   `json:"delayAfter"`            // 0: never
	DelaySeconds          int64 `json:"delaySeconds"`
}

func seconds(d time.Duration) int64 { return int64(max(d, 0) / time.Second) }

// Policies tells which rules are in force.
func (h *House) Policies(ctx context.Context) (*Policies, error) {
	registration, err := h.registrationPolicy(ctx)
	if err != nil {
		return nil, err
	}
	p := &Policies{Registration: registration, Password: h.passwordPolicy(), Session: h.sessionPolicy(), StepUp: []StepUpPolicy{}}
	for _, route := range h.Routes() {
		if within := route.Op.Access.ProofWithin(); within > 0 {
			p.StepUp = append(p.StepUp, StepUpPolicy{route.Op.ID, seconds(within)})
		}
	}
	slices.SortFunc(p.StepUp, func(x, y StepUpPolicy) int { return strings.Compare(x.Operation, y.Operation) })
	if h.Options.Features.Lockout != nil {
		p.Lockout = lockoutPolicy(h.Options.Features.Lockout.WithDefaults())
	}
	return p, nil
}

func (h *House) registrationPolicy(ctx context.Context) (RegistrationPolicy, error) {
	p := RegistrationPolicy{Mode: approval.Open, InForce: approval.Open, Questions: []string{}, AllowedDomains: []string{}, DeniedDomains: []string{}}
	o := h.Options.Features.Approval
	if o == nil || h.Approvals == nil {
		return p, nil
	}
	if o.Mode != "" {
		p.Mode = o.Mode
	}
	for _, q := range o.Questions {
		p.Questions = append(p.Questions, q.Name)
	}
	p.RequireReason, p.DisposableFile = o.RequireReason, o.EmailDomains.DisposableFile
	p.AllowedDomains = append(p.AllowedDomains, o.EmailDomains.Allow...)
	p.DeniedDomains = append(p.DeniedDomains, o.EmailDomains.Deny...)
	var err error
	p.InForce, err = h.Approvals.InForce(ctx)
	return p, err
}

// passwordPolicy joins the limits of the password feature with those of the
// policy: both hold.
func (h *House) passwordPolicy() PasswordPolicy {
	o := h.Options.EmailAndPassword.WithDefaults()
	p := PasswordPolicy{Enabled: o.Enabled, MinLength: o.MinPasswordLength, MaxLength: o.MaxPasswordLength}
	if h.Options.Features.PasswordPolicy == nil {
		return p
	}
	rules := h.Options.Features.PasswordPolicy.WithDefaults()
	p.MinLength, p.MaxLength = max(p.MinLength, rules.MinLength), min(p.MaxLength, rules.MaxLength)
	p.MinScore, p.RefusesCommon, p.RefusesPersonal = max(rules.MinScore, 0), !rules.AllowCommon, !rules.AllowPersonal
	p.Denied, p.DenyFile, p.History = len(rules.DenyList), rules.DenyFile, rules.History
	p.BreachesAt, p.BreachesFailClosed = rules.Breaches.RangeURL+rules.Breaches.File, rules.Breaches.FailClosed
	return p
}

func (h *House) sessionPolicy() SessionPolicy {
	session := h.Config().Session
	p := SessionPolicy{
		ExpiresInSeconds: seconds(session.ExpiresIn), FreshAgeSeconds: seconds(session.FreshAge),
		RequireVerifiedEmail: h.Options.EmailAndPassword.RequireEmailVerification, Roles: []RoleLimits{},
	}
	o := h.Options.Features.SessionPolicy
	if o == nil {
		return p
	}
	p.RequireVerifiedEmail = p.RequireVerifiedEmail || o.RequireVerifiedEmail
	p.SessionLimits = sessionLimits(o.Limits)
	for _, role := range o.Roles {
		p.Roles = append(p.Roles, RoleLimits{role.Role, sessionLimits(role.Limits)})
	}
	return p
}

func sessionLimits(l sessionpolicy.Limits) SessionLimits {
	s := SessionLimits{
		IdleLifetimeSeconds: seconds(l.IdleLifetime), AbsoluteLifetimeSeconds: seconds(l.AbsoluteLifetime),
		MaxSessions: l.MaxSessions, WhenFull: l.WhenFull,
	}
	if s.MaxSessions > 0 && s.WhenFull == "" {
		s.WhenFull = "revokeOldest"
	}
	return s
}

func lockoutPolicy(o lockout.Options) *LockoutPolicy {
	return &LockoutPolicy{
		MaxFailures: o.MaxFailures, WindowSeconds: seconds(o.Window), LockForSeconds: seconds(o.LockFor), MaxLockForSeconds: seconds(o.MaxLockFor),
		MaxFailuresPerAddress: max(o.MaxFailuresPerAddress, 0), DelayAfter: max(o.DelayAfter, 0), DelaySeconds: seconds(o.Delay),
	}
}
