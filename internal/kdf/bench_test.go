package kdf_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/gatehouse-auth/gatehouse/internal/kdf"
)

func newPool(tb testing.TB, o kdf.Options) *kdf.Pool {
	tb.Helper()
	pool, err := kdf.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	return pool
}

// BenchmarkBare is the floor: golang.org/x/crypto/argon2 on every core, with
// no queue.
func BenchmarkBare(b *testing.B) {
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			argon2.IDKey([]byte("correct horse"), []byte("0123456789abcdef"), 2, 19456, 1, 32)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "hashes/s")
	b.ReportMetric(peakMiB(), "peak-MiB")
}

// BenchmarkPool is 500 callers who all wait for the same workers.
func BenchmarkPool(b *testing.B) {
	pool := newPool(b, kdf.Options{Queue: 500})
	b.ResetTimer()
	crowd(b, pool, b.N)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "hashes/s")
	b.ReportMetric(peakMiB(), "peak-MiB")
}

// BenchmarkRequestsBesideHashing is the same crowd while one client asks a
// handler that does nothing, 1000 times a second at most.
func BenchmarkRequestsBesideHashing(b *testing.B) {
	for _, own := range []bool{false, true} {
		b.Run("own-process="+strconv.FormatBool(own), func(b *testing.B) {
			pool := newPool(b, kdf.Options{Workers: 2, Queue: 500, OwnProcess: own})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusNoContent)
			}))
			defer server.Close()
			stop, times := make(chan struct{}), make(chan []time.Duration)
			go func() { times <- ask(server.URL, stop) }()
			b.ResetTimer()
			crowd(b, pool, b.N)
			b.StopTimer()
			close(stop)
			took := <-times
			slices.Sort(took)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "hashes/s")
			b.ReportMetric(float64(took[len(took)*50/100].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "requests/s")
			b.ReportMetric(peakMiB(), "peak-MiB")
		})
	}
}

// crowd computes n hashes from 500 goroutines.
func crowd(b *testing.B, pool *kdf.Pool, n int) {
	var left atomic.Int64
	left.Store(int64(n))
	var callers sync.WaitGroup
	for range 500 {
		callers.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := pool.Hash(context.Background(), "correct horse"); err != nil && !errors.Is(err, kdf.ErrBusy) {
					b.Error(err)
				}
			}
		})
	}
	callers.Wait()
}

func ask(url string, stop <-chan struct{}) (took []time.Duration) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return took
		case <-tick.C:
			start := time.Now()
			resp, err := http.Get(url)
			if err == nil {
				resp.Body.Close()
			}
			took = append(took, time.Since(start))
		}
	}
}

// peakMiB is the largest resident size of this process so far, or 0 where the
// system does not say.
func peakMiB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			return float64(kib) / 1024
		}
	}
	return 0
}
