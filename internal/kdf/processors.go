package kdf

import "runtime"

// AddProcessors raises GOMAXPROCS by n and returns what takes it back. A
// server that owns its process calls it once with the number of workers:
// then a hash in progress never holds a processor that a request waits for,
// and the operating system, which knows the threads' priorities, shares the
// cores. It also ends the runtime's own following of a changed CPU limit. The
// package itself never changes settings of the process.
func AddProcessors(n int) (undo func()) {
	before := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(before + n)
	return func() { runtime.GOMAXPROCS(before) }
}
