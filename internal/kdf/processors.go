package kdf

import "runtime"

// lend gives the Go scheduler a processor for every worker while passwords
// are being hashed, in a process that is ours (Options.OwnProcess). Then a
// hash in progress never holds a processor that a request waits for, and the
// operating system, which knows the threads' priorities, shares the cores.
// Between times they are taken back, because each costs every request a
// little; it also ends the runtime's own following of a changed CPU limit.
func (p *Pool) lend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.awake++; p.awake == 1 && p.options.OwnProcess {
		p.processors = runtime.GOMAXPROCS(0)
		runtime.GOMAXPROCS(p.processors + p.options.Workers)
	}
}

// takeBack is called by each worker that called lend, when it rests.
func (p *Pool) takeBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.awake--; p.awake == 0 && p.options.OwnProcess {
		runtime.GOMAXPROCS(p.processors)
	}
}
