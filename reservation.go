package gatehouse

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/token"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Reservation is a name that one of all processes has for a while: a lock for
// work that must not run twice at once and is too slow for a transaction. It
// is a verification record whose id follows from the name, so that the primary
// key decides (PROTOCOL 12.3).
type Reservation struct {
	v         *Verifications
	id, owner string
}

// ErrReserved is returned by Reserve while somebody else has the name.
var ErrReserved = errors.New("gatehouse: reserved by somebody else")

// Reserve takes name until Release, or for ttl if that never comes. Call it
// outside of a transaction.
func (v *Verifications) Reserve(ctx context.Context, name string, ttl time.Duration) (*Reservation, error) {
	identifier := "reserve:" + name
	r := &Reservation{v: v, id: v.idOf(identifier), owner: token.Alphanumeric(v.app.Rand, 32)}
	now := v.app.Now()
	record := &Verification{ID: r.id, Identifier: identifier, Value: r.owner, ExpiresAt: now.Add(ttl), CreatedAt: now, UpdatedAt: now}
	err := v.table.Insert(ctx, record)
	if !isConflict(err) {
		return r, err
	}
	rows, err := v.takeUp.Run(ctx, r.owner, now.Add(ttl), now, r.id, now)
	if err == nil && rows == 0 {
		err = ErrReserved
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Release gives the name back, unless it ran out and is somebody else's now.
func (r *Reservation) Release(ctx context.Context) error {
	_, err := r.v.giveUp.Run(ctx, r.id, r.owner)
	return err
}

// idOf derives a record's id from text, in the form the table's ids have.
// Numbers are negative: no sequence gives them.
func (v *Verifications) idOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	switch v.table.IDs() {
	case store.IDSerial:
		return strconv.Itoa(-1 - int(binary.BigEndian.Uint32(sum[:4])>>1))
	case store.IDUUID, store.IDDatabase:
		b := sum[:16]
		b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80 // version 8, RFC 9562 §5.8
		h := hex.EncodeToString(b)
		return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
	default:
		return base64.RawURLEncoding.EncodeToString(sum[:])
	}
}
