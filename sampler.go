package gatehouse

import (
	"sync"
	"time"
)

// sampler lets one of a flood of like events through a second, and counts the
// others.
type sampler struct {
	mu     sync.Mutex
	last   time.Time
	missed int
}

// allow reports whether this event may be logged, and how many were not since
// the last one that was.
func (s *sampler) allow(now time.Time) (missed int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.last) < time.Second && !now.Before(s.last) {
		s.missed++
		return 0, false
	}
	missed, s.missed, s.last = s.missed, 0, now
	return missed, true
}
