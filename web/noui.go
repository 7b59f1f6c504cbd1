//go:build noui

package web

import "embed"

// BuiltIn reports whether the pages are part of this program.
const BuiltIn = false

var dist embed.FS
