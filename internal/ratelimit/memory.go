// Package ratelimit counts requests per key in memory (PROTOCOL §10.3). It
// does not know what a key is made of or which limits apply.
package ratelimit

import (
	"container/list"
	"hash/maphash"
	"sync"
	"time"
)

// DefaultKeys is how many keys a Memory holds unless told otherwise.
const DefaultKeys = 100_000

const shardCount = 16

// Memory is a limiter of one process. Its methods may be called concurrently.
type Memory struct {
	seed   maphash.Seed
	shards []shard
}

// shard holds a part of the keys, the one whose last request is oldest at the
// front of order.
type shard struct {
	mu    sync.Mutex
	max   int
	keys  map[string]*list.Element
	order list.List
}

type entry struct {
	key    string
	count  int
	last   time.Time // the last request that was allowed
	window time.Duration
}

// NewMemory returns a limiter that remembers at most max keys; 0 means
// DefaultKeys. When it is full, the key that has been quiet for longest is
// forgotten: memory stays bounded at the price that a flood of keys can
// shorten someone's window.
func NewMemory(max int) *Memory {
	if max <= 0 {
		max = DefaultKeys
	}
	n := min(shardCount, max)
	m := &Memory{seed: maphash.MakeSeed(), shards: make([]shard, n)}
	for i := range m.shards {
		m.shards[i].max = max / n
		m.shards[i].keys = map[string]*list.Element{}
	}
	return m
}

// Allow counts one request of key and reports whether it is within max per
// window. Every allowed request moves the window, so that a full key opens
// again only after a pause of a whole window; a refused request changes
// nothing. retry is how long until then, 0 when allowed. The first request
// after a pause is always allowed.
func (m *Memory) Allow(key string, window time.Duration, max int, now time.Time) (retry time.Duration, ok bool) {
	s := &m.shards[maphash.String(m.seed, key)%uint64(len(m.shards))]
	s.mu.Lock()
	defer s.mu.Unlock()
	el, known := s.keys[key]
	if !known {
		s.makeRoom(now)
		s.keys[key] = s.order.PushBack(&entry{key: key, count: 1, last: now, window: window})
		return 0, true
	}
	e := el.Value.(*entry)
	switch since := now.Sub(e.last); {
	case since >= window:
		e.count = 0
	case e.count >= max:
		return window - since, false
	}
	e.count++
	e.last, e.window = now, window
	s.order.MoveToBack(el)
	return 0, true
}

// Len returns how many keys are remembered.
func (m *Memory) Len() int {
	n := 0
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		n += len(s.keys)
		s.mu.Unlock()
	}
	return n
}

// makeRoom drops the expired keys at the front, two at most so that no
// request pays for many, and one more if the shard is full.
func (s *shard) makeRoom(now time.Time) {
	for range 2 {
		front := s.order.Front()
		if front == nil {
			return
		}
		e := front.Value.(*entry)
		if now.Sub(e.last) < e.window && len(s.keys) < s.max {
			return
		}
		s.order.Remove(front)
		delete(s.keys, e.key)
	}
}
