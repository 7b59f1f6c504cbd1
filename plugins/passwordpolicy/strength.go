package passwordpolicy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/kdf"
	"github.com/gatehouse-auth/gatehouse/internal/strength"
)

const (
	// maxScored is how many code points zxcvbn looks at: its time grows with
	// the square of them, and a text that withstands guessing so far does so
	// whatever follows.
	maxScored = 32
	// maxWaiting is how many passwords may wait to be scored.
	maxWaiting = 64
)

// scorers bound how many scores are computed at once, so that other requests
// keep a core, and how many wait.
type scorers struct{ waiting, running chan struct{} }

func newScorers() scorers {
	return scorers{make(chan struct{}, maxWaiting), make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))}
}

// do runs fn when it is its turn, or returns gatehouse.ErrUnavailable when too
// many wait already.
func (s scorers) do(ctx context.Context, fn func()) error {
	select {
	case s.waiting <- struct{}{}:
		defer func() { <-s.waiting }()
	default:
		return gatehouse.ErrUnavailable.Because(errors.New("too many passwords are waiting to be scored"))
	}
	select {
	case s.running <- struct{}{}:
		defer func() { <-s.running }()
	case <-ctx.Done():
		return ctx.Err()
	}
	fn()
	return nil
}

func (p *Policy) checkScore(ctx context.Context, password string, personal []string, least int) error {
	if least < 1 {
		return nil
	}
	var score int
	var fault error
	if err := p.scorers.do(ctx, func() { score, fault = scoreOf(firstRunes(password, maxScored), personal) }); err != nil {
		return err
	}
	if fault != nil {
		p.app.Config().Log.ErrorContext(ctx, "password not scored, so refused", "err", fault)
	}
	if score < least {
		return ErrTooWeak
	}
	return nil
}

// scoreOf returns 0 where scoring fails: another password will do. What it
// panicked with is not told, for it may quote the password.
func scoreOf(password string, personal []string) (score int, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			score, err = 0, fmt.Errorf("scoring panicked with a %T", fault)
		}
	}()
	return strength.Score(password, personal), nil
}

func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// maxDenyFile bounds what is held in memory.
const maxDenyFile = 16 << 20

// denied is every password that the operator lists, in lower case.
func (o *Options) denied() (map[string]struct{}, error) {
	denied := map[string]struct{}{}
	add := func(words []string) {
		for _, word := range words {
			if word = strings.ToLower(kdf.Normalize(strings.TrimSuffix(word, "\r"))); word != "" {
				denied[word] = struct{}{}
			}
		}
	}
	add(o.DenyList)
	if o.DenyFile == "" {
		return denied, nil
	}
	file, err := os.Open(o.DenyFile)
	if err != nil {
		return nil, fmt.Errorf("denyFile: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxDenyFile+1))
	if err != nil {
		return nil, fmt.Errorf("denyFile: %w", err)
	}
	if len(text) > maxDenyFile {
		return nil, fmt.Errorf("denyFile %s is over 16 MiB: use breaches.file for long lists", o.DenyFile)
	}
	add(strings.Split(string(text), "\n"))
	return denied, nil
}
