package main

import (
	"io"
	"net/http"
	"runtime"

	"golang.org/x/crypto/argon2"

	"github.com/gatehouse-auth/gatehouse/bench/internal/fixture"
)

// hasher spends one Argon2id hash on every request.
type hasher struct{ slots chan struct{} }

func newHasher() *hasher { return &hasher{make(chan struct{}, runtime.NumCPU())} }

func (h *hasher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	password, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<10))
	if err != nil {
		http.Error(w, "body", http.StatusBadRequest)
		return
	}
	h.slots <- struct{}{}
	argon2.IDKey(password, []byte("0123456789abcdef"),
		fixture.Argon2Passes, fixture.Argon2Memory, fixture.Argon2Lanes, fixture.Argon2KeySize)
	<-h.slots
	constant(w, r)
}
