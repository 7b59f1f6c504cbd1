package oauth

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// learned is what a provider says about itself: its keys, its description. One
// asks for all who wait, none waits longer than its own context, and the last
// good answer stays in use while the provider is away.
type learned[T any] struct {
	ask   func(context.Context) (*T, error)
	now   func() time.Time
	life  time.Duration // how long an answer is used without asking again
	pause time.Duration // the least time between two questions

	mu      sync.Mutex
	value   *T        // the last good answer, nil without
	fetched time.Time // when it came
	asked   time.Time // the last question
	err     error     // why that had no answer
	asking  chan struct{}
}

// get returns the answer in use, after a question if that is due. Doubting one
// makes a question due at once, but never sooner than a pause after the last.
func (l *learned[T]) get(ctx context.Context, doubted *T) (*T, error) {
	l.mu.Lock()
	now := l.now()
	if l.value != nil && l.value != doubted && now.Sub(l.fetched) < l.life {
		defer l.mu.Unlock()
		return l.value, nil
	}
	if l.asking == nil && (l.asked.IsZero() || now.Sub(l.asked) >= l.pause) {
		l.asked, l.asking = now, make(chan struct{})
		// The question is asked for everybody: it outlives who asked first.
		go l.question(context.WithoutCancel(ctx), l.asking)
	}
	asking := l.asking
	l.mu.Unlock()
	if asking != nil {
		select {
		case <-asking:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.value == nil {
		return nil, l.err
	}
	return l.value, nil
}

func (l *learned[T]) question(ctx context.Context, asking chan struct{}) {
	value, err := l.carefully(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err = err; err == nil {
		l.value, l.fetched = value, l.now()
	}
	l.asking = nil
	close(asking)
}

// carefully makes an error of a panic, which in a goroutine of our own would
// end the process.
func (l *learned[T]) carefully(ctx context.Context) (value *T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("oauth: panic: %v", r)
		}
	}()
	return l.ask(ctx)
}

// sourceOf is the learned thing of a key, made at the first use.
func sourceOf[T any](c *Client, all map[string]*learned[T], key string, make func() *learned[T]) *learned[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := all[key]
	if l == nil {
		l = make()
		l.now = c.now
		all[key] = l
	}
	return l
}
