package passwordpolicy

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the form in which breached passwords are published
	"errors"
	"fmt"
	"io"
	"os"
)

// HashFile is a BreachSource in a file of sorted SHA-1 hashes, found by binary
// search: a few dozen reads in a list of a thousand million.
type HashFile struct {
	file *os.File
	size int64
}

var _ BreachSource = (*HashFile)(nil)

// maxHashLine is 40 digits, a colon, a count and the line's end.
const maxHashLine = 64

var errNoHashes = errors.New(`want lines of "SHA1" or "SHA1:COUNT" in hexadecimal, sorted`)

// OpenHashFile opens a file and looks at its first and last line. The file
// must not change while it is open: put a new one in its place and restart.
func OpenHashFile(name string) (*HashFile, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	f := &HashFile{file: file}
	if err := f.inspect(); err != nil {
		_ = file.Close() // only read
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

func (f *HashFile) inspect() error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if f.size = info.Size(); f.size == 0 {
		return errNoHashes
	}
	first, err := f.lineAt(0)
	if err != nil {
		return err
	}
	last, err := f.lineAt(f.size - 1)
	if err == nil && bytes.Compare(first.hash, last.hash) > 0 {
		err = errNoHashes
	}
	return err
}

// Breached searches the file.
func (f *HashFile) Breached(ctx context.Context, hash [sha1.Size]byte) (bool, error) {
	want := fmt.Appendf(nil, "%X", hash)
	low, high := int64(0), f.size // starts of lines
	for low < high {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		line, err := f.lineAt(low + (high-low)/2)
		if err != nil {
			return false, fmt.Errorf("read breached passwords: %w", err)
		}
		switch order := bytes.Compare(line.hash, want); {
		case order == 0:
			return true, nil
		case order < 0:
			low = line.next
		default:
			high = line.start
		}
	}
	return false, nil
}

type hashLine struct {
	hash        []byte // upper case
	start, next int64
}

// lineAt reads the line that the byte at offset belongs to.
func (f *HashFile) lineAt(offset int64) (hashLine, error) {
	from := max(0, offset-maxHashLine)
	window := make([]byte, 2*maxHashLine)
	n, err := f.file.ReadAt(window, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return hashLine{}, err
	}
	window = window[:n]
	at := int(offset - from)
	if at >= n {
		return hashLine{}, errNoHashes
	}
	start := bytes.LastIndexByte(window[:at], '\n') + 1
	if start == 0 && from > 0 {
		return hashLine{}, errNoHashes
	}
	end := bytes.IndexByte(window[at:], '\n')
	next := at + end + 1
	if end < 0 {
		if from+int64(n) < f.size {
			return hashLine{}, errNoHashes
		}
		next = n
	}
	digits, count, counted := bytes.Cut(bytes.TrimRight(window[start:next], "\r\n"), []byte{':'})
	if len(digits) != 2*sha1.Size || !isHex(digits) || (counted && !isDecimal(count)) {
		return hashLine{}, errNoHashes
	}
	return hashLine{bytes.ToUpper(digits), from + int64(start), from + int64(next)}, nil
}

// Close closes the file.
func (f *HashFile) Close() error { return f.file.Close() }
