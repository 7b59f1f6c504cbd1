package kdf

import (
	"container/list"
	"context"
	"runtime"
	"sync"
	"time"
)

// Pool is a set of workers and the queue before them, first come first
// served. Its methods may be called concurrently.
type Pool struct {
	options Options
	wake    chan struct{} // a hint that waiting is not empty, one per worker at most
	quit    chan struct{}
	workers sync.WaitGroup

	mu      sync.Mutex
	waiting list.List // of *job
	running int
	awake   int // workers that hash or did so lately
	// processors is what GOMAXPROCS was before lend.
	processors int
	closed     bool
}

// job is one hash to compute. err and what run writes belong to the worker
// until done is closed.
type job struct {
	run  func(*worker) error
	err  error
	done chan struct{}
}

func start(o Options) *Pool {
	p := &Pool{options: o, wake: make(chan struct{}, o.Workers), quit: make(chan struct{})}
	for range o.Workers {
		p.workers.Go(p.work)
	}
	return p
}

// do queues run and waits for it. A caller whose context ends leaves the
// queue at once; a hash that has begun is finished without it.
func (p *Pool) do(ctx context.Context, run func(*worker) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{run: run, done: make(chan struct{})}
	place, err := p.enter(j)
	if err != nil {
		return err
	}
	select {
	case p.wake <- struct{}{}:
	default: // every worker has a hint already and looks before it sleeps
	}
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		p.leave(place)
		return ctx.Err()
	}
}

func (p *Pool) enter(j *job) (*list.Element, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	if p.running+p.waiting.Len() >= p.options.Workers+max(p.options.Queue, 0) {
		return nil, ErrBusy
	}
	return p.waiting.PushBack(j), nil
}

func (p *Pool) leave(place *list.Element) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting.Remove(place) // does nothing when a worker has taken it
}

// next takes the job at the head of the queue, or returns nil.
func (p *Pool) next() *job {
	p.mu.Lock()
	defer p.mu.Unlock()
	head := p.waiting.Front()
	if head == nil {
		return nil
	}
	p.running++
	return p.waiting.Remove(head).(*job)
}

func (p *Pool) finish(j *job) {
	p.mu.Lock()
	p.running--
	p.mu.Unlock()
	close(j.done)
}

// worker is one hashing goroutine on a thread of its own.
type worker struct {
	memory arena
	awake  bool
	pause  func() // called in the middle of a hash
}

// work is the life of a worker.
func (p *Pool) work() {
	background()
	var w worker
	defer p.rest(&w)
	idle := time.NewTimer(p.options.Idle)
	defer idle.Stop()
	for {
		for j := p.next(); j != nil; j = p.next() {
			if !w.awake {
				w.awake = true
				p.lend()
			}
			w.pause = p.manners()
			j.err = j.run(&w)
			p.finish(j)
		}
		idle.Reset(p.options.Idle)
		select {
		case <-p.wake:
		case <-idle.C:
			p.rest(&w)
		case <-p.quit:
			return
		}
	}
}

// rest gives back what a worker holds only while there is work.
func (p *Pool) rest(w *worker) {
	w.memory.release()
	if w.awake {
		w.awake = false
		p.takeBack()
	}
}

// manners returns what a hash does every now and then. When the workers can
// hold every processor of the Go scheduler, a request would wait 10 ms for
// each step; yielding costs a sixth of the rate and spares it that. With a
// processor to spare (Options.OwnProcess) the operating system does this better.
func (p *Pool) manners() func() {
	if runtime.GOMAXPROCS(0) > p.options.Workers {
		return func() {}
	}
	return runtime.Gosched
}

// Stats is a look at a pool, for metrics.
type Stats struct {
	Workers, Running, Waiting int
	Queue                     int // how many may wait
}

// Stats counts what is going on right now.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Stats{Workers: p.options.Workers, Running: p.running, Waiting: p.waiting.Len(), Queue: p.options.Queue}
}

// Close refuses who still waits with ErrClosed, lets the hashes that have
// begun finish, and returns when all memory is given back.
func (p *Pool) Close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		for el := p.waiting.Front(); el != nil; el = p.waiting.Front() {
			j := p.waiting.Remove(el).(*job)
			j.err = ErrClosed
			close(j.done)
		}
		close(p.quit)
	}
	p.mu.Unlock()
	p.workers.Wait()
}
