package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/web"
)

// hostsPages reports whether the built-in pages are served: they are part of
// this program, and the protocol is not in their place.
func hostsPages(basePath string) bool { return web.BuiltIn && !web.Collides(basePath) }

// basePathOf is the path that the App will have (Config.BaseURL, BasePath).
func basePathOf(o *Options) string {
	if u, err := url.Parse(o.BaseURL); err == nil && strings.Trim(u.Path, "/") != "" {
		return strings.TrimRight(u.Path, "/")
	}
	return strings.TrimRight(o.BasePath, "/")
}

// usePages names the built-in pages where flows end that have no page of the
// application's own, or the plain forms where they are not served.
func (o *Options) usePages(hosted bool) {
	if hosted && o.OnAPIError.ErrorURL == "" {
		o.OnAPIError.ErrorURL = web.ErrorPath
	}
	if first := o.Features.FirstAdmin; hosted && first != nil && first.Page == FirstAdminPath {
		shown := *first
		shown.Page = web.FirstAdminPath
		o.Features.FirstAdmin = &shown
	}
	if lock := o.Features.Lockout; hosted && lock != nil && lock.UnlockURL == "" {
		shown := *lock
		shown.UnlockURL = web.UnlockPath
		o.Features.Lockout = &shown
	}
	if rule := o.Features.Approval; rule != nil && !hosted {
		plain := *rule
		if plain.SignInPage == web.SignInPath {
			plain.SignInPage = SignInPath
		}
		o.Features.Approval = &plain
	}
}

// pages are the built-in pages, nil where they are not served.
func (s *Server) pages() (http.Handler, error) {
	h := s.House
	if !hostsPages(h.Config().BasePath) {
		return nil, nil
	}
	o := h.Options
	var social []web.Choice
	for _, choice := range h.Social.Choices() {
		social = append(social, web.Choice{ID: choice.ID, Name: choice.Name})
	}
	return web.Handler(web.Options{
		AppName: h.Config().AppName, BasePath: h.Config().BasePath, Brand: o.Brand, Plain: SignInPath,
		Methods: web.Methods{
			Password: o.EmailAndPassword.Enabled, Reset: o.EmailAndPassword.Enabled && o.EmailAndPassword.SendResetPassword,
			Verification: o.EmailVerification.SendVerificationEmail, Social: social,
		},
		Account:      h.account(),
		Registration: h.registration, Trusts: h.Trusts,
		Password: web.PasswordRule{
			Min: o.EmailAndPassword.MinPasswordLength, Max: o.EmailAndPassword.MaxPasswordLength,
			Revokes: o.EmailAndPassword.RevokeSessionsOnPasswordReset,
		},
	})
}

// account is what people may do to their own account.
func (h *House) account() web.Account {
	o := h.Options
	return web.Account{
		ChangeEmail: o.User.ChangeEmail.Enabled && o.EmailVerification.SendVerificationEmail,
		AgreeFirst:  o.User.ChangeEmail.SendChangeEmailConfirmation,
		Delete:      o.User.DeleteUser.Enabled,
		Activity:    o.Features.Audit != nil && o.Features.Audit.Activity,
		Data:        true,
	}
}

// registration is who may register with a form now.
func (h *House) registration(ctx context.Context) (web.Registration, error) {
	o := h.Options
	shown := web.Registration{Mode: string(approval.Open)}
	if h.Approvals != nil {
		mode, err := h.Approvals.InForce(ctx)
		if err != nil {
			return shown, err
		}
		rule := o.Features.Approval
		shown.Mode, shown.RequireReason = string(mode), rule.RequireReason
		for _, q := range rule.Questions {
			label, limit := first(q.Label, q.Name), q.MaxLength
			if limit == 0 {
				limit = approval.DefaultAnswerLength
			}
			shown.Questions = append(shown.Questions, web.Question{Name: q.Name, Label: label, Required: q.Required, MaxLength: limit})
		}
	}
	if o.EmailAndPassword.DisableSignUp || !o.EmailAndPassword.Enabled {
		shown.Mode = string(approval.Closed)
	}
	return shown, nil
}
