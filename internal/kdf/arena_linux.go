package kdf

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// hugePage is how large the kernel's transparent huge pages are on the usual
// machines. A mapping of whole huge pages halves the cost of the random reads
// that Argon2 and scrypt are made of.
const hugePage = 2 << 20

// arena is the memory of one worker. It is mapped outside the Go heap: the
// collector's goal stays small, and giving it back shows at once in the
// process's resident size. Core dumps leave it out.
type arena struct{ mapped []byte }

// bytes returns at least n bytes with unknown content.
func (a *arena) bytes(n int) ([]byte, error) {
	if len(a.mapped) >= n {
		return a.mapped, nil
	}
	a.release()
	size := (n + hugePage - 1) &^ (hugePage - 1)
	mapped, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("kdf: map %d bytes: %w", size, err)
	}
	// Both are hints; a kernel without them serves as well.
	_ = unix.Madvise(mapped, unix.MADV_HUGEPAGE)
	_ = unix.Madvise(mapped, unix.MADV_DONTDUMP)
	a.mapped = mapped
	return mapped, nil
}

func (a *arena) release() {
	if a.mapped != nil {
		_ = unix.Munmap(a.mapped) // fails only for what Mmap did not return
		a.mapped = nil
	}
}

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
