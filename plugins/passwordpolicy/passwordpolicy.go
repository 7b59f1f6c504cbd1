// Package passwordpolicy judges every new password, whichever way it comes:
// sign-up, change, reset, an admin, the command line. It refuses to know how a
// password is stored or checked. Read rule.go first.
package passwordpolicy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
)

// Options says what a new password must be. The zero value asks for 8 code
// points, a zxcvbn score of 3, and nothing common or personal.
type Options struct {
	// MinLength is in Unicode code points, after NFKC. Default 8. The limits of
	// emailAndPassword hold besides.
	MinLength int
	// MaxLength is, too. Default 128; at most 1024.
	MaxLength int
	// MinScore is the least zxcvbn score: 1 (withstands a thousand guesses), 2
	// (a million), 3 (a hundred million) or 4 (ten thousand million). Default 3.
	// Negative: no score is asked for.
	MinScore int
	// AllowPersonal lets a person's name and address and this site's name count
	// towards the length.
	AllowPersonal bool
	// AllowCommon lets the 30 000 most used passwords pass.
	AllowCommon bool
	// DenyList are passwords that nobody may have, in any letter case.
	DenyList []string
	// DenyFile has more of them, one a line, at most 16 MiB.
	DenyFile string
	// History is how many of the last passwords, the present one included,
	// cannot be chosen again. Default 0; at most 24, for each costs one hash.
	History int
	// Roles ask more of people who hold a role. Of these and the general rules
	// the strictest holds, each by itself, over all roles of a person. Needs a
	// plugin that knows roles.
	Roles map[string]RoleRules
	// Breaches looks new passwords up among those that were stolen elsewhere.
	Breaches BreachOptions
}

// RoleRules are what a role asks for. 0 asks for nothing beyond the general rule.
type RoleRules struct {
	// MinLength is in Unicode code points, after NFKC.
	MinLength int
	// MinScore is the least zxcvbn score, 1 to 4.
	MinScore int
	// History is how many of the last passwords cannot be chosen again, at most
	// 24.
	History int
}

// Verifier reports whether hash is one of password.
type Verifier func(ctx context.Context, hash, password string) (bool, error)

// Policy is the feature; New makes one.
type Policy struct {
	options Options
	verify  Verifier
	app     *gatehouse.App
	denied  map[string]struct{}
	scorers scorers
	breach  *breachCheck
	history *history
}

var _ gatehouse.Plugin = (*Policy)(nil)

// New returns the plugin. verify compares with earlier passwords, on the pool
// of whoever stores them; it may be nil without Options.History.
func New(o Options, verify Verifier) *Policy {
	return &Policy{options: o.WithDefaults(), verify: verify}
}

// WithDefaults are the options as they are in force.
func (o Options) WithDefaults() Options {
	if o.MinLength == 0 {
		o.MinLength = 8
	}
	if o.MaxLength == 0 {
		o.MaxLength = 128
	}
	if o.MinScore == 0 {
		o.MinScore = 3
	}
	return o
}

// Plug declares the feature.
func (p *Policy) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	if err := p.options.check(); err != nil {
		return gatehouse.Parts{}, err
	}
	longest := p.options.longestHistory()
	if longest > 0 && p.verify == nil {
		return gatehouse.Parts{}, errors.New("history needs a way to compare with earlier passwords: give New the Verify of the password plugin")
	}
	p.app, p.scorers = app, newScorers()
	var err error
	if p.denied, err = p.options.denied(); err != nil {
		return gatehouse.Parts{}, err
	}
	if p.breach, err = newBreachCheck(app, p.options.Breaches); err != nil {
		return gatehouse.Parts{}, err
	}
	parts := gatehouse.Parts{
		ID:            "password-policy",
		AsksRoles:     len(p.options.Roles) > 0,
		PasswordRules: []gatehouse.PasswordRule{p.judge},
		Errors: []*gatehouse.Error{
			ErrTooShort, ErrTooLong, ErrTooWeak, ErrTooCommon, ErrPersonal, ErrCompromised, ErrReused, ErrCheckUnavailable,
		},
		Close: p.breach.close,
	}
	if longest > 0 {
		p.history = newHistory(app, longest, p.verify)
		parts.Hooks.Account = p.history.hooks()
	}
	return parts, nil
}

func (o *Options) check() error {
	switch {
	case o.MinLength < 1 || o.MaxLength > 1024 || o.MinLength > o.MaxLength:
		return errors.New("length limits: want 1 ≤ minLength ≤ maxLength ≤ 1024")
	case o.MinScore > 4:
		return errors.New("minScore: zxcvbn's highest score is 4")
	case o.History < 0 || o.History > maxHistory:
		return errors.New("history: want 0 to 24 passwords")
	}
	for name, role := range o.Roles {
		switch {
		case name == "" || strings.Contains(name, ","):
			return fmt.Errorf("roles: %q is no role", name)
		case role.MinLength < 0 || role.MinLength > o.MaxLength:
			return fmt.Errorf("roles: %s: minLength: want at most maxLength, which is %d", name, o.MaxLength)
		case role.MinScore < 0 || role.MinScore > 4:
			return fmt.Errorf("roles: %s: minScore: want 1 to 4", name)
		case role.History < 0 || role.History > maxHistory:
			return fmt.Errorf("roles: %s: history: want 1 to 24 passwords", name)
		}
	}
	return nil
}

// longestHistory is how many passwords are kept of everybody: who gets a role
// later has them then.
func (o *Options) longestHistory() int {
	longest := o.History
	for _, role := range o.Roles {
		longest = max(longest, role.History)
	}
	return longest
}

// The errors of this package. Those that another plugin has too carry the same
// code with a text that says what to do.
var (
	ErrTooShort = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_SHORT", "Password too short")
	ErrTooLong  = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_LONG", "Password too long")
	ErrTooWeak  = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_WEAK",
		"This password is easy to guess. Make it longer: four words that have nothing to do with each other are easy to remember.")
	ErrTooCommon = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_COMMON",
		"Many people use this password, so it is among the first to be tried. Choose one that is yours alone.")
	ErrPersonal = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_PERSONAL",
		"Your name, your e-mail address and the name of this site do not count. Choose a password without them.")
	// ErrCompromised is the protocol's.
	ErrCompromised = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_COMPROMISED",
		"The password you entered has been compromised. Please choose a different password.")
	ErrReused = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_REUSED",
		"You had this password before. Choose a new one.")
	// ErrCheckUnavailable: the breach source is away and FailClosed is set.
	ErrCheckUnavailable = gatehouse.NewError(http.StatusServiceUnavailable, "PASSWORD_CHECK_UNAVAILABLE",
		"New passwords cannot be checked right now, so nothing was changed. Please try again in a minute.").WithHeader("Retry-After", "60")
)
