// Command load drives one running server on this machine and prints what it
// did: a bounded number of connections, a bounded time.
//
//	load -addr 127.0.0.1:3000 -pid 1234 -mode get-session -conns 32 -for 5s
//
// The server must hold the benchmark's users (bench/README.md).
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/bench/internal/workload"
)

func main() {
	var job workload.Job
	flag.StringVar(&job.Addr, "addr", "", "the server, `host:port` on loopback")
	flag.IntVar(&job.PID, "pid", 0, "the server's process id")
	flag.StringVar(&job.Name, "mode", workload.GetSession, strings.Join(workload.Names, ", "))
	flag.IntVar(&job.Users, "users", 100_000, "users that the database holds")
	flag.IntVar(&job.Conns, "conns", 32, "connections")
	flag.DurationVar(&job.For, "for", 5*time.Second, "how long")
	flag.BoolVar(&job.Patient, "patient", false, "wait as long as a 503's Retry-After says")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	m, err := workload.Run(ctx, job)
	if err != nil {
		log.Fatal("load: ", err)
	}
	fmt.Printf("%-12s %8.0f/s   p50 %v   p99 %v   CPU %v a request   peak %d MB   refused %d   wrong %d   %v\n",
		job.Name, m.PerSecond, m.P50, m.P99, m.CPU, m.PeakRSSBytes>>20, m.Refused, m.Wrong, m.Status)
	if c := m.Check; c != nil {
		fmt.Printf("session check beside it: %d answers, p50 %v, p99 %v, wrong %d\n", c.OK(), c.Percentile(0.5), c.Percentile(0.99), c.Wrong())
	}
}
