package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/bench/internal/chart"
	"github.com/gatehouse-auth/gatehouse/bench/internal/workload"
)

// median of what pick takes from each sample; the upper of the two middle ones
// when their number is even.
func median[T cmp.Ordered](samples []sample, pick func(sample) T) T {
	values := make([]T, 0, len(samples))
	for _, s := range samples {
		values = append(values, pick(s))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func report(s settings, samples table, contestants []contestant) error {
	text, err := markdown(s, samples, contestants)
	if err != nil {
		return err
	}
	fmt.Print(text)
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return fmt.Errorf("make the results folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(s.out, "compare.md"), []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	picture := chart.SVG(panels(samples, contestants))
	if err := os.WriteFile(filepath.Join(s.out, "compare.svg"), []byte(picture), 0o644); err != nil {
		return fmt.Errorf("write the plot: %w", err)
	}
	return nil
}

func markdown(s settings, samples table, contestants []contestant) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# Gatehouse beside better-auth and the floor\n\n%d cores, %s, %d users and sessions, %d connections, medians of %d rounds of %v a load.\n"+
		"CPU is the server process's own, without the database's.\n",
		runtime.NumCPU(), runtime.Version(), s.users, s.conns, s.rounds, s.seconds)
	for _, load := range []string{workload.GetSession, workload.SignIn, workload.SignUp} {
		fmt.Fprintf(&b, "\n## %s\n\n| server | store | CPU a request | requests/s | p50 | p99 | errors |\n|---|---|--:|--:|--:|--:|--:|\n", load)
		for _, c := range contestants {
			if list := samples[row{c.store, load, c.name}]; len(list) > 0 {
				fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %d |\n", c.name, c.store,
					short(median(list, cpu)), rate(median(list, perSecond)),
					short(median(list, p50)), short(median(list, p99)), median(list, wrong))
			}
		}
	}
	overloadTable(&b, s, samples, contestants)
	err := startTable(&b, s, samples, contestants)
	return b.String(), err
}

func overloadTable(b *strings.Builder, s settings, samples table, contestants []contestant) {
	if s.overload <= 0 {
		return
	}
	fmt.Fprintf(b, "\n## %d connections signing in for %v, and one more asking for its session\n\n"+
		"| server | store | sign-ins/s | refused (503, Retry-After) | errors | session check p99 | its answers | peak memory |\n|---|---|--:|--:|--:|--:|--:|--:|\n", overConn, s.overload)
	for _, c := range contestants {
		list := samples[row{c.store, workload.Overload, c.name}]
		if len(list) == 0 {
			continue
		}
		check := "none answered"
		if answers := median(list, func(s sample) int { return s.Check.OK() }); answers > 0 {
			check = short(median(list, func(s sample) time.Duration { return s.Check.Percentile(0.99) }))
		}
		fmt.Fprintf(b, "| %s | %s | %s | %d | %d | %s | %d | %d MB |\n", c.name, c.store,
			rate(median(list, perSecond)), median(list, func(s sample) int { return s.Refused }),
			median(list, func(s sample) int { return s.Wrong + s.Check.Wrong() }), check,
			median(list, func(s sample) int { return s.Check.OK() }), median(list, func(s sample) int64 { return s.PeakRSSBytes })>>20)
	}
}

func startTable(b *strings.Builder, s settings, samples table, contestants []contestant) error {
	b.WriteString("\n## Start and rest\n\n| server | store | start to first 200 | idle memory |\n|---|---|--:|--:|\n")
	for _, c := range contestants {
		list := samples[row{c.store, start, c.name}]
		fmt.Fprintf(b, "| %s | %s | %s | %d MB |\n", c.name, c.store, short(median(list, func(s sample) time.Duration { return s.ready })),
			median(list, func(s sample) int64 { return s.idleRSSBytes })>>20)
	}
	info, err := os.Stat(cmp.Or(s.binary, s.subject))
	if err != nil {
		return fmt.Errorf("size of the binary: %w", err)
	}
	fmt.Fprintf(b, "\nThe Gatehouse binary has %.1f MB.\n", float64(info.Size())/1e6)
	return nil
}

func panels(samples table, contestants []contestant) []chart.Panel {
	list := []chart.Panel{
		{Title: "Session check: server CPU a request, µs (less is better)"},
		{Title: "Session check: requests a second"},
		{Title: "Sign-in: requests a second"},
	}
	for _, c := range contestants {
		label := c.name
		if c.store != none {
			label += ", " + map[string]string{"sqlite": "SQLite", "postgres": "PostgreSQL"}[c.store]
		}
		add := func(panel int, load string, pick func(sample) float64) {
			if found := samples[row{c.store, load, c.name}]; len(found) > 0 {
				list[panel].Bars = append(list[panel].Bars, chart.Bar{Label: label, Value: median(found, pick), Ours: c.name == gatehouse})
			}
		}
		add(0, workload.GetSession, func(s sample) float64 { return float64(s.CPU) / float64(time.Microsecond) })
		add(1, workload.GetSession, perSecond)
		add(2, workload.SignIn, perSecond)
	}
	return list
}

func cpu(s sample) time.Duration { return s.CPU }
func p50(s sample) time.Duration { return s.P50 }
func p99(s sample) time.Duration { return s.P99 }
func perSecond(s sample) float64 { return s.PerSecond }
func wrong(s sample) int         { return s.Wrong }
func short(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%d µs", d.Microseconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
func rate(v float64) string {
	if v < 1000 {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}
