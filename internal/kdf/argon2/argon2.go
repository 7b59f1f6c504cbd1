// Package argon2 computes Argon2id (RFC 9106, version 1.3) in memory that the
// caller owns, so that a pool of workers needs no allocation per password.
//
// golang.org/x/crypto/argon2 allocates its memory on every call, leaves it to
// the garbage collector, and fills it on goroutines of its own, which escape
// the priority of the thread that asked. This package does that part itself;
// the block function, the part that is hard to make fast, stays the
// library's (block.go), and the library's IDKey judges the result in the tests.
package argon2

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"golang.org/x/crypto/blake2b"
)

const (
	// BlockBytes is the size of one block: a memory of m KiB is m blocks.
	BlockBytes = 1024

	blockWords = BlockBytes / 8
	slices     = 4
	version    = 0x13
	typeID     = 2
)

type block [blockWords]uint64

// Params are the costs of one hash.
type Params struct {
	MemoryKiB uint32 // at least 8 per lane
	Time      uint32 // passes, at least 1
	Lanes     uint32 // 1 to 255; computed one after the other
	KeyBytes  uint32 // at least 4
}

// check holds p against the limits of RFC 9106 §3.1 that this code relies on.
func (p Params) check() error {
	if p.Lanes < 1 || p.Lanes > 255 || p.Time < 1 || p.KeyBytes < 4 || p.MemoryKiB < 8*p.Lanes {
		return fmt.Errorf("argon2: parameters out of range: m=%d t=%d p=%d, %d bytes", p.MemoryKiB, p.Time, p.Lanes, p.KeyBytes)
	}
	return nil
}

// ID returns the Argon2id tag of password and salt. It works in memory, which
// holds at least MemoryKiB×1024 bytes at an address divisible by 8 and need
// not be cleared; it is full of intermediate values afterwards. pause is
// called about every quarter of a millisecond.
func ID(password, salt []byte, p Params, memory []byte, pause func()) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	// The memory matrix has 4×p columns of equal size (§3.2 step 3).
	total := p.MemoryKiB / (slices * p.Lanes) * (slices * p.Lanes)
	if uint64(len(memory)) < uint64(total)*BlockBytes || uintptr(unsafe.Pointer(&memory[0]))%8 != 0 {
		return nil, fmt.Errorf("argon2: %d bytes of memory given, %d KiB needed", len(memory), p.MemoryKiB)
	}
	f := filler{
		Params:  p,
		blocks:  unsafe.Slice((*block)(unsafe.Pointer(&memory[0])), total),
		lane:    total / p.Lanes,
		segment: total / p.Lanes / slices,
		pause:   pause,
	}
	f.start(password, salt)
	for pass := range p.Time {
		for slice := range uint32(slices) {
			for lane := range p.Lanes {
				f.fill(pass, slice, lane)
			}
		}
	}
	return f.tag(), nil
}

type filler struct {
	Params
	blocks        []block
	lane, segment uint32 // lengths in blocks
	pause         func()
}

// start computes H0 and the first two blocks of every lane (§3.2).
func (f *filler) start(password, salt []byte) {
	h0 := make([]byte, 0, 6*4+len(salt)+len(password)+16)
	for _, v := range []uint32{f.Lanes, f.KeyBytes, f.MemoryKiB, f.Time, version, typeID} {
		h0 = binary.LittleEndian.AppendUint32(h0, v)
	}
	for _, text := range [][]byte{password, salt, nil, nil} { // no key, no associated data
		h0 = append(binary.LittleEndian.AppendUint32(h0, uint32(len(text))), text...)
	}
	sum := blake2b.Sum512(h0)
	for lane := range f.Lanes {
		for i := range uint32(2) {
			seed := binary.LittleEndian.AppendUint32(sum[:len(sum):len(sum)], i)
			seed = binary.LittleEndian.AppendUint32(seed, lane)
			var raw [BlockBytes]byte
			variableHash(raw[:], seed)
			b := &f.blocks[lane*f.lane+i]
			for w := range b {
				b[w] = binary.LittleEndian.Uint64(raw[w*8:])
			}
		}
	}
}

// fill computes one segment (§3.2 steps 5 and 6). The first pass overwrites
// what the memory held, later ones add to it.
func (f *filler) fill(pass, slice, lane uint32) {
	var addresses, input, zero block
	independent := pass == 0 && slice < slices/2
	first := uint32(0)
	if independent {
		input = block{uint64(pass), uint64(lane), uint64(slice), uint64(len(f.blocks)), uint64(f.Time), typeID}
	}
	if pass == 0 && slice == 0 {
		first = 2
	}
	for i := first; i < f.segment; i++ {
		at := lane*f.lane + slice*f.segment + i
		prev := at - 1
		if slice == 0 && i == 0 {
			prev += f.lane
		}
		pseudo := f.blocks[prev][0]
		if independent {
			if i == first || i%blockWords == 0 {
				input[6]++
				processBlock(&addresses, &input, &zero)
				processBlock(&addresses, &addresses, &zero)
			}
			pseudo = addresses[i%blockWords]
		}
		ref := f.reference(pseudo, pass, slice, lane, i)
		if pass > 0 {
			processBlockXOR(&f.blocks[at], &f.blocks[prev], &f.blocks[ref])
		} else {
			processBlock(&f.blocks[at], &f.blocks[prev], &f.blocks[ref])
		}
		if i%256 == 255 {
			f.pause()
		}
	}
}

// reference maps a pseudo-random value to the block that it names (§3.4).
func (f *filler) reference(pseudo uint64, pass, slice, lane, i uint32) uint32 {
	refLane := uint32(pseudo>>32) % f.Lanes
	if pass == 0 && slice == 0 {
		refLane = lane
	}
	area, start := 3*f.segment, (slice+1)%slices*f.segment
	if pass == 0 {
		area, start = slice*f.segment, 0
	}
	if refLane == lane {
		area += i
	}
	if i == 0 || refLane == lane {
		area--
	}
	x := pseudo & 0xFFFFFFFF
	x = x * x >> 32
	x = x * uint64(area) >> 32
	return refLane*f.lane + uint32((uint64(start)+uint64(area)-1-x)%uint64(f.lane))
}

// tag adds up the last blocks of all lanes and hashes them (§3.2 step 7).
func (f *filler) tag() []byte {
	last := f.blocks[f.lane-1]
	for lane := uint32(1); lane < f.Lanes; lane++ {
		for w, v := range f.blocks[lane*f.lane+f.lane-1] {
			last[w] ^= v
		}
	}
	var raw [BlockBytes]byte
	for w, v := range last {
		binary.LittleEndian.PutUint64(raw[w*8:], v)
	}
	out := make([]byte, f.KeyBytes)
	variableHash(out, raw[:])
	return out
}

// variableHash is H' of §3.3: BLAKE2b stretched to the length of out.
func variableHash(out, in []byte) {
	text := append(binary.LittleEndian.AppendUint32(make([]byte, 0, 4+len(in)), uint32(len(out))), in...)
	if len(out) <= blake2b.Size {
		shortHash(out, text)
		return
	}
	v := blake2b.Sum512(text)
	for len(out) > blake2b.Size {
		copy(out, v[:32])
		if out = out[32:]; len(out) > blake2b.Size {
			v = blake2b.Sum512(v[:])
		}
	}
	shortHash(out, v[:])
}

func shortHash(out, in []byte) {
	h, err := blake2b.New(len(out), nil)
	if err != nil {
		panic(err) // only for a length outside 1 to 64
	}
	h.Write(in)
	h.Sum(out[:0])
}
