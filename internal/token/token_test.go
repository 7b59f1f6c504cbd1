package token_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gatehouse-auth/gatehouse/internal/token"
)

func TestAlphabets(t *testing.T) {
	const lower, upper, digits = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
	for name, tt := range map[string]struct {
		draw     func(n int) string
		alphabet string
	}{
		"Alphanumeric": {func(n int) string { return token.Alphanumeric(rand.Reader, n) }, lower + upper + digits},
		"LowerDigits":  {func(n int) string { return token.LowerDigits(rand.Reader, n) }, lower + digits},
		"Letters":      {func(n int) string { return token.Letters(rand.Reader, n) }, lower + upper},
		"URLSafe":      {func(n int) string { return token.URLSafe(rand.Reader, n) }, lower + upper + digits + "-_"},
		"Digits":       {func(n int) string { return token.Digits(rand.Reader, n) }, digits},
		"From": {func(n int) string { return token.From(rand.Reader, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", n) },
			"ABCDEFGHJKLMNPQRSTUVWXYZ23456789"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{0, 1, 6, 24, 32, 128} {
				if got := tt.draw(n); len(got) != n {
					t.Errorf("%d characters became %q", n, got)
				}
			}
			seen := tt.draw(20000)
			for _, c := range tt.alphabet {
				if !strings.ContainsRune(seen, c) {
					t.Errorf("%q never comes", c)
				}
			}
			if extra := strings.Trim(seen, tt.alphabet); extra != "" {
				t.Errorf("%q is not in the alphabet", extra)
			}
		})
	}
}

// TestBytesThatWouldBiasAreThrownAway feeds every byte value once: of 62
// letters 4×62 = 248 values count, 4 for each letter, and 8 are dropped.
func TestBytesThatWouldBiasAreThrownAway(t *testing.T) {
	var all []byte
	for i := range 256 {
		all = append(all, byte(i))
	}
	got := token.Alphanumeric(bytes.NewReader(append(all, make([]byte, 256)...)), 248)
	for _, c := range "azAZ09" {
		if n := strings.Count(got, string(c)); n != 4 {
			t.Errorf("%q comes %d times in %q", c, n, got)
		}
	}
}

func TestNoRandomnessPanics(t *testing.T) {
	for name, draw := range map[string]func(){
		"failing reader": func() { token.Letters(iotest.ErrReader(errors.New("gone")), 8) },
		"short reader":   func() { token.Letters(strings.NewReader("abc"), 8) },
		"one letter":     func() { token.From(rand.Reader, "a", 8) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			draw()
		})
	}
}

func BenchmarkAlphanumeric(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		token.Alphanumeric(rand.Reader, 32)
	}
}
