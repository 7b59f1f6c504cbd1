// Package kdf hashes and verifies passwords as a bounded resource: a fixed
// number of workers with memory of their own, and a queue with an end
// (PROTOCOL §8.1, RFC 9106, RFC 7914). It knows no users and no policy. Read
// this file, then pool.go.
//
// A password is brought into Unicode form NFKC first, in every format, so
// that the same text typed on two keyboards is one password. bcrypt looks at
// the first 72 bytes only; the other formats look at all.
package kdf

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Format is how new hashes are made.
type Format int

const (
	// Argon2id is m=19456 KiB, t=2, p=1, 32 bytes, written as a PHC string.
	Argon2id Format = iota
	// Scrypt is the protocol's own "salt:key", N=16384, r=16, p=1, 64 bytes:
	// for a database that is shared with the reference.
	Scrypt
)

// ErrBusy means that the queue is full: come back in a second.
var ErrBusy = errors.New("kdf: too many passwords are waiting to be hashed")

// ErrFormat means that a stored hash is of no known format, damaged, or asks
// for more memory or time than it may.
var ErrFormat = errors.New("kdf: stored password hash is not understood")

// ErrClosed is returned after Close.
var ErrClosed = errors.New("kdf: pool is closed")

// Options configures a Pool. The zero value is a safe default.
type Options struct {
	Format Format
	// Workers is how many passwords are hashed at once. Default GOMAXPROCS.
	Workers int
	// MemoryBytes is what all workers together may hold. Default 256 MiB. It
	// lowers Workers until each has the 32 MiB that scrypt takes, and a stored
	// hash may ask for no more than one worker's part.
	MemoryBytes int64
	// Queue is how many callers may wait beyond those being served. Default
	// 64 per worker, about two seconds of work. Negative: none.
	Queue int
	// Idle is how long a worker keeps its memory with nothing to do. Default
	// 10 seconds.
	Idle time.Duration
	// OwnProcess says that the process is ours to tune: while passwords are
	// hashed, GOMAXPROCS is raised by Workers. Default: no setting of the
	// process is touched.
	OwnProcess bool
}

// New starts the workers of a pool. Close stops them.
func New(o Options) (*Pool, error) {
	if o.Format != Argon2id && o.Format != Scrypt {
		return nil, fmt.Errorf("kdf: unknown format %d", o.Format)
	}
	if o.Workers < 0 || o.MemoryBytes < 0 || o.Idle < 0 {
		return nil, errors.New("kdf: workers, memory and idle time cannot be negative")
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.MemoryBytes == 0 {
		o.MemoryBytes = 256 << 20
	}
	const part = int64(maxHashBytes)
	if o.MemoryBytes < part {
		return nil, fmt.Errorf("kdf: %d bytes of memory cannot hold one hash, which takes %d", o.MemoryBytes, part)
	}
	o.Workers = int(min(int64(o.Workers), o.MemoryBytes/part))
	if o.Queue == 0 {
		o.Queue = 64 * o.Workers
	}
	if o.Idle == 0 {
		o.Idle = 10 * time.Second
	}
	return start(o), nil
}

// Normalize gives the one spelling in which a password is hashed: NFKC, so that
// it does not matter how a keyboard composes é.
func Normalize(password string) string { return norm.NFKC.String(password) }

// Hash returns a new hash of password with a random salt of 16 bytes. It
// waits for its turn and returns ErrBusy, ErrClosed or the error of ctx when
// there is none.
func (p *Pool) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails (crypto/rand)
	r := fresh(p.options.Format, salt)
	password = Normalize(password)
	var encoded string
	err := p.do(ctx, func(w *worker) error {
		key, err := r.derive(password, w)
		encoded = r.encode(key)
		return err
	})
	if err != nil {
		return "", err
	}
	return encoded, nil
}

// Verify reports whether encoded, a hash of any known format, is one of
// password; the comparison takes constant time. rehash says that it is, but
// not in the format and costs of new hashes. Beside the errors of Hash there
// is ErrFormat, which comes at once.
func (p *Pool) Verify(ctx context.Context, encoded, password string) (match, rehash bool, err error) {
	r, err := parse(encoded, p.options.MemoryBytes/int64(p.options.Workers))
	if err != nil {
		return false, false, err
	}
	password = Normalize(password)
	var equal bool
	err = p.do(ctx, func(w *worker) (err error) {
		equal, err = r.matches(password, w)
		return err
	})
	if err != nil {
		return false, false, err
	}
	return equal, equal && !r.current(p.options.Format), nil
}

// Check returns ErrFormat for a stored hash that Verify would not understand,
// at no cost: for hashes that come from elsewhere.
func (p *Pool) Check(encoded string) error {
	r, err := parse(encoded, p.options.MemoryBytes/int64(p.options.Workers))
	if err == nil && r.bcrypt != "" && strings.Trim(r.bcrypt[bcryptHead:], bcryptAlphabet) != "" {
		return ErrFormat
	}
	return err
}

// What follows the costs of a bcrypt hash, "$2b$10$", is in an alphabet of its own.
const (
	bcryptHead     = 7
	bcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// Burn takes as long as Verify of a new hash and has no result: it makes the
// answer for an unknown account as slow as the one for a wrong password.
func (p *Pool) Burn(ctx context.Context, password string) error {
	_, err := p.Hash(ctx, password)
	return err
}
