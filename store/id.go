package store

import (
	"encoding/hex"
	"fmt"
	"io"
)

const idAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// idLength is of protocol §3: 32 of 62 characters, 190 bits.
const idLength = 32

// newTextID drops bytes that would make some characters likelier than others.
func newTextID(rand io.Reader) (string, error) {
	const limit = 256 / len(idAlphabet) * len(idAlphabet)
	id := make([]byte, 0, idLength)
	var random [idLength + 8]byte
	for {
		if _, err := io.ReadFull(rand, random[:]); err != nil {
			return "", fmt.Errorf("store: make an id: %w", err)
		}
		for _, b := range random {
			if int(b) >= limit {
				continue
			}
			if id = append(id, idAlphabet[int(b)%len(idAlphabet)]); len(id) == idLength {
				return string(id), nil
			}
		}
	}
}

// newUUID is version 4, RFC 9562 §5.4.
func newUUID(rand io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fmt.Errorf("store: make an id: %w", err)
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	text := hex.EncodeToString(b[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:], nil
}

func (k IDKind) byDatabase() bool { return k == IDSerial || k == IDDatabase }

// idKind is how this table's new rows get their id: as the options say unless
// the live column says otherwise.
func (t *table) idKind() IDKind {
	asked := t.db.options.IDs
	if t.id == nil || t.id.live == nil {
		return asked
	}
	switch live := t.id.live; live.Class {
	case ClassInt16, ClassInt32, ClassInt64:
		return IDSerial
	case ClassUUID:
		if asked != IDDatabase || !live.HasDefault {
			return IDUUID
		}
	}
	return asked
}
