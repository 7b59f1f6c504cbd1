package password

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/token"
)

// setPasswordLife is how long the link works with which somebody whose account
// an administrator made sets a first password: it comes unasked, so it waits.
const setPasswordLife = 3 * 24 * time.Hour

// MailReset mails user a link that sets a new password: for admins and the
// CLI. The link ends at redirectTo, the page that asks for the password;
// nothing checks whether that is trusted until it is opened.
func (p *Passwords) MailReset(ctx context.Context, user *gatehouse.User, redirectTo string) error {
	return p.mailLink(ctx, user, "reset-password", redirectTo, p.options.ResetPasswordTokenExpiresIn)
}

// MailSetPassword mails user, whose account somebody else made, a link that
// sets a first password. It is MailReset in other words, and works for 3 days.
func (p *Passwords) MailSetPassword(ctx context.Context, user *gatehouse.User, redirectTo string) error {
	return p.mailLink(ctx, user, "set-password", redirectTo, setPasswordLife)
}

func (p *Passwords) mailLink(ctx context.Context, user *gatehouse.User, kind, redirectTo string, life time.Duration) error {
	secret := token.Alphanumeric(p.app.Rand, 24)
	link := p.app.URL("/reset-password/" + secret + "?callbackURL=" + gatehouse.EscapeComponent(redirectTo))
	return p.app.Tx(ctx, func(ctx context.Context) error {
		if err := p.app.Verifications.Create(ctx, resetPurpose+secret, user.ID, life); err != nil {
			return err
		}
		if err := p.app.Record(ctx, gatehouse.LinkEvent("link.send", kind, user.ID)); err != nil {
			return err
		}
		return p.app.Outbox.Put(ctx, gatehouse.Mail{Kind: kind, To: user.Email, Data: map[string]any{
			"user": user, "token": secret, "url": link, "expiresIn": int(life / time.Second),
		}})
	})
}

// HashNew judges the password of an account that does not exist yet, by its
// length and by every plugin's rules, and hashes it.
func (p *Passwords) HashNew(ctx context.Context, user *gatehouse.User, password string) (string, error) {
	if err := p.CheckNew(ctx, user, password); err != nil {
		return "", err
	}
	return p.Hash(ctx, password)
}
