//go:build !linux

package kdf

import "runtime"

// background gives the calling goroutine a thread of its own. Elsewhere than
// on Linux a single thread has no priority that we could lower.
func background() { runtime.LockOSThread() }
