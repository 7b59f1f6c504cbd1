package social

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Failure is why a callback failed, as it stands in ?error= (errors.json,
// redirectErrors).
type Failure string

// The failures of this package.
const (
	stateNotFound     Failure = "state_not_found"
	stateMismatch     Failure = "state_mismatch"
	stateInvalid      Failure = "state_invalid"
	noCode            Failure = "no_code"
	providerNotFound  Failure = "oauth_provider_not_found"
	issuerMissing     Failure = "issuer_missing"
	issuerMismatch    Failure = "issuer_mismatch"
	invalidCode       Failure = "invalid_code"
	nonceMissing      Failure = "nonce_binding_missing"
	noUserInfo        Failure = "unable_to_get_user_info"
	unableToLink      Failure = "unable_to_link_account"
	emailDoesNotMatch Failure = "email_does_not_match"
	linkedToAnother   Failure = "account_already_linked_to_different_user"
	emailNotFound     Failure = "email_not_found"
	EmailNotVerified  Failure = "email_not_verified"
	accountNotLinked  Failure = "account_not_linked"
	signUpDisabled    Failure = "signup_disabled"
	providerRefused   Failure = "provider_refused" // in the record only
	internalError     Failure = "internal_server_error"
)

func (f Failure) Error() string { return "social: " + string(f) }

// Sentence is the failure in a JSON answer.
func (f Failure) Sentence() string { return strings.ReplaceAll(string(f), "_", " ") }

// Failed redirects to the page for errors. What is not a failure of the
// sign-in but a refusal of ours (a gate, a registration mode) tells its code
// and sentence; a fault stays a fault.
func (s *Social) Failed(c *gatehouse.Call, r *Return, err error) error {
	var detour *gatehouse.Detour
	if errors.As(err, &detour) || errors.Is(err, store.ErrUnavailable) {
		return err
	}
	var answer *gatehouse.Error
	if errors.As(err, &answer) && answer.Status >= http.StatusInternalServerError {
		return err
	}
	if answer != nil && answer.Code != "" {
		return redirectError(r.ErrorURL, answer.Code, answer.Message)
	}
	var state *stateFailure
	var failure Failure
	switch {
	case errors.As(err, &state):
		failure = state.code
		if state.errorURL != "" {
			r.ErrorURL = state.errorURL
		}
	case errors.As(err, &failure):
		c.Log().Warn("sign-in by a provider failed", "error", string(failure), "err", err)
	default:
		failure = internalError
		c.Log().Error("sign-in by a provider failed", "err", err)
	}
	s.account(c, r, failure)
	return redirectError(r.ErrorURL, string(failure), "")
}

// account records a failed return.
func (s *Social) account(c *gatehouse.Call, r *Return, f Failure) {
	event := gatehouse.Event{Action: "sign-in.fail", Details: map[string]any{"method": Method}}
	if id := c.Param("id"); s.providers[id] != nil { // else anybody could have any text recorded
		event.Details["provider"] = id
	}
	if r.State != nil && r.State.Link != nil {
		event.Action, event.TargetType, event.Target = "account.link.fail", "user", r.State.Link.UserID
	}
	_ = c.Refused(event, gatehouse.NewError(http.StatusUnauthorized, string(f), ""))
}

// RecordFailure records a sign-in that failed elsewhere than in a callback.
func (s *Social) RecordFailure(c *gatehouse.Call, p *oauth.Provider, f Failure) {
	details := map[string]any{"method": Method, "provider": p.ID}
	_ = c.Refused(gatehouse.Event{Action: "sign-in.fail", Details: details}, gatehouse.NewError(http.StatusUnauthorized, string(f), ""))
}

// refused passes on what the provider says, bounded and encoded.
func (s *Social) refused(c *gatehouse.Call, r *Return, said string) error {
	s.account(c, r, providerRefused)
	return redirectError(r.ErrorURL, bounded(said), bounded(r.Query.Get("error_description")))
}

// maxSaid bounds what a provider says, in bytes: it becomes an address.
const maxSaid = 500

func bounded(said string) string {
	said = strings.ToValidUTF8(said, "\ufffd")
	if len(said) > maxSaid {
		said = strings.ToValidUTF8(said[:maxSaid], "")
	}
	return said
}

func redirectError(target, code, description string) error {
	if description == "" {
		return gatehouse.Redirect(gatehouse.AddQuery(target, "error", code))
	}
	return gatehouse.Redirect(gatehouse.AddQuery(target, "error", code, "error_description", description))
}

// caused is a failure with its cause, for the log.
type caused struct {
	Failure
	cause error
}

func because(f Failure, cause error) error { return &caused{f, cause} }

func (c *caused) Error() string   { return c.Failure.Error() + ": " + c.cause.Error() }
func (c *caused) Unwrap() []error { return []error{c.Failure, c.cause} }
