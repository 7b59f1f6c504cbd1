package gatehouse

// Attempt is one try at proving an identity with something that can be
// guessed: a password, a code.
type Attempt struct {
	// Method is what is tried: "password", "totp", ….
	Method string
	// Identifier is what the person typed, normalised: an e-mail address.
	Identifier string
	// User is whose it is; nil when nobody's. A guard treats both alike.
	User *User
}

// AttemptGuard bounds guessing. Begin is asked before anything is compared or
// hashed, and refuses with an *Error; the try counts as failed from then on,
// so that parallel tries cannot slip past the bound. Passed is told that the
// try was right. Void takes it back: a fault of ours kept it from being
// decided. All are called outside of transactions, for what was counted must
// stay when the request fails.
type AttemptGuard interface {
	Begin(c *Call, a Attempt) error
	Passed(c *Call, a Attempt) error
	Void(c *Call, a Attempt) error
}

// Begin asks every guard whether the attempt may be made.
func (c *Call) Begin(a Attempt) error {
	for _, guard := range c.app.guards {
		if err := guard.Begin(c, a); err != nil {
			return err
		}
	}
	return nil
}

// Passed tells every guard that the attempt was right.
func (c *Call) Passed(a Attempt) error {
	for _, guard := range c.app.guards {
		if err := guard.Passed(c, a); err != nil {
			return err
		}
	}
	return nil
}

// Void tells every guard that a fault kept the attempt from being decided. It
// is called on the way to the answer that says so, which stays the same
// whatever becomes of this.
func (c *Call) Void(a Attempt) {
	for _, guard := range c.app.guards {
		if err := guard.Void(c, a); err != nil {
			c.Log().WarnContext(c, "attempt not taken back", "method", a.Method, "err", err)
		}
	}
}
