package console

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

// The errors of this package.
var (
	// ErrCursor answers a cursor that no page of this list gave out.
	ErrCursor = gatehouse.NewError(http.StatusBadRequest, "INVALID_CURSOR",
		"This cursor is not of this list: ask again without it, from the first page")
	// ErrSort answers an order that no index has. The answer's member sorts
	// lists those that there are.
	ErrSort = gatehouse.NewError(http.StatusBadRequest, "SORT_NOT_INDEXED", "People cannot be sorted so")
	// ErrSearchTooShort answers a search in the middle of texts that no index
	// can answer.
	ErrSearchTooShort = gatehouse.NewError(http.StatusBadRequest, "SEARCH_TOO_SHORT",
		"A search for a part of a text needs 3 characters: type more, or search by how it begins")

	ErrUserNotFound = gatehouse.NewError(http.StatusNotFound, "USER_NOT_FOUND", "User not found")

	ErrMailNotFound = gatehouse.NewError(http.StatusNotFound, "MAIL_NOT_FOUND", "There is no such mail: sent ones go after 30 days")
	ErrMailNotDead  = gatehouse.NewError(http.StatusConflict, "MAIL_NOT_DEAD", "Only a mail that was given up can be tried again")

	// ErrRevoke answers who may not end an admin's session; code and text are
	// the protocol's.
	ErrRevoke = gatehouse.NewError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS",
		"You are not allowed to revoke users sessions")

	ErrNotHere = gatehouse.NewError(http.StatusNotImplemented, "NOT_AVAILABLE", "This server has not been built with that part: run it as gatehouse serve")

	ErrImportTooLarge = gatehouse.NewError(http.StatusRequestEntityTooLarge, "IMPORT_TOO_LARGE", "The file is too large")
	ErrImportRunning  = gatehouse.NewError(http.StatusConflict, "IMPORT_RUNNING", "Another import runs here: wait until it is done")
	ErrImportFile     = gatehouse.NewError(http.StatusBadRequest, "IMPORT_UNREADABLE", "The file cannot be read")

	ErrNoRole = gatehouse.NewError(http.StatusBadRequest, "ROLE_MISSING", "The action role needs the member role")
)
