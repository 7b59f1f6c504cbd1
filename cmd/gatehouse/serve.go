package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/gatehouse-auth/gatehouse/server"
)

// serveCommand runs the server until it is told to stop.
type serveCommand struct {
	Addr    string `placeholder:"HOST:PORT" help:"Address to answer on (option listen). Default 127.0.0.1:3000."`
	Migrate bool   `help:"Bring a PostgreSQL database up to date first (option database.migrate)."`
}

// Run starts and serves.
func (s *serveCommand) Run(ctx context.Context, c *console) error {
	begin := time.Now()
	flags := map[string]string{}
	if s.Addr != "" {
		flags["listen"] = s.Addr
	}
	if s.Migrate {
		flags["database.migrate"] = "true"
	}
	o, err := c.load(flags)
	if err != nil {
		return err
	}
	terminal := isTerminal(os.Stderr)
	log := o.NewLogger(os.Stderr, terminal)
	running, err := server.New(ctx, o.Options, log)
	if err != nil {
		return err
	}
	started := running.Started()
	if terminal && o.Log.Format != "json" {
		c.greet(started, time.Since(begin))
	} else {
		log.Info("serving", "listen", started.Listen, "baseURL", started.BaseURL,
			"database", started.Database, "mail", started.Mail, "registration", started.Registration, "took", time.Since(begin))
	}
	if started.FirstAdmin != "" {
		fmt.Fprintf(c.out, "\nThere is no administrator yet. Whoever opens this link becomes the first; it works once, for 24 hours at most:\n\n  %s\n\n", started.FirstAdmin)
	}
	return running.Serve(ctx)
}

// greet tells a person where everything is.
func (c *console) greet(s server.Started, took time.Duration) {
	fmt.Fprintf(c.out, "Gatehouse is ready (%d ms)\n\n", took.Milliseconds())
	for _, row := range [][2]string{
		{"Listens on", s.Listen}, {"Base URL", s.BaseURL}, {"Database", s.Database}, {"Mail goes to", s.Mail}, {"Registration", s.Registration},
	} {
		fmt.Fprintf(c.out, "  %-13s %s\n", row[0], row[1])
	}
	fmt.Fprint(c.out, "\nStop with Ctrl-C.\n")
}
