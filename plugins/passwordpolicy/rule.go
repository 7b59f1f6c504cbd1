package passwordpolicy

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/kdf"
	"github.com/gatehouse-auth/gatehouse/internal/strength"
)

// judge is the rule: what costs nothing first, then arithmetic, then another
// service, then hashes. It looks at the spelling that is hashed, so that it
// does not matter how a keyboard composes é.
func (p *Policy) judge(ctx context.Context, user *gatehouse.User, email, password string) error {
	// Normal forms grow a text, at most 18-fold: bound it before.
	if err := p.checkMax(password); err != nil {
		return err
	}
	password = kdf.Normalize(password)
	rules, err := p.rulesFor(ctx, user)
	if err != nil {
		return err
	}
	if err := p.checkLength(password, rules.MinLength); err != nil {
		return err
	}
	personal := personalWords(p.app.Config().AppName, nameOf(ctx, user), email)
	if !p.options.AllowPersonal && lengthWithout(password, personal) < rules.MinLength {
		return ErrPersonal
	}
	if p.isCommon(strings.ToLower(password)) {
		return ErrTooCommon
	}
	if err := p.checkScore(ctx, password, personal, rules.MinScore); err != nil {
		return err
	}
	if err := p.breach.check(ctx, password); err != nil {
		return err
	}
	if rules.History == 0 || user.ID == "" {
		return nil
	}
	return p.history.check(ctx, user.ID, password, rules.History)
}

// rulesFor are the strictest of the general rules and those of every role that
// the person holds now.
func (p *Policy) rulesFor(ctx context.Context, user *gatehouse.User) (RoleRules, error) {
	strictest := RoleRules{MinLength: p.options.MinLength, MinScore: p.options.MinScore, History: p.options.History}
	for name, role := range p.options.Roles {
		has, err := p.app.HasRole(ctx, user, name)
		if err != nil {
			return strictest, fmt.Errorf("ask for role: %w", err)
		}
		if has {
			strictest.MinLength = max(strictest.MinLength, role.MinLength)
			strictest.MinScore = max(strictest.MinScore, role.MinScore)
			strictest.History = max(strictest.History, role.History)
		}
	}
	return strictest, nil
}

// isCommon reports whether the operator or everybody knows a password, which
// is in lower case.
func (p *Policy) isCommon(password string) bool {
	_, denied := p.denied[password]
	return denied || !p.options.AllowCommon && strength.Common(password)
}

func (p *Policy) checkMax(password string) error {
	if utf8.RuneCountInString(password) > p.options.MaxLength {
		return ErrTooLong.Saying("Use at most %d characters.", p.options.MaxLength)
	}
	return nil
}

func (p *Policy) checkLength(password string, least int) error {
	if utf8.RuneCountInString(password) < least {
		return ErrTooShort.Saying("Use at least %d characters.", least)
	}
	return p.checkMax(password)
}

// nameOf is the person's name: of the account, or the one that a request to
// create it gives.
func nameOf(ctx context.Context, user *gatehouse.User) string {
	if user.ID != "" || user.Name != "" {
		return user.Name
	}
	if c := gatehouse.CallFrom(ctx); c != nil {
		name, _ := c.BodyText("name")
		return name
	}
	return ""
}
