// Command compare measures Gatehouse beside better-auth and beside the floor
// (what no server can do without), one after the other in every round, so that
// a slow minute of the machine hits all of them, and reports medians.
//
// Run it through bench/run.sh, which builds what it starts. Read round.go next.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

type settings struct {
	floor, subject, binary, reference string
	profile                           string
	postgres                          string
	stores, only                      string
	out                               string
	rounds, users, conns              int
	seconds, overload                 time.Duration
	patient                           bool
	scratch                           string
}

func main() {
	var s settings
	flag.StringVar(&s.floor, "floor", "", "the built bench/floor")
	flag.StringVar(&s.subject, "subject", "", "the built conformance/subject")
	flag.StringVar(&s.binary, "binary", "", "the built cmd/gatehouse, for its size (default: the subject)")
	flag.StringVar(&s.reference, "reference", "", "reference-server.mjs; empty leaves better-auth out")
	flag.StringVar(&s.profile, "profile", "bench/profile.json", "the options that all servers get")
	flag.StringVar(&s.postgres, "postgres", "", "superuser URL of a scratch PostgreSQL; empty leaves PostgreSQL out")
	flag.StringVar(&s.stores, "stores", "sqlite,postgres", "which stores")
	flag.StringVar(&s.only, "only", "", "names of contestants, comma-separated; empty for all")
	flag.StringVar(&s.out, "out", "bench/results", "where compare.md and compare.svg go")
	flag.IntVar(&s.rounds, "rounds", 5, "rounds, 1 to 20")
	flag.IntVar(&s.users, "users", 100_000, "users and sessions in the database")
	flag.IntVar(&s.conns, "conns", 32, "connections")
	flag.DurationVar(&s.seconds, "for", 5*time.Second, "how long one load lasts")
	flag.DurationVar(&s.overload, "overload", 10*time.Second, "how long 500 connections sign in; 0 leaves it out")
	flag.BoolVar(&s.patient, "patient", true, "in the overload, wait as long as a 503's Retry-After says; false asks again at once")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, s); err != nil {
		log.Fatal("compare: ", err)
	}
}

func run(ctx context.Context, s settings) error {
	if s.floor == "" || s.subject == "" || s.rounds < 1 || s.rounds > 20 {
		return errors.New("give -floor, -subject and 1 to 20 rounds (or use bench/run.sh)")
	}
	scratch, err := os.MkdirTemp("", "gatehouse-bench-")
	if err != nil {
		return fmt.Errorf("make a scratch folder: %w", err)
	}
	defer os.RemoveAll(scratch)
	s.scratch = scratch
	if s.profile, err = filepath.Abs(s.profile); err != nil {
		return fmt.Errorf("find the profile: %w", err)
	}

	outbox := openOutbox()
	defer outbox.Close()

	contestants, err := lineUp(ctx, s)
	if err != nil {
		return err
	}
	samples := make(table)
	for round := range s.rounds {
		for _, c := range contestants {
			fmt.Fprintf(os.Stderr, "round %d: %s on %s\n", round+1, c.name, c.store)
			if err := measure(ctx, s, c, outbox.URL, samples); err != nil {
				return fmt.Errorf("%s on %s: %w", c.name, c.store, err)
			}
		}
	}
	return report(s, samples, contestants)
}

func (s settings) wants(list, name string) bool {
	if list == "" {
		return true
	}
	for item := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(item) == name {
			return true
		}
	}
	return false
}
