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
// so that parallel tries cannot slip past the bound. Passed takes it back.
type AttemptGuard interface {
	Begin(c *Call, a Attempt) error
	Passed(c *Call, a Attempt) error
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
