package web

import "slices"

// The pages that mails, redirects and options name.
const (
	SignInPath        = "/auth/sign-in"
	SignUpPath        = "/auth/sign-up"
	ResetPasswordPath = "/auth/reset-password"
	VerifyEmailPath   = "/auth/verify-email"
	ErrorPath         = "/auth/error"
)

// authPages are the pages below /auth, as auth/app.tsx has them. All paths
// below /account and /admin belong to their apps.
var authPages = []string{
	SignInPath,
}

func isPage(path string) bool { return slices.Contains(authPages, path) }
