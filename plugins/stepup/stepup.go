// Package stepup asks people who are signed in to prove again who they are
// before an operation that matters. A sign-in is a proof, and so is POST
// /step-up with the password; a proof is the session's and ages. It refuses to
// know what the operations do: see gatehouse.Access.StepUp.
package stepup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Options configures fresh proofs.
type Options struct {
	// Operations ask for one, by their ID: "deleteUser", "changeEmail", …,
	// besides those that ask by themselves.
	Operations []string
	// Within is how old the proof may be for Operations. Default 10 minutes; 10
	// seconds to 24 hours.
	Within time.Duration
}

// CheckPassword returns nil if password is the user's, and the password
// feature's errors otherwise.
type CheckPassword func(ctx context.Context, userID, password string) error

// StepUps is the feature; New makes one.
type StepUps struct {
	options Options
	check   CheckPassword
	app     *gatehouse.App
	// provedAt is when the session's person last proved who they are; NULL for
	// never: an older session, or an admin who acts as the person.
	provedAt *store.Column[*time.Time]
}

var (
	_ gatehouse.Plugin = (*StepUps)(nil)
	_ gatehouse.StepUp = (*StepUps)(nil)
)

// New returns the plugin. check is the password feature's; without it only the
// factors of other plugins do.
func New(o Options, check CheckPassword) *StepUps {
	if o.Within == 0 {
		o.Within = 10 * time.Minute
	}
	return &StepUps{options: o, check: check}
}

// Plug declares the feature.
func (s *StepUps) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	if s.options.Within < 10*time.Second || s.options.Within > 24*time.Hour {
		return gatehouse.Parts{}, errors.New("within: want 10 seconds to 24 hours")
	}
	s.app = app
	s.provedAt = store.Extend[*time.Time](app.DB, "session", store.Field{Name: "provedAt", Type: store.Date, Hidden: true})
	parts := gatehouse.Parts{
		ID:      "step-up",
		StepUp:  s,
		StepUps: map[string]time.Duration{},
		Hooks:   gatehouse.Hooks{Session: gatehouse.RecordHooks[gatehouse.Session]{BeforeCreate: s.signedIn}},
		Errors:  []*gatehouse.Error{gatehouse.ErrStepUpRequired},
	}
	for _, op := range s.options.Operations {
		parts.StepUps[op] = s.options.Within
	}
	if s.check != nil {
		parts.Routes = []gatehouse.Route{gatehouse.Endpoint(proveOp, s.prove)}
		parts.Factors = []gatehouse.Factor{{Name: factor, Has: s.hasPassword}}
		parts.Limits = []gatehouse.Limit{{Match: func(path string) bool { return path == proveOp.Path }, Window: 10 * time.Second, Max: 3}}
	}
	return parts, nil
}

// signedIn counts a sign-in as the first proof.
func (s *StepUps) signedIn(_ context.Context, session *gatehouse.Session) error {
	if !isImpersonation(session) {
		s.provedAt.Set(session, &session.CreatedAt)
	}
	return nil
}

// ProvedAt is the time of the session's last proof.
func (s *StepUps) ProvedAt(session *gatehouse.Session) (time.Time, error) {
	at, err := s.provedAt.Of(session)
	if err != nil || at == nil {
		return time.Time{}, err
	}
	return *at, nil
}

// Proved stores that the session's person proved who they are now.
func (s *StepUps) Proved(ctx context.Context, session *gatehouse.Session) error {
	now := s.app.Now()
	_, err := s.app.Sessions.Update(ctx, session.Token, store.Change{Field: s.provedAt.Name(), Value: now})
	if errors.Is(err, store.ErrNotFound) {
		return gatehouse.ErrUnauthorized // signed out meanwhile
	}
	if err != nil {
		return fmt.Errorf("store fresh proof: %w", err)
	}
	return nil
}

// isImpersonation reports whether an admin acts as the person. The column is
// the admin plugin's; without it nobody does.
func isImpersonation(session *gatehouse.Session) bool {
	by, _ := session.Get("impersonatedBy")
	id, _ := by.(string)
	return id != ""
}

// factor is how STEP_UP_REQUIRED names the password.
const factor = "password"

func (s *StepUps) hasPassword(ctx context.Context, user *gatehouse.User) (bool, error) {
	account, err := s.app.Accounts.Credential(ctx, user.ID)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && account.PasswordHash != nil && *account.PasswordHash != "", err
}

// ErrNoPassword and ErrTooLong come from the password check.
var (
	ErrNoPassword = gatehouse.NewError(http.StatusBadRequest, "CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found")
	ErrTooLong    = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_LONG", "Password too long")
)
