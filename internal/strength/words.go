package strength

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
)

// packed is deflated: the number of words (uint32), a uint16 for each word
// (its rank from 1 in the list where it is most frequent, the highest bit set
// for the passwords among them), and the words, sorted, with newlines between.
// Numbers are little-endian.
//
//go:generate go run ./wordlist
//go:embed words.bin
var packed []byte

const isPassword = 1 << 15

// wordTable finds words by bisection: 1.4 MB, where a map takes six times that.
type wordTable struct {
	text  string
	start []uint32 // of each word in text, and one past the end
	rank  []uint16
}

// table is read at the first question.
var table = sync.OnceValue(func() *wordTable {
	raw, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil || len(raw) < 4 {
		panic(fmt.Sprintf("strength: words.bin is damaged: %v", err))
	}
	n := int(binary.LittleEndian.Uint32(raw))
	t := &wordTable{text: string(raw[4+2*n:]) + "\n", start: make([]uint32, 1, n+1), rank: make([]uint16, n)}
	for i := range t.rank {
		t.rank[i] = binary.LittleEndian.Uint16(raw[4+2*i:])
	}
	for i := range len(t.text) {
		if t.text[i] == '\n' {
			t.start = append(t.start, uint32(i+1))
		}
	}
	return t
})

func (t *wordTable) word(i int) string { return t.text[t.start[i] : t.start[i+1]-1] }

// span are the words from first up to last that begin alike.
type span struct{ first, last int }

func (t *wordTable) all() span { return span{0, len(t.rank)} }

// narrow leaves the words that begin with prefix.
func (t *wordTable) narrow(s span, prefix string) span {
	first := s.first + sort.Search(s.last-s.first, func(i int) bool { return t.word(s.first+i) >= prefix })
	n := sort.Search(s.last-first, func(i int) bool { return !strings.HasPrefix(t.word(first+i), prefix) })
	return span{first, first + n}
}

// rankOf is the rank of word, which all of s begin with; 0: it is none.
func (t *wordTable) rankOf(s span, word string) int {
	if s.first < s.last && t.word(s.first) == word {
		return int(t.rank[s.first] &^ isPassword)
	}
	return 0
}

// Common reports whether word, in lower case, is one of the 30 000 most used
// passwords, those left out that are as frequent in a language.
func Common(word string) bool {
	t := table()
	s := t.narrow(t.all(), word)
	return t.rankOf(s, word) > 0 && t.rank[s.first]&isPassword != 0
}
