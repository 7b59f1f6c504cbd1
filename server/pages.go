package server

// The pages that mails and the terminal have links to.
const (
	// ResetPath is the page that a mailed link to set a password ends at unless
	// an application names its own.
	ResetPath = "/reset-password"
	// FirstAdminPath is the page that the first administrator's link leads to.
	FirstAdminPath = "/first-admin"
	// SignInPath is the page to sign in.
	SignInPath = "/sign-in"
	// UnlockPath is the page that a mailed link to unlock an account ends at
	// unless the option plugins.lockout.unlockURL names another.
	UnlockPath = "/unlock"
)

const lostMail = "The form did not arrive. Open the link from your mail again."

// newPassword is the input of a password that is chosen now.
func (h *House) newPassword(name, label string) field {
	o := &h.Options.EmailAndPassword
	return field{Name: name, Label: label, Type: "password", Autocomplete: "new-password", Min: o.MinPasswordLength, Max: o.MaxPasswordLength}
}

func (h *House) resetPage() *formPage {
	return &formPage{
		house: h, path: ResetPath, title: "Choose a new password",
		incomplete: "This link does not work: it is old, used or incomplete. Ask for a new one.",
		lost:       lostMail,
		forms: []form{{
			Fields:    []field{tokenInput, h.newPassword("newPassword", "New password")},
			Button:    "Set password",
			operation: "/reset-password",
			doneTitle: "Your password is set", done: "You can sign in with it now.",
		}},
	}
}

func (h *House) firstAdminPage() *formPage {
	return &formPage{
		house: h, path: FirstAdminPath, title: "Become the first administrator",
		incomplete: "This link is incomplete. Copy the whole line that the server printed.",
		lost:       "The form did not arrive. Open the link again.",
		forms: []form{{
			Lead: "This account may do everything here. The link works once.",
			Fields: []field{
				tokenInput,
				{Name: "name", Label: "Name", Type: "text", Autocomplete: "name", Max: 150},
				{Name: "email", Label: "E-mail address", Type: "email", Autocomplete: "username", Max: 254},
				h.newPassword("password", "Password"),
			},
			Button:    "Become the administrator",
			operation: "/first-admin",
			doneTitle: "You are the administrator", done: "Your account is made, and you are signed in.",
		}},
	}
}

// unlockPage asks for a click, for programs that look at mails open links but
// send no forms.
func (h *House) unlockPage() *formPage {
	const broken = "This link does not work: it is old, used or incomplete."
	return &formPage{
		house: h, path: UnlockPath, title: "Unlock your account", incomplete: broken, lost: lostMail,
		forms: []form{{
			Lead:      "Do this in the browser that you want to sign in with: it is then known to belong to you, and tries of others do not lock it.",
			Fields:    []field{tokenInput},
			Button:    "Unlock",
			operation: "/lockout/unlock",
			doneTitle: "Your account is unlocked", done: "You can sign in now, in this browser.",
			refused: broken,
			// The answer adds to the cookie that says to whom the browser is known.
			withCookies: true,
		}},
	}
}

// signInPage has a form for a password and a button for every provider. A
// button goes on by a page of its own, for a form may not lead to another
// origin (form-action).
func (h *House) signInPage() *formPage {
	page := &formPage{house: h, path: SignInPath, title: "Sign in", lost: "The form did not arrive. Try again."}
	if h.Options.EmailAndPassword.Enabled {
		page.forms = append(page.forms, form{
			Name: "password",
			Fields: []field{
				{Name: "email", Label: "E-mail address", Type: "email", Autocomplete: "username", Max: 254},
				{Name: "password", Label: "Password", Type: "password", Autocomplete: "current-password"},
				callbackInput,
			},
			Button: "Sign in", operation: "/sign-in/email", leads: true,
			doneTitle: "You are signed in", done: "You can close this page.",
		})
	}
	for _, choice := range h.Social.Choices() {
		page.forms = append(page.forms, form{
			Name: choice.ID,
			Fields: []field{
				{Name: "provider", Type: "hidden", Value: choice.ID},
				{Name: "errorCallbackURL", Type: "hidden", Value: SignInPath},
				callbackInput,
			},
			Button: "Continue with " + choice.Name, operation: "/sign-in/social", leads: true,
			doneTitle: "On to " + choice.Name, done: "You come back when you have signed in there.",
		})
	}
	return page
}
