package admin

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

// The errors of this package. Codes, statuses and texts are the protocol's.
var (
	// ErrNobody answers who has no session: the bare status.
	ErrNobody = gatehouse.NewError(http.StatusUnauthorized, "", "")
	// ErrBanned answers banned people at every way to sign in. Its text is an
	// option.
	ErrBanned = gatehouse.NewError(http.StatusForbidden, "BANNED_USER",
		"You have been banned from this application. Please contact support if you believe this is an error.")
	// ErrLastAdmin is not the protocol's, which lets a house lose its last admin.
	ErrLastAdmin = gatehouse.NewError(http.StatusBadRequest, "LAST_ADMIN", "The last admin cannot be demoted, banned or removed")

	ErrUserNotFound  = gatehouse.NewError(http.StatusNotFound, "USER_NOT_FOUND", "User not found")
	ErrEmailTaken    = gatehouse.NewError(http.StatusBadRequest, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email.")
	ErrUnknownRole   = gatehouse.NewError(http.StatusBadRequest, "YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE", "You are not allowed to set a non-existent role value")
	ErrRoleType      = gatehouse.NewError(http.StatusBadRequest, "INVALID_ROLE_TYPE", "Invalid role type")
	ErrNoData        = gatehouse.NewError(http.StatusBadRequest, "NO_DATA_TO_UPDATE", "No data to update")
	ErrPasswordHere  = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_CANNOT_BE_UPDATED_VIA_UPDATE_USER", "Password cannot be updated through update-user. Use the set-user-password endpoint instead")
	ErrIDHere        = gatehouse.NewError(http.StatusBadRequest, "USER_ID_CANNOT_BE_UPDATED", "User id cannot be updated")
	ErrBanOneself    = gatehouse.NewError(http.StatusBadRequest, "YOU_CANNOT_BAN_YOURSELF", "You cannot ban yourself")
	ErrRemoveOneself = gatehouse.NewError(http.StatusBadRequest, "YOU_CANNOT_REMOVE_YOURSELF", "You cannot remove yourself")

	ErrCreate           = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_CREATE_USERS", "You are not allowed to create users")
	ErrGet              = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_GET_USER", "You are not allowed to get user")
	ErrList             = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS", "You are not allowed to list users")
	ErrUpdate           = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS", "You are not allowed to update users")
	ErrSetEmail         = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL", "You are not allowed to update users email")
	ErrSetPhone         = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PHONE_NUMBER", "You are not allowed to update users phone number")
	ErrSetRole          = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE", "You are not allowed to change users role")
	ErrBan              = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS", "You are not allowed to ban users")
	ErrRemove           = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_DELETE_USERS", "You are not allowed to delete users")
	ErrSetPassword      = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD", "You are not allowed to set users password")
	ErrListSessions     = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS_SESSIONS", "You are not allowed to list users sessions")
	ErrRevokeSessions   = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS", "You are not allowed to revoke users sessions")
	ErrImpersonate      = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_IMPERSONATE_USERS", "You are not allowed to impersonate users")
	ErrImpersonateAdmin = gatehouse.NewError(http.StatusForbidden, "YOU_CANNOT_IMPERSONATE_ADMINS", "You cannot impersonate admins")

	ErrNotImpersonating = gatehouse.NewError(http.StatusBadRequest, "", "You are not impersonating anyone")
	ErrNoAdmin          = gatehouse.NewError(http.StatusInternalServerError, "", "Failed to find user")
	ErrNoAdminSession   = gatehouse.NewError(http.StatusInternalServerError, "", "Failed to find admin session")
	ErrNoPermissions    = gatehouse.NewError(http.StatusBadRequest, "", "invalid permission check. no permission(s) were passed.")

	// ErrTooShort and ErrTooLong come from the length check of passwords.
	ErrTooShort = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_SHORT", "Password too short")
	ErrTooLong  = gatehouse.NewError(http.StatusBadRequest, "PASSWORD_TOO_LONG", "Password too long")
	// ErrNoPasswords answers where no plugin can hash.
	ErrNoPasswords = gatehouse.NewError(http.StatusBadRequest, "EMAIL_PASSWORD_DISABLED", "Email and password is not enabled")
)
