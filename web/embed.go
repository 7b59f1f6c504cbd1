//go:build !noui

package web

import "embed"

// BuiltIn reports whether the pages are part of this program. The build tag
// noui leaves them out.
const BuiltIn = true

//go:embed all:dist
var dist embed.FS
