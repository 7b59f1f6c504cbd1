package audit

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// state is one of two signed rows: headName is where the chain ends, baseName
// up to where its beginning has been removed.
type state struct {
	ID    string    `db:"id"`
	Name  string    `db:"name,unique"`
	Seq   int64     `db:"seq,bigint"`
	Chain string    `db:"chain"` // at Seq
	Time  time.Time `db:"time"`
	// Marked is the place of the last checkpoint, of which the head knows.
	Marked   int64     `db:"marked,bigint"`
	MarkedAt time.Time `db:"markedAt"`
	MAC      string    `db:"mac"`
}

const (
	headName = "head"
	baseName = "base"
)

func (s *state) content() []byte {
	content := append([]byte(s.Name), 0)
	for _, n := range []int64{s.Seq, s.Time.UnixMilli(), s.Marked, s.MarkedAt.UnixMilli()} {
		content = binary.BigEndian.AppendUint64(content, uint64(n))
	}
	return append(content, s.Chain...)
}

// read returns a state row, nil when there is none.
func (l *Log) read(ctx context.Context, name string) (*state, error) {
	row, err := l.state.One(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the %s of the chain: %w", name, err)
	}
	return row, nil
}

// save signs and writes a state row that was there, or inserts it.
func (l *Log) save(ctx context.Context, s *state) error {
	s.Time = l.app.Now()
	s.MarkedAt = s.MarkedAt.UTC().Truncate(time.Millisecond)
	s.MAC = l.keys.sign(stateLabel, s.content())
	if s.ID == "" {
		return l.states.Insert(ctx, s)
	}
	_, err := l.setState.Run(ctx, s.Seq, s.Chain, s.Time, s.Marked, s.MarkedAt, s.MAC, s.Name)
	return err
}

// isKnown reports whether a row is ours. Another node may have signed it with
// a key that this one does not have yet; then the entries have to tell.
func (l *Log) isKnown(s *state) bool {
	return l.keys.check(s.MAC, stateLabel, s.content()) != forged
}
