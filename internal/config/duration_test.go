package config_test

import (
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/config"
	"github.com/gatehouse-auth/gatehouse/internal/vectors"
)

func TestDurationVectors(t *testing.T) {
	for _, v := range vectors.All(t, "time-") {
		var in struct{ Value string }
		var want struct{ Seconds int }
		v.Decode(t, &in, &want)
		if got, err := config.ParseDuration(in.Value); err != nil || got != time.Duration(want.Seconds)*time.Second {
			t.Errorf("%s: %q is %s, %v, want %d s", v.ID, in.Value, got, err, want.Seconds)
		}
	}
}

func TestDurationsWrittenOut(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1 week": 7 * 24 * time.Hour, "3days": 3 * 24 * time.Hour, "1.5 hours": 90 * time.Minute, "2 mins": 2 * time.Minute,
		"1 sec": time.Second, "1 day12h": 36 * time.Hour,
	} {
		if got, err := config.ParseDuration(text); err != nil || got != want {
			t.Errorf("%q is %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", " ", "5 ", " 5s", "5  s", "5 fortnights", "weeks", "2 Weeks", "1h 30m", "-2 days"} {
		if got, err := config.ParseDuration(text); err == nil {
			t.Errorf("%q is %s, want an error", text, got)
		}
	}
}
