// Package password is sign-up and sign-in with an e-mail address and a
// password, and everything a person does to a password: change it, set a
// first one, reset it by mail. It refuses to know how a session is made: see
// gatehouse.Call.Admit. Read sign_in.go first.
package password

import (
	"context"
	"errors"
	"net/http"
	"time"
	"unicode/utf16"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/kdf"
)

// Options configures sign-in with a password. The names are the protocol's.
type Options struct {
	// Enabled switches the feature on; its operations answer 400 otherwise.
	Enabled bool
	// DisableSignUp refuses new accounts from strangers.
	DisableSignUp bool
	// RequireEmailVerification refuses sign-in until the address is proved.
	RequireEmailVerification bool
	// AutoSignIn signs a new person in. Default true.
	AutoSignIn *bool
	// MinPasswordLength and MaxPasswordLength are in UTF-16 code units, as in
	// the protocol. Defaults 8 and 128; at most 1024.
	MinPasswordLength int
	MaxPasswordLength int
	// SendResetPassword switches reset by mail on.
	SendResetPassword bool
	// ResetPasswordTokenExpiresIn is how long a reset link lives. Default 1 hour.
	ResetPasswordTokenExpiresIn time.Duration
	// RevokeSessionsOnPasswordReset ends all sessions when a password is reset.
	RevokeSessionsOnPasswordReset bool
	// NotifyOnPasswordReset mails the owner after a reset.
	NotifyOnPasswordReset bool
	// NotifyExistingUserSignUp mails the owner of an address when somebody
	// tries to sign up with it and the answer must not say so.
	NotifyExistingUserSignUp bool
	Hash                     HashOptions

	OnPasswordReset      func(context.Context, *gatehouse.User) error `option:"-"`
	OnExistingUserSignUp func(context.Context, *gatehouse.User) error `option:"-"`
}

// HashOptions bound the cost of password hashing.
type HashOptions struct {
	// Format is "argon2id" (default) or "scrypt", the form a better-auth
	// server beside us can read. Both, and bcrypt, are always verified.
	Format string
	// Workers is how many hashes run at once. Default: one per core.
	Workers int
	// MemoryBytes bounds the memory of all running hashes. Default 256 MiB.
	MemoryBytes int64
	// Queue is how many more may wait; past it the answer is 503. Default 64
	// per worker.
	Queue int
	// OwnProcess says that the process serves nothing else: while passwords
	// are hashed, the Go scheduler then gets processors to spare (GOMAXPROCS),
	// so that no other request waits behind a hash. The server sets it.
	OwnProcess bool
}

// Passwords is the feature; New makes one.
type Passwords struct {
	options Options
	app     *gatehouse.App
	hashes  *kdf.Pool
}

var _ gatehouse.Plugin = (*Passwords)(nil)

// New returns the plugin.
func New(o Options) *Passwords { return &Passwords{options: o.WithDefaults()} }

// WithDefaults are the options as they are in force.
func (o Options) WithDefaults() Options {
	if o.MinPasswordLength == 0 {
		o.MinPasswordLength = 8
	}
	if o.MaxPasswordLength == 0 {
		o.MaxPasswordLength = 128
	}
	if o.ResetPasswordTokenExpiresIn == 0 {
		o.ResetPasswordTokenExpiresIn = time.Hour
	}
	return o
}

// Plug declares the feature.
func (p *Passwords) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	o := &p.options
	if o.MinPasswordLength < 1 || o.MaxPasswordLength > 1024 || o.MinPasswordLength > o.MaxPasswordLength {
		return gatehouse.Parts{}, errors.New("password length limits: want 1 ≤ minPasswordLength ≤ maxPasswordLength ≤ 1024")
	}
	hashOptions := kdf.Options{Workers: o.Hash.Workers, MemoryBytes: o.Hash.MemoryBytes, Queue: o.Hash.Queue, OwnProcess: o.Hash.OwnProcess}
	switch o.Hash.Format {
	case "", "argon2id":
	case "scrypt":
		hashOptions.Format = kdf.Scrypt
	default:
		return gatehouse.Parts{}, errors.New(`hash.format: use "argon2id" or "scrypt"`)
	}
	var err error
	p.app = app
	if p.hashes, err = kdf.New(hashOptions); err != nil {
		return gatehouse.Parts{}, err
	}
	return gatehouse.Parts{
		ID: "password",
		Routes: []gatehouse.Route{
			gatehouse.Endpoint(signUpOp, p.signUp),
			gatehouse.Endpoint(signInOp, p.signIn),
			gatehouse.Endpoint(requestResetOp, p.requestReset),
			gatehouse.Endpoint(openResetOp, p.openReset),
			gatehouse.Endpoint(resetOp, p.reset),
			gatehouse.Endpoint(changeOp, p.change),
			gatehouse.Endpoint(verifyOp, p.verifyOwn),
		},
		Gates: []gatehouse.Gate{{Kind: gatehouse.Refuse, Ask: p.refuseUnverified}},
		Close: func() error { p.hashes.Close(); return nil },
	}, nil
}

// The errors of this package. Codes, statuses and texts are the protocol's.
var (
	ErrSignUpDisabled = gatehouse.NewError(http.StatusBadRequest, "EMAIL_PASSWORD_SIGN_UP_DISABLED", "Email and password sign up is not enabled")
	ErrSignInDisabled = gatehouse.NewError(http.StatusBadRequest, "EMAIL_PASSWORD_DISABLED", "Email and password is not enabled")
	ErrResetDisabled  = gatehouse.NewError(http.StatusBadRequest, "RESET_PASSWORD_DISABLED", "Reset password isn't enabled")
	// ErrInvalidCredentials is one answer for an unknown address, a missing
	// password and a wrong one: same text, same status, same time.
	ErrInvalidCredentials = gatehouse.NewError(http.StatusUnauthorized, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password")
	ErrEmailNotVerified   = gatehouse.ErrEmailNotVerified
	ErrTooShort           = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_SHORT", "Password too short")
	ErrTooLong            = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_LONG", "Password too long")
	ErrNoCredential       = gatehouse.NewError(http.StatusBadRequest, "CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found")
	ErrAlreadySet         = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_ALREADY_SET", "User already has a password set")
	ErrCreateUser         = gatehouse.NewError(http.StatusUnprocessableEntity, "FAILED_TO_CREATE_USER", "Failed to create user")
)

// checkNew judges a new password: its length first, so that nothing costly
// looks at a text without bound, then every plugin's rules.
func (p *Passwords) checkNew(ctx context.Context, user *gatehouse.User, email, password string) error {
	if err := p.checkLength(password); err != nil {
		return err
	}
	return p.app.CheckPassword(ctx, user, email, password)
}

// checkLength bounds a new password before anything costly happens.
func (p *Passwords) checkLength(password string) error {
	length := units(password)
	if length < p.options.MinPasswordLength {
		return ErrTooShort
	}
	return p.checkTooLong(length)
}

// CheckLength judges the length alone: ErrTooLong or, unless short passwords
// are allowed, as they are for accounts that an admin makes, ErrTooShort.
func (p *Passwords) CheckLength(password string, allowShort bool) error {
	if allowShort {
		return p.checkTooLong(units(password))
	}
	return p.checkLength(password)
}

func (p *Passwords) checkTooLong(length int) error {
	if length > p.options.MaxPasswordLength {
		return ErrTooLong
	}
	return nil
}

// units counts UTF-16 code units, which is what the protocol's limits count.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// Hash hashes a password on the bounded pool, for importers and admins.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	hash, err := p.hashes.Hash(ctx, password)
	return hash, busy(err)
}

// HashStats is a look at the pool that hashes passwords: how many hash at once,
// do so now and wait, and how many may wait.
type HashStats struct{ Workers, Running, Waiting, Queue int }

// HashStats looks at the pool now.
func (p *Passwords) HashStats() HashStats {
	if p.hashes == nil {
		return HashStats{}
	}
	return HashStats(p.hashes.Stats())
}

// CheckHash returns an error for a stored hash that nobody could sign in with.
func (p *Passwords) CheckHash(hash string) error { return p.hashes.Check(hash) }

// CheckNew returns nil if user, who is not stored yet, may have the password: its
// length and every plugin's rules.
func (p *Passwords) CheckNew(ctx context.Context, user *gatehouse.User, password string) error {
	return p.checkNew(ctx, user, user.Email, password)
}

// Verify reports whether hash is one of password, on the bounded pool, for
// policies that compare with earlier passwords.
func (p *Passwords) Verify(ctx context.Context, hash, password string) (bool, error) {
	match, _, err := p.hashes.Verify(ctx, hash, password)
	return match, busy(err)
}

// busy turns a full queue into the answer that says: later.
func busy(err error) error {
	if errors.Is(err, kdf.ErrBusy) {
		return gatehouse.ErrUnavailable.Because(err)
	}
	return err
}

// CheckPassword returns nil if password is the user's, ErrInvalidPassword if
// it is not, and ErrNoCredential if the user has none. In a request it is an
// attempt like a sign-in's, so that a stolen session guesses no more often than
// a stranger, and what refuses those is returned as it is. Call it outside of
// transactions.
func (p *Passwords) CheckPassword(ctx context.Context, userID, password string) error {
	if err := p.checkTooLong(units(password)); err != nil {
		return err
	}
	account, err := p.credential(ctx, userID)
	if err != nil {
		return err // nothing is there to be guessed
	}
	c := gatehouse.CallFrom(ctx)
	if c == nil { // a program's own question: nobody's attempt
		match, err := p.Verify(ctx, *account.PasswordHash, password)
		if err == nil && !match {
			return gatehouse.ErrInvalidPassword
		}
		return err
	}
	user := c.User()
	if user == nil || user.ID != userID {
		if user, err = p.app.Users.ByID(ctx, userID); err != nil {
			return err
		}
	}
	_, err = p.attempt(c, user, user.Email, account, password)
	return err
}

// SetPassword gives the user of the current session a first password. It is
// not routed: an account without a password proves itself in another way, and
// the embedder decides which.
func (p *Passwords) SetPassword(ctx context.Context, userID, password string) error {
	if _, err := p.credential(ctx, userID); !errors.Is(err, ErrNoCredential) {
		if err == nil {
			err = ErrAlreadySet
		}
		return err
	}
	return p.Reset(ctx, userID, password)
}

// Reset sets a user's password whatever it was, for admins and the CLI.
func (p *Passwords) Reset(ctx context.Context, userID, password string) error {
	user, err := p.app.Users.ByID(ctx, userID)
	if err != nil {
		return err
	}
	if err := p.checkNew(ctx, user, user.Email, password); err != nil {
		return err
	}
	hash, err := p.Hash(ctx, password)
	if err != nil {
		return err
	}
	return p.SetHash(ctx, userID, hash)
}

// SetHash stores the hash of a new password, and kills the links that were
// mailed under the old one.
func (p *Passwords) SetHash(ctx context.Context, userID, hash string) error {
	return p.app.Tx(ctx, func(ctx context.Context) error {
		if err := p.app.Accounts.SetPasswordHash(ctx, userID, hash); err != nil {
			return err
		}
		return p.app.Verifications.Forget(ctx, resetPurpose, userID)
	})
}
