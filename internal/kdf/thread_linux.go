package kdf

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// niceness of a hashing thread: about a tenth of the weight of the threads
// that serve requests, so that a request in need of a core takes it at once,
// and hashing goes on even when requests never pause.
const niceness = 10

// background gives the calling goroutine a thread of its own with lower
// scheduling priority. The thread ends with the goroutine, because it is
// never unlocked: nothing else can inherit the priority.
func background() {
	runtime.LockOSThread()
	// On Linux the priority belongs to the thread, not the process. Being
	// refused costs latency and nothing else.
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), niceness)
}
