package argon2_test

import (
	"bytes"
	"fmt"
	"testing"

	reference "golang.org/x/crypto/argon2"

	"github.com/gatehouse-auth/gatehouse/internal/kdf/argon2"
)

func nothing() {}

// TestID holds every shape of the memory matrix against x/crypto, in one
// buffer that keeps what the hash before left in it.
func TestID(t *testing.T) {
	memory := make([]byte, 4096*argon2.BlockBytes)
	for i := range memory {
		memory[i] = byte(i * 7)
	}
	for _, p := range []argon2.Params{
		{MemoryKiB: 8, Time: 1, Lanes: 1, KeyBytes: 4},
		{MemoryKiB: 19, Time: 2, Lanes: 1, KeyBytes: 32},
		{MemoryKiB: 64, Time: 3, Lanes: 1, KeyBytes: 63},
		{MemoryKiB: 64, Time: 1, Lanes: 4, KeyBytes: 64},
		{MemoryKiB: 100, Time: 2, Lanes: 3, KeyBytes: 65},
		{MemoryKiB: 1027, Time: 1, Lanes: 2, KeyBytes: 96},
		{MemoryKiB: 2050, Time: 2, Lanes: 1, KeyBytes: 97},
		{MemoryKiB: 4096, Time: 4, Lanes: 8, KeyBytes: 200},
	} {
		t.Run(fmt.Sprintf("%+v", p), func(t *testing.T) {
			password, salt := []byte("correct horse"), []byte("0123456789abcdef")
			got, err := argon2.ID(password, salt, p, memory, nothing)
			if err != nil {
				t.Fatal(err)
			}
			want := reference.IDKey(password, salt, p.Time, p.MemoryKiB, uint8(p.Lanes), p.KeyBytes)
			if !bytes.Equal(got, want) {
				t.Errorf("got  %x\nwant %x", got, want)
			}
		})
	}
}

func TestIDRefuses(t *testing.T) {
	memory := make([]byte, 64*argon2.BlockBytes)
	for _, p := range []argon2.Params{
		{MemoryKiB: 7, Time: 1, Lanes: 1, KeyBytes: 32},
		{MemoryKiB: 64, Time: 0, Lanes: 1, KeyBytes: 32},
		{MemoryKiB: 64, Time: 1, Lanes: 0, KeyBytes: 32},
		{MemoryKiB: 64, Time: 1, Lanes: 9, KeyBytes: 32},
		{MemoryKiB: 64, Time: 1, Lanes: 1, KeyBytes: 3},
		{MemoryKiB: 68, Time: 1, Lanes: 1, KeyBytes: 32},
	} {
		if _, err := argon2.ID(nil, nil, p, memory, nothing); err == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
}

func BenchmarkID(b *testing.B) {
	p := argon2.Params{MemoryKiB: 19456, Time: 2, Lanes: 1, KeyBytes: 32}
	memory := make([]byte, p.MemoryKiB*argon2.BlockBytes)
	for b.Loop() {
		if _, err := argon2.ID([]byte("password"), []byte("0123456789abcdef"), p, memory, nothing); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReference(b *testing.B) {
	for b.Loop() {
		reference.IDKey([]byte("password"), []byte("0123456789abcdef"), 2, 19456, 1, 32)
	}
}
