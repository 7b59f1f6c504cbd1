package passwordpolicy

import (
	"context"
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
	if err := p.checkLength(password); err != nil {
		return err
	}
	personal := personalWords(p.app.Config().AppName, nameOf(ctx, user), email)
	if !p.options.AllowPersonal && lengthWithout(password, personal) < p.options.MinLength {
		return ErrPersonal
	}
	if p.isCommon(strings.ToLower(password)) {
		return ErrTooCommon
	}
	if err := p.checkScore(ctx, password, personal); err != nil {
		return err
	}
	if err := p.breach.check(ctx, password); err != nil {
		return err
	}
	if p.history == nil || user == nil {
		return nil
	}
	return p.history.check(ctx, user.ID, password)
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

func (p *Policy) checkLength(password string) error {
	if utf8.RuneCountInString(password) < p.options.MinLength {
		return ErrTooShort.Saying("Use at least %d characters.", p.options.MinLength)
	}
	return p.checkMax(password)
}

// nameOf is the person's name: of the account, or the one that a request to
// create it gives.
func nameOf(ctx context.Context, user *gatehouse.User) string {
	if user != nil {
		return user.Name
	}
	if c := gatehouse.CallFrom(ctx); c != nil {
		name, _ := c.BodyText("name")
		return name
	}
	return ""
}
