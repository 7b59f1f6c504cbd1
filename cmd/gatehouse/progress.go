package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// progress is one line on the terminal that says how far a long command is.
// Where stderr is no terminal, it says nothing. It has no colours, so that
// NO_COLOR has nothing to take away.
type progress struct {
	on   bool
	what string
	last time.Time
}

func newProgress(what string) *progress {
	return &progress{on: isTerminal(os.Stderr) && os.Getenv("TERM") != "dumb", what: what}
}

const (
	progressWidth = 30
	progressEvery = 100 * time.Millisecond
)

// show draws done of total; a total of 0 is not known.
func (p *progress) show(count int, done, total int64) {
	if !p.on || time.Since(p.last) < progressEvery {
		return
	}
	p.last = time.Now()
	if total <= 0 {
		fmt.Fprintf(os.Stderr, "\r%d %s", count, p.what)
		return
	}
	part := min(float64(done)/float64(total), 1)
	full := int(part * progressWidth)
	fmt.Fprintf(os.Stderr, "\r[%s%s] %3.0f%%  %d %s", strings.Repeat("#", full), strings.Repeat(".", progressWidth-full), part*100, count, p.what)
}

// end leaves the line.
func (p *progress) end() {
	if p.on && !p.last.IsZero() {
		fmt.Fprintln(os.Stderr)
	}
}
