package web

// The pages that mails, redirects and options name. Each file in auth/pages is
// one; all paths below /account and /admin belong to their apps.
const (
	SignInPath        = "/auth/sign-in"
	SignUpPath        = "/auth/sign-up"
	ResetPasswordPath = "/auth/reset-password" //nolint:gosec // a path
	VerifyEmailPath   = "/auth/verify-email"
	ErrorPath         = "/auth/error"
	FirstAdminPath    = "/auth/first-admin"
	UnlockPath        = "/auth/unlock"
	AccountPath       = "/account"
	PasswordPath      = "/account/password"

	continuePath = "/auth/continue"
)
