package kdf_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"github.com/gatehouse-auth/gatehouse/internal/kdf"
	"github.com/gatehouse-auth/gatehouse/internal/vectors"
)

func verify(t *testing.T, p *kdf.Pool, encoded, password string) (match, rehash bool) {
	t.Helper()
	match, rehash, err := p.Verify(t.Context(), encoded, password)
	if err != nil {
		t.Fatalf("verify %q: %v", encoded, err)
	}
	return match, rehash
}

func TestHash(t *testing.T) {
	for name, tt := range map[string]struct {
		format kdf.Format
		form   string
	}{
		"Argon2id": {kdf.Argon2id, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`},
		"Scrypt":   {kdf.Scrypt, `^[0-9a-f]{32}:[0-9a-f]{128}$`},
	} {
		t.Run(name, func(t *testing.T) {
			pool := newPool(t, kdf.Options{Format: tt.format})
			one, err := pool.Hash(t.Context(), "correct horse")
			if err != nil {
				t.Fatal(err)
			}
			two, err := pool.Hash(t.Context(), "correct horse")
			if err != nil || one == two || !regexp.MustCompile(tt.form).MatchString(one) {
				t.Errorf("%q and %q, %v", one, two, err)
			}
			if match, rehash := verify(t, pool, one, "correct horse"); !match || rehash {
				t.Errorf("the right password: %v, rehash %v", match, rehash)
			}
			for _, wrong := range []string{"", "correct horsf", "correct horse ", "correct\x00 horse", "Correct horse"} {
				if match, rehash := verify(t, pool, one, wrong); match || rehash {
					t.Errorf("%q: %v, rehash %v", wrong, match, rehash)
				}
			}
			if err := pool.Burn(t.Context(), "x"); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNULAtTheEnd is a part of row 51 of the attack list. scrypt begins with
// an HMAC, which pads its key with NUL bytes (RFC 2104 §2): there a NUL at the
// end of a short password makes no difference, in the reference neither.
func TestNULAtTheEnd(t *testing.T) {
	for format, want := range map[kdf.Format]bool{kdf.Argon2id: false, kdf.Scrypt: true} {
		pool := newPool(t, kdf.Options{Format: format})
		encoded, err := pool.Hash(t.Context(), "correct horse")
		if err != nil {
			t.Fatal(err)
		}
		if match, _ := verify(t, pool, encoded, "correct horse\x00"); match != want {
			t.Errorf("format %d: %v", format, match)
		}
	}
}

func TestScryptVectors(t *testing.T) {
	current, other := newPool(t, kdf.Options{Format: kdf.Scrypt}), newPool(t, kdf.Options{})
	for _, v := range vectors.All(t, "scrypt-") {
		var in struct {
			Password, Hash string
			Passwords      []string
		}
		if v.ID == "scrypt-nfkc-equal" {
			var want []bool
			v.Decode(t, &in, &want)
			for i, password := range in.Passwords {
				if match, _ := verify(t, current, in.Hash, password); match != want[i] {
					t.Errorf("%s: %q: %v", v.ID, password, match)
				}
			}
			continue
		}
		var want struct{ Hash string }
		v.Decode(t, &in, &want)
		if match, rehash := verify(t, current, want.Hash, in.Password); !match || rehash {
			t.Errorf("%s: %v, rehash %v", v.ID, match, rehash)
		}
		if match, rehash := verify(t, other, want.Hash, in.Password); !match || !rehash {
			t.Errorf("%s: %v, rehash %v, want both", v.ID, match, rehash)
		}
		if match, rehash := verify(t, other, want.Hash, in.Password+"x"); match || rehash {
			t.Errorf("%s: a wrong password: %v, rehash %v", v.ID, match, rehash)
		}
	}
}

// TestTwins is the Unicode part of row 51 of the attack list: composed,
// decomposed and compatibility forms of a text are one password.
func TestTwins(t *testing.T) {
	pool := newPool(t, kdf.Options{})
	encoded, err := pool.Hash(t.Context(), "\u00c5ngstr\u00f6m \ufb01")
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{
		"A\u030angstro\u0308m fi": true, "\u212bngstr\u00f6m fi": true, "Angstrom fi": false,
	} {
		if match, _ := verify(t, pool, encoded, password); match != want {
			t.Errorf("%q: %v", password, match)
		}
	}
}

func TestBcrypt(t *testing.T) {
	pool := newPool(t, kdf.Options{})
	long := strings.Repeat("x", 72)
	for _, password := range []string{"correct horse", "", long} {
		hash, err := bcrypt.GenerateFromPassword([]byte(password), 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, prefix := range []string{"$2a$", "$2b$", "$2y$"} {
			if match, rehash := verify(t, pool, prefix+string(hash[4:]), password); !match || !rehash {
				t.Errorf("%s %q: %v, rehash %v", prefix, password, match, rehash)
			}
			if match, rehash := verify(t, pool, prefix+string(hash[4:]), "y"+password); match || rehash {
				t.Errorf("%s, a wrong password: %v, rehash %v", prefix, match, rehash)
			}
		}
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(long), 4)
	if err != nil {
		t.Fatal(err)
	}
	if match, _ := verify(t, pool, string(hash), long+"ignored"); !match {
		t.Error("bcrypt looks beyond 72 bytes")
	}
}

func TestOtherArgonCosts(t *testing.T) {
	pool := newPool(t, kdf.Options{})
	// Made by the reference implementation's command line tool.
	for encoded, want := range map[string][2]bool{
		phcOf("password", "somesalt", 2, 64, 4, 32):                                              {true, true},
		phcOf("password", "0123456789abcdef", 2, 19456, 1, 32):                                   {true, false},
		phcOf("password", "0123456789abcdef", 2, 19456, 1, 16):                                   {true, true},
		phcOf("password", "0123456789abcdefg", 2, 19456, 1, 32):                                  {true, true},
		phcOf("password", "0123456789abcdef", 1, 19457, 3, 64):                                   {true, true},
		"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc": {true, true},
	} {
		if match, rehash := verify(t, pool, encoded, "password"); match != want[0] || rehash != want[1] {
			t.Errorf("%s: %v, rehash %v", encoded, match, rehash)
		}
	}
}

func TestStrangeHashesAreRefused(t *testing.T) {
	pool := newPool(t, kdf.Options{})
	const salt, key = "MDEyMzQ1Njc4OWFiY2RlZg", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for _, encoded := range []string{
		"", ":", "plain", "salt:", ":00", "salt:xyz", "salt:00", "salt:" + strings.Repeat("0", 127), "salt:" + strings.Repeat("0", 129),
		strings.Repeat("s", 129) + ":" + strings.Repeat("0", 128),
		"$argon2id$v=19$m=4194304,t=2,p=1$" + salt + "$" + key, // 4 GiB
		"$argon2id$v=19$m=4294967296,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=33,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=2,p=17$" + salt + "$" + key,
		"$argon2id$v=19$m=15,t=2,p=2$" + salt + "$" + key,
		"$argon2id$v=19$m=0,t=0,p=0$" + salt + "$" + key,
		"$argon2id$v=19$m=019456,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=+19456,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$t=2,m=19456,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=2,p=1,data=x$" + salt + "$" + key,
		"$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + key,
		"$argon2id$m=19456,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "==$" + key,
		"$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$" + key,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$c2hvcnQ",
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key + "$x",
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt,
		"$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + key,
		"$2a$16$" + strings.Repeat("a", 53), "$2a$31$" + strings.Repeat("a", 53), "$2a$04$" + strings.Repeat("a", 52), "$2a$04$" + strings.Repeat("a", 54),
		"$2a$xx$" + strings.Repeat("a", 53), "$2a$04$ " + strings.Repeat("0", 52), "$2x$04$" + strings.Repeat("a", 53), "$1$x$y", "$",
	} {
		if match, rehash, err := pool.Verify(t.Context(), encoded, "x"); !errors.Is(err, kdf.ErrFormat) || match || rehash {
			t.Errorf("%q: %v, %v, %v", encoded, match, rehash, err)
		}
	}
}

// TestQueueIsBounded is row 52 of the attack list: of 200 callers at once only
// as many wait as the queue holds; the others are told at once.
func TestQueueIsBounded(t *testing.T) {
	pool := newPool(t, kdf.Options{Workers: 2, Queue: 10})
	var done, busy atomic.Int64
	var callers sync.WaitGroup
	for range 200 {
		callers.Go(func() {
			switch _, err := pool.Hash(t.Context(), "x"); {
			case err == nil:
				done.Add(1)
			case errors.Is(err, kdf.ErrBusy):
				busy.Add(1)
			default:
				t.Error(err)
			}
			if s := pool.Stats(); s.Running+s.Waiting > 12 || s.Running > 2 {
				t.Errorf("%+v", s)
			}
		})
	}
	callers.Wait()
	if done.Load() < 12 || done.Load()+busy.Load() != 200 {
		t.Errorf("%d done, %d busy", done.Load(), busy.Load())
	}
}

// TestLeavingTheQueue fills the only worker, queues a caller whose context
// then ends, and finds its place free again.
func TestLeavingTheQueue(t *testing.T) {
	pool := newPool(t, kdf.Options{Workers: 1, Queue: 1})
	hash, err := bcrypt.GenerateFromPassword([]byte("x"), 4)
	if err != nil {
		t.Fatal(err)
	}
	slow := "$2a$12$" + string(hash[7:])
	var first sync.WaitGroup
	first.Go(func() { verify(t, pool, slow, "x") })
	await(t, func() bool { return pool.Stats().Running == 1 })
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() { _, err := pool.Hash(ctx, "x"); left <- err }()
	await(t, func() bool { return pool.Stats().Waiting == 1 })
	if _, err := pool.Hash(t.Context(), "x"); !errors.Is(err, kdf.ErrBusy) {
		t.Errorf("a third caller gets %v", err)
	}
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who left gets %v", err)
	}
	if s := pool.Stats(); s.Waiting != 0 || s.Running != 1 {
		t.Errorf("afterwards: %+v", s)
	}
	if _, err := pool.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context gets %v", err)
	}
	if _, err := pool.Hash(t.Context(), "x"); err != nil {
		t.Errorf("the free place: %v", err)
	}
	first.Wait()
}

// await lets other goroutines run until what they do shows.
func await(t *testing.T, seen func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !seen(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("waited for 20 seconds")
		}
	}
}

func TestClose(t *testing.T) {
	pool := newPool(t, kdf.Options{Workers: 1, Queue: 50})
	results := make(chan error, 50)
	for range 50 {
		go func() { results <- pool.Burn(context.Background(), "x") }()
	}
	await(t, func() bool { return pool.Stats().Waiting > 0 })
	pool.Close()
	pool.Close()
	for range 50 {
		if err := <-results; err != nil && !errors.Is(err, kdf.ErrClosed) {
			t.Error(err)
		}
	}
	if _, _, err := pool.Verify(t.Context(), "salt:"+strings.Repeat("0", 128), "x"); !errors.Is(err, kdf.ErrClosed) {
		t.Errorf("a closed pool says %v", err)
	}
}

func TestOptions(t *testing.T) {
	for name, tt := range map[string]struct {
		options kdf.Options
		workers int // 0: refused
	}{
		"default":          {kdf.Options{}, min(runtime.GOMAXPROCS(0), 8)},
		"memory for two":   {kdf.Options{Workers: 100, MemoryBytes: 95 << 20}, 2},
		"memory for none":  {kdf.Options{MemoryBytes: 31 << 20}, 0},
		"negative workers": {kdf.Options{Workers: -1}, 0},
		"unknown format":   {kdf.Options{Format: 7}, 0},
	} {
		pool, err := kdf.New(tt.options)
		if (err == nil) != (tt.workers > 0) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			if got := pool.Stats().Workers; got != tt.workers {
				t.Errorf("%s: %d workers, want %d", name, got, tt.workers)
			}
			pool.Close()
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$2a$04$" + strings.Repeat("a", 53))
	f.Add("s:00")
	pool := newPool(f, kdf.Options{Workers: 1, MemoryBytes: 32 << 20})
	f.Fuzz(func(t *testing.T, encoded string) {
		if regexp.MustCompile(`m=\d{4}|t=\d\d|^\$2.\$(0[6-9]|1)|:[0-9a-fA-F]{128}$`).MatchString(encoded) {
			return // right, and slow
		}
		if match, _, err := pool.Verify(t.Context(), encoded, "x"); match || err != nil && !errors.Is(err, kdf.ErrFormat) {
			t.Errorf("%q: %v, %v", encoded, match, err)
		}
	})
}

// phcOf writes a hash with the library that this package is judged by.
func phcOf(password, salt string, time, memory uint32, lanes uint8, length uint32) string {
	key := argon2.IDKey([]byte(password), []byte(salt), time, memory, lanes, length)
	return formatPHC(salt, key, time, memory, lanes)
}

func formatPHC(salt string, key []byte, time, memory uint32, lanes uint8) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", memory, time, lanes, b64([]byte(salt)), b64(key))
}
