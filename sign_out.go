package gatehouse

// Leave is what a person who signs out says about where to go.
type Leave struct {
	// CallbackURL is where an identity provider sends them afterwards.
	CallbackURL string
	// State comes back with them.
	State string
}

// Exit is asked when somebody signs out: it returns the address at which they
// leave an identity provider, too, or "".
type Exit func(c *Call, user *User, l Leave) (target string, err error)

// HasExits reports whether signing out may lead elsewhere, so that it needs to
// know who leaves.
func (a *App) HasExits() bool { return len(a.exits) > 0 }

// ExitOf is the first address that an Exit names. A fault of one is logged: a
// sign-out does not fail because somebody else's cannot begin.
func (c *Call) ExitOf(user *User, l Leave) string {
	for _, exit := range c.app.exits {
		target, err := exit(c, user, l)
		if err != nil {
			c.Log().Warn("cannot end the session at the provider", "err", err)
		} else if target != "" {
			return target
		}
	}
	return ""
}
