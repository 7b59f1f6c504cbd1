package audit

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/gatehouse-auth/gatehouse/store"
)

// ids makes ids that sort in the order in which this process made them.
type ids struct {
	random io.Reader

	mu      sync.Mutex
	last    int64 // milliseconds since 1970
	counter uint16
}

// newID is known before the row is stored, because the MAC covers it.
func (l *Log) newID() (string, error) {
	var random [8]byte
	if _, err := io.ReadFull(l.ids.random, random[:]); err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	if l.entries.IDs() == store.IDSerial {
		return strconv.FormatUint(binary.BigEndian.Uint64(random[:])>>2|1, 10), nil
	}
	return l.ids.uuid(l.app.Now().UnixMilli(), random), nil
}

// uuid is version 7 (RFC 9562 §5.7) with a counter in rand_a (§6.2, method 1).
// A clock that goes back or stands still does not: time then runs ahead.
func (i *ids) uuid(now int64, random [8]byte) string {
	i.mu.Lock()
	if now > i.last {
		i.last, i.counter = now, 0
	} else if i.counter++; i.counter > 0xfff {
		i.last, i.counter = i.last+1, 0
	}
	last, counter := i.last, i.counter
	i.mu.Unlock()

	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(last)<<16)
	binary.BigEndian.PutUint16(id[6:], 0x7000|counter)
	copy(id[8:], random[:])
	id[8] = id[8]&0x3f | 0x80
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
