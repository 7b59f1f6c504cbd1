package audit

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Checkpoint says, signed, how the chain stood at a time. Kept outside of the
// database it finds what nothing inside can: that all of it was set back.
type Checkpoint struct {
	// Seq is the place of the last entry, and so the count of all there were.
	Seq   int64
	Chain string // at Seq
	Time  time.Time
	MAC   string
}

// ErrCheckpoint is returned for a text that is no checkpoint.
var ErrCheckpoint = errors.New("audit: not a checkpoint: it starts with gac1. and has six parts")

const checkpointVersion = "gac1"

func (c Checkpoint) content() []byte {
	content := binary.BigEndian.AppendUint64(nil, uint64(c.Seq))
	content = binary.BigEndian.AppendUint64(content, uint64(c.Time.UnixMilli()))
	return append(content, c.Chain...)
}

// String is the checkpoint on one line: version, place, time in milliseconds
// since 1970, chain value and MAC, with dots between.
func (c Checkpoint) String() string {
	return fmt.Sprintf("%s.%d.%d.%s.%s", checkpointVersion, c.Seq, c.Time.UnixMilli(), c.Chain, c.MAC)
}

// ParseCheckpoint reads what String wrote. Whether it is genuine is for Verify
// to say.
func ParseCheckpoint(line string) (Checkpoint, error) {
	parts := strings.Split(strings.TrimSpace(line), ".")
	if len(parts) != 6 || parts[0] != checkpointVersion {
		return Checkpoint{}, ErrCheckpoint
	}
	seq, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || seq < 0 {
		return Checkpoint{}, ErrCheckpoint
	}
	millis, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return Checkpoint{}, ErrCheckpoint
	}
	for _, sum := range []string{parts[3], parts[5]} {
		if raw, err := base64.RawURLEncoding.DecodeString(sum); err != nil || len(raw) != 32 {
			return Checkpoint{}, ErrCheckpoint
		}
	}
	return Checkpoint{Seq: seq, Chain: parts[3], Time: time.UnixMilli(millis).UTC(), MAC: parts[4] + "." + parts[5]}, nil
}

func (l *Log) checkpointAt(seq int64, chain string) *Checkpoint {
	c := &Checkpoint{Seq: seq, Chain: chain, Time: l.app.Now()}
	c.MAC = l.keys.sign(checkpointLabel, c.content())
	return c
}
