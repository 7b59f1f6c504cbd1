package ratelimit_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/ratelimit"
)

var start = time.Unix(1_767_323_045, 0)

// TestWindowSlides is the rule of PROTOCOL §10.3: 3 in 10 s.
func TestWindowSlides(t *testing.T) {
	m := ratelimit.NewMemory(0)
	for _, step := range []struct {
		at    time.Duration
		retry time.Duration
		ok    bool
	}{
		{0, 0, true},
		{1 * time.Second, 0, true},
		{4 * time.Second, 0, true},
		{5 * time.Second, 9 * time.Second, false},  // counted from the last allowed one
		{13 * time.Second, 1 * time.Second, false}, // a refused one moves nothing
		{14 * time.Second, 0, true},                // a pause of 10 s
		{23*time.Second + 999*time.Millisecond, 0, true},
		{33 * time.Second, 0, true},
		{33 * time.Second, 10 * time.Second, false},
		{42*time.Second + 500*time.Millisecond, 500 * time.Millisecond, false},
		{43 * time.Second, 0, true},
	} {
		retry, ok := m.Allow("k", 10*time.Second, 3, start.Add(step.at))
		if retry != step.retry || ok != step.ok {
			t.Errorf("at %v: %v, %v, want %v, %v", step.at, retry, ok, step.retry, step.ok)
		}
	}
	if _, ok := m.Allow("other", 10*time.Second, 3, start); !ok {
		t.Error("another key shares the count")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	for _, max := range []int{1, 4, 1000} {
		m := ratelimit.NewMemory(max)
		for i := range 50_000 {
			m.Allow(strconv.Itoa(i), time.Hour, 1, start)
		}
		if n := m.Len(); n > max || n < max/2 {
			t.Errorf("%d keys are remembered, at most %d are allowed", n, max)
		}
	}
}

func TestQuietestKeyIsForgotten(t *testing.T) {
	m := ratelimit.NewMemory(1)
	m.Allow("a", time.Hour, 1, start)
	if _, ok := m.Allow("a", time.Hour, 1, start); ok {
		t.Error("a is over its limit")
	}
	m.Allow("b", time.Hour, 1, start)
	if _, ok := m.Allow("a", time.Hour, 1, start); !ok {
		t.Error("a should be forgotten")
	}
}

func TestExpiredKeysMakeRoom(t *testing.T) {
	m := ratelimit.NewMemory(0)
	for i := range 10_000 {
		m.Allow(strconv.Itoa(i), time.Second, 1, start)
	}
	for i := range 20_000 {
		m.Allow("new "+strconv.Itoa(i%100), time.Second, 1, start.Add(time.Hour+time.Duration(i)*time.Second))
	}
	if n := m.Len(); n > 10_100 {
		t.Errorf("%d keys", n)
	}
	// Twice as many as there are old ones: keys fall on shards by chance, and
	// each new one makes room for two.
	for i := range 20_000 {
		m.Allow("late "+strconv.Itoa(i), time.Second, 1, start.Add(48*time.Hour+time.Duration(i)*time.Hour))
	}
	if n := m.Len(); n > 200 {
		t.Errorf("%d keys are remembered long after their windows", n)
	}
}

// TestRaceForOneKey lets 50 workers race: exactly max of their requests pass.
func TestRaceForOneKey(t *testing.T) {
	m := ratelimit.NewMemory(0)
	var allowed atomic.Int64
	var workers sync.WaitGroup
	for w := range 50 {
		workers.Go(func() {
			for i := range 100 {
				if _, ok := m.Allow("k", time.Minute, 77, start); ok {
					allowed.Add(1)
				}
				m.Allow(strconv.Itoa(w*100+i), time.Minute, 1, start)
				m.Len()
			}
		})
	}
	workers.Wait()
	if n := allowed.Load(); n != 77 {
		t.Errorf("%d requests pass, want 77", n)
	}
}

func BenchmarkAllow(b *testing.B) {
	m := ratelimit.NewMemory(0)
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = "203.0.113." + strconv.Itoa(i) + "|/sign-in/email"
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.Allow(keys[i%len(keys)], 10*time.Second, 100, start)
		i++
	}
}
