// Package kdf hashes passwords as a bounded resource.
package kdf

import (
	"context"
	"errors"
)

// Format is the form of new hashes.
type Format int

// Argon2id is the default; Scrypt is the protocol's own format.
const (
	Argon2id Format = iota
	Scrypt
)

// Options configures a Pool.
type Options struct {
	Format      Format
	Workers     int
	MemoryBytes int64
	Queue       int
}

// ErrBusy is returned when the queue is full; ErrFormat for an unreadable
// stored hash; ErrClosed after Close.
var (
	ErrBusy   = errors.New("kdf: too many passwords are waiting")
	ErrFormat = errors.New("kdf: not a password hash that is understood")
	ErrClosed = errors.New("kdf: pool is closed")
)

// Pool hashes.
type Pool struct{}

// New starts a pool.
func New(o Options) (*Pool, error) { return &Pool{}, nil }

// Hash hashes.
func (p *Pool) Hash(ctx context.Context, password string) (string, error) { return "", ErrClosed }

// Verify verifies.
func (p *Pool) Verify(ctx context.Context, encoded, password string) (match bool, rehash bool, err error) {
	return false, false, ErrClosed
}

// Burn spends the time of one hash.
func (p *Pool) Burn(ctx context.Context, password string) error { return ErrClosed }

// Close stops the workers.
func (p *Pool) Close() {}
