//go:build !linux

package kdf

// arena is the memory of one worker, reused from hash to hash.
type arena struct{ mapped []byte }

// bytes returns at least n bytes with unknown content.
func (a *arena) bytes(n int) ([]byte, error) {
	if len(a.mapped) < n {
		a.mapped = make([]byte, n)
	}
	return a.mapped, nil
}

func (a *arena) release() { a.mapped = nil }

// background does nothing: only Linux gives a thread a priority of its own.
func background() {}
