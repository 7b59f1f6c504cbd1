package gatehouse

import (
	"net/http"
	"strings"
)

// ErrImage refuses pictures that a browser would run instead of show.
var ErrImage = NewError(http.StatusBadRequest, "INVALID_IMAGE", "image must be an http or https address, or a path")

// SafeImage reports whether a picture's address may be stored: http, https or
// a path. Anything else could be run by a page that shows it.
func SafeImage(address string) bool {
	clean := strings.ToLower(strings.TrimSpace(address))
	if clean != strings.ToLower(address) {
		return false
	}
	return clean == "" || strings.HasPrefix(clean, "https://") || strings.HasPrefix(clean, "http://") ||
		(strings.HasPrefix(clean, "/") && !strings.HasPrefix(clean, "//") && !strings.Contains(clean, `\`)) ||
		!strings.ContainsAny(clean, `:\`) && !strings.HasPrefix(clean, "/")
}
