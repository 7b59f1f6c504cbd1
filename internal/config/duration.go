package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

var errDuration = errors.New(`expected seconds as a number, or a duration such as "90s", "15m", "12h", "7d" or "2w"`)

var errDurationRange = errors.New("a duration is at least 0 and at most 290 years")

// units from the longest to the shortest; Duration prints with them too.
var units = []struct {
	name string
	size time.Duration
}{
	{"w", 7 * 24 * time.Hour},
	{"d", 24 * time.Hour},
	{"h", time.Hour},
	{"m", time.Minute},
	{"s", time.Second},
	{"ms", time.Millisecond},
	{"us", time.Microsecond},
	{"ns", time.Nanosecond},
}

// unitNames are the protocol's other names of units.
var unitNames = map[string]string{
	"week": "w", "weeks": "w", "day": "d", "days": "d",
	"hour": "h", "hours": "h", "hr": "h", "hrs": "h", "minute": "m", "minutes": "m", "min": "m", "mins": "m",
	"second": "s", "seconds": "s", "sec": "s", "secs": "s",
}

// ParseDuration reads a number of seconds, or numbers with units: "1h30m". One
// space may stand before a unit, which may be written out: "2 weeks".
func ParseDuration(text string) (time.Duration, error) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return inSeconds(seconds)
	}
	total := 0.0
	for rest := text; rest != "" || text == ""; {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		number, err := strconv.ParseFloat(rest[:digits], 64)
		if err != nil {
			return 0, errDuration
		}
		rest = strings.TrimPrefix(rest[digits:], " ")
		letters := len(rest) - len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz"))
		size, ok := unit(rest[:letters])
		if !ok {
			return 0, errDuration
		}
		rest = rest[letters:]
		total += number * size.Seconds()
	}
	return inSeconds(total)
}

func inSeconds(seconds float64) (time.Duration, error) {
	if !(seconds >= 0 && seconds < 290*365*24*3600) {
		return 0, errDurationRange
	}
	return time.Duration(math.Round(seconds * float64(time.Second))), nil
}

func unit(name string) (time.Duration, bool) {
	if short, ok := unitNames[name]; ok {
		name = short
	}
	for _, u := range units {
		if u.name == name {
			return u.size, true
		}
	}
	return 0, false
}

// formatDuration writes what ParseDuration reads, without zero parts: "1h30m".
func formatDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	if d < 0 {
		return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
	}
	var b strings.Builder
	for _, u := range units {
		if u.name == "w" && d%u.size != 0 {
			continue // 10d reads better than 1w3d
		}
		if n := d / u.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.name)
			d -= n * u.size
		}
	}
	return b.String()
}
