//go:build unix

package audit_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/store"
)

// BenchmarkSignIn is what the log costs a sign-in with a password over HTTP:
// processor time of this process, numbering included, of blocks of sign-ins
// with the log off and on by turns, so that a busy machine troubles both alike.
// (On PostgreSQL the server's own time comes on top.)
func BenchmarkSignIn(b *testing.B) {
	overhead(b, 10, func(h *house) { signIn(h.Browser(), ada, passcode).ExpectStatus(200) })
}

// BenchmarkSession is the same without the password's hash.
func BenchmarkSession(b *testing.B) {
	overhead(b, 100, func(h *house) { h.Post("/door", gatehousetest.Knock{Email: ada}).ExpectStatus(200) })
}

func overhead(b *testing.B, block int, act func(*house)) {
	on := newHouse(b, nil)
	off := &house{t: b, House: gatehousetest.New(b, password.New(password.Options{Enabled: true}), gatehousetest.Door())}
	on.AddUser(ada, passcode)
	off.AddUser(ada, passcode)
	var spent [2]time.Duration
	turns := 0
	for b.Loop() {
		for i, h := range []*house{off, on} {
			before := processorTime(b)
			for range block {
				act(h)
			}
			if h == on {
				h.sequence()
			}
			spent[i] += processorTime(b) - before
		}
		turns += block
	}
	b.ReportMetric(float64(spent[0].Microseconds())/float64(turns), "off-cpu-µs")
	b.ReportMetric(float64(spent[1].Microseconds())/float64(turns), "on-cpu-µs")
	b.ReportMetric(100*float64(spent[1]-spent[0])/float64(spent[0]), "overhead-%")
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// ledger is a row for changes to be made to, and one that all writers lock, as
// a chain in the writer's transaction would need.
type ledger struct {
	ID    string `db:"id"`
	Name  string `db:"name,unique"`
	Count int64  `db:"count,bigint"`
}

type ledgers struct {
	table *store.Table[ledger]
	bump  *store.Exec
}

func (l *ledgers) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	l.table = store.Define[ledger](app.DB, "ledger")
	l.bump = l.table.Update("{count} = {count} + 1", "{name} = ?")
	return gatehouse.Parts{ID: "ledgers"}, nil
}

// BenchmarkWriters is a transaction of two changes with one event between
// them: without the log, with it, and with a row that every event locks.
func BenchmarkWriters(b *testing.B) {
	for _, kind := range []string{"off", "on", "one-row"} {
		for _, writers := range []int{1, 8} {
			b.Run(fmt.Sprintf("audit=%s/writers=%d", kind, writers), func(b *testing.B) {
				rows := &ledgers{}
				plugins := []gatehouse.Plugin{rows}
				if kind != "off" {
					plugins = append(plugins, audit.New(audit.Options{}))
				}
				h := gatehousetest.New(b, plugins...)
				ctx := context.Background()
				for i := range writers + 1 {
					if err := rows.table.Insert(ctx, &ledger{Name: fmt.Sprint(i)}); err != nil {
						b.Fatal(err)
					}
				}
				share(b, writers, func(writer int) error {
					own := fmt.Sprint(writer + 1)
					return h.Tx(ctx, func(ctx context.Context) error {
						if _, err := rows.bump.Run(ctx, own); err != nil {
							return err
						}
						if kind == "one-row" {
							if _, err := rows.bump.Run(ctx, "0"); err != nil {
								return err
							}
						}
						if err := h.Record(ctx, gatehouse.Event{Action: "bench", Target: own}); err != nil {
							return err
						}
						_, err := rows.bump.Run(ctx, own)
						return err
					})
				})
			})
		}
	}
}

// share runs b.N turns on a number of goroutines.
func share(b *testing.B, writers int, turn func(writer int) error) {
	var next atomic.Int64
	done := make(chan error, writers)
	b.ResetTimer()
	for w := range writers {
		go func() {
			var err error
			for err == nil && next.Add(1) <= int64(b.N) {
				err = turn(w)
			}
			done <- err
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
}

// BenchmarkSequence is the number of one entry: how much the sequencer can do.
func BenchmarkSequence(b *testing.B) {
	h := newHouse(b, nil)
	for i := range b.N {
		h.record(fmt.Sprint("bench.", i))
	}
	b.ResetTimer()
	h.sequence()
}

// BenchmarkVerify is the verification of one entry.
func BenchmarkVerify(b *testing.B) {
	h := newHouse(b, nil)
	for i := range b.N {
		h.record(fmt.Sprint("bench.", i))
	}
	h.sequence()
	b.ResetTimer()
	h.expectSound()
}
