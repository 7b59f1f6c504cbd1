package sessionpolicy

import (
	"github.com/gatehouse-auth/gatehouse"
)

// refuseUnverified is the gate that keeps people with an unproved address out,
// however they sign in. It answers with a Detour, so that an account that was
// made in the same request stays, and with it the way to prove the address.
func (p *Policy) refuseUnverified(c *gatehouse.Call, proof gatehouse.Proof) error {
	if proof.User.EmailVerified {
		return nil
	}
	mails := &p.app.Config().EmailVerification
	// Signing up mails by its own options.
	if mails.SendVerificationEmail && mails.SendOnSignIn && c.Op().ID != "signUpEmail" {
		callbackURL, _ := c.BodyText("callbackURL")
		if err := p.app.MailVerification(c, proof.User, callbackURL); err != nil {
			return err
		}
	}
	refusal := gatehouse.ErrEmailNotVerified
	return &gatehouse.Detour{Status: refusal.Status, Body: map[string]string{"message": refusal.Message, "code": refusal.Code}}
}
