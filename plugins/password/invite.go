package password

import (
	"context"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/token"
)

// MailReset mails user a link that sets a new password, or a first one: for
// admins and the CLI. The link ends at redirectTo, the page that asks for the
// password; nothing checks whether that is trusted until it is opened.
func (p *Passwords) MailReset(ctx context.Context, user *gatehouse.User, redirectTo string) error {
	secret := token.Alphanumeric(p.app.Rand, 24)
	link := p.app.URL("/reset-password/" + secret + "?callbackURL=" + gatehouse.EscapeComponent(redirectTo))
	return p.app.Tx(ctx, func(ctx context.Context) error {
		if err := p.app.Verifications.Create(ctx, resetPurpose+secret, user.ID, p.options.ResetPasswordTokenExpiresIn); err != nil {
			return err
		}
		if err := p.app.Record(ctx, gatehouse.LinkEvent("link.send", resetMail, user.ID)); err != nil {
			return err
		}
		return p.app.Outbox.Put(ctx, gatehouse.Mail{Kind: resetMail, To: user.Email, Data: map[string]any{
			"user": user, "token": secret, "url": link,
		}})
	})
}
