package gatehouse

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
)

// Error is an answer that is not success. Status, Code and Message are what
// the client sees; they are protocol facts, so they are never reworded and a
// code is never used for two things. The cause is logged, never sent.
//
// Code may be empty (the answer then has only a message), and so may both:
// the answer is then the bare status with an empty body.
type Error struct {
	Status  int
	Code    string
	Message string

	header  http.Header
	members map[string]any
	cause   error
}

// NewError declares an error. Call it in a package variable, once per code.
func NewError(status int, code, message string) *Error {
	return &Error{Status: status, Code: code, Message: message}
}

// Because returns a copy of e that carries cause for the log.
func (e *Error) Because(cause error) *Error {
	clone := *e
	clone.cause = cause
	return &clone
}

// Saying returns a copy of e with another message and the same code, for the
// few errors whose text names a field.
func (e *Error) Saying(format string, args ...any) *Error {
	clone := *e
	clone.Message = fmt.Sprintf(format, args...)
	return &clone
}

// WithHeader returns a copy of e whose answer carries one more header.
func (e *Error) WithHeader(name, value string) *Error {
	clone := *e
	clone.header = e.header.Clone()
	if clone.header == nil {
		clone.header = http.Header{}
	}
	clone.header.Set(name, value)
	return &clone
}

// With returns a copy of e whose answer carries one more member beside code
// and message: what a program needs in order to go on.
func (e *Error) With(name string, value any) *Error {
	clone := *e
	clone.members = maps.Clone(e.members)
	if clone.members == nil {
		clone.members = map[string]any{}
	}
	clone.members[name] = value
	return &clone
}

func (e *Error) Error() string {
	text := e.Code
	if text == "" {
		text = e.Message
	}
	if text == "" {
		text = http.StatusText(e.Status)
	}
	if e.cause != nil {
		return text + ": " + e.cause.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is the same declared error, whatever the cause.
func (e *Error) Is(target error) bool {
	var other *Error
	if !errors.As(target, &other) {
		return false
	}
	if e.Code == "" && other.Code == "" {
		return e.Status == other.Status && e.Message == other.Message
	}
	return e.Status == other.Status && e.Code == other.Code
}

// The errors that any operation may return.
var (
	ErrValidation   = NewError(http.StatusBadRequest, "VALIDATION_ERROR", "Validation Error")
	ErrBadJSON      = NewError(http.StatusBadRequest, "BAD_REQUEST", "Invalid JSON in request body")
	ErrMediaType    = NewError(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type")
	ErrBodyTooLarge = NewError(http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE", "Request body is too large")

	ErrUnauthorized    = NewError(http.StatusUnauthorized, "UNAUTHORIZED", "Unauthorized")
	ErrSessionNotFresh = NewError(http.StatusForbidden, "SESSION_NOT_FRESH", "Session is not fresh")
	ErrForbidden       = NewError(http.StatusForbidden, "FORBIDDEN", "You are not allowed to do this")
	// ErrStepUpRequired asks for a fresh proof of who one is. Its member
	// "factors" lists what would do: "password", ….
	ErrStepUpRequired = NewError(http.StatusForbidden, "STEP_UP_REQUIRED", "Please confirm that it is you, then try again")
	ErrNoSession      = NewError(http.StatusUnauthorized, "FAILED_TO_GET_SESSION", "Failed to get session")
	ErrImpersonated   = NewError(http.StatusForbidden, "NOT_WHILE_IMPERSONATING", "An admin who acts as somebody else cannot do this")

	// ErrSessionUnreadable answers a session cookie cache that is not even
	// encoded.
	ErrSessionUnreadable = NewError(http.StatusInternalServerError, "FAILED_TO_GET_SESSION", "Failed to get session")

	ErrMissingOrigin   = NewError(http.StatusForbidden, "MISSING_OR_NULL_ORIGIN", "Missing or null Origin")
	ErrInvalidOrigin   = NewError(http.StatusForbidden, "INVALID_ORIGIN", "Invalid origin")
	ErrCrossSiteLogin  = NewError(http.StatusForbidden, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED", "Cross-site navigation login blocked. This request appears to be a CSRF attack.")
	ErrCallbackURL     = NewError(http.StatusForbidden, "INVALID_CALLBACK_URL", "Invalid callbackURL")
	ErrRedirectURL     = NewError(http.StatusForbidden, "INVALID_REDIRECT_URL", "Invalid redirectURL")
	ErrErrorCallback   = NewError(http.StatusForbidden, "INVALID_ERROR_CALLBACK_URL", "Invalid errorCallbackURL")
	ErrNewUserCallback = NewError(http.StatusForbidden, "INVALID_NEW_USER_CALLBACK_URL", "Invalid newUserCallbackURL")

	ErrTooManyRequests = NewError(http.StatusTooManyRequests, "", "Too many requests. Please try again later.")
	// ErrUnavailable says that we could not tell: the database is away or a
	// queue is full. Nothing was decided about the caller, so it is never
	// answered as "no session" or "wrong password".
	ErrUnavailable = NewError(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "The service is busy. Please try again shortly.").WithHeader("Retry-After", "1")

	ErrNotFound        = NewError(http.StatusNotFound, "", "")
	ErrFieldNotAllowed = NewError(http.StatusBadRequest, "FIELD_NOT_ALLOWED", "Field not allowed to be set")
	ErrMissingField    = NewError(http.StatusBadRequest, "MISSING_FIELD", "Field is required")
	ErrNothingToUpdate = NewError(http.StatusBadRequest, "", "No fields to update")
	ErrFieldTooLong    = NewError(http.StatusBadRequest, "FIELD_TOO_LONG", "A value is too long")

	ErrInvalidText = NewError(http.StatusBadRequest, "INVALID_TEXT", "A value has characters that cannot be stored")

	// ErrEmailNotVerified: nobody signs in before the address is proved.
	ErrEmailNotVerified = NewError(http.StatusForbidden, "EMAIL_NOT_VERIFIED", "Email not verified")

	ErrInvalidEmail    = NewError(http.StatusBadRequest, "INVALID_EMAIL", "Invalid email")
	ErrInvalidToken    = NewError(http.StatusBadRequest, "INVALID_TOKEN", "Invalid token")
	ErrTokenExpired    = NewError(http.StatusUnauthorized, "TOKEN_EXPIRED", "Token expired")
	ErrUserNotFound    = NewError(http.StatusBadRequest, "USER_NOT_FOUND", "User not found")
	ErrInvalidPassword = NewError(http.StatusBadRequest, "INVALID_PASSWORD", "Invalid password")
)

// Detour is an error that answers with a next step instead of a failure: a
// redirect (Status 302 with Location), a page, or a body such as "second factor
// needed". Handlers and gates return one where the happy path ends elsewhere.
// State changed before it is kept; only a returned *Error rolls back.
type Detour struct {
	Status   int
	Location string
	Body     any
	HTML     []byte // a page in place of Body
}

func (d *Detour) Error() string { return fmt.Sprintf("detour %d %s", d.Status, d.Location) }

// Redirect is the Detour to url with status 302.
func Redirect(url string) error { return &Detour{Status: http.StatusFound, Location: url} }
